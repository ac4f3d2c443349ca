"""The server: one process, one writer, no access log (addresses and queries are nobody's business)."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from api.app import create_app
from api.db import serving_alone
from api.settings import Settings


class _Server(uvicorn.Server):
    """Says something once the port is open, and not before."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port; a port that is taken ends the process instead."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


def serve(settings: Settings, *, host: str, port: int, announce: Callable[[], None] = lambda: None) -> None:
    """Serve until told to stop; sheets that were handed in are written before the process ends.

    Raises ``already_served``.
    """
    with serving_alone(settings.database):
        # Asked for here only to refuse politely: from its start on the application holds the place itself.
        pass
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        # Whom to believe about addresses is a setting of ours, not of the server.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    _Server(config, announce).run()
