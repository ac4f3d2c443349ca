"""Programs that act for a person: ``Authorization: Bearer pingyi_...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth import scopes
from api.auth.sessions import Actor, must_choose, must_set_up
from api.auth.token_rate import TokenRate
from api.db import reading, unit_of_work
from api.settings import Settings
from survey_models.accounts import tokens
from survey_models.core import clock
from survey_models.core.errors import Problem

if TYPE_CHECKING:
    from fastapi import Request

_rate = TokenRate()


def token_in(request: Request) -> str | None:
    """The access token that the request carries; None: none of ours, and the cookie decides."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    text = text.strip()
    return text if scheme.lower() == "bearer" and text.startswith(tokens.PREFIX) else None


def actor_by(request: Request, text: str) -> Actor:
    """The person whose program this is. Raises ``token_unknown``, ``token_scope_missing``, ``token_too_often``.

    No form of another site can set the header, so that no token against forged requests is asked for.
    """
    settings: Settings = request.app.state.settings
    engine, at = request.app.state.engine, clock.now()
    today = clock.local_day(at, settings.timezone)
    with reading(engine) as session:
        found = tokens.bearer(session, text, at=at, today=today)
        if found is None:
            raise Problem("token_unknown")
        account = found.account
        actor = Actor(
            account.id,
            account.name,
            tuple(account.roles),
            csrf="",
            office=account.office,
            unit_code=account.unit_code,
            area_code=account.area_code,
            sworn=account.sworn,
            must_set_up=must_set_up(session, account.id, account.roles, settings=settings, at=at),
            must_choose=must_choose(account, settings=settings),
        )
    _rate.count(found.token_id, per_minute=settings.token_rate, at=at)
    if not scopes.opened_by(found.scopes, getattr(request.scope.get("route"), "operation_id", None)):
        raise Problem("token_scope_missing", scopes=", ".join(sorted(found.scopes)))
    if found.stale:
        with unit_of_work(engine) as session:
            tokens.note_use(session, found.token_id, today=today)
    return actor
