"""The unit's own page and the inspector's: signed in by form, no script needed, a step with its file, sent twice."""

import hashlib
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from survey_models.accounts import service as accounts
from survey_models.calendar import service as calendar
from survey_models.core import clock
from survey_models.findings import service
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding, FindingFile
from survey_models.inspections import choices
from survey_models.inspections import service as inspections
from tests.poll import PASSWORD, Poll, open_poll
from tests.survey_models.inspections import test_sites as sites

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
SETUP = Who("setup", ("setup",))


def people(poll: Poll) -> None:
    """A unit's account and an inspector beside the office, with the same password."""
    at = clock.now()
    with poll.work() as session:
        calendar.seed(session, at=at)
        hashed = accounts.get(session, "setup").password_hash
        for name, role, unit in (("a.unit", "unit", "U-001"), ("zhao.min", "inspector", None)):
            accounts.create(session, name, password_hash=hashed, roles=[role], at=at, unit_code=unit)


def notice(poll: Poll, unit: str) -> uuid.UUID:
    """A supervision notice to a unit."""
    at = clock.now()
    with poll.work() as session:
        limit = (at + timedelta(days=30)).date()
        new = NewFinding(Kind.SUPERVISION, unit, "台账不全", limit=limit)
        return service.open_(session, new, who=SETUP, at=at, terms=poll.settings.terms).id


async def signed_in(client: httpx.AsyncClient, name: str, to: str) -> str:
    """The page after signing in by its form, and the token of its forms."""
    asked = await client.get(to)
    assert (asked.status_code, 'name="password"' in asked.text) == (401, True)
    wrong = await client.post("/signin?lang=zh", data={"name": name, "password": "wrong", "to": to})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (401, True)
    answer = await client.post("/signin?lang=zh", data={"name": name, "password": PASSWORD, "to": to})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{to}?lang=zh")
    found = re.search(r'name="csrf" value="([^"]+)"', (await client.get(to)).text)
    assert found
    return found[1]


def count(poll: Poll, what: Any) -> int:
    with poll.look() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


async def test_a_unit_reports_its_rectification(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        people(poll)
        mine, other = notice(poll, "U-001"), notice(poll, "U-002")
        async with poll.client() as client:
            csrf = await signed_in(client, "a.unit", "/unit")
            listed = (await client.get("/unit?lang=zh")).text
            assert "台账不全" in listed
            assert f"/unit/{mine}" in listed
            assert f"/unit/{other}" not in listed
            assert (await client.get(f"/unit/{other}")).status_code == 403
            page = (await client.get(f"/unit/{mine}?lang=en")).text
            assert "Report rectification" in page
            assert "style=" not in page
            fields = {"finding": str(mine), "move": "report", "note": "台账已补齐"}
            file = {"file": ("a.png", PNG, "image/png")}
            refused = await client.post("/unit/step", data={**fields, "csrf": "x"}, files=file)
            assert refused.json()["code"] == "csrf_refused"
            empty = await client.post("/unit/step", data={**fields, "note": " ", "csrf": csrf}, files=file)
            assert (empty.status_code, 'role="alert"' in empty.text) == (422, True)
            assert count(poll, FindingFile) == 0, "a step that failed keeps nothing"
            taken = await client.post("/unit/step", data={**fields, "csrf": csrf}, files=file)
            assert (taken.status_code, str(mine) in taken.headers["location"]) == (303, True)
            foreign = await client.post("/unit/step", data={**fields, "finding": str(other), "csrf": csrf}, files=file)
            assert foreign.status_code == 403
            assert (await client.post("/signout", data={"csrf": csrf})).status_code == 303
            assert (await client.get("/unit")).status_code == 401
        with poll.look() as session:
            states = {one.id: one.state for one in session.scalars(select(Finding))}
        assert states == {mine: "reported", other: "issued"}
        assert count(poll, FindingFile) == 1


async def test_an_inspector_records_on_the_spot(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        people(poll)
        async with poll.client() as client:
            csrf = await signed_in(client, "zhao.min", "/inspect")
            assert (await client.get("/unit")).status_code == 401, "an inspector speaks for no unit"
            fields = {"id": str(uuid.uuid4()), "csrf": csrf, "kind": "secret_visit", "unit": "U-001"}
            fields |= {"text": "窗口无人", "place": "一楼", "sha256": hashlib.sha256(PNG).hexdigest()}
            file = {"file": ("a.png", PNG, "image/png")}
            wrong = await client.post("/inspect?lang=zh", data={**fields, "sha256": "0" * 64}, files=file)
            assert (wrong.status_code, "窗口无人" in wrong.text) == (422, True)
            assert count(poll, Finding) == 0, "a record whose photo was changed is not kept without it"
            for _ in range(2):
                sent = await client.post("/inspect?lang=zh", data=fields, files=file)
                assert (sent.status_code, sent.headers["location"]) == (303, "/inspect?lang=zh&done=1")
            assert "已记录" in (await client.get("/inspect?lang=zh&done=1")).text
        assert (count(poll, Finding), count(poll, FindingFile)) == (1, 1)
        with poll.look() as session:
            found = session.scalars(select(Finding)).one()
        assert (found.kind, found.made_by, found.state) == ("secret_visit", "zhao.min", "found")


async def test_an_inspector_chooses_what_was_drawn(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        people(poll)
        with poll.work() as session:
            sites.planned(session)
            sites.run(session, "village")
            plan = inspections.name_of(sites.ROUND, "village")
            first = choices.drawn(session)[0][1][0]
        async with poll.client() as client:
            csrf = await signed_in(client, "zhao.min", "/inspect")
            page = (await client.get("/inspect?lang=zh")).text
            # The other draw of the round was not run: nothing to choose from there.
            assert page.count("<optgroup") == 1
            assert page.count(f'<option value="{plan}/') == 15
            assert f"{first.place} · 虚构县1</option>" in page
            fields = {"id": str(uuid.uuid4()), "csrf": csrf, "kind": "inspection", "text": "公开栏过期", "unit": ""}
            file = {"file": ("a.png", PNG, "image/png")}
            nobody = await client.post("/inspect?lang=zh", data=fields, files=file)
            assert (nobody.status_code // 100, 'role="alert"' in nobody.text) == (4, True)
            strange = await client.post("/inspect?lang=zh", data={**fields, "lot": f"{plan}/x"}, files=file)
            assert (strange.status_code, "公开栏过期" in strange.text) == (422, True)
            sent = await client.post("/inspect?lang=zh", data={**fields, "lot": first.id}, files=file)
            assert sent.status_code == 303
            assert f"{first.place} · 虚构县1（已有记录）</option>" in (await client.get("/inspect?lang=zh")).text
        with poll.look() as session:
            found = session.scalars(select(Finding)).one()
        assert (found.plan, found.unit_code, found.body["place"]) == (plan, "X-1", first.place)
