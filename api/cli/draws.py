"""``pingyi draws``: draws (抽样), planned before the seed exists, run and extended by two people, replayable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role
from survey_models.draws.designs import Method, Plan

app = typer.Typer(
    help="抽样：定方案、抽取、追加、重演、公布。 Draws: plan, run, extend, replay, publish.", no_args_is_help=True
)

DrawId = Annotated[str, typer.Argument(metavar="DRAW", help="抽样编号。 Id of the draw.")]
Sizes = Annotated[
    list[str] | None,
    typer.Option("--size", metavar="STRATUM=N", help="每层个数，可多次写。 Number for a stratum; repeat."),
]
Reserve = Annotated[
    list[str] | None, typer.Option(metavar="STRATUM=N", help="每层备用个数。 Reserve of a stratum; repeat.")
]
Takes = Annotated[
    list[str] | None,
    typer.Option("--take", metavar="PATH=N,N", help="多阶段：每阶段个数。 Stages: numbers of each stage; repeat."),
]
Must = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="多阶段：必选。 Stages: must be included; repeat.")
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
        rows = [
            (row.id, row.campaign_id, row.frame_id, row.what, row.design["method"], row.seed)
            for row in service.all_draws(session)
        ]
    table(["编号 id", "评议 campaign", "抽样框 frame", "对象 what", "方法 method", "种子 seed"], rows)


@app.command()
def show(ctx: typer.Context, draw: DrawId) -> None:
    """方案、摘要和抽中的条目。 Design, digests and what was drawn."""
    from survey_models.draws import service

    with desk_of(ctx).look(*OFFICE) as session:
        found = service.get(session, draw)
        rows = [
            (row.stratum, row.lot, row.entry, row.reserve or "", row.probability)
            for row in service.drawn_rows(session, draw)
        ]
    typer.echo(f"method {found.design['method']}")
    for name in ("frame_digest", "design_digest", "seed", "result_digest"):
        typer.echo(f"{name} {getattr(found, name) or '-'}")
    for step in found.extensions:
        typer.echo(f"extension {step['stratum']} +{step['more']} {step['result']}")
    table(["层 stratum", "序号 lot", "条目 entry", "备用 reserve", "入样概率 probability"], rows)


@app.command()
def plan(
    ctx: typer.Context,
    draw: DrawId,
    *,
    campaign: Annotated[str, typer.Option(help="评议编号。 Id of the campaign.")],
    frame: Annotated[str, typer.Option(help="抽样框编号。 Id of the frame.")],
    size: Sizes = None,
    reserve: Reserve = None,
    method: Annotated[Method, typer.Option(help="抽样方法。 Method of the draw.")] = Method.STRATIFIED_SRS,
    take: Takes = None,
    must: Must = None,
    what: Annotated[What, typer.Option(help="抽条目或测评点。 Rows or test points.")] = What.ROWS,
) -> None:
    """在种子产生之前定下方案。 Fix the plan before the seed exists."""
    from survey_models.draws import service

    wanted = Plan(
        draw,
        campaign,
        frame,
        what.value,
        sizes=_numbers(size or []),
        reserve=_numbers(reserve or []),
        method=method,
        takes=_stages(take or []),
        must=must or [],
    )
    with desk_of(ctx).work(Role.SETUP) as work:
        planned = service.plan(work.session, wanted, by=work.by, at=work.at)
        digests = planned.frame_digest, planned.design_digest
    say(f"抽样 {draw} 的方案已定，等待公开种子。", f"Draw {draw} is planned and waits for its public seed.")
    typer.echo(f"frame_digest {digests[0]}\ndesign_digest {digests[1]}")


@app.command()
def run(
    ctx: typer.Context, draw: DrawId, seed: Annotated[str, typer.Option(help="公开产生的种子。 The public seed.")]
) -> None:
    """提出用公开的种子抽取，由另一人确认后抽取。 Enter the public seed; another person confirms, and it is drawn."""
    from api import acts

    _ask(ctx, acts.RUN_DRAW, draw, {"seed": seed})


@app.command()
def extend(
    ctx: typer.Context,
    draw: DrawId,
    stratum: Annotated[str, typer.Option(help="层。 The stratum.")],
    more: Annotated[int, typer.Option(min=1, help="再取几签。 How many lots more.")],
) -> None:
    """提出再取一层后面的签，由另一人确认。 Ask for the next lots of a stratum; another person confirms."""
    from api import acts

    _ask(ctx, acts.EXTEND_DRAW, draw, {"stratum": stratum, "more": more})


@app.command()
def replay(ctx: typer.Context, draw: DrawId) -> None:
    """再抽一遍，与存下的和台账比较。 Draw again and compare with what was stored and with the ledger."""
    from survey_models.draws import service

    with desk_of(ctx).look(*OFFICE) as session:
        again = service.replay(session, draw)
    if not again.equal:
        typer.echo(f"不一致，第一处：{again.difference}。 Different, first at: {again.difference}.", err=True)
        raise typer.Exit(1)
    say(f"一致，共 {again.drawn} 条。", f"Equal: {again.drawn} entries.")


@app.command()
def export(
    ctx: typer.Context,
    draw: DrawId,
    out: Annotated[Path, typer.Argument(help="写到 .zip 文件或文件夹。 A .zip file or a folder.")],
    *,
    with_frame: Annotated[
        bool, typer.Option("--with-frame", help="连同抽样框各行(含编号)。 With the frame's lines, ids included.")
    ] = False,
) -> None:
    """写出公布包和独立核对程序。 Write what is published, and the program that checks it alone."""
    from survey_models.core.archives import archive
    from survey_models.draws import bundles

    with desk_of(ctx).work(*OFFICE) as work:
        content = bundles.bundle(work.session, draw, with_frame=with_frame)
        bundles.record_export(work.session, draw, content, by=work.by, at=work.at)
        if out.suffix.lower() == ".zip":
            out.write_bytes(archive(content))
        else:
            out.mkdir(parents=True, exist_ok=True)
            for name, raw in content.items():
                (out / name).write_bytes(raw)
    say(
        f"已写入 {out}。核对：python3 {bundles.VERIFIER} {out}",
        f"Written to {out}. To check it: python3 {bundles.VERIFIER} {out}",
    )


def _ask(ctx: typer.Context, kind: str, draw: str, params: Mapping[str, Any]) -> None:
    from api import acts
    from survey_models.draws import service

    desk = desk_of(ctx)
    with desk.work(Role.SETUP) as work:
        target = service.get(work.session, draw).campaign_id
        wanted = {"draw": draw, **params}
        act = acts.ask(work.session, kind, target=target, by=work.by, at=work.at, settings=desk.settings, params=wanted)
    say(
        f"已提出第 {act.number} 项,24 小时内由另一位同事确认：pingyi acts confirm {act.number}",
        f"Act {act.number} is asked; within 24 hours a colleague confirms: pingyi acts confirm {act.number}",
    )


def _numbers(given: list[str]) -> dict[str, int]:
    """``["A=3", "B=4"]`` → ``{"A": 3, "B": 4}``."""
    found: dict[str, int] = {}
    for word in given:
        stratum, _, number = word.rpartition("=")
        if not stratum or not number.isdecimal() or stratum in found:
            raise typer.BadParameter(f"{word}: STRATUM=N")
        found[stratum] = int(number)
    return found


def _stages(given: list[str]) -> dict[str, list[int]]:
    """``["411121=2,3"]`` → ``{"411121": [2, 3]}``."""
    found: dict[str, list[int]] = {}
    for word in given:
        path, _, numbers = word.rpartition("=")
        parts = numbers.split(",")
        if not path or path in found or not all(part.isdecimal() for part in parts):
            raise typer.BadParameter(f"{word}: PATH=N,N")
        found[path] = [int(part) for part in parts]
    return found
