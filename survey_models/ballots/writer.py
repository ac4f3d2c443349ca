"""The one writer of a process: takes whatever is waiting, one transaction, one commit, then answers.

Group commit (成组提交): a sheet is acknowledged only after the commit that holds it is durable. While one
commit is under way the next sheets gather, so that waiting costs no artificial delay. When an item spoils
its batch, the batch is halved until the item is alone, so that it does not take its neighbours with it.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from survey_models.ballots.failures import Failure, kind_of
from survey_models.ballots.intake import Cast, Kept, Outcome, Receipt, UploadRow, store_casts, store_rows
from survey_models.ballots.replies import Patience, Waiting, give
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.promises import promise_batch
from survey_models.ledger.signing import Signer
from survey_models.ratings.intake import RatingItem, store_ratings

BATCH = 400
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
    ) -> None:
        self._engine = engine
        self._signer = signer
        self._zone = zone
        self._capacity = capacity
        self._wait_seconds = wait_seconds
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._patience: dict[asyncio.AbstractEventLoop, Patience] = {}
        self._kept = Kept()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="intake-writer", daemon=True)
        self._stopping = False
        # Between asking whether the end has come and handing in, the end must not come.
        self._gate = threading.Lock()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse new items, write those that wait, and end."""
        if self._thread.is_alive():
            with self._gate:
                self._stopping = True
                self._queue.put(None)
            self._thread.join()

    def submit(self, cast: Cast) -> Future[Receipt]:
        """Hand in a sheet; the future gives its receipt or raises its Problem. Raises ``intake_busy`` at once."""
        return self._submit(cast)

    def submit_rows(self, rows: Sequence[UploadRow]) -> Future[int]:
        """Hand in at most 1,000 lines of one file; the future gives how many were new."""
        return self._submit(rows)

    def submit_ratings(self, items: Sequence[RatingItem]) -> Future[list[bool]]:
        """Hand in taps of one terminal; the future tells for each whether it was new."""
        return self._submit(items)

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

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._take()
            live = [waiting for waiting in batch if waiting.wanted()]
            if live:
                give(self._write(live))
        self._let_go()

    def _take(self) -> tuple[list[Waiting], bool]:
        batch: list[Waiting] = []
        found = self._queue.get()
        while found is not None:
            batch.append(found)
            if len(batch) >= BATCH:
                return batch, False
            try:
                found = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _write(self, batch: list[Waiting], *, again: bool = True) -> Answers:
        """Store a batch; never raises, so that everybody is answered."""
        try:
            return self._transact(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            failure = kind_of(error)
            self._roll_back(lost=failure is Failure.AWAY)
            if failure is Failure.POISON:
                if len(batch) == 1 and again and isinstance(error, IntegrityError):
                    # Another process stored the same id after this one looked: now it is seen.
                    return self._write(batch, again=False)
                if len(batch) == 1:
                    return [(batch[0], error)]
                half = len(batch) // 2
                return self._write(batch[:half]) + self._write(batch[half:])
            if again:
                # A commit whose answer was lost may have been durable: then the same sheets are replays now.
                threading.Event().wait(PAUSE_BEFORE_RETRY)
                return self._write(batch, again=False)
            return [(waiting, Problem(_REFUSED[failure])) for waiting in batch]

    def _transact(self, batch: list[Waiting]) -> Answers:
        """One transaction; the answers are given only after its commit."""
        if self._connection is None:
            self._connection = self._engine.connect()
        connection = self._connection
        connection.begin()
        casts = [waiting for waiting in batch if isinstance(waiting.item, Cast)]
        # Two writers take their locks in the same order.
        casts.sort(key=lambda waiting: (waiting.item.campaign_id, waiting.item.ticket))
        at = clock.now()
        answers: Answers = []
        if casts:
            items = [waiting.item for waiting in casts]
            outcomes = store_casts(connection, items, kept=self._kept, at=at, zone=self._zone)
            answers += self._promised(zip(casts, outcomes, strict=True))
        for waiting in batch:
            if not isinstance(waiting.item, Cast):
                answers.append((waiting, self._list(connection, waiting.item)))
        connection.commit()
        return answers

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

    def _list(self, connection: Connection, items: Any) -> int | list[bool]:
        if isinstance(items[0], UploadRow):
            return store_rows(connection, items)
        return store_ratings(connection, items, at=clock.now(), zone=self._zone)

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
