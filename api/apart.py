"""Beginning the writer process (写票进程): a copy of the server, made before it has threads or an open database.

What it does stands in `survey_models.ballots.apart`.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial

from survey_models.ballots.apart import WriterProcess, work
from survey_models.ballots.storing import Storing

_BUFFER = 1 << 20
_SWITCH_SECONDS = 0.0002
_FIRST_FILE = 3  # after the three that every process has
_MOST_FILES = 1 << 20


def begun(storing: Callable[[], Storing]) -> WriterProcess:
    """The server's end of a process that stores with what ``storing`` makes there."""
    mine, other = socket.socketpair()
    for end in (mine, other):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    number = os.fork()
    if number == 0:
        _live(other, storing)
    other.close()
    return WriterProcess(mine, partial(os.waitpid, number, 0))


def _live(wire: socket.socket, storing: Callable[[], Storing]) -> None:
    """The whole life of the process; nothing of the server's is used, and nothing of it is tidied up here."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        # Who stops the server stops both, and the server tells this one when nothing is left to be stored.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _close_all_but(wire.fileno())
        sys.setswitchinterval(_SWITCH_SECONDS)
        gc.freeze()
        gc.set_threshold(20_000, 50, 50)
        work(wire, storing())
        status = 0
    except BaseException as error:  # noqa: BLE001 - nobody is above this
        sys.stderr.write(f"the writer process ends: {type(error).__name__}\n")
        sys.stderr.flush()
    finally:
        os._exit(status)


def _close_all_but(kept: int) -> None:
    """Ports and files of the server: they would stay open as long as this process lives."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(_FIRST_FILE, kept)
    os.closerange(kept + 1, most if most != resource.RLIM_INFINITY else _MOST_FILES)
