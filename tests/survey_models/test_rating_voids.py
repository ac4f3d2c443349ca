"""Window ratings set aside: two people, a span, nothing deleted; levels with and without, never of a handful."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from api import acts
from survey_models.core.errors import Problem
from survey_models.flags import service as flags
from survey_models.flags.sightings import Sighting
from survey_models.flags.tables import FlagState, Rule
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.ratings import service, voids
from survey_models.ratings.tables import Rating
from tests.docs.events import differences
from tests.poll import Poll, open_poll

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
AT = NOON + timedelta(days=5)
A, B = (uuid.UUID(int=no, version=4) for no in (1, 2))
WHY = "工作人员连续点击"


def tap(
    poll: Poll, code: str, number: int, at: datetime, *, device: uuid.UUID = A, late: timedelta | None = None
) -> None:
    """So many taps, a second apart; ``late``: how long after the first they arrive."""
    rows = [
        {
            "window_id": "w1",
            "id": uuid.uuid4(),
            "device_id": device,
            "code": code,
            "reasons": [],
            "device_time": at + timedelta(seconds=second),
            "received_at": at + (late or timedelta(seconds=second)),
            "day": (at + (late or timedelta())).date(),
        }
        for second in range(number)
    ]
    with poll.work() as session:
        session.execute(insert(Rating), rows)


def params(begins: datetime, minutes: float = 10, **more: Any) -> dict[str, Any]:
    ends = begins + timedelta(minutes=minutes)
    span = {"window": "w1", "begins": begins.isoformat(), "ends": ends.isoformat(), "device": None}
    return {**span, "reason": WHY, "flag": None, **more}


def ask(poll: Poll, wanted: dict[str, Any]) -> int:
    with poll.work() as session:
        return acts.ask(
            session, acts.VOID_RATINGS, target=SYSTEM_LOG, by="setup", at=AT, settings=poll.settings, params=wanted
        ).number


def confirm(poll: Poll, number: int, by: str = "release") -> None:
    with poll.work() as session:
        acts.confirm(session, number, by=by, at=AT, settings=poll.settings)


def refusal(poll: Poll, wanted: dict[str, Any]) -> str:
    with pytest.raises(Problem) as caught:
        ask(poll, wanted)
    return caught.value.code


def tally(poll: Poll) -> service.WindowTally:
    with poll.look() as session:
        return service.tally(session, "w1", at=AT, zone=ZONE)


def levels(*numbers: int) -> dict[str, int]:
    return dict(zip("54321", numbers, strict=True))


def test_two_people_set_a_span_aside_and_both_figures_stand(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        tap(poll, "4", 20, NOON)
        tap(poll, "5", 30, NOON + timedelta(hours=1))
        with poll.work() as session:
            sighting = Sighting(Rule.WINDOW_BURST, {"day": "2026-11-10"}, {}, window_id="w1")
            flag = flags.record_windows(session, [sighting], at=AT)[0].id
        wanted = params(NOON + timedelta(hours=1), flag=str(flag))
        number = ask(poll, wanted)
        with pytest.raises(Problem, match="act_same_person"):
            confirm(poll, number, by="setup")
        assert tally(poll).aside == 0, "asked by one alone it changes nothing"
        confirm(poll, number)
        found = tally(poll)
        assert (found.total, found.aside) == (50, 30)
        (day,) = found.periods
        assert (day.n, day.aside, day.counts, day.without) == (50, 30, levels(30, 20, 0, 0, 0), levels(0, 20, 0, 0, 0))
        with poll.look() as session:
            assert session.scalar(select(func.count()).select_from(Rating)) == 50
            assert (flags.get(session, flag).state, flags.get(session, flag).act_number) == (FlagState.VOIDED, number)
            (row,) = voids.listed(session, "w1")
            assert (row.ratings, row.void.reason, row.void.act_number) == (30, WHY, number)
            (body,) = recorded(session, SYSTEM_LOG, Event.RATINGS_VOIDED)
            assert (body["asked_by"], body["by"], body["ratings"]) == ("setup", "release", 30)
            assert differences("ratings:voided", SYSTEM_LOG, body) == []
        assert refusal(poll, wanted) == "flag_decided"
        assert refusal(poll, {**wanted, "flag": None}) == "void_repeated"


def test_what_cannot_be_set_aside_is_refused_when_it_is_asked(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        tap(poll, "1", 9, NOON)
        tap(poll, "1", 20, NOON, device=B)
        assert refusal(poll, params(NOON, window="w9")) == "window_unknown"
        assert refusal(poll, params(NOON, reason=" ")) == "reason_unfit"
        assert refusal(poll, params(NOON, minutes=0)) == "rating_span_unfit"
        assert refusal(poll, params(AT, minutes=1)) == "rating_span_unfit"
        assert refusal(poll, params(NOON - timedelta(days=40), minutes=32 * 24 * 60)) == "rating_span_unfit"
        assert refusal(poll, params(NOON, device=str(uuid.uuid4()))) == "device_unknown_id"
        assert refusal(poll, params(NOON, flag=str(uuid.uuid4()))) == "flag_unknown"
        assert refusal(poll, params(NOON, flag="nonsense")) == "flag_unknown"
        assert refusal(poll, params(NOON, device=str(A))) == "ratings_too_few"
        confirm(poll, ask(poll, params(NOON, device=str(B))))
        # Nine are left that no correction names.
        assert refusal(poll, params(NOON)) == "ratings_too_few"


def test_a_handful_never_shows_in_the_levels(sqlite_url: str, tmp_path: Path) -> None:
    """A span over a night: ten of the first day are left out of its levels, five of the second are not."""
    with open_poll(sqlite_url, tmp_path) as poll:
        evening, morning = NOON + timedelta(hours=8), NOON + timedelta(hours=21)
        tap(poll, "4", 12, NOON)
        tap(poll, "5", 10, evening)
        tap(poll, "5", 5, morning)
        tap(poll, "4", 12, NOON + timedelta(days=1))
        confirm(poll, ask(poll, params(evening, 14 * 60)))
        second, first = tally(poll).periods
        assert (first.n, first.aside, first.without) == (22, 10, levels(0, 12, 0, 0, 0))
        assert (second.n, second.aside, second.counts, second.without) == (17, 5, levels(5, 12, 0, 0, 0), None)
        # Of what is left fewer than ten would show as well.
        confirm(poll, ask(poll, params(NOON, minutes=1 / 6)))
        assert [(row.aside, row.without) for row in tally(poll).periods] == [(5, None), (20, None)]


def test_a_late_list_and_a_clock_that_runs_ahead_count_by_the_tap(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        tap(poll, "5", 12, NOON, late=timedelta(days=1))
        tap(poll, "4", 11, NOON + timedelta(days=2), late=-timedelta(days=2))
        confirm(poll, ask(poll, params(NOON, minutes=1)))
        assert tally(poll).aside == 23


async def test_over_http_one_asks_and_another_confirms(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        tap(poll, "5", 15, NOON)
        body = {key: value for key, value in params(NOON).items() if key != "window"}
        async with poll.signed_in("auditor") as auditor, poll.signed_in("setup") as setup:
            assert (await auditor.post("/api/windows/w1/voids", json=body)).status_code == 403
            naive = {**body, "begins": "2026-11-10T12:00:00"}
            assert (await setup.post("/api/windows/w1/voids", json=naive)).status_code == 422
            asked = await setup.post("/api/windows/w1/voids", json=body)
            assert asked.status_code == 202
            async with poll.signed_in("release") as release:
                assert (await release.post(f"/api/acts/{asked.json()['number']}/confirm")).status_code == 200
            (row,) = (await auditor.get("/api/windows/w1/voids")).json()
            assert (row["ratings"], row["reason"], row["device"]) == (15, WHY, None)
            shown = (await auditor.get("/api/windows/w1/tallies")).json()
            assert (shown["aside"], shown["periods"][0]["without"]) == (15, levels(0, 0, 0, 0, 0))
            assert (await auditor.get("/api/windows/none/voids")).json()["code"] == "window_unknown"
