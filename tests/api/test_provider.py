"""Signing in at a provider: a small one of our own over HTTP, and everything that it could get wrong."""

from __future__ import annotations

import hashlib
import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from api.auth import provider
from api.settings import Settings
from survey_models.accounts import one_time, service, totp
from survey_models.accounts.sealing import PassKeys
from survey_models.core import clock
from tests.api.office import START, Browser, Office, open_office

CLIENT, SECRET = "pingyi", "the client's secret"


@dataclass
class House:
    """The provider: who signs in there, how it signs, and what it has seen."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"preferred_username": "li.wei"})
    alter: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    use: str = "RS256"
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(clock.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        header = {"alg": self.use, "kid": self.use}
        signing = self.keys[self.use]
        body = {**claims, **self.claims, **self.alter}
        return jwt.encode(header, body, signing, algorithms=["RS256", "ES256", "HS256"])

    def answer(self, path: str, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        self.fetched.append(path)
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "/ask", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return 200, {"issuer": self.issuer, **{name: self.issuer + at for name, at in names.items()}}
        if path == "/keys":
            public = [one for name, one in self.keys.items() if name != "HS256"]
            return 200, dict(KeySet(public).as_dict(private=False))
        asked = self.asked.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = asked is not None and asked["code_challenge"] == challenge and basic == f"{CLIENT}:{SECRET}"
        if asked is None or not right or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"id_token": self.id_token(asked), "access_token": "x", "token_type": "Bearer"}


@pytest.fixture(scope="module")
def signing() -> dict[str, Any]:
    rsa = RSAKey.generate_key(2048, {"kid": "RS256"}, private=True)
    return {"RS256": rsa, "ES256": ECKey.generate_key("P-256", {"kid": "ES256"}, private=True)}


@pytest.fixture
def house(signing: dict[str, Any]) -> Iterator[House]:
    made = House(keys=dict(signing))

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            kind, _, packed = self.headers.get("authorization", "").partition(" ")
            status, body = made.answer(self.path, form, b64decode(packed).decode() if kind == "Basic" else "")
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    made.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    provider.forget()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    provider.forget()


@pytest.fixture
def office(house: House, sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    settings = Settings(
        database_url=sqlite_url,
        data_dir=tmp_path,
        oidc_issuer=house.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret_file=secret,
        oidc_mfa="otp, urn:house:strong",
    )
    with open_office(settings) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        yield made


async def go(browser: Browser, house: House, **alter: str) -> httpx.Response:
    """There and back: what the console's door answers."""
    start = await browser.get("/api/session/provider/start")
    assert start.status_code == 303, start.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(start.headers["location"]).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    house.asked["a code"] = asked
    back = {"code": "a code", "state": asked["state"], "iss": house.issuer, **alter}
    path = urlsplit(asked["redirect_uri"]).path
    return await browser.get(f"{path}?{urlencode(back)}")


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    assert "sid=" not in answer.headers.get("set-cookie", "")
    return str(parse_qs(urlsplit(answer.headers["location"]).query)["refused"][0])


@pytest.mark.parametrize("use", ["RS256", "ES256"])
async def test_the_account_that_the_claim_names_is_signed_in(office: Office, house: House, use: str) -> None:
    house.use = use
    async with office.browser() as browser:
        assert (await browser.get("/api/session/provider")).json() == {"label": "统一身份认证"}
        answer = await go(browser, house)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
        shown = (await browser.get("/api/session")).json()
        assert (shown["name"], shown["roles"]) == ("li.wei", ["setup"])
        assert "provider" not in browser.http.cookies, "good once"
    assert [body for event, body in office.ledger("system") if event == "accounts:signed_in" and '"provider"' in body]


async def test_no_account_is_made_and_none_but_the_named_one_opened(office: Office, house: House) -> None:
    async with office.browser() as browser:
        for claims in ({"preferred_username": "wang.fang"}, {"preferred_username": ["li.wei"]}, {"email": "li.wei"}):
            house.claims = claims
            assert refused(await go(browser, house)) == "oidc_no_account"
        house.claims = {"preferred_username": "li.wei"}
        with office.work() as db:
            service.get(db, "li.wei").disabled = True
            assert len(service.listed(db)) == 1
        assert refused(await go(browser, house)) == "oidc_no_account"


async def test_an_account_is_bound_to_the_person_and_not_to_the_name(office: Office, house: House) -> None:
    office.add("sun.hong", "release")
    async with office.browser() as browser, office.browser() as release:
        assert (await go(browser, house)).headers["location"] == "/console/"
        assert office.account("li.wei").renewed_at == START, "a new way in: it confirms nothing for a day"
        house.alter = {"sub": "2"}
        assert refused(await go(browser, house)) == "oidc_other_person", "another one who is called so by now"
        house.alter = {"preferred_username": "called.otherwise"}
        assert (await go(browser, house)).headers["location"] == "/console/"
        assert (await browser.get("/api/session")).json()["name"] == "li.wei"
        assert (await browser.get("/api/provider-links")).status_code == 403, "never by setup"
        house.alter = {"sub": None}
        assert refused(await go(browser, house)) == "oidc_refused"
        await release.sign_in("sun.hong")
        assert (await release.get("/api/provider-links")).json() == ["li.wei"]
        for name, code in (("sun.hong", "oidc_own_link"), ("nobody", "account_unknown")):
            gone = await release.http.delete(f"/api/provider-links/{name}", headers=release.headers)
            assert gone.json()["code"] == code
        path = "/api/provider-links/li.wei"
        with clock.frozen(START + timedelta(minutes=10)):
            assert (await release.http.delete(path, headers=release.headers)).status_code == 204
            again = await release.http.delete(path, headers=release.headers)
            assert again.json()["code"] == "oidc_not_linked"
        assert office.account("li.wei").renewed_at == START + timedelta(minutes=10)
        house.alter = {"sub": "2"}
        assert (await go(browser, house)).headers["location"] == "/console/"
    events = [event for event, _ in office.ledger("system")]
    assert [events.count(f"accounts:provider_{name}") for name in ("linked", "unlinked")] == [2, 1]


