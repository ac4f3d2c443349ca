"""Signing in at the house's own provider (统一身份认证): OpenID Connect, authorization code with PKCE.

The provider says who it is. Which account that is, a claim says the first time, which holds the account's name; then
the account is bound to the person (``sub``), and nobody else of that name gets in. No account is ever made here.
Discovery, keys and the token endpoint are asked by the server; the browser carries a code and no token.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Engine

from api.auth.second_step import nobodys_hash, pass_keys
from api.auth.sessions import CodeAsked
from api.db import unit_of_work
from api.settings import Settings
from survey_models.accounts import linking, rules, service, totp
from survey_models.accounts.sealing import HalfSignIn, hash_digest
from survey_models.accounts.service import Started
from survey_models.core import clock
from survey_models.core.errors import Problem

BACK = "/api/session/provider/back"
ALGORITHMS = ["RS256", "ES256"]
STATE_LASTS = timedelta(minutes=10)
_STATE = b"provider sign-in"
_WELL_KNOWN = "/.well-known/openid-configuration"
_FRESH = timedelta(hours=1)
# A key that we do not know may be a new one; nobody makes us ask more often than this.
_ASK_AGAIN = timedelta(minutes=1)
_LONGEST = 262_144
_SECONDS = 10.0
_LEEWAY = 60


@dataclass(frozen=True)
class Known:
    """What the provider says of itself, and since when we know."""

    authorization: str
    token: str
    keys: KeySet
    at: datetime


@dataclass(frozen=True)
class Asked:
    """Where to send the browser, and what it keeps for us meanwhile (a cookie)."""

    address: str
    state: str


@dataclass(frozen=True)
class Answered:
    """What the browser brought back from the provider."""

    code: str
    state: str
    issuer: str | None = None


_known: dict[str, Known] = {}
_lock = threading.Lock()


def ask(settings: Settings) -> Asked:
    """Begin: a state against forged answers, a nonce against replayed ones, a verifier of which only the hash leaves.

    Raises ``oidc_off``, ``oidc_unreachable``.
    """
    _check_on(settings)
    at = clock.now()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": settings.public_url.rstrip("/") + BACK,
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    address = _provider(settings, at=at).authorization
    joined = "&" if urlsplit(address).query else "?"
    kept = pass_keys(settings).wrapped(_STATE, [state, nonce, verifier], at=at)
    return Asked(f"{address}{joined}{urlencode(query)}", kept)


def finish(
    engine: Engine, settings: Settings, answered: Answered, *, kept: str | None, replaces: str | None = None
) -> Started | CodeAsked:
    """End: the code is changed for an ID token, which is checked; the account that it names is signed in.

    Where the account has an authenticator app and the provider saw no second factor of its own
    (``PINGYI_OIDC_MFA``), a one-time code is asked for. Raises ``oidc_off``, ``oidc_unreachable``, ``oidc_refused``,
    ``oidc_no_account``, ``oidc_other_person``.
    """
    _check_on(settings)
    at = clock.now()
    found = pass_keys(settings).unwrapped(_STATE, kept or "", at=at, lasts=STATE_LASTS)
    if found is None:
        raise Problem("oidc_refused")
    (state, nonce, verifier), _ = found
    other = answered.issuer is not None and answered.issuer != settings.oidc_issuer
    if other or not hmac.compare_digest(answered.state.encode(), state.encode()):
        raise Problem("oidc_refused")
    claims = _claims(settings, _id_token(settings, answered.code, verifier, at=at), nonce=nonce, at=at)
    return _signed_in(engine, settings, claims, at=at, replaces=replaces)


def forget() -> None:
    """Ask the provider anew next time."""
    with _lock:
        _known.clear()


def _check_on(settings: Settings) -> None:
    if not settings.oidc_issuer:
        raise Problem("oidc_off")


def _signed_in(
    engine: Engine, settings: Settings, claims: dict[str, Any], *, at: datetime, replaces: str | None
) -> Started | CodeAsked:
    name, subject = _account_name(claims.get(settings.oidc_claim)), _subject(claims.get("sub"))
    strong = _has_second_factor(settings, claims)
    # Hashing takes long on purpose, and no transaction waits for it.
    spare = nobodys_hash(name)
    with unit_of_work(engine) as session:
        account = linking.find(session, settings.oidc_issuer, subject, name)
        if totp.is_on(session, account.id) and not strong:
            half = HalfSignIn(account.name, hash_digest(account.password_hash), service.PROVIDER, at, subject)
            return CodeAsked(pass_keys(settings).ticket(half))
        linking.bind(session, account, settings.oidc_issuer, subject, nobodys_hash=spare, at=at)
        started = service.start_session(
            session,
            account.name,
            password_hash=account.password_hash,
            at=at,
            lasts=settings.session_lasts,
            door=service.PROVIDER,
            replaces=replaces,
        )
        if strong:
            totp.note_strong(session, started.token, at=at, ends_at=at + settings.session_lasts)
        else:
            totp.note_asked(session, account.name, at=at, policy=settings.totp)
        return started


def _account_name(value: object) -> str:
    """The name in the claim. Raises ``oidc_no_account`` for what can be the name of no account."""
    try:
        return rules.stored_name(value if isinstance(value, str) else "")
    except Problem:
        raise Problem("oidc_no_account") from None


def _subject(value: object) -> str:
    """The provider's own name of the person, at most 255 characters (OpenID Connect Core 1.0, section 2)."""
    if not isinstance(value, str) or not 0 < len(value) <= linking.LONGEST_SUBJECT:
        raise Problem("oidc_refused")
    return value


