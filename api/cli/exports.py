"""``pingyi exports``: tables of what was counted, as files (导出)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.exports.kinds import Format, Listing, What

if TYPE_CHECKING:
    from survey_models.exports.packing import Part

app = typer.Typer(help="导出：计票、得分、评议票、窗口、处置。 Exports of what was counted.", no_args_is_help=True)
Form = Annotated[Format, typer.Option("--format", help="格式：csv、xlsx、sav（SPSS）。 Format.")]
Out = Annotated[Path, typer.Option(help="写到这个新文件夹。 A folder to make.", file_okay=False)]


@app.callback()
def exports() -> None:
    """导出：计票、得分、评议票、窗口、处置。 Exports of what was counted."""


@app.command()
def campaign(
    ctx: typer.Context,
    what: Annotated[What, typer.Argument(help="tallies、strata、results、ballots。 Which table.")],
    name: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="评议的编号。 Which campaign.")],
    *,
    out: Out,
    form: Form = Format.CSV,
) -> None:
    """已计票评议的一张表，附编码手册和清单。 A table of a counted campaign, with code book and manifest."""
    from api.db import reading
    from survey_models.exports import service

    desk = desk_of(ctx)
    actor = desk.actor(*OFFICE)
    with reading(desk.engine) as session:
        parts = service.of_campaign(session, name, what, form, roles=actor.roles)
        _written(ctx, parts, what.value, form, out, campaign=name)


@app.command("list")
def list_(
    ctx: typer.Context,
    what: Annotated[Listing, typer.Argument(help="windows、findings。 Which list.")],
    *,
    out: Out,
    form: Form = Format.CSV,
) -> None:
    """窗口评价或问题处置的清单。 Windows with their counted months, or findings."""
    from api.db import reading
    from survey_models.core import clock
    from survey_models.exports import service
    from survey_models.findings.service import Who

    desk = desk_of(ctx)
    actor, settings = desk.actor(*OFFICE), desk.settings
    who = Who(actor.name, actor.roles, actor.unit_code, actor.area_code)
    with reading(desk.engine) as session:
        parts = service.of_house(
            session, what, form, who=who, counting=settings.counting, at=clock.now(), zone=settings.timezone
        )
        _written(ctx, parts, what.value, form, out, campaign="")


@app.command()
def codebook(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="评议的编号。 Which campaign.")],
    *,
    out: Annotated[Path, typer.Option(help="XML 写到这里。 File to write.", dir_okay=False)],
) -> None:
    """已计票评议的编码手册(DDI Codebook 2.5,XML)。 A counted campaign as a DDI codebook."""
    from survey_models.exports import ddi

    desk = desk_of(ctx)
    with desk.work(*OFFICE) as work:
        content = ddi.take(work.session, name, by=work.by, at=work.at, zone=desk.settings.timezone)
    out.write_bytes(content)
    say(f"已写入 {out}。", f"Written to {out}.")


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="导出的文件夹。 Folder of an export.", file_okay=False)]) -> None:
    """核对导出的文件：是否齐全，与清单的摘要一致。 Compare the files of an export with its manifest."""
    from survey_models.exports import packing

    files = packing.checked(folder)
    table(["文件 file", "行 rows", "SHA-256"], [(one.name, one.rows, one.sha256) for one in files])


def _written(ctx: typer.Context, parts: list[Part], what: str, form: Format, out: Path, *, campaign: str) -> None:
    from api.db import unit_of_work
    from survey_models.core import clock
    from survey_models.exports import packing, service

    desk, at = desk_of(ctx), clock.now()
    by = desk.actor(*OFFICE).name
    about = service.about(what, form, campaign=campaign, by=by, at=at, zone=desk.settings.timezone)
    files = packing.to_folder(out, parts, about)
    with unit_of_work(desk.engine) as session:
        service.record_written(session, what, form, files, campaign_id=campaign, by=by, at=at)
    table(["文件 file", "行 rows", "SHA-256"], [(one.name, one.rows, one.sha256) for one in files])
    say(f"已写入 {out}。", f"Written to {out}.")
