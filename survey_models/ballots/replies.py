"""How the writer answers whoever handed something in: a future of a thread, or one of an event loop (应答).

An event loop is woken once for a whole batch and not once for each sheet.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

import msgspec

from survey_models.core.errors import Problem


class Waiting(msgspec.Struct, frozen=True, eq=False):
    """Something handed in and who waits for its answer; ``loop`` is set when ``future`` belongs to it."""

    item: Any
    future: Any
    loop: asyncio.AbstractEventLoop | None = None

    def wanted(self) -> bool:
        """Whether somebody still waits; what was given up before it was taken is not written."""
        if self.loop is None:
            future: Future[Any] = self.future
            return future.set_running_or_notify_cancel()
        return not self.future.done()


def give(answers: Iterable[tuple[Waiting, Any]]) -> None:
    """Hand out results; an exception among them is raised where it is waited for."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Any, Any]]] = defaultdict(list)
    for waiting, outcome in answers:
        if waiting.loop is not None:
            by_loop[waiting.loop].append((waiting.future, outcome))
        else:
            _settle(waiting.future, outcome)
    here = asyncio._get_running_loop()  # noqa: SLF001 - None where there is none, and no exception
    for loop, pairs in by_loop.items():
        if loop is here:
            _settle_all(pairs)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_settle_all, pairs)


def _settle_all(pairs: list[tuple[Any, Any]]) -> None:
    for future, outcome in pairs:
        if not future.done():
            _settle(future, outcome)


def _settle(future: Any, outcome: Any) -> None:
    if isinstance(outcome, BaseException):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


class Patience:
    """Ends the waits of one event loop that last too long: an answer comes in any case.

    What is under way may still be stored; the retry of the same sheet gets its receipt.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._waits: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._armed = False

    def watch(self, future: asyncio.Future[Any]) -> None:
        """End this wait in time. All waits are equally long, so that the oldest stands first."""
        self._waits.append((self._loop.time() + self._seconds, future))
        if not self._armed:
            self._arm()

    def _arm(self) -> None:
        self._armed = bool(self._waits)
        if self._armed:
            self._loop.call_at(self._waits[0][0], self._expire)

    def _expire(self) -> None:
        now = self._loop.time()
        while self._waits and (self._waits[0][0] <= now or self._waits[0][1].done()):
            future = self._waits.popleft()[1]
            if not future.done():
                future.set_exception(Problem("intake_unconfirmed"))
        self._arm()
