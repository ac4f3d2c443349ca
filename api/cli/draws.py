"""``pingyi draws``: draws (抽样), planned before the seed exists, run once, replayable."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="抽样:定方案、抽取、重演。 Draws: plan, run, replay.", no_args_is_help=True)

DrawId = Annotated[str, typer.Argument(metavar="DRAW", help="抽样编号。 Id of the draw.")]
Numbers = Annotated[
    list[str], typer.Option(metavar="STRATUM=N", help="每层个数,可多次写。 Number for a stratum; repeat.")
]
Reserve = Annotated[
    list[str] | None, typer.Option(metavar="STRATUM=N", help="每层备用个数。 Reserve of a stratum; repeat.")
]
OFFICE = (Role.SETUP, Role.RELEASE, Role.AUDITOR)


class What(StrEnum):
    """What is drawn from the frame."""

    ROWS = "rows"
    POINTS = "points"


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出抽样。 List the draws."""
    from survey_models.draws import service

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [(row.id, row.campaign_id, row.frame_id, row.what, row.seed) for row in service.all_draws(session)]
    table(["编号 id", "评议 campaign", "抽样框 frame", "对象 what", "种子 seed"], rows)


@app.command()
def show(ctx: typer.Context, draw: DrawId) -> None:
    """方案、摘要和抽中的条目。 Design, digests and what was drawn."""
    from survey_models.draws import service

    with desk_of(ctx).look(*OFFICE) as session:
        found = service.get(session, draw)
        rows = [(row.stratum, row.lot, row.entry, row.reserve or "") for row in service.drawn_rows(session, draw)]
    for name in ("frame_digest", "design_digest", "seed", "result_digest"):
        typer.echo(f"{name} {getattr(found, name) or '-'}")
    table(["层 stratum", "序号 lot", "条目 entry", "备用 reserve"], rows)


@app.command()
def plan(
    ctx: typer.Context,
    draw: DrawId,
    *,
    campaign: Annotated[str, typer.Option(help="评议编号。 Id of the campaign.")],
    frame: Annotated[str, typer.Option(help="抽样框编号。 Id of the frame.")],
    size: Numbers,
    reserve: Reserve = None,
    what: Annotated[What, typer.Option(help="抽条目或测评点。 Rows or test points.")] = What.ROWS,
) -> None:
    """在种子产生之前定下方案。 Fix the plan before the seed exists."""
    from survey_models.draws import service

    wanted = service.Plan(draw, campaign, frame, what.value, _numbers(size), _numbers(reserve or []))
    with desk_of(ctx).work(Role.SETUP) as work:
        service.plan(work.session, wanted, by=work.by, at=work.at)
    say(f"抽样 {draw} 的方案已定,等待公开种子。", f"Draw {draw} is planned and waits for its public seed.")


@app.command()
def run(
    ctx: typer.Context, draw: DrawId, seed: Annotated[str, typer.Option(help="公开产生的种子。 The public seed.")]
) -> None:
    """用公开的种子抽取,只此一次。 Draw with the public seed, once."""
    from survey_models.draws import service

    with desk_of(ctx).work(Role.SETUP) as work:
        done = service.run(work.session, draw, seed=seed, by=work.by, at=work.at)
    say(f"抽样 {draw} 已完成,摘要 {done.result_digest}。", f"Draw {draw} is done, digest {done.result_digest}.")


@app.command()
def replay(ctx: typer.Context, draw: DrawId) -> None:
    """再抽一遍,与存下的比较。 Draw again and compare with what was stored."""
    from survey_models.draws import service

    with desk_of(ctx).look(*OFFICE) as session:
        again = service.replay(session, draw)
    if not again.equal:
        typer.echo(f"不一致,第一处:{again.difference}。 Different, first at: {again.difference}.", err=True)
        raise typer.Exit(1)
    say(f"一致,共 {again.drawn} 条。", f"Equal: {again.drawn} entries.")


def _numbers(given: list[str]) -> dict[str, int]:
    """``["A=3", "B=4"]`` → ``{"A": 3, "B": 4}``."""
    found: dict[str, int] = {}
    for word in given:
        stratum, _, number = word.rpartition("=")
        if not stratum or not number.isdecimal() or stratum in found:
            raise typer.BadParameter(f"{word}: STRATUM=N")
        found[stratum] = int(number)
    return found
