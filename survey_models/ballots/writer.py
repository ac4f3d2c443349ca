"""The one writer of a process: takes whatever is waiting, one transaction, one commit, then answers.

Group commit (成组提交): a sheet is acknowledged only after the commit that holds it is durable. While one
commit is under way the next sheets gather, so that waiting costs no artificial delay. When an item spoils
its batch, the batch is halved until the item is alone, so that it does not take its neighbours with it.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey_models.ballots.failures import Failure, kind_of
from survey_models.ballots.intake import (
    Cast,
    Kept,
    Outcome,
    Receipt,
    UploadRow,
    Writes,
    casting,
    store_rows,
)
from survey_models.ballots.replies import Patience, Waiting, give
from survey_models.ballots.statements import IdTaken
from survey_models.ballots.steps import Call, Hands, Steps, T, run
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.promises import promise_batch
from survey_models.ledger.signing import Signer
from survey_models.ratings.intake import Became, RatingItem, store_ratings
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.signed import TapAnswer, TapBatch, store_taps

BATCH = 400
_LEAST = 8
WAIT_SECONDS = 12.0  # phones give up after 20
PAUSE_BEFORE_RETRY = 0.05
_REFUSED = {Failure.CONFLICT: "intake_busy", Failure.AWAY: "intake_unconfirmed", Failure.FULL: "storage_full"}

Answers = list[tuple[Waiting, Any]]


class IntakeWriter:
    """One thread, one connection, one door for sheets, contractors' lines and window ratings.

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
        self._engine = engine
        self._signer = signer
        self._zone = zone
        self._counting = counting
        self._capacity = capacity
        self._wait_seconds = wait_seconds
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._patience: dict[asyncio.AbstractEventLoop, Patience] = {}
        self._kept = Kept()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._chosen = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hands: Hands | None = None
        self._awake = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._stopping = False
        self._last = 0
        # Between asking whether the end has come and handing in, the end must not come.
        self._gate = threading.Lock()

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin to write: by a thread alone, or thinking in ``loop`` while the thread waits for the database."""
        self._thread.start()
        if loop is not None:
            self._loop, self._hands = loop, Hands(loop)
            loop.call_soon_threadsafe(self._serve_in_loop, self._hands)
        self._chosen.set()

    def stop(self) -> None:
        """Refuse new items, write those that wait, and end. Not to be called in the loop that thinks."""
        if self._thread.is_alive():
            with self._gate:
                self._stopping = True
                self._queue.put(None)
            self._wake_up()
            self._thread.join()

    @property
    def is_writing(self) -> bool:
        """Whether what is handed in will be written: false before the start, after the end, and after a breakdown."""
        return self._thread.is_alive() and not self._stopping

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
        if self._loop is not None and waiting.loop is self._loop:
            self._awake.set()
        else:
            self._wake_up()

    def _wake_up(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._awake.set)

    def _run(self) -> None:
        self._chosen.wait()
        if self._hands is not None:
            self._hands.work()
        else:
            last = False
            while not last:
                batch, last = self._take(self._queue.get())
                try:
                    give(run(self._write(batch)) if batch else [])
                except BaseException:
                    self._abandon(batch)
                    raise
        self._let_go()

    def _serve_in_loop(self, hands: Hands) -> None:
        self._serving = asyncio.get_running_loop().create_task(self._serve(hands))

    async def _serve(self, hands: Hands) -> None:
        last, batch = False, list[Waiting]()
        try:
            while not last:
                self._awake.clear()
                if self._queue.empty():
                    await self._awake.wait()
                    continue
                batch, last = self._take(self._queue.get_nowait())
                if batch:
                    give(await hands.run(self._write(batch)))
        except BaseException:
            self._abandon(batch)
            raise
        finally:
            hands.end()

    def _abandon(self, batch: list[Waiting]) -> None:
        """Nobody writes any more: who waits hears it now, and who comes later at once, instead of waiting in vain."""
        with self._gate:
            self._stopping = True
            while not self._queue.empty():
                waiting = self._queue.get_nowait()
                if waiting is not None and waiting.wanted():
                    batch.append(waiting)
        give((waiting, Problem("intake_unconfirmed")) for waiting in batch if not waiting.future.done())

    def _take(self, found: Waiting | None) -> tuple[list[Waiting], bool]:
        """The first one and what waits behind it, given up waits left out; whether the end has come.

        Half of those under way are left to the next batch: while one half is written, the other is read and answered.
        """
        most = min(BATCH, max(_LEAST, (self._last + self._queue.qsize()) // 2 + 1))
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
        self._last = len(batch)
        return batch, found is None

    def _write(self, batch: list[Waiting], *, again: bool = True, careful: bool = False) -> Steps[Answers]:
        """Store a batch; never raises, so that everybody is answered."""
        try:
            return (yield from self._transact(batch, careful=careful))
        except IdTaken:
            yield partial(self._roll_back, lost=False)
            if not careful:
                return (yield from self._write(batch, again=again, careful=True))
            # Another process stores one of the ids at this very moment: it alone is to come back.
            if len(batch) > 1:
                return (yield from self._halves(batch))
            return [(batch[0], Problem("intake_busy"))]
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            return (yield from self._settle(batch, error, again=again))

    def _settle(self, batch: list[Waiting], error: Exception, *, again: bool) -> Steps[Answers]:
        """What follows from a failure: the same again, each half for itself, or an end."""
        failure = kind_of(error)
        yield partial(self._roll_back, lost=failure is Failure.AWAY)
        if failure is Failure.POISON and len(batch) > 1:
            return (yield from self._halves(batch))
        if failure is Failure.POISON:
            return [(batch[0], error)]
        if again:
            # A commit whose answer was lost may have been durable: then the same sheets are replays now.
            yield partial(time.sleep, PAUSE_BEFORE_RETRY)
            return (yield from self._write(batch, again=False))
        return [(waiting, Problem(_REFUSED[failure])) for waiting in batch]

    def _halves(self, batch: list[Waiting]) -> Steps[Answers]:
        half = len(batch) // 2
        first = yield from self._write(batch[:half])
        return first + (yield from self._write(batch[half:]))

    def _transact(self, batch: list[Waiting], *, careful: bool) -> Steps[Answers]:
        """One transaction; the answers are given only after its commit."""
        connection: Connection = self._connection or (yield self._connect)
        casts = [waiting for waiting in batch if isinstance(waiting.item, Cast)]
        # Two writers take their locks in the same order.
        casts.sort(key=lambda waiting: (waiting.item.campaign_id, waiting.item.ticket))
        at = clock.now()
        answers: Answers = []
        writes: Writes = []
        if casts:
            items, zone = [waiting.item for waiting in casts], self._zone
            outcomes = yield from _begun(
                connection,
                casting(connection, items, kept=self._kept, at=at, zone=zone, writes=writes, careful=careful),
            )
            answers += self._promised(zip(casts, outcomes, strict=True))
        for waiting in batch:
            if not isinstance(waiting.item, Cast):
                listed = partial(self._list, connection, waiting.item)
                answers.append((waiting, (yield partial(_in_transaction, connection, listed))))
        yield partial(self._finish, connection, writes)
        return answers

    def _connect(self) -> Connection:
        self._connection = self._engine.connect()
        return self._connection

    @staticmethod
    def _finish(connection: Connection, writes: Writes) -> None:
        for write in writes:
            write()
        connection.commit()

    def _promised(self, answers: Iterable[tuple[Waiting, Outcome]]) -> Answers:
        """The outcomes, receipts with the promise that their entry will be in the tree of its log."""
        if self._signer is None:
            return list(answers)
        done: Answers = []
        for log, group in groupby(answers, key=lambda answer: answer[0].item.campaign_id):
            members = list(group)
            receipts = [outcome for _, outcome in members if isinstance(outcome, Receipt)]
            promises = iter(promise_batch(log, [receipt.entry for receipt in receipts], self._signer))
            for waiting, outcome in members:
                done.append(
                    (waiting, outcome.with_promise(next(promises)) if isinstance(outcome, Receipt) else outcome)
                )
        return done

    def _list(self, connection: Connection, items: Any) -> int | list[Became] | list[TapAnswer]:
        if isinstance(items, TapBatch):
            return store_taps(connection, items, at=clock.now(), zone=self._zone, counting=self._counting)
        if isinstance(items[0], UploadRow):
            return store_rows(connection, items)
        return store_ratings(connection, items, at=clock.now(), zone=self._zone, counting=self._counting)

    def _roll_back(self, *, lost: bool) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            connection.rollback()
        except DBAPIError:
            lost = True
        if lost:
            connection.invalidate()
            self._let_go()

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()


def _in_transaction(connection: Connection, call: Call) -> Any:
    if not connection.in_transaction():
        connection.begin()
    return call()


def _begun(connection: Connection, steps: Steps[T]) -> Steps[T]:
    """The same steps; the first call to be asked begins the transaction on its way, which saves asking for that."""
    try:
        call = next(steps)
        while True:
            try:
                found = yield partial(_in_transaction, connection, call)
            except Exception as error:  # noqa: BLE001 - whatever it is, the steps decide
                call = steps.throw(error)
            else:
                call = steps.send(found)
    except StopIteration as end:
        value: T = end.value
        return value
