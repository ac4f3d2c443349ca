"""What becomes of a batch of the writer: one transaction, one commit, an answer for everybody.

Nobody's item takes its neighbours with it: when one spoils its batch, the batch is halved until the item is alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
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
from survey_models.ballots.steps import Steps
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


class Halted(Exception):
    """Another batch is being stored step by step: this one waits its turn, and is then decided anew."""


class Storing:
    """One connection that writes and one that looks. The intake's two ways of storing a batch.

    The quick one (``look_ahead``, then ``at_once``) decides before the transaction, which is then a single call; who
    finds that what it saw no longer holds, or meets any trouble, goes the other way (``write``), step by step.
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
        self.halted = False
        """Set while a batch is stored step by step: no other may be stored at once in the midst of it."""

    def look_ahead(self, batch: list[Waiting]) -> Steps[Ahead | None]:
        """Decide about the sheets of a batch before its transaction; None where only a transaction can tell.

        Its connection never begins one: each look is of its own moment, and what is written says whether it held.
        """
        casts = _casts_of(batch)
        if len(casts) < len(batch):
            return None
        try:
            connection: Connection = self._glancing or (yield self._connect_to_glance)
            writes: Writes = []
            outcomes = yield from self._decided(connection, casts, writes, Care.AHEAD)
            return Ahead(self._promised(zip(casts, outcomes, strict=True)), writes)
        except NotAhead:
            return None
        except Exception:  # noqa: BLE001 - the transaction will meet it again, and knows what to do about it
            yield self.look_no_more
            return None

    @property
    def thinks_beside(self) -> bool:
        """Whether asking the database is a matter of another process, and worth a thread that waits for it."""
        return self._engine.dialect.name != "sqlite"

    @property
    def sees_at_once(self) -> bool:
        """Whether a look is short work in this process; a connection may have to be waited for."""
        return self._glancing is not None and not self.thinks_beside

    def begun_at_once(self, ahead: Ahead) -> bool:
        """Write what was decided ahead up to the commit, unless somebody would have to be waited for.

        It is short work in this process: handing it to a thread, and the interpreter to and fro with every statement,
        costs more than it takes. Raises what ``at_once`` raises.
        """
        connection = self._connection
        if connection is None:
            return False
        try:
            connection.execution_options(pingyi_at_once=True).begin()
        except (TimeoutError, DBAPIError):
            return False
        finally:
            connection.execution_options(pingyi_at_once=False)
        try:
            for write in ahead.writes:
                write(connection)
        except BaseException as error:
            self._roll_back(lost=kind_of(error) is Failure.AWAY)
            raise
        return True

    def commit(self) -> None:
        """Make durable what was begun; blocks. Raises what the database raises, Halted where nothing is begun."""
        connection = self._connection
        if connection is None or not connection.in_transaction():
            raise Halted
        try:
            connection.commit()
        except Exception as error:
            self._roll_back(lost=kind_of(error) is Failure.AWAY)
            raise

    def at_once(self, ahead: Ahead) -> None:
        """Write what was decided ahead, in one transaction that is durable on return; blocks.

        Raises Overtaken, Halted, or what the database raises; then nothing of it is stored, unless its last answer
        was lost.
        """
        if self.halted:
            raise Halted
        if not ahead.writes:
            return
        try:
            connection = self._connection or self._connect()
            if len(ahead.writes) == 1 and statements_for(connection).COMMITS:
                ahead.writes[0](connection)
            else:
                connection.begin()
                _finish(connection, ahead.writes)
        except Exception as error:
            self.halted = True
            self._roll_back(lost=kind_of(error) is Failure.AWAY)
            raise

    def _decided(
        self, connection: Connection, casts: list[Waiting], writes: Writes, care: Care
    ) -> Steps[list[Outcome]]:
        items, at = [waiting.item for waiting in casts], clock.now()
        return casting(connection, items, kept=self._kept, at=at, zone=self._zone, writes=writes, care=care)

    def write(self, batch: list[Waiting], trouble: Exception | None = None) -> Steps[Answers]:
        """Store a batch step by step; never raises, so that everybody is answered.

        ``trouble``: why it was not stored at once.
        """
        if isinstance(trouble, Overtaken):
            return (yield from self._write(batch, care=Care.FULL))
        if trouble is None or isinstance(trouble, Halted):
            return (yield from self._write(batch))
        return (yield from self._settle(batch, trouble, again=True))

    def _write(self, batch: list[Waiting], *, again: bool = True, care: Care = Care.HELD) -> Steps[Answers]:
        try:
            return (yield from self._transact(batch, care))
        except Overtaken:
            yield partial(self._roll_back, lost=False)
            if care is not Care.FULL:
                return (yield from self._write(batch, again=again, care=Care.FULL))
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

    def _transact(self, batch: list[Waiting], care: Care) -> Steps[Answers]:
        """One transaction; the answers are given only after its commit."""
        connection: Connection = self._connection or (yield self._connect)
        answers: Answers = []
        writes: Writes = []
        casts = _casts_of(batch)
        yield connection.begin
        if casts:
            outcomes = yield from self._decided(connection, casts, writes, care)
            answers = self._promised(zip(casts, outcomes, strict=True))
        for waiting in batch:
            if not isinstance(waiting.item, Cast):
                answers.append((waiting, (yield partial(self._list, connection, waiting.item))))
        yield partial(_finish, connection, writes)
        return answers

    def _connect(self) -> Connection:
        self._connection = self._engine.connect()
        return self._connection

    def _connect_to_glance(self) -> Connection:
        self._glancing = self._engine.connect()
        return self._glancing

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


def _finish(connection: Connection, writes: Writes) -> None:
    for write in writes:
        write(connection)
    connection.commit()
