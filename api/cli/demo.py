"""``pingyi demo``: the demo of Luohe (演示)."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say

app = typer.Typer(help="漯河演示:装入、提供服务。 The demo of Luohe: load, serve.", no_args_is_help=True)

Database = Annotated[
    str,
    typer.Option(
        help="数据库地址;不写即数据目录里的 SQLite。 Address of the database (default: SQLite in the data folder)."
    ),
]


@app.command()
def load(ctx: typer.Context, database: Database = "") -> None:
    """升级数据库并装入演示数据;已有则不动。 Upgrade the database and load the demo; done once."""
    from api.demo.serve import demo_settings, prepare

    folder = prepare(demo_settings(desk_of(ctx).settings, database=database))
    say(f"演示数据已就绪,文件在 {folder.path}。", f"The demo is there; its files are in {folder.path}.")


@app.command()
def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="监听地址。 Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口。 Port.")] = 8000,
    lan: Annotated[
        bool, typer.Option("--lan", help="让同一网络里的手机也能打开。 For phones in the same network.")
    ] = False,
    database: Database = "",
) -> None:
    """装入演示数据,打印可打开的地址,提供服务。 Load the demo, print what to open, serve."""
    from api.demo.serve import demo_settings, serve_demo

    settings = demo_settings(desk_of(ctx).settings, host=host, port=port, lan=lan, database=database)
    serve_demo(settings, host=host, port=port, lan=lan)
