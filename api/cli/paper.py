"""``pingyi paper``: how the typing of paper sheets stands (纸质问卷双人录入), and what the office does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.campaigns import OFFICE, Campaign
from api.cli.desk import desk_of
from api.cli.speaking import say, table
from api.cli.tickets import Reason
from survey_models.accounts.rules import Role

if TYPE_CHECKING:
    from survey_models.paper.standing import Pair

app = typer.Typer(
    help="纸质问卷双人录入:进度、差异率、撤出。 Paper sheets typed by two clerks: progress and differences.",
    no_args_is_help=True,
)


def _row(pair: Pair) -> tuple[object, ...]:
    name = " ".join(pair.clerks).strip() or "合计 all"
    return name, pair.sheets, pair.differed, pair.places, pair.differing, f"{float(pair.rate * 1000):.2f}‰"


@app.command()
def show(
    ctx: typer.Context,
    campaign: Campaign,
    after: Annotated[
        int, typer.Option(help="没有录完的从这个序号之后列起。 Unfinished sheets beyond this number.")
    ] = 0,
) -> None:
    """录入进度和两人之间的差异率。 Sheets by state, and how often two clerks differed."""
    from survey_models.paper import standing

    with desk_of(ctx).look(*OFFICE) as session:
        found = standing.standing(session, campaign, after=after)
    table(["状态 state", "份数 sheets"], list(found.states.items()))
    pairs = [*found.pairs, found.whole] if found.pairs else []
    rows = [_row(pair) for pair in pairs]
    heads = ["录入员 clerks", "份数 sheets", "有差异 differed", "比对处 places", "差异处 differing", "差异率 rate"]
    table(heads, rows)
    unfinished = [(one.serial, one.state, one.first_by, one.second_by, one.refused) for one in found.unfinished]
    table(["序号 serial", "状态 state", "一录 first", "二录 second", "原因 refused"], unfinished)
    if found.more:
        last = found.unfinished[-1].serial
        say(f"还有更多，请加 --after {last}。", f"There are more: --after {last}.")


@app.command("set-aside")
def set_aside(
    ctx: typer.Context,
    campaign: Campaign,
    reason: Reason,
    serial: Annotated[
        list[int] | None, typer.Option(help="卡片序号,可重复;不写则撤出全部未完的。 Serial number, repeatable.")
    ] = None,
) -> None:
    """撤出没有录完的问卷,已录内容删除,可以重录。 Set unfinished sheets aside; what was typed is erased."""
    from survey_models.paper import service

    with desk_of(ctx).work(Role.SETUP) as work:
        done = service.set_aside(work.session, campaign, serial or None, reason=reason, by=work.by, at=work.at)
    say(f"已撤出 {len(done)} 份。", f"{len(done)} sheets are set aside.")


@app.command()
def send(ctx: typer.Context, campaign: Campaign) -> None:
    """让两录一致却没有录入的问卷重新录入。 Have agreed sheets entered that wait without a job."""
    from survey_models.paper import service

    with desk_of(ctx).work(Role.SETUP) as work:
        number = service.send_agreed(work.session, campaign, at=work.at)
    say(f"{number} 份正在录入。", f"{number} sheets are on their way in.")
