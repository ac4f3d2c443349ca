"""Sealed evidence: kept two years and locked, then erased by two people, with a record in the ledger."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from api import acts
from survey_models.ballots.tables import IntakeSheet, MixMember
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.retention.rules import kept_until
from tests.poll import Poll, Shape, open_poll

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("counted", "years", "until"),
    [
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), 2, datetime(2028, 11, 22, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), 2, datetime(2028, 11, 23, 16, 0, tzinfo=UTC)),
        (datetime(2028, 2, 29, 2, 0, tzinfo=UTC), 2, datetime(2030, 3, 1, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), 1, datetime(2028, 11, 22, 16, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), 5, datetime(2031, 11, 22, 16, 0, tzinfo=UTC)),
    ],
)
def test_evidence_is_kept_to_the_end_of_the_day(counted: datetime, years: int, until: datetime) -> None:
    assert kept_until(counted, years=years, zone=ZONE) == until


def _ask(poll: Poll) -> int:
    with poll.work() as session:
        act = acts.ask(
            session,
            acts.PURGE_EVIDENCE,
            target=poll.shape.id,
            by="setup",
            at=clock.now(),
            settings=poll.settings,
        )
        return act.number


def _confirm(poll: Poll, number: int) -> None:
    with poll.work() as session:
        acts.confirm(session, number, by="release", at=clock.now(), settings=poll.settings)


def _left(poll: Poll) -> tuple[int, int]:
    with poll.look() as session:
        counts = [
            session.scalar(select(func.count()).where(table.campaign_id == poll.shape.id))
            for table in (IntakeSheet, MixMember)
        ]
    return counts[0] or 0, counts[1] or 0


async def _counted(poll: Poll) -> None:
    for code in poll.live[:12]:
        assert (await poll.cast(code, "1" * poll.shape.n_units)).status_code == 201
    async with poll.signed_in("setup") as setup, poll.signed_in("release") as release:
        await setup.post(f"/api/campaigns/{poll.shape.id}/close")
        number = (await setup.post(f"/api/campaigns/{poll.shape.id}/count")).json()["number"]
        assert (await release.post(f"/api/acts/{number}/confirm")).status_code == 200


async def test_evidence_is_kept_two_years_and_then_erased_by_two(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape()) as poll:
        await _counted(poll)
        assert _left(poll) == (12, 12)
        with pytest.raises(Problem) as kept:
            _ask(poll)
        assert kept.value.code == "evidence_kept"
        with clock.frozen(clock.now() + timedelta(days=3 * 365)):
            with pytest.raises(DBAPIError), poll.engine.begin() as connection:
                # The time alone unlocks nothing: an owner's hand is refused as before.
                connection.execute(text("DELETE FROM intake_sheets"))
            number = _ask(poll)
            assert _left(poll) == (12, 12)
            _confirm(poll, number)
            assert _left(poll) == (0, 0)
            with pytest.raises(Problem) as twice:
                _ask(poll)
            assert twice.value.code == "evidence_purged"
        with poll.look() as session:
            (body,) = recorded(session, poll.shape.id, Event.EVIDENCE_PURGED)
        assert (body["sheets"], body["asked_by"], body["by"]) == (12, "setup", "release")


async def test_the_office_sees_how_long_evidence_is_kept(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape()) as poll:
        async with poll.signed_in("setup") as setup:
            address = f"/api/campaigns/{poll.shape.id}/evidence"
            before = (await setup.get(address)).json()
            assert before == {"sheets": 0, "files": 0, "until": None, "purged_at": None, "due": False}
            refused = await setup.post(f"{address}/purge")
            assert (refused.status_code, refused.json()["code"]) == (409, "campaign_open")
            await _counted(poll)
            after = (await setup.get(address)).json()
            assert (after["sheets"], after["purged_at"]) == (12, None)
            assert (await setup.post(f"{address}/purge")).json()["code"] == "evidence_kept"
            (row,) = (await setup.get("/api/evidence")).json()
            assert row == {
                **after,
                "campaign": "poll",
                "title": "测试评议",
                "title_en": "Test poll",
                "state": "counted",
            }
        with clock.frozen(clock.now() + timedelta(days=2 * 366)):
            async with poll.signed_in("setup") as setup, poll.signed_in("release") as release:
                assert (await release.get("/api/evidence")).json()[0]["due"] is True
                asked = (await setup.post(f"{address}/purge")).json()
                assert (await release.post(f"/api/acts/{asked['number']}/confirm")).status_code == 200
                (row,) = (await setup.get("/api/evidence")).json()
                assert (row["sheets"], row["due"], row["purged_at"] is None) == (0, False, False)
            async with poll.signed_in("contractor") as other:
                assert (await other.get("/api/evidence")).status_code == 403
