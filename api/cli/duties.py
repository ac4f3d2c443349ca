"""``pingyi duties``: who owes what by when (报送任务), and who is late."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import desk_of
from api.cli.faults import shown
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role, check_own_unit
from survey_models.core import clock
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_models.duties.service import Standing

app = typer.Typer(
    help="报送任务:清单、报送、逾期、催报。 Duties: what is owed, handing in, who is late, whom to remind.",
    no_args_is_help=True,
)
RoundId = Annotated[str, typer.Argument(metavar="ROUND", help="评议编号。 Id of the round.")]
DutyId = Annotated[str, typer.Argument(metavar="DUTY", help="任务编号,如 self_check。 Id of the duty.")]
DebtorId = Annotated[
    str, typer.Argument(metavar="UNIT", help="单位代码或报送方名称。 Code of the unit, or name of another debtor.")
]
FILE = typer.Argument(exists=True, dir_okay=False, help="报送的文件。 The document that is handed in.")
# As long as on the unit's page.
LONGEST_TEXT = 100_000
OFFICE = (Role.SETUP, Role.RELEASE, Role.AUDITOR)


def _show(rows: Sequence[Standing]) -> None:
    columns = ["任务 duty", "报送单位 debtor", "周期 period", "应报 due", "情况 state", "回执 receipt"]
    body = [
        (
            f"{one.owed.duty.id} {one.owed.duty.title.zh}",
            one.owed.debtor.name,
            one.owed.span.label,
            one.owed.due,
            one.state.value,
            one.newest.receipt if one.newest else "",
        )
        for one in rows
    ]
    table(columns, body)
    say(f"共 {len(rows)} 项。", f"{len(rows)} in all.")


@app.command("list")
def list_(ctx: typer.Context, round_id: RoundId) -> None:
    """这一轮要报什么、报了没有;单位账号只看本单位。 What is owed and how it stands; a unit sees its own."""
    from survey_models.duties import service

    desk = desk_of(ctx)
    actor = desk.actor(*OFFICE, Role.UNIT)
    own = actor.unit_code if Role.UNIT in actor.roles else None
    with desk.look(*OFFICE, Role.UNIT) as session:
        _show(service.listed(session, round_id, at=clock.now(), zone=desk.settings.timezone, debtor=own))


@app.command()
def late(
    ctx: typer.Context,
    round_id: RoundId,
    remind: Annotated[
        int | None,
        typer.Option(min=0, max=90, help="改列未报且几天内到期的。 Instead: missing or due within so many days."),
    ] = None,
) -> None:
    """逾期和缺报的;--remind 列出该催的。 What is late or missing; --remind lists whom to remind."""
    from survey_models.duties import service

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*OFFICE) as session:
        if remind is None:
            _show(service.late(session, round_id, at=clock.now(), zone=zone))
        else:
            _show(service.reminders(session, round_id, days=remind, at=clock.now(), zone=zone))


@app.command()
def submit(
    ctx: typer.Context,
    round_id: RoundId,
    duty: DutyId,
    unit: DebtorId,
    file: Annotated[Path | None, FILE] = None,
    *,
    period: Annotated[str, typer.Option(help="周期,如 2015Q1;空着即整轮。 Period; empty: the round.")] = "",
    text: Annotated[str, typer.Option(help="报送的文字。 Text that is handed in.")] = "",
    part: Annotated[
        list[str] | None, typer.Option(metavar="PART=FILE", help="清单中的一项,可重复。 A part of the checklist.")
    ] = None,
    deed: Annotated[
        list[str] | None, typer.Option(help="公开承诺的一件实事,可重复。 A deed promised in public.")
    ] = None,
) -> None:
    """报送材料,给出回执号;单位账号只报本单位。 Hand in a duty, for a receipt; a unit hands in its own."""
    from survey_models.duties import service

    desk = desk_of(ctx)
    actor = desk.actor(Role.UNIT, Role.SETUP)
    check_own_unit(actor.roles, actor.unit_code, unit)
    if len(text) > LONGEST_TEXT:
        raise Problem("duty_too_long", limit=LONGEST_TEXT, length=len(text))
    papers = _papers(file, part or [], limit=desk.settings.max_upload_bytes)
    place = service.Place(round_id, duty, unit, period)
    with shown(), desk.work(Role.UNIT, Role.SETUP) as work:
        kept = [
            service.attach(work.session, place, path.name, path.read_bytes(), part=name, by=work.by, at=work.at).id
            for name, path in papers
        ]
        paper = service.Paper(text, tuple(deed or ()), tuple(kept))
        row = service.submit(work.session, place, paper, by=work.by, at=work.at)
        receipt, version = row.receipt, row.version
    say(f"已报送,第 {version} 次,回执 {receipt}。", f"Handed in as version {version}, receipt {receipt}.")


def _papers(file: Path | None, parts: Sequence[str], *, limit: int) -> list[tuple[str, Path]]:
    """The document and the parts of the checklist (``PART=FILE``), by part. Raises ``body_too_large``."""
    found = [("", file)] if file else []
    for word in parts:
        name, _, path = word.partition("=")
        if not name.strip() or not Path(path).is_file():
            raise typer.BadParameter(f"{word}: PART=FILE")
        found.append((name.strip(), Path(path)))
    if any(path.stat().st_size > limit for _, path in found):
        raise Problem("body_too_large", limit=limit)
    return found
