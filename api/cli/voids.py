"""``pingyi voids``: sheets and window ratings that two people set aside (剔除、作废)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from api.cli.tickets import Reason
from survey_models.accounts.rules import Role
from survey_models.core.clock import local_text

app = typer.Typer(
    help="剔除评议票、作废窗口评价,两人办理。 Set sheets or window ratings aside, by two people.", no_args_is_help=True
)


Window = Annotated[str, typer.Argument(help="窗口编号。 Id of the window.")]


@app.command()
def ask(
    ctx: typer.Context,
    campaign: Campaign,
    *,
    reason: Reason,
    batch: Annotated[int | None, typer.Option(help="计票前:批次编号。 Before counting: a ticket batch.")] = None,
    channel: Annotated[str | None, typer.Option(help="渠道;计票前可单独写。 A channel; alone before counting.")] = None,
    stratum: Annotated[int | None, typer.Option(help="计票后:层。 After counting: the stratum of a cell.")] = None,
    point: Annotated[int | None, typer.Option(help="计票后:测评点,没有则写 0。 Its test point, 0 for none.")] = None,
    upload: Annotated[str | None, typer.Option(help="计票后:上传编号。 After counting: a contractor's file.")] = None,
    flag: Annotated[str | None, typer.Option(help="由此处理的疑点编号。 The flag that this decides.")] = None,
) -> None:
    """提出剔除,由另一人确认;评议票一份也不删。 Ask to set sheets aside; another confirms. Nothing is deleted."""
    from api import acts
    from api.schemas.voids import VoidRequest

    scope = {"batch": batch, "channel": channel, "stratum": stratum, "point": point, "upload": upload}
    wanted = VoidRequest.model_validate({"scope": scope, "reason": reason, "flag": flag})
    _ask(ctx, acts.VOID_SHEETS, campaign, wanted.params())


def _ask(ctx: typer.Context, kind: str, target: str, params: dict[str, Any]) -> None:
    from api import acts

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        act = acts.ask(work.session, kind, target=target, by=work.by, at=work.at, settings=desk.settings, params=params)
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认:pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )


@app.command("list")
def list_(ctx: typer.Context, campaign: Campaign) -> None:
    """列出剔除记录和份数。 List what is set aside, with the numbers of sheets."""
    from survey_models.ballots import voids

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        rows = [
            (
                row.void.act_number,
                " ".join(f"{name} {value}" for name, value in row.void.scope.items()),
                row.sheets,
                row.void.reason,
                local_text(row.void.made_at, desk.settings.timezone),
            )
            for row in voids.listed(session, campaign)
        ]
    table(["事项 act", "范围 scope", "份数 sheets", "原因 reason", "时间 at"], rows)


@app.command()
def ratings(
    ctx: typer.Context,
    window: Window,
    *,
    begins: Annotated[datetime, typer.Option(help="从何时起(当地时间)。 From, local time.")],
    ends: Annotated[datetime, typer.Option(help="到何时止(不含)。 To before, local time.")],
    reason: Reason,
    device: Annotated[str | None, typer.Option(help="只一台评价器。 One terminal only.")] = None,
    flag: Annotated[str | None, typer.Option(help="由此处理的疑点编号。 The flag that this decides.")] = None,
) -> None:
    """提出作废一段时间的窗口评价,由另一人确认;评价一条也不删。 Ask to set window ratings aside; nothing is deleted."""
    from api import acts
    from api.schemas.rating_voids import RatingVoidRequest
    from survey_models.ledger.events import SYSTEM_LOG

    zone = ZoneInfo(desk_of(ctx).settings.timezone)
    span = {"begins": begins.replace(tzinfo=zone), "ends": ends.replace(tzinfo=zone)}
    wanted = RatingVoidRequest.model_validate({**span, "device": device, "reason": reason, "flag": flag})
    _ask(ctx, acts.VOID_RATINGS, SYSTEM_LOG, wanted.params(window))


@app.command("list-ratings")
def list_ratings(ctx: typer.Context, window: Window) -> None:
    """列出一个窗口作废的评价。 List what is set aside at a window, with the numbers of ratings."""
    from survey_models.ratings import voids

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.look(*OFFICE) as session:
        rows = [
            (
                row.void.act_number,
                f"{local_text(row.void.begins, zone)} – {local_text(row.void.ends, zone)}",
                row.void.device_id,
                row.ratings,
                row.void.reason,
            )
            for row in voids.listed(session, window)
        ]
    table(["事项 act", "时间段 span", "评价器 terminal", "次数 ratings", "原因 reason"], rows)
