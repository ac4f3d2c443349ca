"""Signing in and out, the cookie, and requests from elsewhere."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, text

from api.auth import passwords, sessions
from api.auth.guards import DeviceActor, SetupActor
from api.auth.strangers import Strangers
from api.deps import Db
from api.settings import Settings
from survey_models.accounts import service
from survey_models.accounts.tables import AccountSession
from survey_models.core import clock
from survey_models.core.ids import new_id
from survey_models.devices.tables import Device
from survey_models.units.tables import Window
from tests.api.office import PASSWORD, START, Browser, Office, open_office

# Before the tests make it quick.
SHIPPED = passwords._HASHER


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(Settings(database_url=database_url, data_dir=tmp_path)) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        yield made


@pytest.fixture
def small_office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """As above where the database does not matter."""
    with open_office(Settings(database_url=sqlite_url, data_dir=tmp_path)) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        yield made


@pytest.fixture(autouse=True)
def fresh_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_strangers", Strangers())


async def test_signing_in_and_out(office: Office) -> None:
    async with office.browser() as browser:
        assert (await browser.get("/api/session")).json()["code"] == "not_signed_in"
        answer = await browser.sign_in("li.wei")
        assert answer.status_code == 200
        assert answer.json()["roles"] == ["setup"]
        assert (await browser.get("/api/session")).json() == answer.json()
        kept = dict(browser.http.cookies)
        left = await browser.http.delete("/api/session", headers=browser.headers)
        assert left.status_code == 204
        assert "Max-Age=0" in left.headers["set-cookie"]
        browser.http.cookies.update(kept)
        assert (await browser.get("/api/session")).status_code == 401, (
            "signed out on the server, not only in the browser"
        )
    assert [event for event, body in office.ledger("system") if '"door":"browser"' in body] == ["accounts:signed_in"]


async def test_the_token_is_stored_nowhere(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        token = browser.http.cookies["sid"]
    with office.work() as db:
        stored = db.scalars(select(AccountSession)).one()
        assert token not in {stored.token_digest, stored.csrf}
        assert len(token) >= 43


async def test_cookie_flags_over_http_and_https(small_office: Office) -> None:
    async with small_office.browser() as browser:
        plain = (await browser.sign_in("li.wei")).headers["set-cookie"]
    assert plain.startswith("sid=")
    for flag in ("HttpOnly", "Path=/", "SameSite=lax"):
        assert flag in plain
    assert "Secure" not in plain
    assert "Domain" not in plain
    secure = small_office.settings.model_copy(update={"public_url": "https://pingyi.example"})
    with open_office(Settings(**secure.model_dump())) as https:
        async with https.browser("https://pingyi.example") as browser:
            cookie = (await browser.sign_in("li.wei")).headers["set-cookie"]
            assert (await browser.get("/api/session")).status_code == 200
    assert cookie.startswith("__Host-sid=")
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert flag in cookie
    assert "Domain" not in cookie


async def test_the_session_is_rotated_at_sign_in(small_office: Office) -> None:
    async with small_office.browser() as browser:
        await browser.sign_in("li.wei")
        first = browser.http.cookies["sid"]
        await browser.sign_in("li.wei")
        assert browser.http.cookies["sid"] != first
    async with small_office.browser() as thief:
        thief.http.cookies.set("sid", first)
        assert (await thief.get("/api/session")).status_code == 401


async def test_a_session_ends_without_use_and_in_any_case(small_office: Office) -> None:
    async with small_office.browser() as browser:
        await browser.sign_in("li.wei")
        for minutes in range(25, 8 * 60, 25):
            with clock.frozen(START + timedelta(minutes=minutes)):
                assert (await browser.get("/api/session")).status_code == 200, minutes
        with clock.frozen(START + timedelta(hours=8)):
            assert (await browser.get("/api/session")).json()["code"] == "not_signed_in"
        await browser.sign_in("li.wei")
        with clock.frozen(START + timedelta(minutes=29)):
            assert (await browser.get("/api/session")).status_code == 200
        with clock.frozen(START + timedelta(minutes=60)):
            assert (await browser.get("/api/session")).status_code == 401


async def test_wrong_name_and_wrong_password_look_alike(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    verify = passwords._HASHER.verify

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            compared.append(stored)
            return verify(stored, password)

    passwords._nobody()
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    async with office.browser() as browser:
        wrong = (await browser.sign_in("li.wei", "not the password")).json()
        stranger = (await browser.sign_in("nobody.here", "not the password")).json()
    assert wrong == stranger
    assert wrong["code"] == "sign_in_failed"
    assert len(compared) == 2, "an unknown name costs the same work"
    assert len({stored.rsplit("$", 2)[0] for stored in compared}) == 1, "of the same kind and strength"


def test_passwords_are_hashed_as_hard_as_the_product_says() -> None:
    assert SHIPPED.hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("name", ["li.wei", "nobody.here"])
async def test_wrong_passwords_slow_down(office: Office, name: str) -> None:
    async with office.browser() as browser:
        for _ in range(5):
            assert (await browser.sign_in(name, "not the password")).json()["code"] == "sign_in_failed"
        slowed = await browser.sign_in(name)
        assert (slowed.status_code, slowed.json()["code"], slowed.json()["seconds"]) == (429, "sign_in_slowed", 5)
        with clock.frozen(START + timedelta(seconds=5)):
            await browser.sign_in(name, "not the password")
        with clock.frozen(START + timedelta(seconds=6)):
            assert (await browser.sign_in(name)).json()["seconds"] == 9, "the wait grows"
        with clock.frozen(START + timedelta(seconds=16)):
            assert (await browser.sign_in(name)).status_code == (200 if name == "li.wei" else 401)
    if name == "li.wei":
        assert (office.account(name).failures, office.account(name).blocked_until) == (0, None)


async def test_many_guesses_at_once_share_no_free_try(office: Office) -> None:
    async with office.browser() as browser:
        answers = await asyncio.gather(*(browser.sign_in("li.wei", f"guess number {number}") for number in range(12)))
    codes = sorted(answer.json()["code"] for answer in answers)
    assert codes == ["sign_in_failed"] * 5 + ["sign_in_slowed"] * 7


async def test_a_disabled_account_is_out_at_once(small_office: Office) -> None:
    async with small_office.browser() as browser:
        await browser.sign_in("li.wei")
        with small_office.work() as db:
            service.get(db, "li.wei").disabled = True
        assert (await browser.get("/api/session")).status_code == 401
        assert (await browser.sign_in("li.wei")).json()["code"] == "sign_in_failed"


async def test_a_reset_ends_sessions(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        with office.work() as db:
            service.reset(db, "li.wei", password_hash=passwords.new_hash("quite another one", name="li.wei"), at=START)
        assert (await browser.get("/api/session")).status_code == 401
        assert (await browser.sign_in("li.wei")).json()["code"] == "sign_in_failed"
        assert (await browser.sign_in("li.wei", "quite another one")).status_code == 200


ELSEWHERE: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_another_site_can_neither_sign_in_nor_act(small_office: Office, headers: dict[str, str]) -> None:
    async with small_office.browser() as browser:
        assert (await browser.sign_in("li.wei", **headers)).json()["code"] == "csrf_refused"
        await browser.sign_in("li.wei")
        answer = await browser.http.post("/api/accounts", json=NEW, headers={**browser.headers, **headers})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


NEW = {"name": "wang.fang", "password": PASSWORD, "roles": ["release"]}


async def test_unsafe_requests_need_the_sessions_own_token(small_office: Office) -> None:
    small_office.add("zhao.min", "setup")
    async with small_office.browser() as browser, small_office.browser() as other:
        await browser.sign_in("li.wei")
        await other.sign_in("zhao.min")
        for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x"}, other.headers, {"X-CSRF-Token": "口令"}):
            raw = [(key.encode(), value.encode()) for key, value in headers.items()]
            answer = await browser.http.post("/api/accounts", json=NEW, headers=raw)
            assert answer.json()["code"] == "csrf_refused", headers
        own = {**browser.headers, "Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
        assert (await browser.http.post("/api/accounts", json=NEW, headers=own)).status_code == 201


async def test_in_a_local_network_the_asked_host_is_the_origin(small_office: Office) -> None:
    async with small_office.browser("http://192.168.1.7:8000") as browser:
        answer = await browser.sign_in("li.wei", Origin="http://192.168.1.7:8000")
        assert answer.status_code == 200


async def test_accounts_are_made_by_setup_only(office: Office) -> None:
    office.add("sun.hong", "release")
    async with office.browser() as browser:
        assert (await browser.get("/api/accounts")).json()["code"] == "not_signed_in"
        await browser.sign_in("sun.hong")
        refused = (await browser.get("/api/accounts")).json()
        assert (refused["code"], refused["roles"]) == ("forbidden", "setup, auditor")
        await browser.sign_in("li.wei")
        assert (await browser.post("/api/accounts", json=NEW)).json()["roles"] == ["release"]
        assert (await browser.post("/api/accounts", json=NEW)).json()["code"] == "account_exists"
        for change, code in (
            ({"password": "short"}, "password_weak"),
            ({"roles": ["king"]}, "role_unknown"),
            ({"name": "../etc"}, "request_malformed"),
            ({"roles": ["assessor"]}, "account_office_missing"),
            ({"office": "市委市政府督查室"}, "account_office_unwanted"),
            ({"roles": ["unit"]}, "account_unit_missing"),
            ({"roles": ["unit"], "unit_code": "nowhere"}, "unit_unknown"),
            ({"roles": ["unit", "setup"], "unit_code": "U-1"}, "account_unit_alone"),
        ):
            answer = await browser.post("/api/accounts", json={**NEW, "name": "new.one", **change})
            assert answer.json()["code"] == code
        names = [row["name"] for row in (await browser.get("/api/accounts")).json()]
    assert names == ["li.wei", "sun.hong", "wang.fang"]
    made = [body for event, body in office.ledger("system") if event == "accounts:made" and "wang.fang" in body]
    fields = '"event":"accounts:made","log":"system","office":null,"roles":["release"]'
    fields += ',"trained_on":null,"undertaking_on":null,"unit":null'
    whole = f'{{"account":"wang.fang","area":null,"by":"li.wei",{fields}}}'
    assert [re.sub(r'"blind":"[0-9a-f]{16}",', "", body) for body in made] == [whole]
    assert '"blind":"' in made[0]


async def test_a_terminal_shows_its_token(office: Office) -> None:
    @office.app.get("/device")
    def device(found: DeviceActor) -> str:
        return found.window_id

    with office.work() as db:
        db.add(Window(id="w1", unit_code=None, number="1", name="n", hall="h", business="b", made_up=True))
        db.flush()
        digest = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"
        db.add(Device(id=new_id(), window_id="w1", token_digest=digest, paired_at=START, revoked_at=None))
    async with office.browser() as browser:
        for value in ("", "Bearer", "Bearer other", "Basic token"):
            answer = await browser.http.get("/device", headers={"Authorization": value})
            assert (answer.status_code, answer.json()["code"]) == (401, "device_unknown")
        right = {"Authorization": "Bearer token"}
        assert (await browser.http.get("/device", headers=right)).json() == "w1"
        with office.work() as db:
            db.scalars(select(Device).where(Device.window_id == "w1")).one().revoked_at = START
        assert (await browser.http.get("/device", headers=right)).status_code == 401


async def test_an_answer_waits_for_the_commit(office: Office) -> None:
    """A commit that fails must not have been answered with 200."""
    app = office.app

    async def failing(_actor: SetupActor, db: Db) -> str:
        await asyncio.sleep(0)
        db.execute(text("SELECT 1"))
        db.add(
            AccountSession(token_digest="d", account_id=new_id(), csrf="c", made_at=START, seen_at=START, ends_at=START)
        )
        return "stored"

    app.get("/failing")(failing)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        await Browser(http).sign_in("li.wei")
        assert (await http.get("/failing")).status_code == 500
    with office.work() as db:
        assert db.scalar(select(func.count()).select_from(AccountSession)) == 1
