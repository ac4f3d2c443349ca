"""``pingyi ledger``: the ledger (台账)."""

from __future__ import annotations

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
