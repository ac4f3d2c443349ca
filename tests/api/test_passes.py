"""The second factor over HTTP: setting up, two steps of signing in, used codes, recovery codes, resets, the grace."""

import asyncio
import base64
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.settings import Settings
from survey_models.accounts import one_time
from survey_models.accounts.pass_tables import AccountTotp, RecoveryCode
from survey_models.core import clock
from tests.api.office import PASSWORD, START, Browser, Office, open_office

STEP = timedelta(seconds=30)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(Settings(database_url=sqlite_url, data_dir=tmp_path)) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        made.add("wang.fang", "setup")
        yield made


def code_at(secret: bytes, at: datetime) -> str:
    return one_time.code_of(secret, one_time.step_at(at))


async def set_up(browser: Browser, *, at: datetime = START) -> tuple[bytes, list[str]]:
    """Set up an app for who is signed in; its secret and the recovery codes."""
    begun = (await browser.post("/api/account/totp", json={"password": PASSWORD})).json()
    secret = base64.b32decode(begun["secret"].replace(" ", ""))
    proof = await browser.post("/api/account/totp/proof", json={"code": code_at(secret, at)})
    assert proof.status_code == 200, proof.text
    return secret, proof.json()["codes"]


async def second(browser: Browser, ticket: str, code: str) -> httpx.Response:
    answer = await browser.http.post("/api/session/code", json={"ticket": ticket, "code": code})
    if answer.status_code == 200:
        browser.headers = {"X-CSRF-Token": answer.json()["csrf"]}
    return answer


async def ticket_of(browser: Browser, name: str = "li.wei") -> str:
    half = await browser.sign_in(name)
    assert half.status_code == 202, half.text
    assert set(half.json()) == {"ticket"}
    assert "set-cookie" not in half.headers
    return str(half.json()["ticket"])


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def test_an_app_is_set_up_and_then_asked_for(office: Office) -> None:
    async with office.browser() as browser, office.browser() as elsewhere:
        await browser.sign_in("li.wei")
        await elsewhere.sign_in("li.wei")
        refused = await browser.post("/api/account/totp", json={"password": "not the password"})
        assert (refused.status_code, code(refused)) == (422, "password_wrong")
        wrong = await browser.post("/api/account/totp/proof", json={"code": "123456"})
        assert code(wrong) == "totp_not_begun"
        begun = (await browser.post("/api/account/totp", json={"password": PASSWORD})).json()
        assert begun["address"].startswith("otpauth://totp/Pingyi%20127.0.0.1%3A8000:li.wei?secret=")
        assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", begun["path"])
        assert (await browser.get("/api/account")).json()["totp"]["on"] is False, "not before the first right code"
        secret, codes = await set_up(browser)
        assert len(codes) == 10
        shown = (await browser.get("/api/account")).json()["totp"]
        assert (shown["on"], shown["recovery_codes_left"]) == (True, 10)
        assert code(await browser.post("/api/account/totp", json={"password": PASSWORD})) == "totp_on"
        assert (await elsewhere.get("/api/session")).status_code == 401, "sessions that a password alone began end"
        ticket = await ticket_of(elsewhere)
        assert (await elsewhere.get("/api/session")).status_code == 401
        used = await second(elsewhere, ticket, code_at(secret, START))
        assert (used.status_code, code(used)) == (401, "totp_wrong"), "the code that switched it on is used"
        with clock.frozen(START + STEP):
            entered = await second(elsewhere, ticket, code_at(secret, START + STEP))
            assert (entered.status_code, entered.json()["name"]) == (200, "li.wei")
            again = await second(elsewhere, ticket, code_at(secret, START + STEP))
            assert code(again) == "totp_wrong", "who looked on gets nothing"
    with office.work() as db:
        stored = db.scalars(select(AccountTotp)).one()
        digests = set(db.scalars(select(RecoveryCode.digest)))
    assert stored.sealed is not None
    assert secret not in stored.sealed
    assert digests.isdisjoint(codes)
    assert all(len(digest) == 64 for digest in digests)
    events = [event for event, _ in office.ledger("system")]
    assert events.count("accounts:totp_set") == 1
    assert not [body for _, body in office.ledger("system") if any(one in body for one in codes)]


