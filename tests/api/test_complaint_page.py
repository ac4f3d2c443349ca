"""The public complaint page: by name, anonymous, with evidence, sent twice, and followed by its receipt code."""

import re
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from api.pages.words import WORDS
from survey_models.findings.tables import Complaint, Finding, FindingFile
from survey_models.uploads.tables import Blob
from tests.poll import Poll, open_poll

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
STORY = {"unit": "U-001", "about": "delay", "matter": "办证超期", "reason": "材料齐全，三个月没有办"}
NAMED = {"name": "王某", "contact": "13900000000", "concerned": "1"}


async def send(client: httpx.AsyncClient, file: bytes = b"", **fields: str) -> httpx.Response:
    whole = {"id": str(uuid.uuid4()), **STORY, **fields}
    return await client.post("/complaint?lang=zh", data=whole, files={"file": ("a.png", file, "image/png")})


def count(poll: Poll, what: Any) -> int:
    with poll.look() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


async def test_a_complaint_is_taken_and_followed(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            form = await client.get("/complaint?lang=zh")
            assert '<option value="U-001">单位1' in form.text
            assert "/complaint?lang=en" in (await client.get("/?lang=en")).text
            one = str(uuid.uuid4())
            answer = await send(client, file=PNG, id=one, **NAMED)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
            found = re.search(r"<strong>([0-9A-Z-]{19})</strong>", answer.text)
            assert found
            again = await send(client, file=PNG, id=one, **NAMED)
            assert (again.status_code, "先前已经收到" in again.text) == (409, True)
            assert (count(poll, Complaint), count(poll, FindingFile), count(poll, Blob)) == (1, 1, 1)
            for lang in ("zh", "hant", "en"):
                seen = await client.post(f"/complaint/progress?lang={lang}", data={"code": found[1].lower()})
                assert seen.status_code == 200
                assert {"zh": "已登记", "hant": "已登記", "en": "received"}[lang] in seen.text
            wrong = await client.post("/complaint/progress?lang=zh", data={"code": "7KQ4M2TX9D3H5VWA"})
            assert (wrong.status_code, 'role="alert"' in wrong.text) == (404, True)
        with poll.look() as session:
            finding = session.scalars(select(Finding).where(Finding.kind == "complaint")).one()
            stored = session.scalars(select(Complaint)).one()
        assert (finding.state, finding.made_by) == ("received", "public")
        assert found[1].replace("-", "") not in stored.digest
        assert "王某" not in str(finding.body)


async def test_without_a_name_it_is_a_suggestion(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            answer = await send(client, concerned="1")
            assert WORDS["zh"]("complaint.suggestion") in answer.text
            for fields in ({"unit": "none"}, {"matter": " "}, {"about": "?"}, {"reason": ""}):
                refused = await send(client, b"", **{**NAMED, **fields})
                assert refused.status_code in {404, 422}
                assert 'role="alert"' in refused.text
                assert "王某" in refused.text, "what was written stays"
            bad = await send(client, file=b"MZ a program", **NAMED)
            assert (bad.status_code, "重新选择" in bad.text) == (422, True)
            # Half a character, spelled in UTF-7.
            sent = {"id": str(uuid.uuid4()), **STORY, **NAMED, "unit": "+2AA-", "name": "+2AA-"}
            parts = [f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{sent[key]}\r\n' for key in sent]
            halves = {"Content-Type": "multipart/form-data; boundary=x; charset=utf-7"}
            refused = await client.post("/complaint", content="".join([*parts, "--x--\r\n"]), headers=halves)
            assert (refused.status_code, 'role="alert"' in refused.text) == (404, True)
            big = await send(client, file=b"\x89PNG" + bytes(6 * 1024 * 1024))
            assert (big.status_code, 'role="alert"' in big.text) == (413, True)
            away = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
            refused = await client.post("/complaint", files={"matter": (None, "x")}, headers=away)
            assert refused.json()["code"] == "csrf_refused"
        assert count(poll, Complaint) == 1


@pytest.mark.parametrize("page", ["/complaint", "/complaint/progress"])
async def test_the_pages_hold_no_script_of_their_own(sqlite_url: str, tmp_path: Path, page: str) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            text = (await client.get(f"{page}?lang=en&elder=1")).text
        assert text.count("<script") == 1, "the one of every page"
        assert "style=" not in text
