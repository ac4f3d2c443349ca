"""Servers for tests of the sender: the demo as a process of its own, and small ones that misbehave on purpose."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.settings import Settings
from tests.postgres import free_port

PATIENCE = 120.0
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@contextmanager
def served_demo(settings: Settings) -> Iterator[str]:
    """``pingyi demo serve`` on a loaded installation; yields its address."""
    port = free_port()
    program = str(Path(sys.executable).with_name("pingyi"))
    environment = {**os.environ, "PINGYI_DATA_DIR": str(settings.data_dir), "PINGYI_LOG_LEVEL": "warning"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [program, "demo", "serve", "--port", str(port)], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            begun = time.monotonic()
            while not _answers(base_url):
                log.seek(0)
                assert process.poll() is None, log.read().decode()
                assert time.monotonic() - begun < PATIENCE, log.read().decode()
                time.sleep(0.1)
            yield base_url
        finally:
            process.terminate()
            # The server ends in order, then lets the signal have its usual effect.
            assert process.wait(30) in {0, -signal.SIGTERM}


def _answers(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/healthz", timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@contextmanager
def served(application: Application) -> Iterator[str]:
    """An application on a port of this process; yields its address."""
    port = free_port()
    config = uvicorn.Config(application, port=port, log_level="error", lifespan="off", ws="none", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        begun = time.monotonic()
        while not server.started:
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
