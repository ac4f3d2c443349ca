"""``pingyi voids``: sheets that two people set aside (剔除)."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from api.cli.tickets import Reason
from survey_models.accounts.rules import Role
from survey_models.core.clock import local_text

app = typer.Typer(help="剔除:整批、渠道、单元或文件,两人办理。 Set sheets aside, by two people.", no_args_is_help=True)


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
    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        act = acts.ask(
            work.session,
            acts.VOID_SHEETS,
            target=campaign,
            by=work.by,
            at=work.at,
            settings=desk.settings,
            params=wanted.params(),
        )
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