async def test_a_first_password_ends_with_the_first_sign_in_there(office: Office, house: House) -> None:
    with office.work() as db:
        service.get(db, "li.wei").first_password = True
    async with office.browser() as browser, office.browser() as maker:
        assert (await maker.sign_in("li.wei")).json()["choose_password"] is True
        assert (await go(browser, house)).headers["location"] == "/console/"
        assert (await browser.get("/api/accounts")).status_code == 200
        assert (await maker.sign_in("li.wei")).json()["code"] == "sign_in_failed", "who gave it is out"


async def test_what_is_forged_late_or_for_others_is_refused(office: Office, house: House) -> None:
    past = int((START - timedelta(hours=1)).timestamp())
    async with office.browser() as browser, office.browser() as other:
        faults: list[dict[str, Any]] = [
            {"iss": "https://elsewhere.example"},
            {"aud": "another client"},
            {"nonce": "of another sign-in"},
            {"exp": past},
            {"azp": "another client"},
        ]
        for fault in faults:
            house.alter = fault
            assert refused(await go(browser, house)) == "oidc_refused", fault
        house.alter = {}
        for back in ({"state": "x"}, {"code": "x"}, {"iss": "https://elsewhere.example"}):
            assert refused(await go(browser, house, **back)) == "oidc_refused", back
        start = await browser.get("/api/session/provider/start")
        state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
        elsewhere = await other.get(f"/api/session/provider/back?code=a+code&state={state}")
        assert refused(elsewhere) == "oidc_refused", "another browser"
        house.keys["RS256"] = RSAKey.generate_key(2048, {"kid": "RS256"}, private=True)
        with clock.frozen(START + timedelta(seconds=30)):
            assert refused(await go(browser, house)) == "oidc_refused", "a key that we do not know, asked a moment ago"
        with clock.frozen(START + timedelta(minutes=2)):
            assert (await go(browser, house)).headers["location"] == "/console/", "the provider has a new key"
        assert house.fetched.count("/keys") == 2


async def test_a_one_time_code_is_asked_unless_the_provider_saw_a_second_factor(office: Office, house: House) -> None:
    keys = PassKeys(office.app.state.pepper)
    with office.work() as db:
        secret = totp.new_secret(db, "li.wei", keys=keys)
        code = one_time.code_of(secret, one_time.step_at(START))
        recovery = totp.prove(db, "li.wei", code, keys=keys, at=START)
    async with office.browser() as browser:
        half = await go(browser, house)
        page, _, ticket = half.headers["location"].partition("#")
        assert (page, "sid=" in half.headers.get("set-cookie", "")) == ("/console/sign-in", False)
        body = {"ticket": ticket, "code": recovery[0]}
        assert (await browser.http.post("/api/session/code", json=body)).status_code == 200
        for said in ({"amr": ["pwd", "otp"]}, {"acr": "urn:house:strong"}):
            house.alter = said
            assert (await go(browser, house)).headers["location"] == "/console/"
        house.alter = {"amr": ["pwd"], "acr": "0"}
        assert "#" in (await go(browser, house)).headers["location"]


async def test_a_second_factor_there_stands_for_the_app_here(office: Office, house: House) -> None:
    late = START + timedelta(days=15)
    async with office.browser() as browser, office.browser() as other:
        await go(browser, house)
        with clock.frozen(late):
            await go(browser, house)
            assert (await browser.get("/api/accounts")).json()["code"] == "totp_required"
            house.alter = {"amr": ["otp"]}
            await go(other, house)
            assert (await other.get("/api/accounts")).status_code == 200
            assert (await browser.get("/api/accounts")).status_code == 403, "of that session alone"


async def test_a_provider_that_is_away_or_off(office: Office, house: House, tmp_path: Path) -> None:
    async with office.browser() as browser:
        issuer, house.issuer = house.issuer, "https://elsewhere.example"
        away = await browser.get("/api/session/provider/start")
        assert (away.status_code, away.json()["code"]) == (503, "oidc_unreachable"), "it says to be another"
        house.issuer = issuer
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await browser.http.get("/api/session/provider/start", headers=headers)).status_code == 403
    plain = Settings(database_url=office.settings.database_url, data_dir=tmp_path)
    with open_office(plain) as without:
        async with without.browser() as browser:
            assert (await browser.get("/api/session/provider")).json() == {"label": None}
            for path in ("start", "back"):
                answer = await browser.get(f"/api/session/provider/{path}")
                assert (answer.status_code, answer.json()["code"]) == (404, "oidc_off")


def test_an_issuer_is_reached_over_https() -> None:
    for issuer in ("http://id.example", "id.example"):
        with pytest.raises(ValueError, match="issuer"):
            Settings(oidc_issuer=issuer)
    assert Settings(oidc_issuer="https://id.example").oidc_issuer == "https://id.example"