async def test_wrong_codes_slow_down_and_a_right_password_buys_no_new_tries(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        secret, _ = await set_up(browser)
        at = START + 4 * STEP
        with clock.frozen(at):
            right = code_at(secret, at)
            guess = "000000" if right != "000000" else "000001"
            for _ in range(4):
                assert code(await second(browser, await ticket_of(browser), guess)) == "totp_wrong"
            ticket = await ticket_of(browser)
            assert office.account("li.wei").failures == 0, "wrong codes are no wrong passwords"
            assert code(await second(browser, ticket, guess)) == "totp_wrong"
            slowed = await second(browser, ticket, right)
            assert (slowed.status_code, code(slowed), slowed.headers["retry-after"]) == (429, "sign_in_slowed", "5")
            fresh = await ticket_of(browser)
            assert code(await second(browser, fresh, right)) == "sign_in_slowed", "the password alone buys no new tries"
        with clock.frozen(at + timedelta(seconds=6)):
            assert (await second(browser, ticket, right)).status_code == 200
            assert code(await second(browser, await ticket_of(browser), guess)) == "totp_wrong", "counted anew"


async def test_strangers_who_guess_the_password_do_not_keep_a_person_from_the_second_step(office: Office) -> None:
    async with office.browser() as browser, office.browser() as stranger:
        await browser.sign_in("li.wei")
        secret, _ = await set_up(browser)
        at = START + 4 * STEP
        with clock.frozen(at):
            ticket = await ticket_of(browser)
            for _ in range(5):
                assert code(await stranger.sign_in("li.wei", "a wrong one, again")) == "sign_in_failed"
            assert code(await stranger.sign_in("li.wei", "a wrong one, again")) == "sign_in_slowed"
            assert (await second(browser, ticket, code_at(secret, at))).status_code == 200
            renewed = await browser.post("/api/account/totp/recovery-codes", json={"code": code_at(secret, at + STEP)})
            assert renewed.status_code == 200


async def test_a_half_sign_in_ends(office: Office) -> None:
    async with office.browser() as browser, office.browser() as other:
        await browser.sign_in("li.wei")
        secret, _ = await set_up(browser)
        ticket = await ticket_of(other)
        late = START + timedelta(minutes=5)
        with clock.frozen(late):
            assert code(await second(other, ticket, code_at(secret, late))) == "sign_in_step_ended"
        assert code(await second(other, "made up", "123456")) == "sign_in_step_ended"
        change = {"old": PASSWORD, "new": "quite another walk"}
        assert (await browser.post("/api/account/password", json=change)).status_code == 204
        with clock.frozen(START + STEP):
            ended = await second(other, ticket, code_at(secret, START + STEP))
        assert code(ended) == "sign_in_step_ended", "the password was changed meanwhile"
        headers = {"Origin": "https://evil.example"}
        body = {"ticket": ticket, "code": "1"}
        assert (await other.http.post("/api/session/code", json=body, headers=headers)).status_code == 403


async def test_a_recovery_code_stands_in_once(office: Office) -> None:
    async with office.browser() as browser:
        await browser.sign_in("li.wei")
        _, codes = await set_up(browser)
        typed = codes[3].lower().replace("-", " ")
        assert (await second(browser, await ticket_of(browser), typed)).status_code == 200
        assert code(await second(browser, await ticket_of(browser), codes[3])) == "totp_wrong"
        renewed = await browser.post("/api/account/totp/recovery-codes", json={"code": codes[4]})
        assert len(set(renewed.json()["codes"]) - set(codes)) == 10
        assert code(await second(browser, await ticket_of(browser), codes[5])) == "totp_wrong", "the old ones are void"
        removal = await browser.post("/api/account/totp/removal", json={"code": renewed.json()["codes"][0]})
        assert removal.status_code == 204
        assert (await browser.sign_in("li.wei")).status_code == 200, "switched off: the password alone again"
        gone = await browser.post("/api/account/totp/removal", json={"code": codes[6]})
        assert code(gone) == "totp_off"
    used = [body for event, body in office.ledger("system") if event == "accounts:recovery_code_used"]
    assert (len(used), [left for left in (7, 8, 9) if any(f'"left":{left},' in body for body in used)]) == (3, [8, 9])


async def test_a_lost_telephone_is_reset_by_another_setup_person(office: Office) -> None:
    office.add("auditor", "auditor")
    async with office.browser() as browser, office.browser() as other:
        await browser.sign_in("li.wei")
        await set_up(browser)
        await other.sign_in("auditor")
        assert (await other.http.delete("/api/totp/li.wei", headers=other.headers)).status_code == 403
        own = await browser.http.delete("/api/totp/li.wei", headers=browser.headers)
        assert code(own) == "totp_own_reset"
        await other.sign_in("wang.fang")
        assert (await other.get("/api/totp")).json() == ["li.wei"]
        assert (await other.http.delete("/api/totp/li.wei", headers=other.headers)).status_code == 204
        assert (await browser.get("/api/session")).status_code == 401
        assert code(await other.http.delete("/api/totp/li.wei", headers=other.headers)) == "totp_off"
        assert code(await other.http.delete("/api/totp/nobody", headers=other.headers)) == "account_unknown"
        assert (await browser.sign_in("li.wei")).status_code == 200
    assert office.account("li.wei").renewed_at == START, "it cannot confirm for 24 hours"
    assert [body for event, body in office.ledger("system") if event == "accounts:totp_reset" and "wang.fang" in body]


async def test_powerful_roles_need_an_app_after_the_grace(office: Office) -> None:
    office.add("desk", "desk")
    office.add("demo.setup", "setup", demo=True)
    due = START + timedelta(days=14)
    async with office.browser() as browser:
        assert (await browser.sign_in("desk")).json()["totp_due"] is None
        assert (await browser.sign_in("demo.setup")).json()["totp_due"] is None
        first = (await browser.sign_in("li.wei")).json()
        assert datetime.fromisoformat(first["totp_due"]) == due
        assert (await browser.get("/api/accounts")).status_code == 200
        with clock.frozen(due - timedelta(minutes=5)):
            assert datetime.fromisoformat((await browser.sign_in("li.wei")).json()["totp_due"]) == due, "not given anew"
            assert (await browser.get("/api/accounts")).status_code == 200
        with clock.frozen(due):
            refused = await browser.get("/api/accounts")
            assert (refused.status_code, code(refused)) == (403, "totp_required"), "in the middle of a session, too"
            await browser.sign_in("li.wei")
            assert (await browser.get("/api/session")).status_code == 200
            assert code(await browser.get("/api/units")) == "totp_required"
            await set_up(browser, at=due)
            assert (await browser.get("/api/accounts")).status_code == 200
            assert (await browser.get("/api/session")).json()["totp_due"] is None


async def test_an_installation_may_ask_at_the_next_sign_in_or_not_at_all(sqlite_url: str, tmp_path: Path) -> None:
    strict = Settings(database_url=sqlite_url, data_dir=tmp_path, totp_roles=" desk , unit", totp_grace_days=0)
    assert strict.totp_roles == "desk,unit"
    with open_office(strict) as office, clock.frozen(START):
        office.add("li.wei", "setup")
        office.add("desk", "desk")
        async with office.browser() as browser:
            assert (await browser.sign_in("li.wei")).json()["totp_due"] is None
            await browser.sign_in("desk")
            assert code(await browser.get("/api/callbacks")) == "totp_required"
    assert Settings(totp_roles="").totp.roles == frozenset()
    with pytest.raises(ValueError, match="desks"):
        Settings(totp_roles="setup,desks")


async def test_own_password_and_sessions(office: Office) -> None:
    async with office.browser() as browser, office.browser() as other:
        await other.sign_in("li.wei")
        with clock.frozen(START + timedelta(minutes=10)):
            await browser.sign_in("li.wei")
            shown: list[dict[str, Any]] = (await browser.get("/api/account")).json()["sessions"]
            assert [one["current"] for one in shown] == [True, False]
            assert (await browser.post("/api/account/sessions/end")).json() == {"ended": 1}
            assert (await other.get("/api/session")).status_code == 401
            await other.sign_in("li.wei")
            weak = {"old": PASSWORD, "new": "li.wei"}
            assert code(await browser.post("/api/account/password", json=weak)) == "password_weak"
            wrong = {"old": "not the password", "new": "quite another walk"}
            for _ in range(5):
                assert code(await browser.post("/api/account/password", json=wrong)) == "password_wrong"
            right = {"old": PASSWORD, "new": "quite another walk"}
            assert code(await browser.post("/api/account/password", json=right)) == "sign_in_slowed"
        with clock.frozen(START + timedelta(minutes=11)):
            assert (await browser.post("/api/account/password", json=right)).status_code == 204
            assert (await browser.get("/api/session")).status_code == 200
            assert (await other.get("/api/session")).status_code == 401
            assert code(await other.sign_in("li.wei")) == "sign_in_failed"
    assert office.account("li.wei").renewed_at == START - timedelta(days=30), "as seasoned as it was"


async def test_pages_without_script_ask_for_the_code_too(office: Office) -> None:
    office.add("zhao.min", "inspector")
    async with office.browser() as browser:
        await browser.sign_in("zhao.min")
        _, codes = await set_up(browser)
        browser.http.cookies.clear()
        form = {"name": "zhao.min", "password": PASSWORD, "to": "/inspect"}
        asked = await browser.http.post("/signin?lang=zh", data=form)
        ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
        assert (asked.status_code, 'name="password"' in asked.text) == (401, False)
        assert ticket
        step = {"ticket": ticket[1], "to": "/inspect"}
        wrong = await browser.http.post("/signin?lang=zh", data={**step, "code": "7KQ4-M2TX-9D3H"})
        assert ("动态验证码不对" in wrong.text, ticket[1] in wrong.text) == (True, True)
        entered = await browser.http.post("/signin?lang=zh", data={**step, "code": codes[0]})
        assert (entered.status_code, entered.headers["location"]) == (303, "/inspect?lang=zh")


async def test_of_several_who_hand_in_one_code_at_once_one_gets_in(postgres_url: str, tmp_path: Path) -> None:
    """Here two transactions can look at the same row: SQLite has one writer anyway."""
    with open_office(Settings(database_url=postgres_url, data_dir=tmp_path)) as office, clock.frozen(START):
        office.add("li.wei", "setup")
        async with office.browser() as browser:
            await browser.sign_in("li.wei")
            secret, codes = await set_up(browser)
            for typed in (code_at(secret, START + STEP), codes[0]):
                ticket = await ticket_of(browser)
                answers = await asyncio.gather(*(second(browser, ticket, typed) for _ in range(4)))
                assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
                with office.work() as db:
                    db.scalars(select(AccountTotp)).one().failures = 0
