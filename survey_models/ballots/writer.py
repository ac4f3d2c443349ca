"""The one writer of a process: takes whatever is waiting, one transaction, one commit, then answers.

Group commit (成组提交): a sheet is acknowledged only after the commit that holds it is durable. While one batch is
written, the next is looked up and sealed and a third gathers, so that waiting costs no artificial delay. When an item
spoils its batch, the batch is halved until the item is alone, so that it does not take its neighbours with it.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from sqlalchemy import Engine

from survey_models.ballots.intake import Cast, Receipt, UploadRow
from survey_models.ballots.replies import Patience, Waiting, give
from survey_models.ballots.steps import Hands, run
from survey_models.ballots.storing import Ahead, Answers, Storing
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
        self._chosen = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hands: Hands | None = None
        self._eyes: Hands | None = None
        self._awake = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._stopping = False
        self._last = self._before_last = 0
        self._enough = 1
        self._one_by_one = asyncio.Lock()
        # Between asking whether the end has come and handing in, the end must not come.
        self._gate = threading.Lock()

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin to write: by a thread alone, or thinking in ``loop`` while threads wait for the database."""
        self._thread.start()
        if loop is not None:
            self._loop, self._hands, self._eyes = loop, Hands(loop), Hands(loop)
            threading.Thread(target=self._eyes.work, name="intake-eyes", daemon=True).start()
            loop.call_soon_threadsafe(self._serve_in_loop, self._hands, self._eyes)
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
        if self._loop is not None and waiting.loop is self._loop:
            if self._queue.qsize() >= self._enough:
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
                    give(self._here_and_now(batch) if batch else [])
                except BaseException:
                    self._abandon(batch)
                    raise
        self._storing.write_no_more()
        self._storing.look_no_more()

    def _here_and_now(self, batch: list[Waiting]) -> Answers:
        """The answers of one thread that thinks and waits by itself."""
        ahead, trouble = run(self._storing.look_ahead(batch)), None
        if ahead is not None:
            try:
                self._storing.at_once(ahead)
            except Exception as error:  # noqa: BLE001 - whatever it is, storing goes on step by step
                trouble = error
            else:
                return ahead.answers
        self._storing.halted = False
        return run(self._storing.write(batch, trouble))

    def _serve_in_loop(self, hands: Hands, eyes: Hands) -> None:
        self._serving = asyncio.get_running_loop().create_task(self._serve(hands, eyes))

    async def _serve(self, hands: Hands, eyes: Hands) -> None:
        last, batch, at_work = False, list[Waiting](), list[asyncio.Task[None]]()
        try:
            while not last:
                self._awake.clear()
                at_work = _going_on(at_work)
                self._enough = self._worth_taking(len(at_work))
                if self._queue.qsize() < self._enough:
                    await self._awake.wait()
                    continue
                batch, last = self._take(self._queue.get_nowait())
                if batch:
                    looking = self._storing.look_ahead(batch)
                    ahead = run(looking) if self._storing.sees_at_once else await eyes.run(looking)
                    at_work.append(asyncio.create_task(self._store_and_give(hands, batch, ahead)))
                    batch = []
            await asyncio.gather(*at_work)
        except BaseException:
            self._abandon(batch)
            # Those under way go to their end: it needs the thread.
            await asyncio.gather(*at_work, return_exceptions=True)
            raise
        finally:
            eyes.end()
            hands.end()

    def _worth_taking(self, at_work: int) -> int:
        """How many must wait before the next batch is begun: one that would wait itself may as well grow."""
        if at_work >= _AT_WORK:
            return self._capacity + 2
        return max(1, self._last) if at_work else 1

    async def _store_and_give(self, hands: Hands, batch: list[Waiting], ahead: Ahead | None) -> None:
        try:
            give(await self._answers(hands, batch, ahead))
        except BaseException:
            self._abandon(batch)
            raise
        finally:
            self._awake.set()

    async def _answers(self, hands: Hands, batch: list[Waiting], ahead: Ahead | None) -> Answers:
        trouble = None
        if ahead is not None:
            try:
                await self._at_once(hands, ahead)
            except Exception as error:  # noqa: BLE001 - whatever it is, storing goes on step by step
                trouble = error
            else:
                return ahead.answers
        async with self._one_by_one:
            self._storing.halted = True
            try:
                return await hands.run(self._storing.write(batch, trouble))
            finally:
                self._storing.halted = False

    async def _at_once(self, hands: Hands, ahead: Ahead) -> None:
        if self._storing.thinks_beside:
            # Asked for while the batch before is still being written: the thread goes from one to the next.
            await hands.ask(partial(self._storing.at_once, ahead))
            return
        async with self._one_by_one:
            if ahead.writes and self._storing.begun_at_once(ahead):
                await hands.ask(self._storing.commit)
            else:
                await hands.ask(partial(self._storing.at_once, ahead))

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

        Of those under way a part is written and a part is read and answered; where the database thinks beside us, a
        third part is looked up and sealed.
        """
        under_way = self._before_last + self._last + self._queue.qsize()
        most = min(BATCH, max(_LEAST, under_way // (3 if self._storing.thinks_beside else 2) + 1))
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
        self._before_last, self._last = self._last, len(batch)
        return batch, found is None


def _going_on(tasks: list[asyncio.Task[None]]) -> list[asyncio.Task[None]]:
    """Those that are not done; raises what one of the others raised."""
    for task in tasks:
        if task.done():
            task.result()
    return [task for task in tasks if not task.done()]
