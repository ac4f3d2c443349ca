"""``pingyi db``: the tables of the database (数据库)."""

from __future__ import annotations

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say

app = typer.Typer(help="数据库结构:升级、核对。 Tables of the database: upgrade, check.", no_args_is_help=True)


@app.command()
def upgrade(ctx: typer.Context) -> None:
    """把数据库升级到最新结构。 Bring the database to the newest revision."""
    from api import migrate

    settings = desk_of(ctx).settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.owner_database)
    say(f"数据库结构:{migrate.head()}", f"The database is at {migrate.head()}.")


@app.command()
def check(ctx: typer.Context) -> None:
    """核对数据库与程序的表结构是否一致。 Compare the tables of the database with those of the program."""
    from alembic.util import CommandError

    from api import migrate

    try:
        migrate.check(desk_of(ctx).settings.owner_database)
    except CommandError as error:
        typer.echo(f"数据库结构与程序不一致。 The tables differ: {error}", err=True)
        raise typer.Exit(1) from None
    say("数据库结构与程序一致。", "The tables are those of the program.")


@app.command()
def current(ctx: typer.Context) -> None:
    """数据库现在的结构版本。 The revision of the database."""
    from api import migrate

    typer.echo(migrate.current(desk_of(ctx).engine) or "-")
