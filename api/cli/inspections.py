"""``pingyi inspections``: inspection plans (检查计划), their draws, and how far they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import desk_of
from api.cli.faults import shown
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.core import clock

if TYPE_CHECKING:
    from survey_models.inspections.rules import Reason

app = typer.Typer(
    help="检查计划：必查单位、再抽几个、抽取、进度。 Inspection plans: must-check units, draws, progress.",
    no_args_is_help=True,
)
PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="检查计划编号。 Id of the plan.")]
OFFICE = (Role.SETUP, Role.RELEASE, Role.AUDITOR, Role.INSPECTOR)


@app.command()
def plan(
    ctx: typer.Context,
    round_id: Annotated[str, typer.Argument(metavar="ROUND", help="评议周期编号。 Id of the round.")],
    *,
    period: Annotated[str, typer.Option(help="时段，如 2019Q3。 The period, such as 2019Q3.")],
    secret: Annotated[bool, typer.Option("--secret", help="暗访。 Secret visits.")] = False,
    more: Annotated[
        list[str] | None,
        typer.Option(help="必查之外再抽几个：N 或 层=N，可多次写。 More units: N, or STRATUM=N; repeat."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="必查规则，逗号隔开：found,complaint,last。 Must-check rules, by commas; empty: none."),
    ] = None,
    previous: Annotated[str | None, typer.Option(help="上次计划的编号。 Id of the plan before.")] = None,
    plan_id: Annotated[str, typer.Option("--id", help="编号；不写即按周期命名。 Id; else made from the round.")] = "",
) -> None:
    """在种子产生之前定下必查单位和抽取数。 Fix must-check units and numbers before the seed exists."""
    from survey_models.inspections import service
    from survey_models.inspections.service import Wish
    from survey_models.inspections.tables import PlanKind

    desk, kind = desk_of(ctx), PlanKind.SECRET_VISIT if secret else PlanKind.INSPECTION
    wish = Wish(round_id, kind, period, plan_id, more=_more(more), by=_by(by), previous=previous)
    with desk.work(Role.SETUP) as work:
        made = service.plan(work.session, wish, by=work.by, at=work.at, zone=desk.settings.timezone)
        must, drawn = len(made.rules["must"]), sum(made.rules["more"].values())
        called = made.id
    say(
        f"检查计划 {called}：必查 {must} 个，再抽 {drawn} 个，等待公开种子。",
        f"Plan {called}: {must} must be checked, {drawn} more are drawn; it waits for its public seed.",
    )


@app.command()
def sites(
    ctx: typer.Context,
    round_id: Annotated[str, typer.Argument(metavar="ROUND", help="评议周期编号。 Id of the round.")],
    name: Annotated[str, typer.Argument(metavar="DRAW", help="办法中的抽取，如 village。 A draw of the scheme.")],
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="表格，列 area,kind,id,name,within。 A sheet of places."),
    ],
) -> None:
    """定下实地考评的分阶段抽取：地点由表格给出，数量按办法。 Fix a draw of places; the scheme says how many."""
    from survey_models.inspections import sites as places
    from survey_models.spreadsheets.read import read

    sheet = read(file.read_bytes(), file.name)
    rows = [dict(zip(sheet.header, cells, strict=True)) for _, cells in sheet.rows]
    with shown(), desk_of(ctx).work(Role.SETUP) as work:
        made = places.add(work.session, round_id, name, rows, by=work.by, at=work.at)
        called, number = made.id, len(rows)
    say(
        f"检查计划 {called}：{number} 个地点可抽，等待公开种子。",
        f"Plan {called}: {number} places to draw from; it waits for its public seed.",
    )


@app.command()
def draw(
    ctx: typer.Context, plan: PlanId, seed: Annotated[str, typer.Option(help="公开产生的种子。 The public seed.")]
) -> None:
    """提出用公开的种子抽取，由另一人确认。 Enter the public seed; another person confirms, and it is drawn."""
    from api import acts
    from survey_models.inspections import service
    from survey_models.ledger.events import SYSTEM_LOG

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        params = {"draw": service.get(work.session, plan)[1].id, "seed": seed}
        number = acts.ask(
            work.session,
            acts.RUN_DRAW,
            target=SYSTEM_LOG,
            by=work.by,
            at=work.at,
            settings=desk.settings,
            params=params,
        ).number
    say(
        f"已提出第 {number} 项，24 小时内由另一位同事确认：pingyi acts confirm {number}",
        f"Act {number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {number}",
    )


@app.command("list")
def list_(ctx: typer.Context, round_id: Annotated[str, typer.Argument(metavar="ROUND")]) -> None:
    """一轮的检查计划。 The plans of a round."""
    from survey_models.inspections import service

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [
            (one.id, one.kind, one.period, one.title, run.seed or "")
            for one, run in service.of_round(session, round_id)
        ]
    table(["编号 id", "方式 kind", "时段 period", "名称 title", "种子 seed"], rows)


@app.command()
def show(ctx: typer.Context, plan: PlanId) -> None:
    """名单：每个单位的入选原因和检查情况。 The list: why each unit is on it, and what was recorded there."""
    from survey_models.inspections import progress

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        found = progress.sheet(session, plan, at=clock.now(), zone=desk.settings.timezone)
        done = found.inspected, len(found.lines), found.problems
        rows = [
            (
                one.stratum,
                one.entry,
                one.name,
                "、".join(one.reasons) or ("drawn" if one.lot else ""),
                one.probability or "",
                one.inspected_on or "",
                one.problems,
                one.self_check or "",
            )
            for one in found.lines
        ]
    heads = ["层 stratum", "编号 entry", "名称 name", "原因 reason", "概率 chance", "检查日 inspected", "问题 problems"]
    table([*heads, "自查 self-check"], rows)
    say(
        f"已检查 {done[0]} / {done[1]}，有问题的 {done[2]} 个。",
        f"Inspected: {done[0]} of {done[1]}; with a problem: {done[2]}.",
    )


def _more(given: list[str] | None) -> int | dict[str, int] | None:
    """``["3"]`` → 3; ``["甲=1", "乙=2"]`` → by stratum."""
    if not given:
        return None
    if len(given) == 1 and given[0].isdecimal():
        return int(given[0])
    found = {}
    for word in given:
        stratum, _, number = word.rpartition("=")
        if not stratum or not number.isdecimal():
            raise typer.BadParameter(f"{word}: N, STRATUM=N")
        found[stratum] = int(number)
    return found


def _by(text: str | None) -> list[Reason] | None:
    from survey_models.core.errors import Problem
    from survey_models.inspections.rules import Reason

    if text is None:
        return None
    try:
        return [Reason(word.strip()) for word in text.split(",") if word.strip()]
    except ValueError as error:
        raise Problem("request_malformed", where="by") from error
