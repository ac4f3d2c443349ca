"""The server: one writer in each process, no access log (addresses and queries are nobody's business)."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from functools import partial

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.db import serving_alone
from api.settings import Settings
from survey_models.core.errors import Problem


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


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    processes: int = 1,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop; sheets that were handed in are written before a process ends.

    Several processes share one port and need PostgreSQL. Raises ``already_served``, ``one_process_only``.
    """
    # A dump of a crashed process would hold the codes and answers of that moment, and the keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with serving_alone(settings.database) as alone:
        # Asked for here only to refuse politely: from its start on the application holds the place itself.
        if alone and processes > 1:
            raise Problem("one_process_only")
    config = uvicorn.Config(
        partial(create_app, settings, writes_apart=True),
        factory=True,
        host=host,
        port=port,
        workers=processes,
        log_config=None,
        access_log=False,
        # Whom to believe about addresses is a setting of ours, not of the server.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        # A process that loads the program on a busy machine is not one that hangs.
        timeout_worker_healthcheck=60,
    )
    if processes == 1:
        _Server(config, announce).run()
        return
    shared = config.bind_socket()
    announce()
    Multiprocess(config, sockets=[shared]).run()
