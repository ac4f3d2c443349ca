"""The writer in a process of its own: what it is told and what it answers, its troubles and its end."""

from __future__ import annotations

import asyncio
import socket
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from api.db import make_engine
from survey_models.ballots import storing as storing_module
from survey_models.ballots.apart import WriterProcess, work
from survey_models.ballots.intake import Cast, Outcome, Receipt, UploadRow
from survey_models.ballots.letters import Opened, answer_letter, answers_of, batch_letter, batch_of
from survey_models.ballots.open_intake import Visit
from survey_models.ballots.storing import Storing
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from survey_models.ledger.promises import Promise
from survey_models.ledger.signing import Signer
from tests.poll import Poll, open_poll
from tests.survey_models.test_writer_failures import ZONE, Breakdown, cast_of


@pytest.fixture
def poll(database_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def on_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Poll]:
    with open_poll(sqlite_url, tmp_path) as made:
        yield made


class Beside:
    """A writer whose other end is a thread here, with an engine of its own as the process has."""

    def __init__(self, poll: Poll, *, signer: Signer | None = None) -> None:
        self.broken: list[BaseException | str] = []
        self.engine = make_engine(poll.settings.database, allow_unsafe=True)
        mine, self._other = socket.socketpair()
        self._storing = Storing(self.engine, zone=ZONE, signer=signer)
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._apart = WriterProcess(mine, self._thread.join)
        self.writer = IntakeWriter(poll.engine, zone=ZONE, capacity=100)

    async def start(self) -> IntakeWriter:
        self._thread.start()
        await self.writer.start_apart(self._apart, broken=lambda: self.broken.append("told"))
        return self.writer

    def _live(self) -> None:
        try:
            work(self._other, self._storing)
        except BaseException as error:  # noqa: BLE001 - looked at by the tests
            self.broken.append(error)
        finally:
            self._other.close()


@asynccontextmanager
async def apart(poll: Poll, **more: Any) -> AsyncIterator[IntakeWriter]:
    beside = Beside(poll, **more)
    writer = await beside.start()
    yield writer
    await asyncio.to_thread(writer.stop)
    beside.engine.dispose()
    assert beside.broken == []
    assert not writer.is_writing


CAST = Cast("poll", uuid.UUID(int=7), b"\1" * 32, "1230--", {"why": ["a", 1]}, "phone", 3, Visit(b"\2", False, "x"), 9)
PROMISE = Promise("ab", ["cd", "ef"], 1, 3, "0f", "sig", "key")


@given(st.lists(st.sampled_from(["cast", "rows", "taps"])))
def test_a_batch_arrives_in_its_order(kinds: list[str]) -> None:
    row = UploadRow("poll", uuid.UUID(int=1), 1, 0, 1, "1", None, uuid.UUID(int=2), 5)
    items: list[Any] = [{"cast": CAST, "rows": [row], "taps": "whatever"}[kind] for kind in kinds]
    assert batch_of(batch_letter(items)[4:]) == items


@pytest.mark.parametrize("strange", [10**30, "\ud800", float("inf")])
def test_what_has_no_form_arrives_all_the_same(strange: object) -> None:
    cast = msgspec.structs.replace(CAST, more={"why": strange})
    assert batch_of(batch_letter([CAST, cast, []])[4:]) == [CAST, cast, []]


@given(st.lists(st.integers(1, 40), min_size=1))
def test_letters_are_found_in_whatever_pieces_they_come(sizes: list[int]) -> None:
    answers = [(number, Receipt("c", uuid.UUID(int=1), False, "ab", PROMISE)) for number in range(3)]
    stream, opened, found = answer_letter(answers) * 5, Opened(), list[bytes]()
    position = 0
    while position < len(stream):
        size = sizes[position % len(sizes)]
        found += opened.feed(stream[position : position + size])
        position += size
    assert [answers_of(content) for content in found] == [answers] * 5


def test_refusals_and_errors_of_any_make_arrive() -> None:
    class Local(Exception):
        """Of a kind that cannot be sent."""

    outcomes = [
        (0, Problem("intake_busy", a=1)),
        (1, Local("secret")),
        (2, 5),
        (3, OperationalError("x", None, ValueError("y"))),
    ]
    found = dict(answers_of(answer_letter(outcomes)[4:]))
    assert isinstance(found[0], Problem)
    assert (found[0].code, found[0].params, found[2]) == ("intake_busy", {"a": 1}, 5)
    assert (type(found[1]), str(found[1])) == (RuntimeError, "Local")
    assert isinstance(found[3], OperationalError)


