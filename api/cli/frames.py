"""``pingyi frames``: what is drawn from (抽样框), from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.desk import desk_of
from api.cli.faults import shown
from api.cli.speaking import say, table
from survey_models.accounts.rules import Role

app = typer.Typer(help="抽样框:模板、从文件冻结、列出。 Frames: template, freezing a file, list.", no_args_is_help=True)
OFFICE = (Role.SETUP, Role.RELEASE, Role.AUDITOR)


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """列出已冻结的抽样框。 List the frozen frames."""
    from survey_models.frames import service

    with desk_of(ctx).look(*OFFICE) as session:
        rows = [(one.id, one.title, one.kind, one.size, one.digest[:16]) for one in service.all_frames(session)]
    table(["编号 id", "名称 title", "种类 kind", "规模 size", "摘要 digest"], rows)


@app.command()
def template(
    ctx: typer.Context,
    what: Annotated[Literal["counts", "points", "list"], typer.Argument(help="人数、测评点、名单。 Which template.")],
    out: Path,
) -> None:
    """写出模板。 Write the workbook to fill in."""
    from survey_models.frames import reading

    desk_of(ctx).actor(Role.SETUP)
    out.write_bytes(reading.blank(what))
    say(f"已写入 {out}。", f"Written to {out}.")


@app.command("import")
def import_(
    ctx: typer.Context,
    frame: Annotated[str, typer.Argument(metavar="ID", help="编号,如 luohe-2027。 Id of the frame.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx、xls 或 csv。 A workbook or csv.")],
    *,
    title: Annotated[str, typer.Option(help="名称。 Its title.")],
    kind: Annotated[Literal["counts", "list"], typer.Option(help="counts 人数,list 名单。 Which kind.")] = "counts",
    points: Annotated[Path | None, typer.Option(exists=True, help="候选测评点文件。 A file of test points.")] = None,
    source: Annotated[str, typer.Option(help="数字从哪里来。 Where the figures are from.")] = "",
    made_up: Annotated[bool, typer.Option("--made-up", help="含编造的数字。 Some figures are made up.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查,不冻结。 Only check it.")] = False,
) -> None:
    """从文件冻结抽样框:整份收下,或列出全部错误。 Freeze a frame from a file: whole, or a list of every fault."""
    from survey_models.frames import importing
    from survey_models.frames.service import FrameTitle
    from survey_models.spreadsheets.read import read

    sheet = read(file.read_bytes(), file.name)
    beside = read(points.read_bytes(), points.name) if points else None
    named = FrameTitle(frame, title, source, made_up)
    with shown(), desk_of(ctx).work(Role.SETUP) as work:
        made = importing.import_frame(
            work.session, named, kind, sheet, points=beside, by=work.by, at=work.at, dry_run=dry_run
        )
    rows, digest = made.rows + made.points, made.digest
    if dry_run:
        say(f"没有错误:{rows} 行,没有冻结。摘要 {digest}", f"No fault: {rows} rows; nothing is frozen.")
    elif made.repeated:
        say(f"已经有同样内容的抽样框 {frame}。", f"The frame {frame} is there with the same content.")
    else:
        say(f"已冻结 {frame}:{rows} 行,摘要 {digest}", f"Frozen {frame}: {rows} rows, digest {digest}")
