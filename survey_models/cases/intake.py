"""One rating for each case (一事一评), inside the intake's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from survey_models.cases.rules import refusal
from survey_models.cases.tables import Case


@dataclass(frozen=True)
class Claim:
    """A new rating that says which case it rates, and when it was given."""

    rating_id: uuid.UUID
    window_id: str
    token: str
    given_at: datetime


def claim(connection: Connection, claims: Sequence[Claim], *, day: date) -> dict[uuid.UUID, str]:
    """Note the cases as rated; by rating why it is refused: ``case_unknown``, ``case_rated``, ``case_expired``.

    Of two ratings of one case the first that arrives is taken. Which rating it was is not kept.
    """
    refused: dict[uuid.UUID, str] = {}
    wanted: dict[tuple[str, str], Claim] = {}
    known = _known(connection, claims)
    for one in claims:
        place = (one.window_id, one.token)
        why = known[place].why(one.given_at) if place in known else "case_unknown"
        if why is None and place in wanted:
            why = "case_rated"
        if why is None:
            wanted[place] = one
        else:
            refused[one.rating_id] = why
    for place in wanted.keys() - _taken(connection, list(wanted), day=day):
        refused[wanted[place].rating_id] = "case_rated"
    return refused


@dataclass(frozen=True)
class _Known:
    rated: bool
    expires_at: datetime | None

    def why(self, given_at: datetime) -> str | None:
        return refusal(rated=self.rated, expires_at=self.expires_at, given_at=given_at)


def _known(connection: Connection, claims: Sequence[Claim]) -> dict[tuple[str, str], _Known]:
    windows, tokens = {one.window_id for one in claims}, {one.token for one in claims}
    query = select(Case.window_id, Case.token, Case.rated_on, Case.expires_at).where(
        Case.window_id.in_(windows), Case.token.in_(tokens)
    )
    rows = connection.execute(query)
    return {(row.window_id, row.token): _Known(row.rated_on is not None, row.expires_at) for row in rows}


def _taken(connection: Connection, places: Sequence[tuple[str, str]], *, day: date) -> set[tuple[str, str]]:
    """Note cases as rated; those that nobody noted before."""
    taken: set[tuple[str, str]] = set()
    for window_id in sorted({window_id for window_id, _ in places}):
        tokens = [token for window, token in places if window == window_id]
        open_ = Case.window_id == window_id, Case.token.in_(tokens), Case.rated_on.is_(None)
        found = connection.execute(update(Case).where(*open_).values(rated_on=day).returning(Case.token))
        taken |= {(window_id, token) for token in found.scalars() if token is not None}
    return taken
