"""The daily probe: every level, the bad ones too, is stored as sent; and nothing else in the house ever reads it."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from api.jobs import canary as job
from api.jobs.handlers import HANDLERS
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.devices import service as devices
from survey_models.flags import queries as flag_queries
from survey_models.flags import service as flags
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.ratings import canary, service
from survey_models.ratings.intake import RatingItem
from survey_models.ratings.rules import BAD, LEVELS, REASONS
from survey_models.ratings.tables import Rating
from survey_models.units import service as units
from tests.architecture.tree import sources, text
from tests.docs.events import differences
from tests.poll import Poll, open_poll

ZONE = "Asia/Shanghai"


def probe(poll: Poll) -> bool:
    return job.probe(poll.engine, poll.app.state.intake, zone=ZONE)


async def test_every_level_is_sent_and_found(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.client() as client:
            assert (await client.get("/readyz")).json()["canary"] == {"status": "never", "day": None}
        assert await_thread(poll)
        with poll.look() as session:
            rows = session.scalars(select(Rating)).all()
            assert {row.window_id for row in rows} == {canary.WINDOW}
            assert {row.code for row in rows} == set(LEVELS)
            assert sorted(row.code for row in rows if set(row.reasons) == set(REASONS)) == sorted(BAD)
            (body,) = recorded(session, SYSTEM_LOG, Event.RATINGS_CANARY)
            assert differences("ratings:canary", SYSTEM_LOG, body) == []
            assert (body["sent"], body["stored"], body["problem"]) == (7, 7, None)
        async with poll.signed_in("auditor") as auditor:
            (run,) = (await auditor.get("/api/canary")).json()
            assert (run["sent"], run["stored"], run["problem"]) == (7, 7, None)
            assert (await auditor.get("/readyz")).json()["canary"] == {"status": "ok", "day": run["day"]}


def await_thread(poll: Poll) -> bool:
    """The job runs in a thread of its own, where no event loop is."""
    found: Future[bool] = Future()

    def run() -> None:
        found.set_result(probe(poll))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found.result()


class Swallowing:
    """A writer that loses bad ratings and says that it stored them."""

    def __init__(self, poll: Poll) -> None:
        self._writer = poll.app.state.intake

    def submit_ratings(self, items: Sequence[RatingItem]) -> Future[list[bool]]:
        self._writer.submit_ratings([item for item in items if item.code not in BAD]).result(30)
        answer: Future[list[bool]] = Future()
        answer.set_result([True] * len(items))
        return answer


class Refusing:
    """A writer that is busy for ever."""

    def submit_ratings(self, items: Sequence[RatingItem]) -> Future[list[bool]]:
        raise Problem("intake_busy")


def test_a_door_that_loses_bad_ratings_is_found_out(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        assert not job.probe(poll.engine, Swallowing(poll), zone=ZONE)  # type: ignore[arg-type]
        assert not job.probe(poll.engine, Refusing(), zone=ZONE)  # type: ignore[arg-type]
        assert probe(poll)
        with poll.look() as session:
            runs = [(run.stored, run.problem) for run in canary.newest(session)]
            assert sorted(runs, key=str) == [(0, "intake_busy"), (3, "not_stored"), (7, None)]
            assert canary.told(canary.newest(session)[0])[0] == "ok"


async def test_no_number_list_or_flag_holds_the_probe(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        assert await_thread(poll)
        at = clock.now() + timedelta(days=2)
        with poll.work() as session:
            # As if it had been sent for a day's worth, so that every rule would have something to see.
            first = session.scalars(select(Rating)).first()
            assert first is not None
            for _ in range(400):
                same = {"window_id": first.window_id, "device_id": first.device_id, "day": first.day, "reasons": []}
                times = {"device_time": first.device_time, "received_at": first.received_at}
                session.add(Rating(id=uuid.uuid4(), code="5", **same, **times))
        with poll.look() as session:
            assert service.totals(session, at=at, zone=ZONE) == {}
            assert [window.id for window in units.all_windows(session)] == ["w1"]
            assert [window.id for window in flag_queries.windows(session)] == ["w1"]
            assert devices.listed(session) == []
            assert service.tally(session, canary.WINDOW, at=at, zone=ZONE).total == 0
            since = first.day - timedelta(days=30)
            assert flag_queries.rating_times(session, canary.WINDOW, since=since) == []
            assert flag_queries.rating_levels(session, since=since, best="5") == []
            assert flags.look_at_windows(session, at=at, zone=ZONE) == []
        async with poll.signed_in("setup") as setup:
            assert [row["id"] for row in (await setup.get("/api/windows")).json()] == ["w1"]
            assert (await setup.get("/api/devices")).json() == []
            for path in ("tallies", "flags"):
                assert (await setup.get(f"/api/windows/{canary.WINDOW}/{path}")).status_code == 404
            assert (await setup.post(f"/api/windows/{canary.WINDOW}/pairing")).status_code == 404


def test_whoever_reads_ratings_leaves_the_probe_out() -> None:
    """Every module that asks the database about ratings names the condition, the probe's own apart."""
    readers = [path for path in sources("api", "survey_models") if re.search(r"import .*\bRating\b", text(path))]
    # The door that the probe goes through, and the probe.
    door = {"survey_models/ratings/intake.py", "survey_models/ratings/marking.py"}
    own = {"survey_models/tables.py", "survey_models/ratings/canary.py", *door}
    assert len(readers) > len(own)
    unaware = [str(path) for path in readers if str(path) not in own and "of_visitors()" not in text(path)]
    assert unaware == []


def test_it_waits_in_the_queue_once(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        at = clock.now()
        for expected in (True, False):
            with poll.work() as session:
                assert canary.schedule(session, at=at, zone=ZONE) is expected
        assert canary.JOB in HANDLERS
