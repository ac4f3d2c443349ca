"""The server: one process, one writer, no access log (addresses and queries are nobody's business)."""

from __future__ import annotations

import uvicorn

from api.app import create_app
from api.settings import Settings


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve until told to stop; sheets that were handed in are written before the process ends."""
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run()
