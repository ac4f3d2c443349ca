"""The bundle over HTTP: who may take it, when, and that the ledger knows which one left the house."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path

from api import acts
from survey_models.ballots.intake import Cast
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.archives import unpacked
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Outcome
from survey_models.evidence.verifier import verify_files
from survey_models.ledger.events import Event
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.service import recorded
from survey_models.results import service as results
from survey_models.tickets import codes
from tests.docs.events import differences
from tests.poll import Poll, Shape, open_poll

PUBLIC, AUDITOR = "/api/campaigns/poll/bundle", "/api/campaigns/poll/bundle?kind=auditor"


def answer_and_count(poll: Poll) -> None:
    """Everybody answers, two people count."""
    waiting = []
    for serial, code in enumerate(poll.live):
        ticket = codes.digest(code.code, campaign_id="poll", pepper=poll.app.state.pepper)
        answers = poll.answers("1231"[serial % 4] + "213")
        waiting.append(poll.app.state.intake.submit(Cast("poll", uuid.uuid4(), ticket, answers, {}, "phone")))
    for future in waiting:
        future.result(30)
    at = clock.now()
    with poll.work() as session:
        campaigns.close(session, "poll", by="setup", at=at)
        act = acts.ask(session, acts.COUNT, target="poll", by="setup", at=at, settings=poll.settings)
    with poll.work() as session:
        acts.confirm(session, act.number, by="release", at=at, settings=poll.settings)


def grow(poll: Poll) -> None:
    """Give every waiting entry of the campaign its place."""
    at = clock.now()
    today = clock.local_day(at, poll.settings.timezone)
    with poll.work() as session:
        while integrate(session, "poll", signer=poll.app.state.signer, host="pingyi.test", at=at, today=today):
            pass


async def test_a_bundle_leaves_the_house_once_counted_and_checks_out(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=20)) as poll:
        async with poll.signed_in("auditor") as client:
            early = await client.get(PUBLIC)
            assert (early.status_code, early.json()["code"]) == (409, "campaign_open")
            answer_and_count(poll)
            assert (await client.get(PUBLIC)).json()["code"] == "result_missing"
            with poll.work() as session:
                results.run(session, "poll", by="setup", at=clock.now())
            assert (await client.get(PUBLIC)).json()["code"] == "bundle_ledger_waiting"
            grow(poll)
            answer = await client.get(AUDITOR)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
            assert answer.headers["content-disposition"] == 'attachment; filename="poll-auditor.zip"'
        files = unpacked(answer.content)
        found = verify_files(files, Trust(vkey=files["ledger/vkey"].decode().strip()))
        assert [finding.lines() for finding in found if finding.outcome is Outcome.FAILED] == []
        with poll.look() as session:
            (body,) = recorded(session, "poll", Event.BUNDLE_WRITTEN)
        assert differences("bundles:written", "poll", body) == []
        assert body["manifest"] == hashlib.sha256(files["manifest.json"]).hexdigest()
        assert (body["kind"], body["by"]) == ("auditor", "auditor")


async def test_ballots_and_sealed_sheets_are_for_auditors_alone(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=10)) as poll:
        answer_and_count(poll)
        with poll.work() as session:
            results.run(session, "poll", by="setup", at=clock.now())
        for name in ("setup", "release"):
            grow(poll)
            async with poll.signed_in(name) as client:
                assert (await client.get(AUDITOR)).json()["code"] == "forbidden"
                answer = await client.get(PUBLIC)
                assert answer.status_code == 200
            files = unpacked(answer.content)
            assert json.loads(files["manifest.json"])["kind"] == "public"
            assert not {"box.csv", "sealed.csv", "tickets.csv", "scores.json"} & set(files)
        async with poll.signed_in("contractor") as client:
            assert (await client.get(PUBLIC)).status_code == 403
        async with poll.client() as client:
            assert (await client.get(PUBLIC)).status_code == 401
