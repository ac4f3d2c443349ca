"""``pingyi windows``: files of terminals that had no network, and standing posters (窗口评价器)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.prints import Out, Size, write_posters
from api.cli.speaking import say
from survey_models.accounts.rules import Role

app = typer.Typer(help="窗口:导入发件箱文件、印站立牌。 Windows: outbox files, standing posters.", no_args_is_help=True)


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


@app.command()
def posters(
    ctx: typer.Context,
    out: Out,
    size: Size = "a4",
    only: Annotated[list[str] | None, typer.Option("--window", help="只印这些窗口。 These windows alone.")] = None,
) -> None:
    """各窗口的站立牌：扫码到该窗口的评价页。 Standing posters that lead to each window's page."""
    from survey_models.printing import service

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        found = service.window_posters(session, address=desk.settings.public_url, only=only)
    write_posters(ctx, found, out, size)
