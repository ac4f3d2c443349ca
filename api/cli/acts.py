"""``pingyi acts``: acts that need two people (两人事项)."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.core.clock import local_text

app = typer.Typer(help="两人事项:一人提出,另一人确认。 Acts that one asks and another confirms.", no_args_is_help=True)


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出两人事项,最新的在前。 List the acts, newest first."""
    from survey_models.acts import rules, service

    desk, at = desk_of(ctx), clock.now()
    with desk.look(Role.SETUP, Role.RELEASE, Role.AUDITOR) as session:
        rows = [
            (
                act.number,
                act.kind,
                act.target,
                rules.state_of(act, at).value,
                f"{act.asked_by} {local_text(act.asked_at, desk.settings.timezone)}",
                act.confirmed_by,
            )
            for act in service.listed(session)
        ]
    table(["编号 no.", "事项 act", "评议 campaign", "状态 state", "提出 asked", "确认 confirmed"], rows)


@app.command()
def confirm(ctx: typer.Context, number: Annotated[int, typer.Argument(help="事项编号。 Number of the act.")]) -> None:
    """确认一项(须是另一个人,有发布角色),并立即办理。 Confirm an act as the second person; it is done at once."""
    from api import acts

    desk = desk_of(ctx)
    with desk.work(Role.SETUP, Role.RELEASE) as work:
        act = acts.confirm(work.session, number, by=work.by, at=work.at, settings=desk.settings)
    say(
        f"第 {act.number} 项({act.kind} {act.target})已确认并办理。",
        f"Act {act.number} ({act.kind} {act.target}) is confirmed and done.",
    )
