"""``pingyi serve``, ``pingyi worker`` and ``pingyi openapi``: the running program."""

from __future__ import annotations

import json
import signal
from typing import Annotated

import typer

from api.cli.desk import desk_of
from api.cli.speaking import say


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="监听地址。 Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口。 Port.")] = 8000,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="进程数;多个需要 PostgreSQL。 Processes; several need PostgreSQL.")
    ] = 1,
) -> None:
    """升级数据库并提供服务。 Upgrade the database and serve."""
    from api import migrate
    from api.db import unit_of_work
    from api.server import serve as serve_app
    from survey_models.calendar import service as calendar
    from survey_models.core import clock

    settings = desk_of(ctx).settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.owner_database)
    desk = desk_of(ctx)
    with unit_of_work(desk.engine) as session:
        calendar.seed_empty(session, at=clock.now())
    # Nothing that is open here may go along into the processes that serve.
    desk.engine.dispose()
    say(f"服务地址:http://{host}:{port}", f"Serving on http://{host}:{port}")
    serve_app(settings, host=host, port=port, processes=processes)


def worker(ctx: typer.Context) -> None:
    """在单独的进程里做后台任务和台账排序。 Do the background jobs, and order the ledger, in a process of its own."""
    from api import logs
    from api.jobs.sequencer import Sequencer
    from api.jobs.worker import Worker
    from api.keys import load_signer
    from survey_models.ballots.writer import IntakeWriter

    desk = desk_of(ctx)
    logs.configure(desk.settings.log_level)
    settings = desk.settings
    writer = IntakeWriter(
        desk.engine, zone=settings.timezone, capacity=settings.intake_queue, counting=settings.counting
    )
    writer.start()
    taker = Worker(desk.engine, writer, desk.settings)
    sequencer = Sequencer(desk.engine, load_signer(desk.settings.data_dir), desk.settings)
    sequencer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: taker.stop())
    say("后台任务进程已启动。", "The worker is running.")
    try:
        taker.run()
    finally:
        sequencer.stop()
        writer.stop()


def openapi(ctx: typer.Context) -> None:
    """打印接口说明(OpenAPI)。 Print the API description (OpenAPI); needs no database."""
    from api.app import create_app

    typer.echo(json.dumps(create_app(desk_of(ctx).settings).openapi(), ensure_ascii=False, indent=1))
