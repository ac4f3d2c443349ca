"""Reporting vote-buying: without script, name or address; one attachment known by its bytes; slowed, never refused."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, select

from api import slowing
from api.pages.words import WORDS
from survey_models.hotline.rules import ATTACHMENT_BYTES, fit_text
from survey_models.hotline.tables import HotlineReport
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.uploads.tables import Blob
from tests.docs.events import differences
from tests.poll import Poll, open_poll

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
STORY = "11 月 20 日，某局办公室主任打电话要求统一选“满意”。"
ADDRESS = "203.0.113.77"


async def send(poll: Poll, *, file: bytes = b"", **fields: Any) -> httpx.Response:
    whole = {"id": str(uuid.uuid4()), "text": STORY, "campaign": "", **fields}
    transport = httpx.ASGITransport(app=poll.app, client=(ADDRESS, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        return await client.post("/report?lang=zh", data=whole, files={"file": ("IMG_0001.exe", file, "text/html")})


def stored(poll: Poll) -> list[HotlineReport]:
    with poll.look() as session:
        found = list(session.scalars(select(HotlineReport)))
        session.expunge_all()
    return found


async def test_a_report_is_taken_with_a_number_and_its_file(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.client() as client:
            form = (await client.get("/report?lang=zh&campaign=poll")).text
            assert '<option value="poll" selected>测试评议' in form
            answer = await send(poll, file=PNG, campaign="poll")
            assert answer.status_code == 303
            (report,) = stored(poll)
            page = await client.get(answer.headers["location"])
            assert report.number in page.text
            assert STORY not in page.text
            assert (await client.get("/report/0000-0000-0000")).status_code == 404
        assert (report.text, report.campaign_id, report.media) == (STORY, "poll", "image/png")
        with poll.look() as session:
            (body,) = recorded(session, SYSTEM_LOG, Event.REPORT_RECEIVED)
            assert differences("reports:received", SYSTEM_LOG, body) == []
            assert body["text"] == hashlib.sha256(STORY.encode()).hexdigest()
            assert body["attachment"] == report.sha256 == hashlib.sha256(PNG).hexdigest()


async def test_the_office_reads_it_and_saves_the_file(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        await send(poll, file=PNG)
        await send(poll)
        (number,) = [report.number for report in stored(poll) if report.media]
        path = f"/api/hotline/{number}/attachment"
        async with poll.signed_in("auditor") as auditor, poll.signed_in("release") as release, poll.client() as anybody:
            rows = (await auditor.get("/api/hotline")).json()
            assert [row["text"] for row in rows] == [STORY] * 2
            assert sorted(row["size"] for row in rows) == [0, len(PNG)]
            file = await auditor.get(path)
            assert file.content == PNG
            assert file.headers["content-disposition"] == f'attachment; filename="{number}.png"'
            assert file.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in file.headers["content-security-policy"]
            for hidden in ("/api/hotline", path):
                assert (await release.get(hidden)).status_code == 403
                assert (await anybody.get(hidden)).status_code == 401
            (bare,) = [row["number"] for row in rows if not row["size"]]
            assert (await auditor.get(f"/api/hotline/{bare}/attachment")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " \n"}, "还没有写情况"),
        ({"text": "事" * 2001}, "最多 2000 个"),
        ({"text": "他的码是 7KQ4-M2TX-9D3H-5VWA"}, ""),
        ({"file": b"MZ\x90 a program"}, "附件不是"),
        ({"file": b"<html>" + PNG}, "附件不是"),
        ({"campaign": "none"}, ""),
    ],
)
async def test_what_is_unfit_keeps_what_was_written(
    sqlite_url: str, tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        if "7KQ4" in str(fields):
            fields = {"text": f"他的码是 {poll.codes[0].code}"}
        answer = await send(poll, **fields)
        assert answer.status_code in {404, 422}
        assert 'role="alert"' in answer.text
        assert said in answer.text
        assert str(fields.get("text", STORY)).strip()[:50] in answer.text
        assert stored(poll) == []


async def test_sent_twice_it_is_one_report(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        one = str(uuid.uuid4())
        answers = await asyncio.gather(*(send(poll, id=one, file=PNG) for _ in range(3)), send(poll, file=PNG))
        assert len({answer.headers["location"] for answer in answers[:3]}) == 1
        assert len(stored(poll)) == 2
        with poll.look() as session:
            assert len(session.scalars(select(Blob.sha256)).all()) == 1


async def test_hostile_bodies_are_refused_and_break_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        async with poll.client() as client:
            big = await client.post("/report", files={"file": ("a", b"\x89PNG" + bytes(ATTACHMENT_BYTES + 99_999))})
            assert (big.status_code, 'role="alert"' in big.text) == (413, True)
            assert (await client.post("/report", data={"text": "x"})).status_code == 422
            away = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
            refused = await client.post("/report", files={"text": (None, "x")}, headers=away)
            assert refused.json()["code"] == "csrf_refused"
            for charset in ("utf-16", "idna", "punycode", "undefined", "utf-7"):
                kind = f"multipart/form-data; boundary=b; charset={charset}"
                body = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n+2AA-\x00\xff-\r\n--b--\r\n'
                assert (await client.post("/report", content=body, headers={"Content-Type": kind})).status_code < 500
        assert not [report for report in stored(poll) if "\x00" in report.text]


def test_control_and_direction_characters_are_left_out() -> None:
    assert fit_text("a\x00b\u202ec\r\nd\ud800") == "abc\nd?"


async def test_many_reports_of_one_address_wait_and_are_taken(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def noted(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("api.slowing.asyncio.sleep", noted)
    with open_poll(sqlite_url, tmp_path) as poll:
        answers = [await send(poll) for _ in range(slowing.FREE + 3)]
        assert {answer.status_code for answer in answers} == {303}
        assert [second for second in waited if second] == [1.0, 2.0, 3.0]


async def test_no_table_holds_the_address(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        await send(poll, file=PNG)
        whole = MetaData()
        whole.reflect(poll.engine)
        with poll.engine.connect() as connection:
            rows = [str(row) for table in whole.sorted_tables for row in connection.execute(table.select())]
        assert rows
        assert not [row for row in rows if ADDRESS in row]


async def test_home_form_and_receipt_lead_to_it(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        receipt = (await poll.cast(poll.live[0], "1111")).json()["receipt"]
        async with poll.client() as client:
            for path in ("/", "/b/poll", f"/b/poll/receipt/{receipt}"):
                for lang in ("zh", "en"):
                    page = (await client.get(f"{path}?lang={lang}")).text
                    (link,) = set(re.findall(r'href="(/report\?[^"]+)"', page))
                    there = await client.get(link.replace("&amp;", "&"))
                    assert WORDS[lang]("report.send") in there.text
