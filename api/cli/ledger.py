"""``pingyi ledger``: the ledger (台账)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api.cli.campaigns import OFFICE
from api.cli.desk import desk_of
from api.cli.speaking import table
from survey_models.core.clock import local_text
from survey_models.ledger.events import SYSTEM_LOG

app = typer.Typer(help="台账。 The ledger.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """台账。 The ledger."""


@app.command("list")
def list_(
    ctx: typer.Context,
    log: Annotated[str, typer.Option(help="评议编号,或 system。 A campaign id, or system.")] = SYSTEM_LOG,
    limit: Annotated[int, typer.Option(min=1, max=400, help="最多几条。 At most so many.")] = 40,
) -> None:
    """最新的台账记录。 The newest entries."""
    from survey_models.ledger import queries

    desk = desk_of(ctx)
    with desk.look(*OFFICE) as session:
        rows = [
            (row.at and local_text(row.at, desk.settings.timezone), row.event, row.body.decode(), row.digest[:12])
            for row in queries.newest(session, log=log, limit=limit)
        ]
    table(["时间 at", "事件 event", "内容 body", "摘要 digest"], rows)


@app.command("root")
def root(
    ctx: typer.Context,
    log: Annotated[str, typer.Option(help="评议编号,或 system。 A campaign id, or system.")] = SYSTEM_LOG,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="哪一天的,不写则为今天。 Of which day (default: today)."),
    ] = None,
) -> None:
    """每日根:64 位和二维码,供张贴和存档。 The root of a day, in 64 hex digits and as a QR code, to post and keep."""
    from api.qr import in_terminal
    from survey_models.core import clock
    from survey_models.ledger import proofs

    desk = desk_of(ctx)
    zone = desk.settings.timezone
    of = day.date() if day else clock.local_day(clock.now(), zone)
    with desk.look(*OFFICE) as session:
        head = proofs.head_of_day(session, log, of, zone=zone)
    typer.echo(f"{head.root}\n{log}  {head.size}  {local_text(head.at, zone)}")
    typer.echo(in_terminal(head.note))
