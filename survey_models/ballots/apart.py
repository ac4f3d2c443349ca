"""The writer in a process of its own (写票进程): one processor speaks HTTP while the other decides, seals and stores.

Two threads of one process that both compute take the interpreter from each other in the midst of every request. A
process beside the server has an interpreter of its own; one private pair of sockets joins them, and what goes over it
stands in `survey_models.ballots.letters`. The writer ends when the server's end is closed, whoever closed it.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from survey_models.ballots.letters import Opened, answer_letter, answers_of, batch_letter, batch_of, received
from survey_models.ballots.replies import Waiting
from survey_models.ballots.storing import Ahead, Answers, Storing

Told = Callable[[Answers], None]


class WriterProcess(asyncio.Protocol):
    """The server's end: hands batches over and is told what became of them, in the order in which they went."""

    def __init__(self, wire: socket.socket, wait: Callable[[], object]) -> None:
        self._wire = wire
        self.wait = wait
        """Returns once the process has ended; blocks."""
        self._letters = Opened()
        self._under_way: deque[tuple[list[Waiting], Told]] = deque()
        self._transport: Any = None
        self._lost: Callable[[list[Waiting]], None] = lambda _: None

    async def open(self, lost: Callable[[list[Waiting]], None]) -> None:
        """Speak with it in the running loop; ``lost`` hears of its end, and whose answers will not come."""
        self._lost = lost
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_unix_connection(lambda: self, sock=self._wire)

    def hand_over(self, batch: list[Waiting], told: Told) -> None:
        """Let it store a batch; ``told`` is called once it is durable, or refused."""
        self._under_way.append((batch, told))
        self._transport.write(batch_letter([waiting.item for waiting in batch]))

    def data_received(self, data: bytes) -> None:
        """Tell whoever waits for the oldest batch."""
        for content in self._letters.feed(data):
            batch, told = self._under_way.popleft()
            told([(batch[place], outcome) for place, outcome in answers_of(content)])

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as the protocol says
        """It has ended."""
        waiting = [one for batch, _ in self._under_way for one in batch]
        self._under_way.clear()
        self._lost(waiting)

    def end(self) -> None:
        """Nothing more is handed over: it ends by itself."""
        self._transport.close()


def work(wire: socket.socket, storing: Storing) -> None:
    """Store batches as they come in, until the other end is closed; while one becomes durable the next is decided."""
    storing.write_back_beside()
    committing = _Committing(wire, storing)
    committing.start()
    while (content := received(wire)) is not None:
        batch = [Waiting(item, place) for place, item in enumerate(batch_of(content))]
        committing.take(batch, storing.look_ahead(batch))
    committing.end()
    storing.write_no_more()
    storing.look_no_more()


class _Committing:
    """A thread that waits for the database, one batch after the other, and answers."""

    def __init__(self, wire: socket.socket, storing: Storing) -> None:
        self._wire, self._storing = wire, storing
        self._handed: queue.SimpleQueue[tuple[list[Waiting], Ahead] | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(1)
        self._thread = threading.Thread(target=self._run, name="intake-commit", daemon=True)
        self._broken: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def take(self, batch: list[Waiting], ahead: Ahead | None) -> None:
        """Once the batch before is done: begin this one here, and leave the waiting to the thread."""
        self._idle.acquire()
        trouble = None
        if ahead is not None:
            try:
                self._storing.set_down(ahead)
            except Exception as error:  # noqa: BLE001 - whatever it is, storing goes on step by step
                trouble = error
            else:
                self._handed.put((batch, ahead))
                return
        self._answer(self._storing.write(batch, trouble))
        self._idle.release()

    def end(self) -> None:
        """Wait for the last one."""
        self._handed.put(None)
        self._thread.join()
        if self._broken is not None:
            raise self._broken

    def _run(self) -> None:
        try:
            while (handed := self._handed.get()) is not None:
                self._finish(*handed)
                self._idle.release()
        except BaseException as error:  # noqa: BLE001 - it is raised where the process ends
            self._broken = error
            self._wire.shutdown(socket.SHUT_RDWR)
            self._idle.release()

    def _finish(self, batch: list[Waiting], ahead: Ahead) -> None:
        try:
            self._storing.make_durable(ahead)
        except Exception as trouble:  # noqa: BLE001 - as above
            self._answer(self._storing.write(batch, trouble))
        else:
            self._answer(ahead.answers)
            self._storing.rest(len(batch))

    def _answer(self, answers: Answers) -> None:
        # Where nobody is there any more to be told, what is stored is found by the retry.
        with suppress(OSError):
            self._wire.sendall(answer_letter([(waiting.future, outcome) for waiting, outcome in answers]))
