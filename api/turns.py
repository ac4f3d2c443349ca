"""Whose turn it is to write into an SQLite file (写入排队): the threads of a process, in the order in which they came.

SQLite lets those who wait for its write lock look again now and then. A writer that begins anew at once, as that of
the ballots does under load, is seldom caught in between: beside it a sign-in waited until it was given up.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """One at a time; who gives the turn back hands it to whoever has waited longest, of whichever thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False when it did not come in time."""
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

    def give(self) -> None:
        """Hand the turn to the next."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
