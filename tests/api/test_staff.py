"""Badges over HTTP: who is on duty, what the unit promises, and photos of which only the picture is kept."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.staff import photos
from survey_models.staff.rules import Person, fit_person, staff_rows
from survey_models.staff.tables import Duty, StaffPhoto
from tests.docs.events import differences
from tests.poll import Poll, open_poll

WINDOW = {"number": "A01", "name": "户政窗口", "hall": "政务大厅", "business": "户口登记", "unit": "U-001"}
BADGE = {"name": "王敏", "post": "窗口组长", "political": "中共党员", "unit": "U-001"}


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 2, *, extra: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 2, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"\0" * (width + 1) * 2)
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def part(kind: int, data: bytes) -> bytes:
    return bytes([0xFF, kind]) + struct.pack(">H", len(data) + 2) + data


def jpeg(*, before: bytes = b"") -> bytes:
    frame = part(0xC0, struct.pack(">BHHB", 8, 2, 3, 1) + b"\1\x11\0")
    scan = part(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + before + part(0xDB, b"\0" * 65) + frame + scan + b"\xff\xd9"


def _in_the_books(poll: Poll) -> None:
    with poll.look() as session:
        duties = session.scalars(select(Duty).order_by(Duty.starts_at)).all()
        assert [duty.staff_number for duty in duties] == ["1001", "1002", "1001"]
        assert all(one.ends_at is not None and one.ends_at > one.starts_at for one in duties)
        assert session.scalars(select(StaffPhoto)).all() == []
        for event in (Event.STAFF_SET, Event.STAFF_LEFT, Event.DUTY_BEGUN, Event.DUTY_ENDED, Event.BOARD_SET):
            bodies = recorded(session, SYSTEM_LOG, event)
            assert bodies
            assert [differences(event.value, SYSTEM_LOG, body) for body in bodies] == [[]] * len(bodies)
            assert "王敏" not in str(bodies)
        (changed,) = recorded(session, SYSTEM_LOG, Event.WINDOW_SET)
        assert differences("windows:set", SYSTEM_LOG, changed) == []


async def test_a_terminal_shows_who_is_on_duty(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        async with poll.signed_in("setup") as setup, poll.client() as stranger:
            more = {"mode": "case", "supervision_phone": "0395-12345"}
            assert (await setup.put("/api/windows/w1", json={**WINDOW, **more})).status_code == 200
            assert (await setup.put("/api/windows/w2", json=WINDOW)).status_code == 200
            assert (await setup.put("/api/windows/W 3", json=WINDOW)).json()["code"] == "staff_malformed"
            for number, badge in (("1001", BADGE), ("1002", {"name": "李强", "mobile": "138 0013 8000"})):
                assert (await setup.put(f"/api/staff/{number}", json=badge)).status_code == 200
            sent = await setup.put("/api/staff/1001/photo", content=jpeg(before=part(0xE1, b"Exif\0\0here")))
            assert sent.status_code == 200
            again = await setup.put("/api/staff/1001/photo", content=jpeg())
            assert again.json()["photo_url"] == sent.json()["photo_url"]
            other = await setup.put("/api/staff/1002/photo", content=png())
            assert (await setup.put("/api/staff/1002/photo", content=png(3))).status_code == 200
            assert (await stranger.get(other.json()["photo_url"])).status_code == 404
            shown = await stranger.get(sent.json()["photo_url"])
            assert (shown.headers["content-type"], shown.content) == ("image/jpeg", jpeg())
            assert shown.headers["x-content-type-options"] == "nosniff"
            board = {"promise": "一次性告知", "guide": "带身份证\n取号"}
            assert (await setup.put("/api/units/U-001/board", json=board)).json() == board
            for who, expected in (("1001", 200), ("1002", 200), (None, 200), (None, 409), ("1001", 200), ("9", 404)):
                answer = await setup.put("/api/windows/w1/duty", json={"staff": who})
                assert answer.status_code == expected
            code = (await setup.post("/api/windows/w1/pairing")).json()["pairing_code"]
            profile = (await stranger.post("/api/devices/pair", json={"pairing_code": code})).json()
            mine = await stranger.get("/api/devices/me", headers={"Authorization": f"Bearer {profile['token']}"})
            for shows in (profile, mine.json()):
                assert {name: shows[name] for name in (*board, *more, "business")} == {
                    **board,
                    **more,
                    "business": "户口登记",
                }
                assert shows["staff"] == {
                    "number": "1001",
                    "name": "王敏",
                    "post": "窗口组长",
                    "political": "中共党员",
                    "photo_url": sent.json()["photo_url"],
                    "mobile": None,
                }
            listed = (await setup.get("/api/staff")).json()
            assert [(row["number"], row["window"], row["mobile"]) for row in listed] == [
                ("1001", "w1", None),
                ("1002", None, "138 0013 8000"),
            ]
            assert (await setup.delete("/api/staff/1001")).status_code == 204
            assert (await setup.delete("/api/staff/1002")).status_code == 204
            assert (await stranger.get(sent.json()["photo_url"])).status_code == 404
            assert (await setup.get("/api/windows/w1/setup")).json()["staff"] is None
            assert (await stranger.get("/api/staff")).status_code == 401
        _in_the_books(poll)


def test_only_the_picture_of_a_photo_is_kept() -> None:
    said = chunk(b"tEXt", b"Comment\0<script>") + chunk(b"eXIf", b"where it was taken")
    assert photos.clean(png(extra=said)) == ("image/png", png())
    assert photos.clean(png() + b"<script>") == ("image/png", png())
    noted = part(0xE1, b"Exif\0\0") + part(0xFE, b"<script>") + part(0xE2, b"ICC")
    assert photos.clean(jpeg(before=noted) + b"GIF89a") == ("image/jpeg", jpeg())
    whole = jpeg()
    for unfit in (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(40),
        png(width=2001),
        png()[:-6],
        png(extra=chunk(b"ABCD", b"")),
        png().replace(b"IDAT", b"IDAX"),
        whole[:-2],
        whole.replace(bytes([0xFF, 0xC0]), bytes([0xFF, 0xC5])),
        jpeg(before=part(0xE1, bytes(60_000)) * 5),
    ):
        with pytest.raises(Problem, match="photo_unfit"):
            photos.clean(unfit)


def test_what_a_badge_may_say() -> None:
    fit = fit_person(Person(" 1001 ", "王\u202e敏\n", mobile="１３８ 0013 8000"))
    assert fit == Person("1001", "王敏", mobile="138 0013 8000")
    for person in (Person("", "王敏"), Person("1", ""), Person("1/2", "王"), Person("1", "王", mobile="javascript:1")):
        with pytest.raises(Problem, match="staff_malformed"):
            fit_person(person)
    rows = staff_rows(["number", "name", "window"], [["7", "赵", "w1"], ["8", "钱", ""]])
    assert rows == [(Person("7", "赵"), "w1"), (Person("8", "钱"), "")]
    for header in (["number"], ["number", "name", "salary"]):
        with pytest.raises(Problem, match="upload_columns"):
            staff_rows(header, [])


async def test_two_changes_of_duty_in_one_moment(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll, clock.frozen(clock.now() + timedelta(minutes=1)):
        async with poll.signed_in("setup") as setup:
            for number in ("1", "2", "3"):
                await setup.put(f"/api/staff/{number}", json={"name": "甲"})
                assert (await setup.put("/api/windows/w1/duty", json={"staff": number})).status_code == 200
            assert (await setup.get("/api/windows/w1/setup")).json()["staff"]["number"] == "3"
