"""Whose turn it is to write into an SQLite file (写入排队): threads of a process in the order in which they came.

SQLite lets those who wait for its write lock look again now and then. A writer that begins anew at once, as that of
the ballots does under load, is seldom caught in between: beside it a sign-in waited until it was given up. Processes
take turns by two locks of the operating system: whoever holds the first waits for the second, and is the next.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from pathlib import Path

_LOOK_AGAIN_SECONDS = 0.0005


class Turns:
    """One at a time; who gives the turn back hands it to whoever has waited longest, of whichever thread.

    ``database``: the file that other processes write into as well; None for one of this process alone.
    """

    def __init__(self, database: Path | None = None) -> None:
        self._among = None if database is None else _Processes(database)
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False when it did not come in time."""
        end = time.monotonic() + seconds
        if not self._take_here(seconds):
            return False
        if self._among is None or self._among.take(end):
            return True
        self._give_here()
        return False

    def give(self) -> None:
        """Hand the turn to the next."""
        if self._among is not None:
            self._among.give()
        self._give_here()

    def _take_here(self, seconds: float) -> bool:
        mine = threading.Lock()
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # handed over in the last moment

    def _give_here(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class _Processes:
    """Used by one thread of a process at a time. A process that dies leaves its locks free.

    Who may not open the files (another user of the system, who writes seldom) waits as SQLite lets him wait.
    """

    def __init__(self, database: Path) -> None:
        self._names = [database.with_name(f"{database.name}.{lock}") for lock in ("next", "turn")]
        self._handles: list[int] = []

    def take(self, end: float) -> bool:
        """Wait until ``end`` by the monotonic clock."""
        if not self._handles:
            try:
                self._handles = [os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for name in self._names]
            except OSError:
                return True
        following, turn = self._handles
        if not _locked(following, end):
            return False
        try:
            return _locked(turn, end)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)

    def give(self) -> None:
        """Let another process write."""
        for handle in self._handles[1:]:
            fcntl.flock(handle, fcntl.LOCK_UN)

    def __del__(self) -> None:
        for handle in self._handles:
            os.close(handle)


def _locked(handle: int, end: float) -> bool:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return True
