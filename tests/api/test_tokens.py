"""Access tokens over HTTP: scopes, ends, revocation, rate, and the doors that they never open."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.auth import bearers, guards
from api.auth.scopes import OPERATIONS
from api.auth.token_rate import TokenRate
from api.settings import Settings
from survey_models.accounts import service, tokens
from survey_models.accounts.rules import Role
from survey_models.accounts.tokens import SCOPE_ROLES, Scope
from survey_models.core import clock
from tests.api.office import PASSWORD, START, Browser, Office, open_office
from tests.architecture.test_routes import calls, endpoints


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(Settings(database_url=sqlite_url, data_dir=tmp_path, token_rate=7)) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        made.add("firm", "contractor")
        yield made


@pytest.fixture(autouse=True)
def fresh_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearers, "_rate", TokenRate())


async def make(browser: Browser, *scopes: str, days: int = 30, **more: Any) -> httpx.Response:
    body = {"label": "the firm's system", "scopes": scopes, "days": days, "password": PASSWORD, **more}
    return await browser.post("/api/account/tokens", json=body)


def bearing(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def test_a_token_opens_its_scopes_and_nothing_else(office: Office) -> None:
    async with office.browser() as browser, office.browser() as program:
        await browser.sign_in("li.wei")
        assert code(await make(browser, "progress:read", password="not the password")) == "password_wrong"
        assert code(await make(browser, "progress:all")) == "token_scope_unknown"
        assert code(await make(browser, "marks:write")) == "token_scope_not_yours"
        assert (await make(browser, "progress:read", days=367)).status_code == 422
        made = await make(browser, "progress:read")
        headers = bearing(made)
        assert (await program.http.get("/api/campaigns", headers=headers)).status_code == 200
        for path in ("/api/accounts", "/api/account", "/api/session", "/api/ledger", "/api/uploads", "/api/units"):
            refused = await program.http.get(path, headers=headers)
            assert (refused.status_code, code(refused)) == (403, "token_scope_missing"), path
    kept = [body for _, body in office.ledger("system")]
    assert not [body for body in kept if made.json()["token"] in body]
    assert [body for event, body in office.ledger("system") if event == "tokens:made" and "progress:read" in body]


async def test_a_program_sends_without_a_session_or_its_csrf_token(office: Office) -> None:
    async with office.browser() as browser, office.browser() as program:
        await browser.sign_in("firm")
        headers = bearing(await make(browser, "uploads:write"))
        answer = await program.http.post("/api/uploads/nothing/accept", headers=headers)
        assert code(answer) != "csrf_refused"
        assert answer.status_code in {404, 422}
        assert (await program.http.get("/api/uploads", headers=headers)).status_code == 200
        shown = (await browser.get("/api/account")).json()["tokens"][0]
        assert (shown["used_on"], shown["alive"], "token" in shown) == ("2026-11-23", True, False)
        forged = {"Authorization": "Bearer pingyi_made-up"}
        unknown = await browser.http.get("/api/uploads", headers=forged)
        assert (unknown.status_code, code(unknown)) == (401, "token_unknown"), "the cookie does not stand in"


async def test_a_token_ends_and_is_revoked(office: Office) -> None:
    async with office.browser() as browser, office.browser() as program:

        async def opens(headers: dict[str, str]) -> bool:
            return (await program.http.get("/api/uploads", headers=headers)).status_code == 200

        await browser.sign_in("firm")
        short, long = [await make(browser, "uploads:write", days=days) for days in (1, 366)]
        assert await opens(bearing(short))
        with clock.frozen(START + timedelta(hours=23, minutes=59)):
            assert await opens(bearing(short))
        with clock.frozen(START + timedelta(days=1)):
            assert not await opens(bearing(short))
            assert await opens(bearing(long))
        with clock.frozen(START + timedelta(days=366)):
            assert not await opens(bearing(long))
        path = f"/api/account/tokens/{long.json()['id']}"
        async with office.browser() as other:
            await other.sign_in("li.wei")
            assert code(await other.http.delete(path, headers=other.headers)) == "token_not_there", "somebody else's"
        for _ in range(2):
            assert (await browser.http.delete(path, headers=browser.headers)).status_code == 204
        assert not await opens(bearing(long))
        assert [event for event, _ in office.ledger("system")].count("tokens:revoked") == 1
        with office.work() as db:
            service.get(db, "firm").disabled = True
        assert not await opens(bearing(short))
        with office.work() as db:
            service.get(db, "firm").disabled = False
            service.reset(db, "firm", password_hash="x", at=START + timedelta(minutes=1))
        assert not await opens(bearing(short)), "a reset account's tokens are void"


async def test_a_token_is_slowed_by_the_minute(office: Office) -> None:
    async with office.browser() as browser, office.browser() as program:
        await browser.sign_in("firm")
        headers, other = [bearing(await make(browser, "uploads:write")) for _ in range(2)]
        for _ in range(7):
            assert (await program.http.get("/api/uploads", headers=headers)).status_code == 200
        slowed = await program.http.get("/api/uploads", headers=headers)
        assert (slowed.status_code, code(slowed), slowed.headers["retry-after"]) == (429, "token_too_often", "60")
        assert (await program.http.get("/api/uploads", headers=other)).status_code == 200
        assert (await browser.get("/api/uploads")).status_code == 200, "the person's own session is not slowed"
        with clock.frozen(START + timedelta(seconds=60)):
            assert (await program.http.get("/api/uploads", headers=headers)).status_code == 200


async def test_an_account_has_so_many_at_most(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST_ALIVE", 3)
    async with office.browser() as browser:
        await browser.sign_in("firm")
        for _ in range(3):
            bearing(await make(browser, "uploads:write", days=1))
        assert code(await make(browser, "uploads:write")) == "token_too_many"
        with clock.frozen(START + timedelta(days=1)):
            await browser.sign_in("firm")
            assert (await make(browser, "uploads:write")).status_code == 201, "those that have ended do not count"


def test_scopes_name_endpoints_that_a_signed_in_person_may_call_alone(office: Office) -> None:
    found = {route.operation_id: list(calls(route.dependant)) for route in endpoints(office.app)}
    listed = set().union(*OPERATIONS.values())
    assert set(OPERATIONS) == set(SCOPE_ROLES) == set(Scope)
    assert listed <= set(found)
    own = {name for name in found if name} & {
        "sign_in",
        "sign_out",
        "read_own_account",
        "make_token",
        "revoke_own_token",
        "create_account",
        "list_accounts",
        "confirm_act",
        "reset_totp",
    }
    assert len(own) == 9
    assert not listed & own
    for operation in sorted(listed):
        signed = [one for one in found[operation] if isinstance(one, guards.Signed)]
        assert signed, operation
        assert not any(isinstance(one, guards.SecondPerson) for one in found[operation]), operation
        assert not any(one.unproven or one.unsworn for one in signed), operation
    for scope, roles in SCOPE_ROLES.items():
        admitted: set[Role] = set()
        for operation in OPERATIONS[scope]:
            admitted.update(*(one.roles for one in found[operation] if isinstance(one, guards.Signed)))
        assert roles <= admitted, scope
