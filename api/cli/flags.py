"""``pingyi flags``: signs of stuffing (疑点)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from survey_models.flags.tables import Flag

app = typer.Typer(help="疑点:检查和查看。 Signs of stuffing: look for them, list them.", no_args_is_help=True)


@app.command()
def run(
    ctx: typer.Context,
    campaign: Annotated[
        str | None,
        typer.Argument(help="评议编号;不写则检查全部评议和窗口。 Id of a campaign (default: all, and windows)."),
    ] = None,
) -> None:
    """现在就按固定的规则检查。 Run the frozen rules now; every night this is done by itself."""
    from survey_models.flags import service

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    with desk.work(Role.SETUP) as work:
        names = [row.id for row in service.running(work.session)] if campaign is None else [campaign]
        new = [flag for name in names for flag in service.run_campaign(work.session, name, at=work.at, zone=zone)]
        if campaign is None:
            new += service.run_windows(work.session, at=work.at, zone=zone)
        _show(new)
    say(f"新发现 {len(new)} 条疑点。", f"{len(new)} new flags.")


@app.command("list")
def list_(
    ctx: typer.Context,
    campaign: Annotated[str | None, typer.Option(help="只看一项评议。 One campaign only.")] = None,
    window: Annotated[str | None, typer.Option(help="只看一个窗口。 One window only.")] = None,
    state: Annotated[str | None, typer.Option(help="open、dismissed 或 voided。")] = None,
) -> None:
    """列出疑点,最新的在前。 List the flags, newest first."""
    from survey_models.flags import service

    with desk_of(ctx).look(*OFFICE) as session:
        if campaign is not None:
            _show(service.of_campaign(session, campaign, state=state))
        elif window is not None:
            _show(service.of_window(session, window, state=state))
        else:
            _show(service.listed(session, state=state))


@app.command()
def dismiss(
    ctx: typer.Context,
    flag: Annotated[str, typer.Argument(help="疑点编号,见 list。 Id of the flag.")],
    reason: Annotated[str, typer.Option(help="原因,记入台账。 Why; it goes to the ledger.")],
) -> None:
    """提出排除一条疑点,由另一人确认。 Ask to dismiss a flag with a reason; another person confirms."""
    import uuid

    from api import acts
    from survey_models.core.errors import Problem
    from survey_models.flags import service
    from survey_models.ledger.events import SYSTEM_LOG

    desk, params = desk_of(ctx), {"flag": flag, "reason": reason}
    with desk.work(Role.SETUP) as work:
        try:
            log = service.get(work.session, uuid.UUID(flag)).campaign_id or SYSTEM_LOG
        except ValueError:
            raise Problem("flag_unknown") from None
        act = acts.ask(
            work.session,
            acts.DISMISS_FLAG,
            target=log,
            by=work.by,
            at=work.at,
            settings=desk.settings,
            params=params,
        )
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认:pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )


def _show(flags: Iterable[Flag]) -> None:
    from survey_models.flags.rules import rule_set
    from survey_models.flags.tables import Rule

    rows = [
        (
            flag.id,
            flag.campaign_id or flag.window_id,
            f"{rule_set().rule(Rule(flag.rule)).zh} {flag.rule}",
            flag.scope.get("label"),
            flag.scope.get("day"),
            ", ".join(f"{name} {value}" for name, value in flag.evidence.items()),
            flag.state,
        )
        for flag in flags
    ]
    table(["编号 id", "评议或窗口 of", "规则 rule", "位置 where", "日期 day", "证据 evidence", "状态 state"], rows)
