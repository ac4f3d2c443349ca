"""Decisions about acts that need two people (两人事项)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from survey_models.acts.tables import ActState
from survey_models.core.errors import Problem

GOOD_FOR = timedelta(hours=24)


class _Asked(Protocol):
    state: str
    asked_by: str
    asked_at: datetime


def lapses_at(act: _Asked) -> datetime:
    """Until when it can be confirmed."""
    return act.asked_at + GOOD_FOR


def state_of(act: _Asked, at: datetime) -> ActState:
    """The state at ``at``. An act lapses by time alone; no job has to write that down."""
    stored = ActState(act.state)
    return ActState.EXPIRED if stored is ActState.ASKED and at >= lapses_at(act) else stored


def check_confirmable(act: _Asked, *, by: str, at: datetime) -> None:
    """Refuse an act that is dealt with (``act_done``), lapsed (``act_expired``) or one's own (``act_same_person``)."""
    state = state_of(act, at)
    if state is ActState.EXPIRED:
        raise Problem("act_expired")
    if state is not ActState.ASKED:
        raise Problem("act_done")
    if act.asked_by == by:
        raise Problem("act_same_person")
