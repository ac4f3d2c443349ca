"""What becomes of a batch of the writer: one transaction, one commit, an answer for everybody.

Nobody's item takes its neighbours with it: when one spoils its batch, the batch is halved until the item is alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from survey_models.ballots.engines import statements_for
from survey_models.ballots.failures import Failure, kind_of
from survey_models.ballots.intake import (
    Care,
    Cast,
    Kept,
    NotAhead,
    Outcome,
    Receipt,
    UploadRow,
    Writes,
    casting,
)
from survey_models.ballots.line_intake import store_rows
from survey_models.ballots.replies import Waiting
from survey_models.ballots.statements import Overtaken
from survey_models.ballots.write_back import WriteBack
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.promises import promise_batch
from survey_models.ledger.signing import Signer
from survey_models.ratings.intake import Became, store_ratings
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.signed import TapAnswer, TapBatch, store_taps

PAUSE_BEFORE_RETRY = 0.05
_REFUSED = {Failure.CONFLICT: "intake_busy", Failure.AWAY: "intake_unconfirmed", Failure.FULL: "storage_full"}

Answers = list[tuple[Waiting, Any]]


class Ahead(NamedTuple):
    """What was decided before the transaction: the answers once it is durable, and what it is to write."""

    answers: Answers
    writes: Writes


class Storing:
    """One connection that writes and one that looks. The intake's two ways of storing a batch.

    The quick one (``look_ahead``, ``set_down``, ``make_durable``) decides before the transaction, which is then short;
    who finds that what it saw no longer holds, or meets any trouble, goes the other way (``write``), step by step.
    Everything blocks. ``look_ahead`` may go on beside ``make_durable``, in another thread; nothing else may.
    """

    def __init__(
        self, engine: Engine, *, zone: str, signer: Signer | None = None, counting: Counting = COUNTING
    ) -> None:
        self._engine = engine
        self._zone = zone
        self._signer = signer
        self._counting = counting
        self._kept = Kept()
        self._connection: Connection | None = None
        self._glancing: Connection | None = None
        self._write_back = WriteBack(engine)

    def write_back_beside(self) -> None:
        """From now on an SQLite log is written back beside the commits: whoever calls says ``rest`` after each."""
        self._write_back.start()

    def rest(self, sheets: int) -> None:
        """Between two batches, the first of so many sheets."""
        if self._connection is not None:
            with suppress(DBAPIError):
                self._write_back.after(sheets, self._connection)

    def look_ahead(self, batch: list[Waiting]) -> Ahead | None:
        """Decide about the sheets of a batch before its transaction; None where only a transaction can tell.

        Its connection never begins one: each look is of its own moment, and what is written says whether it held.
        """
        casts = _casts_of(batch)
        if len(casts) < len(batch):
            return None
        try:
            self._glancing = connection = self._glancing or self._engine.connect()
            writes: Writes = []
            outcomes = self._decided(connection, casts, writes, Care.AHEAD)
            return Ahead(self._promised(zip(casts, outcomes, strict=True)), writes)
        except NotAhead:
            return None
        except Exception:  # noqa: BLE001 - the transaction will meet it again, and knows what to do about it
            self.look_no_more()
            return None

    def set_down(self, ahead: Ahead) -> None:
        """Write what was decided ahead, up to the commit, where the database lets the two be told apart.

        Raises Overtaken or what the database raises; then nothing of it is stored.
        """
        if not ahead.writes:
            return
        with self._undone_on_error():
            connection = self._connection or self._connect()
            if not _commits_alone(connection, ahead):
                connection.begin()
                for write in ahead.writes:
                    write(connection)

    def make_durable(self, ahead: Ahead) -> None:
        """Make durable what was begun.

        Raises Overtaken or what the database raises; then nothing of it is stored, unless its last answer was lost.
        """
        if not ahead.writes:
            return
        with self._undone_on_error():
            connection = self._connection or self._connect()
            if _commits_alone(connection, ahead):
                ahead.writes[0](connection)
            else:
                connection.commit()

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._roll_back(lost=kind_of(error) is Failure.AWAY)
            raise

    def store(self, batch: list[Waiting]) -> Answers:
        """The answers of a batch that is durable: quickly if it can be, or step by step; never raises."""
        ahead = self.look_ahead(batch)
        if ahead is None:
            return self.write(batch)
        try:
            self.set_down(ahead)
            self.make_durable(ahead)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, storing goes on step by step
            return self.write(batch, trouble)
        return ahead.answers

    def write(self, batch: list[Waiting], trouble: Exception | None = None) -> Answers:
        """Store a batch step by step; never raises, so that everybody is answered.

        ``trouble``: why it was not stored the quick way.
        """
        if isinstance(trouble, Overtaken):
            return self._write(batch, care=Care.FULL)
        return self._write(batch) if trouble is None else self._settle(batch, trouble, again=True)

    def _decided(self, connection: Connection, casts: list[Waiting], writes: Writes, care: Care) -> list[Outcome]:
        items, at = [waiting.item for waiting in casts], clock.now()
        return casting(connection, items, kept=self._kept, at=at, zone=self._zone, writes=writes, care=care)

    def _write(self, batch: list[Waiting], *, again: bool = True, care: Care = Care.HELD) -> Answers:
        try:
            return self._transact(batch, care)
        except Overtaken:
            self._roll_back(lost=False)
            if care is not Care.FULL:
                return self._write(batch, again=again, care=Care.FULL)
            # Another process stores one of the ids at this very moment: it alone is to come back.
            return self._halves(batch) if len(batch) > 1 else [(batch[0], Problem("intake_busy"))]
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            return self._settle(batch, error, again=again)

    def _settle(self, batch: list[Waiting], error: Exception, *, again: bool) -> Answers:
        """What follows from a failure: the same again, each half for itself, or an end."""
        failure = kind_of(error)
        self._roll_back(lost=failure is Failure.AWAY)
        if failure is Failure.POISON:
            return self._halves(batch) if len(batch) > 1 else [(batch[0], error)]
        if again:
            # A commit whose answer was lost may have been durable: then the same sheets are replays now.
            time.sleep(PAUSE_BEFORE_RETRY)
            return self._write(batch, again=False)
        return [(waiting, Problem(_REFUSED[failure])) for waiting in batch]

    def _halves(self, batch: list[Waiting]) -> Answers:
        half = len(batch) // 2
        return self._write(batch[:half]) + self._write(batch[half:])

    def _transact(self, batch: list[Waiting], care: Care) -> Answers:
        """One transaction; the answers are given only after its commit."""
        connection = self._connection or self._connect()
        answers: Answers = []
        writes: Writes = []
        casts = _casts_of(batch)
        connection.begin()
        if casts:
            outcomes = self._decided(connection, casts, writes, care)
            answers = self._promised(zip(casts, outcomes, strict=True))
        for waiting in batch:
            if not isinstance(waiting.item, Cast):
                answers.append((waiting, self._list(connection, waiting.item)))
        for write in writes:
            write(connection)
        connection.commit()
        return answers

    def _connect(self) -> Connection:
        self._connection = self._engine.connect()
        return self._connection

    def look_no_more(self) -> None:
        """Give the connection back that looks."""
        connection, self._glancing = self._glancing, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.invalidate()
                connection.close()

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
        # A commit that failed: SQLAlchemy takes it for the end, and the database may still be inside.
        lost = lost or (connection.get_transaction() is not None and not connection.in_transaction())
        try:
            connection.rollback()
        except DBAPIError:
            lost = True
        if lost:
            connection.invalidate()
            self.write_no_more()

    def write_no_more(self) -> None:
        """Give the connection back that writes."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()


def _casts_of(batch: list[Waiting]) -> list[Waiting]:
    """The sheets of a batch, in the order in which two writers take their locks."""
    casts = [waiting for waiting in batch if isinstance(waiting.item, Cast)]
    return sorted(casts, key=lambda waiting: (waiting.item.campaign_id, waiting.item.ticket))


def _commits_alone(connection: Connection, ahead: Ahead) -> bool:
    """Whether its one statement is a transaction of its own."""
    return len(ahead.writes) == 1 and statements_for(connection).COMMITS
