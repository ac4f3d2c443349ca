"""Which sheets a correction names (剔除的范围): pure, and as a condition of a query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

from survey_models.ballots.tables import Ballot

Scope = Mapping[str, Any]
PublishedCell = tuple[int, int, str]


@dataclass(frozen=True)
class Held:
    """Some sheets: as they came in (batch and channel), or as the box holds them (published cell, file)."""

    cell: PublishedCell | None
    batch: int | None
    channel: str
    upload: uuid.UUID | None
    sheets: int


def cell_of(stratum_no: int, point_no: int, channel: str, joined: Mapping[int, int]) -> PublishedCell:
    """The published cell of a row of the box; rows of files stand under the stratum they were sent for."""
    return joined.get(stratum_no, stratum_no), point_no, channel


def matches(scope: Scope, held: Held) -> bool:
    """Whether a scope names these sheets."""
    if "upload" in scope:
        return held.upload is not None and str(held.upload) == scope["upload"]
    if "stratum" in scope:
        return held.cell == (scope["stratum"], scope["point"], scope["channel"])
    if held.batch is None:
        return False
    return bool(held.batch == scope["batch"] if "batch" in scope else held.channel == scope["channel"])


def named(scopes: Iterable[Scope], joined: Mapping[int, int]) -> ColumnElement[bool]:
    """Ballots that corrections after counting name. Never NULL: a ballot of no file is compared with no file."""
    wanted = [_condition(scope, joined) for scope in scopes if "stratum" in scope or "upload" in scope]
    return or_(false(), *wanted)


def _condition(scope: Scope, joined: Mapping[int, int]) -> ColumnElement[bool]:
    if "upload" in scope:
        return and_(Ballot.upload_id.is_not(None), Ballot.upload_id == uuid.UUID(scope["upload"]))
    strata: Sequence[int] = [scope["stratum"], *(no for no, into in joined.items() if into == scope["stratum"])]
    return and_(Ballot.stratum_no.in_(strata), Ballot.point_no == scope["point"], Ballot.channel == scope["channel"])
