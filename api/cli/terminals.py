"""``pingyi terminals``: the fleet of window terminals (评价器一览) and what is kept aside of them."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from api.cli.windows import HALL, HALL_READERS
from survey_models.accounts.rules import Role

app = typer.Typer(
    help="评价器:一览、恢复、停用、待定评价。 Terminals: the fleet, resume, withdraw, what is kept aside.",
    no_args_is_help=True,
)
Terminal = Annotated[uuid.UUID, typer.Argument(help="评价器编号,见 pingyi terminals list。 Id of the terminal.")]


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """评价器一览:状态、最近联系、程序、积压。 The fleet: state, last words, program, what waits."""
    from survey_models.core import clock
    from survey_models.core.clock import local_text
    from survey_models.devices import fleet

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*HALL_READERS) as session:
        rows = [
            (
                str(one.device.id),
                f"{one.window.number} {one.window.name}",
                one.condition,
                one.said and local_text(one.said.seen_at, zone),
                one.said and one.said.version,
                one.said and one.said.waiting,
                one.said and one.said.refused,
                one.said and one.said.clock_offset,
            )
            for one in fleet.fleet(session, at=clock.now())
        ]
    heads = ["编号 id", "窗口 window", "状态 state", "联系 seen", "程序 version"]
    table([*heads, "待发 waiting", "不收 refused", "快几秒 clock"], rows)


@app.command()
def resume(ctx: typer.Context, terminal: Terminal) -> None:
    """恢复因错码太多而暂停的评价器。 Let a terminal that was paused for wrong codes show codes again."""
    from survey_models.devices import service

    with desk_of(ctx).work(*HALL) as work:
        service.resume(work.session, terminal, by=work.by, at=work.at)
    say("已恢复。", "It may show codes again.")


@app.command()
def revoke(ctx: typer.Context, terminal: Terminal) -> None:
    """停用一台丢失、被盗或要重新配对的评价器。 Withdraw a terminal; what still comes of it is kept aside."""
    from survey_models.devices import fleet

    with desk_of(ctx).work(*HALL) as work:
        fleet.revoke(work.session, terminal, by=work.by, at=work.at)
    say("已停用。", "It is withdrawn.")


@app.command()
def aside(ctx: typer.Context) -> None:
    """待定评价:哪台、为什么、几次;看不到评了什么。 What is kept aside, by terminal; never what it says."""
    from survey_models.core.clock import local_text
    from survey_models.ratings import aside as kept

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*HALL_READERS) as session:
        rows = [
            (str(lot.device_id), lot.window_id, lot.why, lot.taps, f"{local_text(lot.since, zone)} –")
            for lot in kept.lots(session)
        ]
    table(["评价器 terminal", "窗口 window", "原因 why", "次数 ratings", "从 since"], rows)


@app.command()
def decide(
    ctx: typer.Context,
    terminal: Terminal,
    *,
    count: Annotated[bool, typer.Option("--count/--leave", help="计入,或不计。 Count them, or leave them out.")],
    reason: Annotated[str, typer.Option(help="原因。 Why.")],
) -> None:
    """提出计入或不计一台评价器的待定评价,由另一人确认。 Ask to count or leave out what is kept aside."""
    from api import acts
    from survey_models.ledger.events import SYSTEM_LOG

    desk = desk_of(ctx)
    params = {"device": str(terminal), "decision": "count" if count else "leave", "reason": reason}
    with desk.work(Role.SETUP) as work:
        act = acts.ask(
            work.session,
            acts.DECIDE_ASIDE,
            target=SYSTEM_LOG,
            params=params,
            by=work.by,
            at=work.at,
            settings=desk.settings,
        )
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认:pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )
