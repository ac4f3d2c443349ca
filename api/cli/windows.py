"""``pingyi windows``: what a terminal kept without a network, brought in by file (窗口评价器)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say
from survey_models.accounts.rules import Role

app = typer.Typer(help="窗口评价器:导入发件箱文件。 Window terminals: files of their outbox.", no_args_is_help=True)


@app.callback()
def windows() -> None:
    """窗口评价器。 Window terminals."""


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="评价器导出的文件。 The file that a terminal wrote.")],
) -> None:
    """导入评价器导出的文件;重复导入不会多计。 Bring in a terminal's file; a second time changes nothing."""
    from api.outbox_files import bring_in

    desk = desk_of(ctx)
    desk.actor(Role.SETUP)
    found = bring_in(file.read_bytes(), engine=desk.engine, settings=desk.settings)
    say(
        f"新收 {found['stored']} 条,已有 {found['duplicate']} 条,待定 {found['aside']} 条,不收 {found['refused']} 条。",
        f"{found['stored']} new, {found['duplicate']} known, {found['aside']} kept aside, {found['refused']} refused.",
    )
