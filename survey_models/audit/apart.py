"""Separation of duties (职责分离): who asked for what needs two people, who confirmed it, what an auditor asks about.

That accuses nobody: the rules allow what is asked about, and somebody should be able to explain it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role
from survey_models.acts.rules import state_of
from survey_models.acts.tables import Act, ActState
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.tables import LedgerEntry

QUICK = timedelta(seconds=60)
# By these a person lets another in, or gives them what they confirm with.
_LETS_IN = (Event.ACCOUNT_MADE, Event.ACCOUNT_RESET, Event.ACCOUNT_CHANGED, Event.ACCOUNT_ENABLED, Event.TOTP_RESET)


class Ask(StrEnum):
    """What an auditor asks about: the asker let the second person in; confirmed within a minute."""

    LET_IN_BY_ASKER = "let_in_by_asker"
    QUICK = "quick"


@dataclass(frozen=True)
class Pair:
    """One act of two people, as it stands."""

    act: Act
    state: ActState
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Person:
    """An account, how often it asked and confirmed; ``both``: it holds setup and release."""

    name: str
    roles: tuple[str, ...]
    asked: int
    confirmed: int
    both: bool


def pairs(session: Session, *, at: datetime) -> list[Pair]:
    """Every act of two people, the newest first, with what should be asked about."""
    let_in = _let_in(session)
    acts = session.scalars(select(Act).order_by(Act.number.desc())).all()
    return [Pair(act, state_of(act, at), _asks(act, let_in)) for act in acts]


def people(session: Session, found: Sequence[Pair]) -> list[Person]:
    """Everybody who asked, confirmed, or could: accounts with setup or release, by name."""
    asked = Counter(pair.act.asked_by for pair in found)
    confirmed = Counter(pair.act.confirmed_by for pair in found if pair.act.confirmed_by)
    roles = {row.name: tuple(row.roles) for row in accounts.listed(session)}
    powerful = {name for name, held in roles.items() if {Role.SETUP, Role.RELEASE} & set(held)}
    return [
        Person(
            name=name,
            roles=roles.get(name, ()),
            asked=asked[name],
            confirmed=confirmed[name],
            both={Role.SETUP, Role.RELEASE} <= set(roles.get(name, ())),
        )
        for name in sorted(powerful | set(asked) | set(confirmed))
    ]


def _asks(act: Act, let_in: Mapping[tuple[str, str], datetime]) -> tuple[Ask, ...]:
    if act.confirmed_by is None or act.confirmed_at is None:
        return ()
    found = []
    since = let_in.get((act.asked_by, act.confirmed_by))
    if since is not None and since <= act.confirmed_at:
        found.append(Ask.LET_IN_BY_ASKER)
    if act.confirmed_at - act.asked_at < QUICK:
        found.append(Ask.QUICK)
    return tuple(found)


def _let_in(session: Session) -> dict[tuple[str, str], datetime]:
    """When somebody first made, changed, reset or enabled another's account, by who did it and whose it is."""
    query = (
        select(LedgerEntry.body, LedgerEntry.at)
        .where(LedgerEntry.log == SYSTEM_LOG, LedgerEntry.event.in_([event.value for event in _LETS_IN]))
        .order_by(LedgerEntry.at)
    )
    found: dict[tuple[str, str], datetime] = {}
    for raw, at in session.execute(query):
        body: dict[str, Any] = json.loads(raw)
        if body.get("by") and at is not None:
            found.setdefault((body["by"], body["account"]), at)
    return found