def _has_second_factor(settings: Settings, claims: dict[str, Any]) -> bool:
    wanted = {value.strip() for value in settings.oidc_mfa.split(",") if value.strip()}
    methods = claims.get("amr")
    said = {claims.get("acr"), *(methods if isinstance(methods, list) else [methods])}
    return bool(wanted & {value for value in said if isinstance(value, str)})


def _id_token(settings: Settings, code: str, verifier: str, *, at: datetime) -> str:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": settings.public_url.rstrip("/") + BACK,
        "client_id": settings.oidc_client_id,
        "code_verifier": verifier,
    }
    secret = settings.oidc_secret
    auth = None if secret is None else httpx.BasicAuth(settings.oidc_client_id, secret)
    answer = _fetch("POST", _provider(settings, at=at).token, data=form, auth=auth)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Problem("oidc_refused")
    return token


def _claims(settings: Settings, text: str, *, nonce: str, at: datetime) -> dict[str, Any]:
    """The claims of a token that the provider signed, for us, now, and for this very sign-in."""
    registry = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = _decoded(settings, text, at=at)
        registry.validate(claims)
    except (JoseError, ValueError):
        raise Problem("oidc_refused") from None
    party = claims.get("azp", settings.oidc_client_id)
    if party != settings.oidc_client_id:
        raise Problem("oidc_refused")
    return claims


def _decoded(settings: Settings, text: str, *, at: datetime) -> dict[str, Any]:
    """With the keys that we know; once more with those that the provider has now."""
    known = _provider(settings, at=at)
    try:
        return dict(jwt.decode(text, known.keys, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError):
        if at - known.at < _ASK_AGAIN:
            raise
        fresh = _provider(settings, at=at, newer_than=known.at)
        return dict(jwt.decode(text, fresh.keys, algorithms=ALGORITHMS).claims)


def _provider(settings: Settings, *, at: datetime, newer_than: datetime | None = None) -> Known:
    """What the provider says of itself: asked once an hour."""
    with _lock:
        known = _known.get(settings.oidc_issuer)
        if known is not None and abs(at - known.at) < _FRESH and known.at != newer_than:
            return known
    said = _fetch("GET", settings.oidc_issuer.rstrip("/") + _WELL_KNOWN)
    if said.get("issuer") != settings.oidc_issuer:
        raise Problem("oidc_unreachable")
    addresses = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    authorization, token, keys = (_checked(address, settings.oidc_issuer) for address in addresses)
    try:
        key_set = KeySet.import_key_set(_fetch("GET", keys))  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError):
        raise Problem("oidc_unreachable") from None
    fresh = Known(authorization, token, key_set, at)
    with _lock:
        _known[settings.oidc_issuer] = fresh
    return fresh


def _checked(address: object, issuer: str) -> str:
    """An address of the provider: over https, as its issuer is (plain http only where the issuer is this machine)."""
    if not isinstance(address, str) or urlsplit(address).scheme not in {"https", urlsplit(issuer).scheme}:
        raise Problem("oidc_unreachable")
    return address


def _fetch(method: str, address: str, **more: Any) -> dict[str, Any]:
    """A small JSON object. Raises ``oidc_unreachable``; ``oidc_refused`` for what the provider refuses."""
    content = bytearray()
    try:
        with (
            httpx.Client(timeout=_SECONDS, headers={"Accept": "application/json"}) as client,
            client.stream(method, address, **more) as answer,
        ):
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _LONGEST:
                    raise Problem("oidc_unreachable")
        found = json.loads(content) if answer.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise Problem("oidc_unreachable") from None
    if 400 <= answer.status_code < 500 and method == "POST":
        raise Problem("oidc_refused")
    if not isinstance(found, dict):
        raise Problem("oidc_unreachable")
    return found
