"""The one writer of a process: takes whatever is waiting, one transaction, one commit, then answers.

Group commit (成组提交): a sheet is acknowledged only after the commit that holds it is durable. While one
commit is under way the next sheets gather, so that waiting costs no artificial delay. When a batch fails,
its items are tried one by one, so that one poisonous item does not take its neighbours with it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from survey_models.ballots.intake import Cast, Forms, Outcome, Receipt, UploadRow, store_casts, store_rows
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ratings.intake import RatingItem, store_ratings

BATCH = 400


@dataclass(frozen=True)
class _Waiting:
    item: Cast | Sequence[UploadRow] | Sequence[RatingItem]
    future: Future[Any]


class IntakeWriter:
    """One thread, one connection, one door for sheets, contractors' lines and window ratings."""

    def __init__(self, engine: Engine, *, zone: str, capacity: int) -> None:
        self._engine = engine
        self._zone = zone
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(maxsize=capacity)
        self._forms: Forms = {}
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
        """Hand in a sheet; the future gives its receipt or raises its Problem."""
        return self._put(cast)

    def submit_rows(self, rows: Sequence[UploadRow]) -> Future[int]:
        """Hand in at most 1,000 lines of one file; the future gives how many were new."""
        return self._put(rows)

    def submit_ratings(self, items: Sequence[RatingItem]) -> Future[list[bool]]:
        """Hand in taps of one terminal; the future tells for each whether it was new."""
        return self._put(items)

    def _put(self, item: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._gate:
            if self._stopping:
                raise Problem("intake_busy")
            try:
                self._queue.put_nowait(_Waiting(item, future))
            except queue.Full:
                raise Problem("intake_busy") from None
        return future

    def _run(self) -> None:
        last = False
        while not last:
            batch, last = self._take()
            live = [waiting for waiting in batch if waiting.future.set_running_or_notify_cancel()]
            if live:
                self._write(live)

    def _take(self) -> tuple[list[_Waiting], bool]:
        first = self._queue.get()
        batch = [first]
        while len(batch) < BATCH and batch[-1] is not None:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        waiting = [item for item in batch if item is not None]
        return waiting, len(waiting) < len(batch)

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            answers = self._transact(batch)
        except Exception as error:  # noqa: BLE001 - any failure of a batch is settled item by item
            self._one_by_one(batch, error)
        else:
            for answer in answers:
                answer()

    def _one_by_one(self, batch: list[_Waiting], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].future.set_exception(error)
            return
        for waiting in batch:
            self._write([waiting])

    def _transact(self, batch: list[_Waiting]) -> list[Callable[[], None]]:
        """One transaction; the answers are given only after its commit."""
        casts = [waiting for waiting in batch if isinstance(waiting.item, Cast)]
        casts.sort(key=lambda waiting: (waiting.item.campaign_id, waiting.item.ticket))  # type: ignore[union-attr]
        answers: list[Callable[[], None]] = []
        with self._engine.connect() as connection:
            if casts:
                answers += self._casts(connection, casts)
            for waiting in batch:
                if not isinstance(waiting.item, Cast):
                    answers.append(self._list(connection, waiting))
            connection.commit()
        return answers

    def _casts(self, connection: Connection, casts: list[_Waiting]) -> list[Callable[[], None]]:
        items = [waiting.item for waiting in casts if isinstance(waiting.item, Cast)]
        outcomes = store_casts(connection, items, forms=self._forms, at=clock.now(), zone=self._zone)
        return [_answer(waiting.future, outcome) for waiting, outcome in zip(casts, outcomes, strict=True)]

    def _list(self, connection: Connection, waiting: _Waiting) -> Callable[[], None]:
        items: Any = waiting.item
        if isinstance(items[0], UploadRow):
            return _answer(waiting.future, store_rows(connection, items))
        return _answer(waiting.future, store_ratings(connection, items, at=clock.now(), zone=self._zone))


def _answer(future: Future[Any], outcome: Outcome | int | list[bool]) -> Callable[[], None]:
    if isinstance(outcome, Problem):
        return lambda: future.set_exception(outcome)
    return lambda: future.set_result(outcome)
