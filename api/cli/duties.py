"""``pingyi duties``: who owes what by when (报送任务), and who is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_models.duties.service import Standing

app = typer.Typer(
    help="报送任务:清单、逾期、催报。 Duties: what is owed, who is late, whom to remind.", no_args_is_help=True
)
RoundId = Annotated[str, typer.Argument(metavar="ROUND", help="评议编号。 Id of the round.")]
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
