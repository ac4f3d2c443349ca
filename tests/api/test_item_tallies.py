"""What is counted of several choices, nominations, 知晓率 and words, who sees it, and that the bundle proves it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from survey_models.ballots.sealing import BLOCK
from survey_models.ballots.tables import BallotText, IntakeSheet
from survey_models.core import clock
from survey_models.core.archives import unpacked
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Finding, Outcome
from survey_models.evidence.verifier import verify_files
from survey_models.ledger.events import Event
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.service import recorded
from survey_models.retention import service as retention
from tests.docs.events import differences
from tests.kinds import WORDS, answer_and_count, kinds_questionnaire
from tests.poll import Poll, Shape, open_poll
from tests.sealed import PRIVATE

WITHOUT_UNITS = {"awareness", "multiple", "nomination", "text"}


def grow(poll: Poll) -> None:
    at = clock.now()
    today = clock.local_day(at, poll.settings.timezone)
    with poll.work() as session:
        while integrate(session, "poll", signer=poll.app.state.signer, host="pingyi.test", at=at, today=today):
            pass


async def bundle(poll: Poll) -> dict[str, bytes]:
    grow(poll)
    async with poll.signed_in("auditor") as client:
        answer = await client.get("/api/campaigns/poll/bundle?kind=auditor")
    assert answer.status_code == 200, answer.text
    return unpacked(answer.content)


def failures(files: dict[str, bytes]) -> list[Finding]:
    trust = Trust(vkey=files["ledger/vkey"].decode().strip(), private=PRIVATE)
    return [finding for finding in verify_files(files, trust) if finding.outcome is Outcome.FAILED]


async def test_every_kind_is_counted_shown_and_proved(database_url: str, tmp_path: Path) -> None:
    shape = Shape(per_cell=20, doc=kinds_questionnaire(), key_on_server=False)
    with open_poll(database_url, tmp_path, shape) as poll:
        async with poll.signed_in("setup") as client:
            assert (await client.get("/api/campaigns/poll/items")).json()["code"] == "campaign_open"
            assert (await client.get("/api/campaigns/poll/texts/words")).json()["code"] == "campaign_open"
            answer_and_count(poll, rated=True)
            items = {one["key"]: one for one in (await client.get("/api/campaigns/poll/items")).json()["items"]}
            read = (await client.get("/api/campaigns/poll/texts/words")).json()
        _the_items_are_counted(items)
        assert sorted(read["texts"]) == sorted(WORDS)
        assert read["after"] is None
        assert read["texts"] != WORDS
        async with poll.signed_in("auditor") as client:
            assert (await client.get("/api/campaigns/poll/items")).status_code == 200
            assert (await client.get("/api/campaigns/poll/texts/words")).status_code == 200
        _nothing_leads_from_a_text_to_its_ballot(poll)
        files = await bundle(poll)
        assert failures(files) == []
        files["texts.csv"] = files["texts.csv"].replace("第7条".encode(), "第八条".encode())
        assert {finding.check.key for finding in failures(files)} >= {"texts", "opened"}
        await _texts_are_erased_with_the_sealed_sheets(poll)


async def _texts_are_erased_with_the_sealed_sheets(poll: Poll) -> None:
    late = clock.now() + timedelta(days=3 * 366)
    with poll.work() as session:
        retention.purge(
            session, "poll", years=2, zone=poll.settings.timezone, act_number=9, asked_by="setup", by="release", at=late
        )
        (body,) = recorded(session, "poll", Event.EVIDENCE_PURGED)
        assert session.scalar(select(func.count()).select_from(BallotText)) == 0
    assert (body["texts"], differences("evidence:purged", "poll", body)) == (30, [])
    assert failures(await bundle(poll)) == []


def _the_items_are_counted(items: dict[str, Any]) -> None:
    assert list(items) == ["U-001.1", "U-001.2", "often", "aware", "why", "nominate", "words", "age"]
    assert (items["U-001.1"]["answered"], items["U-001.1"]["options"]) == (9, None)
    assert (items["aware"]["sheets"], items["aware"]["answered"], items["aware"]["rate"]) == (160, 150, "66.67")
    found = {key: {one["code"]: one["count"] for one in items[key]["options"]} for key in ("why", "nominate")}
    assert found == {"why": {"a": 40, "b": 0, "c": 20}, "nominate": {"U-001": 9, "U-002": 0, "U-003": 3}}
    assert (items["words"]["texts"], items["words"]["options"]) == (30, None)


def _nothing_leads_from_a_text_to_its_ballot(poll: Poll) -> None:
    box = poll.box()
    assert all("words" not in (ballot.more or {}) for ballot in box)
    assert sum(bool(ballot.more) for ballot in box) == 40 + 9
    with poll.look() as session:
        lengths = set(session.scalars(select(func.length(IntakeSheet.sealed))))
        (body,) = recorded(session, "poll", Event.BALLOTS_MIXED)
    assert len(lengths) == 1
    assert lengths.pop() > 4 * BLOCK
    assert differences("ballots:mixed", "poll", body) == []
    assert body["texts"] == 30


async def test_an_opinion_wave_rates_no_unit_and_is_counted_all_the_same(sqlite_url: str, tmp_path: Path) -> None:
    doc = kinds_questionnaire()
    doc["items"] = [item for item in doc["items"] if item["kind"] in WITHOUT_UNITS]
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=20, doc=doc, key_on_server=False)) as poll:
        answer_and_count(poll, rated=False, void=2)
        async with poll.signed_in("release") as client:
            items = {one["key"]: one for one in (await client.get("/api/campaigns/poll/items")).json()["items"]}
            result = await client.get("/api/campaigns/poll/results")
            tallies = await client.get("/api/campaigns/poll/tallies")
            texts = (await client.get("/api/campaigns/poll/texts/words")).json()["texts"]
        assert (items["nominate"]["answered"], items["aware"]["sheets"]) == (12, 140)
        # Those of the batch that was set aside are not read; the bundle has them, marked.
        assert sorted(texts) == sorted(WORDS[:20])
        assert (result.status_code, result.json()["rows"]) == (200, [])
        assert (tallies.status_code, tallies.json()["cells"]) == (200, [])
        assert failures(await bundle(poll)) == []
