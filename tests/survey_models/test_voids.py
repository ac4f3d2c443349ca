"""Setting sheets aside: two people, a reason, nothing deleted; figures with and without, never of a handful."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api import acts
from survey_models.ballots import voids
from survey_models.ballots.tables import Ballot, BallotVoid
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.campaigns.tables import State
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.core.walls import take_down
from survey_models.flags import service as flags
from survey_models.flags.sightings import Sighting
from survey_models.flags.tables import FlagState, Rule
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.results import service as results
from survey_models.results.tables import Result
from survey_models.uploads.tables import Blob, Upload
from tests.box import fill_and_count, sheets
from tests.docs.events import differences
from tests.poll import Poll, Shape, open_poll
from tests.survey_models.test_counting import close_and_count, send

CELL = {"stratum": 1, "point": 1, "channel": "phone"}
WHY = "同一台设备连续提交"


def params(scope: dict[str, Any], flag: uuid.UUID | None = None) -> dict[str, Any]:
    return {"scope": scope, "reason": WHY, "flag": flag and str(flag)}


def ask(poll: Poll, kind: str, wanted: dict[str, Any], *, target: str = "poll") -> int:
    with poll.work() as session:
        return acts.ask(
            session, kind, target=target, by="setup", at=clock.now(), settings=poll.settings, params=wanted
        ).number


def confirm(poll: Poll, number: int) -> None:
    with poll.work() as session:
        acts.confirm(session, number, by="release", at=clock.now(), settings=poll.settings)


def void(poll: Poll, scope: dict[str, Any], flag: uuid.UUID | None = None) -> None:
    confirm(poll, ask(poll, acts.VOID_SHEETS, params(scope, flag)))


def refusal(poll: Poll, scope: dict[str, Any], flag: uuid.UUID | None = None) -> str:
    with pytest.raises(Problem) as caught:
        ask(poll, acts.VOID_SHEETS, params(scope, flag))
    return caught.value.code


def counted(poll: Poll) -> int:
    with poll.look() as session:
        form = campaigns.form_of(session, campaigns.get(session, "poll"))
        return int(tallies.tally(session, form, "poll").sheets.sum())


def run(poll: Poll) -> Result:
    with poll.work() as session:
        result = results.run(session, "poll", by="setup", at=clock.now())
        session.expunge(result)
    return result


def scores(poll: Poll) -> dict[str, str | None]:
    with poll.look() as session:
        return {row.unit_code: row.score for row, _ in results.rows(session, results.latest(session, "poll"))}


def flag(poll: Poll, *, window: bool = False) -> uuid.UUID:
    with poll.work() as session:
        sighting = Sighting(
            rule=Rule.WINDOW_BURST if window else Rule.CELL_BURST,
            campaign_id=None if window else "poll",
            window_id="w1" if window else None,
            scope={"day": "2026-11-22"},
            evidence={},
        )
        if window:
            return flags.record_windows(session, [sighting], at=clock.now())[0].id
        return flags.record_campaign(session, "poll", [sighting], at=clock.now())[0].id


@contextmanager
def counted_poll(database_url: str, folder: Path, *, per_cell: int = 20) -> Iterator[Poll]:
    with open_poll(database_url, folder) as poll:
        fill_and_count(poll, sheets(poll, per_cell))
        yield poll


def test_a_cell_is_set_aside_by_two_and_the_result_says_both_figures(database_url: str, tmp_path: Path) -> None:
    with counted_poll(database_url, tmp_path) as poll:
        run(poll)
        whole, seen = scores(poll), flag(poll)
        number = ask(poll, acts.VOID_SHEETS, params(CELL, seen))
        assert counted(poll) == 160  # asked by one alone it changes nothing
        confirm(poll, number)
        assert counted(poll) == 140
        assert len(poll.box()) == 160
        result = run(poll)
        left_out = result.method["set_aside"]
        assert (result.ballots, left_out["sheets"]) == (140, 20)
        assert left_out["by"] == [{"act": number, "scope": CELL, "reason": WHY, "sheets": 20}]
        assert left_out["scores"] == whole
        assert scores(poll) != whole
        assert any("剔除 20 份" in line for line in result.method["zh"])
        with poll.look() as session:
            assert (flags.get(session, seen).state, flags.get(session, seen).act_number) == ("voided", number)
            (body,) = recorded(session, "poll", Event.BALLOTS_VOIDED)
            assert (body["asked_by"], body["by"], body["sheets"]) == ("setup", "release", 20)
            assert differences("ballots:voided", "poll", body) == []
            assert [row.sheets for row in voids.listed(session, "poll")] == [20]


def test_a_handful_is_not_set_aside_after_counting(database_url: str, tmp_path: Path) -> None:
    with counted_poll(database_url, tmp_path, per_cell=9) as poll:
        assert refusal(poll, CELL) == "void_too_small"
        assert refusal(poll, {**CELL, "channel": "paper"}) == "void_too_small"


def test_a_scope_fits_the_state_and_what_is_there(database_url: str, tmp_path: Path) -> None:
    with counted_poll(database_url, tmp_path) as poll:
        assert refusal(poll, {"batch": 1}) == "act_not_allowed"
        assert refusal(poll, {"stratum": 1}) == "void_scope_unfit"
        assert refusal(poll, {}) == "void_scope_unfit"
        assert refusal(poll, {"upload": str(uuid.uuid4())}) == "upload_unknown"
        assert refusal(poll, CELL, uuid.uuid4()) == "flag_unknown"
        void(poll, CELL)
        assert refusal(poll, CELL) == "void_repeated"
        with poll.work() as session:
            campaigns.get(session, "poll").state = State.OPEN.value
        assert refusal(poll, CELL) == "act_not_allowed"
        assert refusal(poll, {"batch": 99}) == "batch_unknown"
        assert refusal(poll, {"channel": "upload"}) == "void_scope_unfit"
        assert refusal(poll, {"channel": "carrier pigeon"}) == "void_scope_unfit"


def test_a_file_is_set_aside_whole(database_url: str, tmp_path: Path) -> None:
    with counted_poll(database_url, tmp_path) as poll:
        with poll.work() as session:
            take_down(session.connection())
            session.add(Blob(sha256="a" * 64, content=b"x"))
            session.flush()
            fixed: dict[str, Any] = {"kind": "ballots", "filename": "f", "sha256": "a" * 64, "state": "accepted"}
            more: dict[str, Any] = {"rows": 20, "entered": 20, "summary": {}, "sent_by": "c", "reason": None}
            upload = Upload(id=uuid.uuid4(), campaign_id="poll", received_at=clock.now(), **fixed, **more)
            session.add(upload)
            session.flush()
            rows = session.scalars(select(Ballot).where(Ballot.stratum_no == 2, Ballot.point_no == 1)).all()
            for line, row in enumerate(rows):
                row.upload_id, row.line, row.channel = upload.id, line, "upload"
            scope = {"upload": str(upload.id)}
        assert counted(poll) == 160
        void(poll, scope)
        assert counted(poll) == 140
        # Its cell has nobody left to set aside.
        assert refusal(poll, {"stratum": 2, "point": 1, "channel": "upload"}) == "void_too_small"


def test_before_counting_a_batch_is_set_aside_unopened(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=20, points=False)) as poll:
        told = send(poll)
        void(poll, {"batch": 2})
        with poll.look() as session:
            assert [row.sheets for row in voids.listed(session, "poll")] == [20]
        close_and_count(poll)
        assert (counted(poll), len(poll.box())) == (60, len(told))
        with poll.look() as session:
            assert [row.sheets for row in voids.listed(session, "poll")] == [20]
        assert run(poll).method["set_aside"]["sheets"] == 20


def test_few_sheets_have_a_number_and_no_second_score(database_url: str, tmp_path: Path) -> None:
    with counted_poll(database_url, tmp_path) as poll:
        with poll.work() as session:
            take_down(session.connection())
            for row in session.scalars(select(Ballot).where(Ballot.stratum_no == 1).limit(9)):
                row.set_aside = True
            at = clock.now()
            scope = {"batch": 1}
            session.add(
                BallotVoid(campaign_id="poll", id=uuid.uuid4(), scope=scope, reason="x", act_number=1, made_at=at)
            )
        left_out = run(poll).method["set_aside"]
        assert (left_out["sheets"], left_out["scores"]) == (9, None)


def test_units_whose_sheets_are_all_alike_have_no_second_score(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        box = sheets(poll, 20)
        box[1, 1] = ["1" + line[1:] for line in box[1, 1]]
        fill_and_count(poll, box)
        void(poll, CELL)
        second = run(poll).method["set_aside"]["scores"]
        first, *others = second.values()
        assert first is None
        assert None not in others


def test_a_flag_is_dismissed_by_two_with_a_reason(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        for log, window in (("poll", False), (SYSTEM_LOG, True)):
            seen = flag(poll, window=window)
            wanted = {"flag": str(seen), "reason": WHY}
            number = ask(poll, acts.DISMISS_FLAG, wanted, target=log)
            confirm(poll, number)
            with poll.look() as session:
                assert flags.get(session, seen).state == FlagState.DISMISSED
                (body,) = recorded(session, log, Event.FLAG_DECIDED)
            told = [] if log == "poll" else ["flags:decided: written to system"]
            assert differences("flags:decided", log, body) == told
            with pytest.raises(Problem, match="flag_decided"):
                ask(poll, acts.DISMISS_FLAG, wanted, target=log)


def test_over_http_one_asks_and_another_confirms(database_url: str, tmp_path: Path) -> None:
    async def journey(poll: Poll) -> None:
        seen = flag(poll)
        body = {"scope": CELL, "reason": WHY, "flag": str(seen)}
        async with poll.signed_in("auditor") as auditor, poll.signed_in("setup") as setup:
            assert (await auditor.post("/api/campaigns/poll/voids", json=body)).status_code == 403
            assert (await setup.post("/api/campaigns/poll/voids", json={**body, "reason": ""})).status_code == 422
            asked = await setup.post("/api/campaigns/poll/voids", json=body)
            assert asked.status_code == 202
            async with poll.signed_in("release") as release:
                assert (await release.post(f"/api/acts/{asked.json()['number']}/confirm")).status_code == 200
            (row,) = (await auditor.get("/api/campaigns/poll/voids")).json()
            assert (row["scope"], row["sheets"], row["reason"]) == (CELL, 20, WHY)
            again = await setup.post(f"/api/flags/{seen}/dismiss", json={"reason": WHY})
            assert (again.status_code, again.json()["code"]) == (409, "flag_decided")
            shown = (await setup.post("/api/campaigns/poll/results")).json()["set_aside"]
            assert (shown["sheets"], shown["by"][0]["reason"]) == (20, WHY)
            assert all(len(score.partition(".")[2]) == 2 for score in shown["scores"].values())
            for lang, heading in (("zh", "剔除的评议票"), ("en", "Sheets set aside")):
                printed = (await auditor.get(f"/api/campaigns/poll/results.html?lang={lang}")).text
                assert heading in printed
                assert WHY in printed
                assert all(f'<td class="number">{score}</td>' in printed for score in shown["scores"].values())

    with counted_poll(database_url, tmp_path) as poll:
        asyncio.run(journey(poll))
