"""The one writer of a process: takes whatever is waiting, one transaction, one commit, then answers.

Group commit (成组提交): a sheet is acknowledged only after the commit that holds it is durable. While one batch is
written, the next is decided and a third gathers, so that waiting costs no artificial delay. When an item spoils its
batch, the batch is halved until the item is alone, so that it does not take its neighbours with it.

A server hands its batches to a process beside it (`survey_models.ballots.apart`); everybody else has a thread.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Engine

from survey_models.ballots.apart import WriterProcess
from survey_models.ballots.intake import Cast, Receipt, UploadRow
from survey_models.ballots.replies import Patience, Waiting, give
from survey_models.ballots.storing import Answers, Storing
from survey_models.core.errors import Problem
from survey_models.ledger.signing import Signer
from survey_models.ratings.intake import Became, RatingItem
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.signed import TapAnswer, TapBatch

BATCH = 400
_LEAST = 8
_AT_WORK = 2
WAIT_SECONDS = 12.0  # phones give up after 20


class IntakeWriter:
    """One door for sheets, contractors' lines and window ratings, and one transaction at a time behind it.

    With a ``signer`` every receipt carries a promise of inclusion; one signature covers a batch.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        zone: str,
        capacity: int,
        signer: Signer | None = None,
        wait_seconds: float = WAIT_SECONDS,
        counting: Counting = COUNTING,
    ) -> None:
        self._storing = Storing(engine, zone=zone, signer=signer, counting=counting)
        self._capacity = capacity
        self._wait_seconds = wait_seconds
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._patience: dict[asyncio.AbstractEventLoop, Patience] = {}
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._apart: WriterProcess | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = threading.Event()
        self._breakdown: Callable[[], object] = lambda: None
        self._stopping = self._last_taken = self._looking = False
        self._under_way: list[int] = []
        # Between asking whether the end has come and handing in, the end must not come.
        self._gate = threading.Lock()

    def start(self) -> None:
        """Begin to write, by a thread of this process."""
        self._thread.start()

    async def start_apart(self, apart: WriterProcess, *, broken: Callable[[], object] = lambda: None) -> None:
        """Begin to write, by a process beside this one; what is handed in goes to it through the running loop.

        ``broken`` is called when that process ends without being told to.
        """
        self._loop, self._breakdown = asyncio.get_running_loop(), broken
        await apart.open(self._broken)
        self._apart = apart

    def stop(self) -> None:
        """Refuse new items, write those that wait, and end. Not to be called in the loop of ``start_apart``."""
        with self._gate:
            self._stopping = True
            self._queue.put(None)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._look)
            self._ended.wait()
            if self._apart is not None:
                self._apart.wait()
        elif self._thread.is_alive():
            self._thread.join()

    @property
    def is_writing(self) -> bool:
        """Whether what is handed in will be written: false before the start, after the end, and after a breakdown."""
        begun = self._apart is not None or self._thread.is_alive()
        return begun and not (self._stopping or self._ended.is_set())

    @property
    def waiting(self) -> int:
        """How much waits to be written."""
        return self._queue.qsize()

    def submit(self, cast: Cast) -> Future[Receipt]:
        """Hand in a sheet; the future gives its receipt or raises its Problem. Raises ``intake_busy`` at once."""
        return self._submit(cast)

    def submit_rows(self, rows: Sequence[UploadRow]) -> Future[int]:
        """Hand in at most 1,000 lines of one file; the future gives how many were new."""
        return self._submit(rows)

    def submit_ratings(self, items: Sequence[RatingItem]) -> Future[list[Became]]:
        """Hand in taps of one terminal; the future tells for each whether it was new."""
        return self._submit(items)

    def submit_taps(self, batch: TapBatch) -> Future[list[TapAnswer]]:
        """Hand in a signed batch of one terminal; the future tells what became of each tap."""
        return self._submit(batch)

    def post(self, cast: Cast) -> asyncio.Future[Receipt]:
        """As ``submit``, for a caller in an event loop; ends with ``intake_unconfirmed`` when it takes too long."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        self._put(Waiting(cast, future, loop))
        patience = self._patience.get(loop)
        if patience is None:
            patience = self._patience[loop] = Patience(loop, self._wait_seconds)
        patience.watch(future)
        return future

    def _submit(self, item: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._put(Waiting(item, future))
        return future

    def _put(self, waiting: Waiting) -> None:
        with self._gate:
            if self._stopping or self._queue.qsize() >= self._capacity:
                raise Problem("intake_busy")
            self._queue.put(waiting)
        if self._loop is not None and waiting.loop is not self._loop:
            self._loop.call_soon_threadsafe(self._look)
        elif self._loop is not None and not self._looking:
            # Once for all that the loop reads in this turn.
            self._looking = True
            self._loop.call_soon(self._look)

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._take(self._queue.get(), most=BATCH)
            try:
                give(self._storing.store(batch) if batch else [])
            except BaseException:
                self._abandon(batch)
                raise
        self._storing.write_no_more()
        self._storing.look_no_more()

    def _look(self) -> None:
        """Hand over what waits, as long as it is worth it; in the loop."""
        self._looking = False
        if self._apart is None or self._ended.is_set():
            return
        while not self._last_taken and self._queue.qsize() >= self._worth_taking():
            batch, self._last_taken = self._take(self._queue.get_nowait(), most=self._most())
            if batch:
                self._under_way.append(len(batch))
                self._apart.hand_over(batch, self._told)
        if self._last_taken and not self._under_way:
            self._apart.end()

    def _worth_taking(self) -> int:
        """How many must wait before the next batch is begun: one that would wait itself may as well grow."""
        if self._stopping:
            return 1
        if len(self._under_way) >= _AT_WORK:
            return self._capacity + 2
        return max(1, self._under_way[-1]) if self._under_way else 1

    def _most(self) -> int:
        """Half of those under way: the other half is written, while these are decided and the next are read."""
        return min(BATCH, max(_LEAST, (sum(self._under_way) + self._queue.qsize()) // 2 + 1))

    def _told(self, answers: Answers) -> None:
        self._under_way.pop(0)
        give(answers)
        self._look()

    def _broken(self, batch: list[Waiting]) -> None:
        """The process beside this one has ended: it was told to, or broke down."""
        told_to = self._last_taken and not self._under_way
        self._under_way.clear()
        self._abandon(batch)
        self._ended.set()
        if not told_to:
            self._breakdown()

    def _abandon(self, batch: list[Waiting]) -> None:
        """Nobody writes any more: who waits hears it now, and who comes later at once, instead of waiting in vain."""
        with self._gate:
            self._stopping = True
            while not self._queue.empty():
                waiting = self._queue.get_nowait()
                if waiting is not None and waiting.wanted():
                    batch.append(waiting)
        give((waiting, Problem("intake_unconfirmed")) for waiting in batch if not waiting.future.done())

    def _take(self, found: Waiting | None, *, most: int) -> tuple[list[Waiting], bool]:
        """The first one and what waits behind it, given up waits left out; whether the end has come."""
        batch: list[Waiting] = []
        while found is not None:
            if found.wanted():
                batch.append(found)
            if len(batch) >= most:
                break
            try:
                found = self._queue.get_nowait()
            except queue.Empty:
                break
        return batch, found is None
