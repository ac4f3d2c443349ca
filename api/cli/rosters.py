"""``pingyi rosters``: who may be invited (名册)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.faults import shown
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="名册:模板、导入、人数。 Rosters: template, import, counts.", no_args_is_help=True)
RosterId = Annotated[str, typer.Argument(metavar="ROSTER", help="名册编号。 Id of the roster.")]


@app.command()
def template(ctx: typer.Context, roster: RosterId, out: Path) -> None:
    """写出名册模板。 Write the workbook to fill in."""
    from survey_models.rosters import service

    with desk_of(ctx).look(Role.SETUP) as session:
        out.write_bytes(service.template(session, roster))
    say(f"已写入 {out}。", f"Written to {out}.")


@app.command("import")
def import_(
    ctx: typer.Context,
    roster: RosterId,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="填好的名册。 The filled-in workbook.")],
    opens: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="测评点开放日期。 The day the point opens.")
    ] = None,
) -> None:
    """导入名册:整份收下,或列出全部错误。 Import a roster: whole, or a list of every fault."""
    from api.keys import load_pepper
    from survey_models.rosters import service
    from survey_models.rosters.sealing import Sealer
    from survey_models.spreadsheets.read import read

    desk = desk_of(ctx)
    content = file.read_bytes()
    sheet = read(content, file.name)
    sealer = Sealer(load_pepper(desk.settings.data_dir))
    day = opens.date() if opens else None
    with shown(), desk.work(Role.SETUP) as work:
        counts = service.import_sheet(
            work.session,
            roster,
            sheet,
            content,
            sealer=sealer,
            opens_on=day,
            by=work.by,
            at=work.at,
            zone=desk.settings.timezone,
        )
    say(f"{counts.people} 人,其中新聘 {counts.new} 人。", f"{counts.people} people, {counts.new} of them new.")


@app.command("list")
def list_(ctx: typer.Context, round_id: Annotated[str, typer.Argument(metavar="ROUND")]) -> None:
    """一轮评议的名册和人数。 The rosters of a round and their printed counts."""
    from survey_models.rosters import service

    with desk_of(ctx).look(Role.SETUP, Role.RELEASE, Role.AUDITOR) as session:
        rows = []
        for row in service.of_round(session, round_id):
            counts = service.counts_of(session, row.id)
            figures = (counts.people, counts.new, counts.waived, counts.removed, counts.cards_not_handed_in)
            rows.append((row.id, row.title, *figures))
    heads = [
        "编号 id",
        "名册 roster",
        "人数 people",
        "新聘 new",
        "重复聘用 waived",
        "退出 removed",
        "卡未交回 cards out",
    ]
    table(heads, rows)