async def test_batches_in_trouble_go_one_by_one_and_nothing_is_lost(poll: Poll) -> None:
    async with apart(poll) as writer:
        assert (await writer.post(cast_of(poll, 0))).replay is False
        casts = [cast_of(poll, number) for number in range(1, 25)]
        # Each twice, and one of them with the id of another: seen too late by those that are decided side by side.
        rival = cast_of(poll, 25, ballot_id=casts[0].id)
        waits = [writer.post(cast) for cast in [*casts, rival, *casts]]
        found = await asyncio.wait_for(asyncio.gather(*waits, return_exceptions=True), 60)
    # Of the two that share an id one is in, whichever came first; it is told so as often as it asks.
    shared = [found[0], found[24], found[25]]
    assert sum(isinstance(one, Receipt) for one in shared) == (2 if isinstance(found[0], Receipt) else 1)
    assert all(one.code == "ballot_id_taken" for one in shared if isinstance(one, Problem))
    pairs = list(zip(found[1:24], found[26:], strict=True))
    assert all(isinstance(one, Receipt) and isinstance(two, Receipt) and one.code == two.code for one, two in pairs)
    assert poll.stored() == poll.spent() == 25


async def test_the_loop_goes_on_while_the_writer_waits_for_whoever_holds_the_file(on_sqlite: Poll) -> None:
    poll = on_sqlite
    async with apart(poll) as writer:
        assert (await writer.post(cast_of(poll, 0))).replay is False
        with poll.engine.begin() as connection:
            connection.execute(update(Campaign).values(state="open"))
            # From a thread as well: the background jobs hand in their lines so.
            wait, other = writer.post(cast_of(poll, 1)), Future[Future[Receipt]]()
            threading.Thread(target=lambda: other.set_result(writer.submit(cast_of(poll, 2)))).start()
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert not wait.done()
        assert (await asyncio.wait_for(wait, 60)).replay is False
        assert (await asyncio.wait_for(asyncio.wrap_future(other.result(60)), 60)).replay is False
    assert poll.stored() == 3


async def test_sheets_handed_in_before_the_end_are_written(poll: Poll) -> None:
    async with apart(poll) as writer:
        waits = [writer.post(cast_of(poll, number)) for number in range(20)]
    assert all(isinstance(one, Receipt) for one in await asyncio.gather(*waits))
    with pytest.raises(Problem, match="intake_busy"):
        writer.post(cast_of(poll, 21))
    assert poll.stored() == poll.spent() == 20


async def test_a_key_that_signs_nothing_ends_no_writer(on_sqlite: Poll, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_signer: Signer) -> Signer:
        raise ValueError("made up")

    signer = on_sqlite.app.state.signer
    async with apart(on_sqlite, signer=signer) as writer:
        assert (await writer.post(cast_of(on_sqlite, 0))).promise is not None
        with monkeypatch.context() as patch:
            patch.setattr(type(signer), "current", broken)
            with pytest.raises(ValueError, match="made up"):
                await asyncio.wait_for(writer.post(cast_of(on_sqlite, 1)), 60)
        assert (await asyncio.wait_for(writer.post(cast_of(on_sqlite, 1)), 60)).replay is False
    assert on_sqlite.stored() == on_sqlite.spent() == 2


@pytest.mark.parametrize("where", ["casting", "_finish"])
async def test_a_process_that_breaks_down_leaves_nobody_waiting(
    on_sqlite: Poll, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*_: object, **__: object) -> list[Outcome]:
        raise Breakdown

    beside = Beside(on_sqlite)
    writer = await beside.start()
    before = writer.is_writing
    assert (await writer.post(cast_of(on_sqlite, 0))).replay is False
    if where == "casting":
        monkeypatch.setattr(storing_module, "casting", broken)
    else:
        monkeypatch.setattr("survey_models.ballots.apart._Committing._finish", broken)
    waits = [writer.post(cast_of(on_sqlite, 1)), asyncio.wrap_future(writer.submit(cast_of(on_sqlite, 2)))]
    for wait in waits:
        with pytest.raises(Problem, match="intake_unconfirmed"):
            await asyncio.wait_for(wait, 60)
    assert (before, writer.is_writing) == (True, False)
    with pytest.raises(Problem, match="intake_busy"):
        writer.post(cast_of(on_sqlite, 3))
    await asyncio.to_thread(writer.stop)
    assert "told" in beside.broken
    assert any(isinstance(error, Breakdown) for error in beside.broken)
    beside.engine.dispose()
