"""``pingyi backup``: copy the database, check the copy, put it back (备份与恢复)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say, table

if TYPE_CHECKING:
    from api.backups.keeping import Manifest, Witnessed

app = typer.Typer(help="备份:写、核对、恢复。 Backups: write, check, restore.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="备份文件夹。 Folder of the backup.")]
Witness = Annotated[
    Path | None,
    typer.Option(help="见证人的状态文件,用来核对是否被改过。 A witness's state file, to compare the ledgers with."),
]


@app.command()
def write(ctx: typer.Context, folder: Folder) -> None:
    """复制数据库到新文件夹,服务不必停。 Copy the database into a new folder; the service may go on."""
    from api.backups import keeping
    from survey_models.core import clock

    desk = desk_of(ctx)
    with _telling() as told:
        made = keeping.write(desk.engine, folder, data_dir=desk.settings.data_dir, at=clock.now(), told=told)
    _show(made)
    say(
        f"已写入 {folder}。密钥不在其中,须另行备份,并与本备份分开保管:{desk.settings.data_dir / 'keys'}",
        f"Written to {folder}. Keys are not in it; back them up apart from it: {desk.settings.data_dir / 'keys'}",
    )


@app.command()
def check(ctx: typer.Context, folder: Folder, witness: Witness = None) -> None:
    """核对备份是否完整、未被改动。 Check that a backup is whole and unchanged."""
    from api.backups import keeping

    with _telling() as told:
        manifest = keeping.check(folder, _seen(witness), told=told)
    _show(manifest)
    _compare_keys(manifest, desk_of(ctx).settings.data_dir)
    if manifest.kind == "postgresql":
        say(
            "文件完整。逐行核对要先恢复到一个空数据库。",
            "The file is whole. Its rows are compared when it is restored into an empty database.",
        )
    else:
        say("备份完整,与清单一致。", "The backup is whole and agrees with its manifest.")


@app.command()
def restore(ctx: typer.Context, folder: Folder, witness: Witness = None) -> None:
    """恢复到设置所指的空数据库,逐表逐账核对。 Fill the empty database of the settings, and compare every row."""
    from api.backups import keeping

    settings = desk_of(ctx).settings
    with _telling() as told:
        manifest = keeping.restore(folder, settings.owner_database, _seen(witness), told=told)
    _show(manifest)
    _compare_keys(manifest, settings.data_dir)
    if not keeping.is_of_this_program(manifest):
        say("数据库结构较旧,请运行 pingyi db upgrade。", "The tables are older: run pingyi db upgrade.")
    say("已恢复,行数、内容、台账根都与清单一致。", "Restored: rows, contents and ledger roots agree with the manifest.")


def _seen(witness: Path | None) -> list[Witnessed]:
    from api.backups.keeping import witnessed_in

    return witnessed_in(witness) if witness else []


def _compare_keys(manifest: Manifest, data_dir: Path) -> None:
    """Say when the keys beside are others than those the copy was made with, or are not there yet."""
    from api.backups.keeping import pepper_mark

    if manifest.pepper is None or manifest.pepper == pepper_mark(data_dir):
        return
    typer.echo(
        f"注意:{data_dir / 'keys'} 中没有这份备份的密钥。启动服务以前请先放回,否则已发的评议码都认不出。", err=True
    )
    typer.echo(
        f"Beware: {data_dir / 'keys'} lacks the keys of this backup. Put them back before serving, "
        "or no code in people's hands is recognised.",
        err=True,
    )


def _show(manifest: Manifest) -> None:
    rows = [(log, tree.size, tree.root[:16]) for log, tree in sorted(manifest.logs.items())]
    table(("台账 log", "条数 entries", "根 root"), rows)
    say(
        f"{manifest.made_at},{len(manifest.tables)} 张表,{manifest.rows:,} 行,{manifest.bytes / 1e6:,.1f} MB。",
        f"{manifest.made_at}: {len(manifest.tables)} tables, {manifest.rows:,} rows, {manifest.bytes / 1e6:,.1f} MB.",
    )


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """What is being read now, on standard error."""
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
