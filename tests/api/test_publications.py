"""Documents and bundles of a round over HTTP: made by a job, public after publication, and the page for everybody."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pypdf
import pytest

from api.auth import passwords
from api.db import reading
from api.jobs.worker import Worker
from survey_models.accounts import service as accounts
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.archives import unpacked
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Outcome
from survey_models.publications import recomputing
from survey_models.publications.sheets import documents_of
from survey_models.reports import round_documents
from survey_models.reports.round_page import pieces
from survey_models.rounds import outcomes
from tests import published_round
from tests.api.office import PASSWORD, Office, open_office
from tests.poll import settings_for
from tests.published_round import FEW, ROUND


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(settings_for(sqlite_url, tmp_path, inline_worker=False)) as found:
        for name in ("setup", "release", "auditor"):
            found.add(name, name)
        with found.work() as session:
            published_round.put(session, at=clock.now())
        yield found


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job makes a few of all files: what it does with each is the same."""
    few = ["ranking.pdf", "notice.docx", "feedback-LH-001.pdf", "scores.xlsx", "inputs.xlsx"]
    monkeypatch.setattr(round_documents.Documents, "names", lambda _self: few)


def run_jobs(office: Office, font: Path | None = None) -> None:
    settings = office.settings.model_copy(update={"font": font})
    # No ballot is written by these jobs.
    worker = Worker(office.engine, cast("IntakeWriter", None), settings)
    while worker.run_once():
        pass


async def test_documents_are_made_by_a_job_and_public_after_publication(office: Office, short: None) -> None:
    documents, files = f"/api/rounds/{ROUND}/documents", f"/results/{ROUND}"
    async with office.browser() as setup, office.browser() as anybody:
        assert (await anybody.get(documents)).status_code == 401
        assert (await anybody.get(files)).status_code == 409
        assert (await anybody.get(f"{files}/bundle.zip")).json()["code"] == "round_not_published"
        await setup.sign_in("setup")
        assert (await setup.get(documents)).json()["state"] == "none"
        assert (await setup.post(documents)).json()["state"] == "making"

        run_jobs(office, Path("/nowhere/font.ttf"))
        told = (await setup.get(documents)).json()
        assert (told["state"], told["files"]) == ("failed", [])
        assert told["error"].startswith("font_missing: ")
        assert "PINGYI_FONT" in told["error"]

        await setup.post(documents)
        run_jobs(office)
        told = (await setup.get(documents)).json()
        names = {one["name"] for one in told["files"]}
        assert (told["state"], told["error"]) == ("done", None)
        assert names == {"ranking.pdf", "notice.docx", "feedback-LH-001.pdf", "scores.xlsx", "inputs.xlsx"}
        ranking = await setup.get(f"{documents}/ranking.pdf")
        assert ranking.headers["content-type"] == "application/pdf"
        assert "LH-080" in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(ranking.content)).pages)
        assert (await setup.get(f"{documents}/nothing.pdf")).json()["code"] == "document_unknown"

        with office.work() as session:
            published_round.publish(session, outcomes.latest(session, ROUND), at=clock.now())
        # What was made before does not name the day: it is made anew.
        assert (await anybody.get(f"{files}/ranking.pdf")).status_code == 404
        await setup.post(documents)
        run_jobs(office)
        assert (await anybody.get(f"{files}/ranking.pdf")).status_code == 200
        assert (await anybody.get(f"{files}/feedback-LH-001.pdf")).status_code == 404
        bundle = await anybody.get(f"{files}/bundle.zip")
        found = {one.check.key: one.outcome for one in recomputing.verify(bundle.content, Trust())}
        assert found["outcome"] is Outcome.OK
        assert Outcome.FAILED not in found.values()
        assert (await setup.get(f"/api/rounds/{ROUND}/bundle?kind=auditor")).status_code == 403
        again = await setup.get(f"/api/rounds/{ROUND}/bundle")
        assert unpacked(again.content).keys() == unpacked(bundle.content).keys()
        await shown_to_everybody(office)
        await own_feedback(office)
    events = [event for event, _ in office.ledger("system")]
    assert events.count("rounds:documents_made") == 2
    assert events.count("rounds:bundle_written") == 1


async def shown_to_everybody(office: Office) -> None:
    """The page, without script: every unit, every figure of the ranking, every default, and nothing of small cells."""
    with reading(office.engine) as session:
        sheet = documents_of(session, outcomes.latest(session, ROUND), zone="Asia/Shanghai").sheet
    async with office.browser() as anybody:
        page = await anybody.get(f"/results/{ROUND}")
        english = await anybody.get(f"/results/{ROUND}?lang=en")
        unknown = await anybody.get("/results/none")
    assert (page.status_code, english.status_code, unknown.status_code) == (200, 200, 404)
    assert "Result of the appraisal" in english.text
    text = re.sub(r"<[^>]+>", "", page.text).replace("&#34;", '"').replace("&#39;", "'")
    for card in sheet.outcome.cards:
        assert f"{card.unit.name}" in text
        assert str(card.printed) in text
    for _, told in sheet.silences:
        assert told in text
    for one in sheet.scheme.total.parts:
        assert one.cite[0] in text
    assert "满意100、基本满意60、不满意0" in text
    assert f'href="/results/{ROUND}/ranking.pdf"' in page.text
    assert "style=" not in page.text
    rows = {row[1]: row for piece in pieces(sheet) for row in piece.rows if len(row) == 4}
    names = {one.unit.code: one.unit.name for one in sheet.outcome.cards}
    few, other = names[FEW], names["LH-001"]
    assert "\n" not in rows[few][2]
    assert re.fullmatch(r"\d+\.\d\d\n\d+\.\d\d–\d+\.\d\d", rows[other][2])


async def own_feedback(office: Office) -> None:
    """A unit's account fetches the letter to its own unit, whatever it asks for."""
    with office.work() as session:
        password, at = passwords.new_hash(PASSWORD, name="caizheng"), clock.now()
        accounts.create(session, "caizheng", password_hash=password, roles=["unit"], at=at, unit_code="LH-001")
    async with office.browser() as unit:
        await unit.sign_in("caizheng")
        letter = await unit.get(f"/api/rounds/{ROUND}/own-feedback.pdf")
        assert letter.status_code == 200
        assert "LH-001" in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(letter.content)).pages)
        assert (await unit.get(f"/api/rounds/{ROUND}/documents/feedback-LH-001.pdf")).status_code == 403
