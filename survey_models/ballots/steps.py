"""Work in steps (分步执行): whoever thinks says what to ask of the database, and somebody else asks it.

A generator yields calls that may block and is sent what they give; an error of a call is raised at its ``yield``.
Driven by ``run`` it is ordinary code of one thread. Driven by ``Hands`` the thinking is done in an event loop and
the waiting in a thread: two threads that both compute would take the interpreter from each other in the middle of
every request, and a request would wait for whole turns of the interpreter.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

_START_SECONDS = 0.005
T = TypeVar("T")
Call = Callable[[], Any]
Steps = Generator[Call, Any, T]


class _Asked(NamedTuple):
    call: Call
    answer: asyncio.Future[Any]


def run(steps: Steps[T]) -> T:
    """All steps here and now; what they come to."""
    try:
        call = next(steps)
        while True:
            try:
                found = call()
            except Exception as error:  # noqa: BLE001 - whatever it is, the steps decide
                call = steps.throw(error)
            else:
                call = steps.send(found)
    except StopIteration as end:
        value: T = end.value
        return value


class Hands:
    """One thread that does what steps ask for, one call after the other, while they are thought in ``loop``."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._begun = threading.Semaphore(0)
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()

    def work(self) -> None:
        """Serve until ``end``: this is the thread's whole life."""
        while (asked := self._asked.get()) is not None:
            self._begun.release()
            try:
                found, error = asked.call(), None
            except Exception as raised:  # noqa: BLE001 - it is raised where it was asked for
                found, error = None, raised
            self._loop.call_soon_threadsafe(_answer, asked.answer, found, error)

    def end(self) -> None:
        """Let the thread go once everything asked is done."""
        self._asked.put(None)

    async def run(self, steps: Steps[T]) -> T:
        """What the steps come to; in the loop."""
        try:
            call = next(steps)
            while True:
                try:
                    found = await self.ask(call)
                except Exception as error:  # noqa: BLE001 - as above
                    call = steps.throw(error)
                else:
                    call = steps.send(found)
        except StopIteration as end:
            value: T = end.value
            return value

    def ask(self, call: Call) -> asyncio.Future[Any]:
        """What one call gives, after all that were asked before it; in the loop."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        while self._begun.acquire(blocking=False):
            pass  # it began late the last time
        self._asked.put(_Asked(call, answer))
        # The thread goes first: once it waits for the database it needs the interpreter no more, and the loop goes on
        # beside it. Otherwise the loop would first do all it has to do, and then wait for the database.
        self._begun.acquire(timeout=_START_SECONDS)
        return answer


def _answer(future: asyncio.Future[Any], found: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(found)
    else:
        future.set_exception(error)
