"""The states of a campaign, decided in one place (评议的状态). The table in docs/states.md is made from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from survey_models.campaigns.tables import State
from survey_models.core.errors import Problem


class Act(StrEnum):
    """What can be done to a campaign or inside it."""

    STATE_ESTIMATION = "state_estimation"
    SET_NOTICE = "set_notice"
    SEAL = "seal"
    SEAL_FIRST = "seal_first"
    PREPARE = "prepare"
    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"
    COUNT = "count"
    FINISH_COUNT = "finish_count"
    PUBLISH = "publish"
    CAST = "cast"
    ACCEPT_FILES = "accept_files"
    CHANGE_TICKETS = "change_tickets"
    REISSUE_TICKETS = "reissue_tickets"
    VOID_SEALED = "void_sealed"
    VOID_COUNTED = "void_counted"
    SEE_SCORES = "see_scores"


class Level(StrEnum):
    """What stands between a ballot and whoever reads the database (保密级别).

    ``open``: nothing. ``sealed_server``: it is sealed, and the key lies on the server. ``sealed_office``: it is
    sealed, and the key lies with the counting office (计票处).
    """

    OPEN = "open"
    SEALED_SERVER = "sealed_server"
    SEALED_OFFICE = "sealed_office"


def level(key_kept: str | None) -> Level:
    """The level by who keeps the key; None: there is none."""
    return Level.OPEN if key_kept is None else Level(f"sealed_{key_kept}")


@dataclass(frozen=True)
class Rule:
    """From which states an act is allowed, where it leads (None: stays), and whether two people do it."""

    allowed_in: frozenset[State]
    leads_to: State | None = None
    two_people: bool = False


RULES: dict[Act, Rule] = {
    Act.STATE_ESTIMATION: Rule(frozenset({State.DRAFT, State.READY})),
    Act.SET_NOTICE: Rule(frozenset({State.DRAFT, State.READY, State.OPEN})),
    Act.SEAL: Rule(frozenset({State.DRAFT})),
    Act.SEAL_FIRST: Rule(frozenset({State.DRAFT, State.READY, State.OPEN, State.CLOSED})),
    Act.PREPARE: Rule(frozenset({State.DRAFT}), State.READY),
    Act.OPEN: Rule(frozenset({State.READY}), State.OPEN, two_people=True),
    Act.CLOSE: Rule(frozenset({State.OPEN}), State.CLOSED),
    Act.REOPEN: Rule(frozenset({State.CLOSED}), State.OPEN, two_people=True),
    Act.COUNT: Rule(frozenset({State.CLOSED}), State.COUNTING, two_people=True),
    Act.FINISH_COUNT: Rule(frozenset({State.COUNTING}), State.COUNTED),
    Act.PUBLISH: Rule(frozenset({State.COUNTED}), State.PUBLISHED, two_people=True),
    Act.CAST: Rule(frozenset({State.OPEN})),
    Act.ACCEPT_FILES: Rule(frozenset({State.OPEN, State.CLOSED})),
    Act.CHANGE_TICKETS: Rule(frozenset({State.DRAFT, State.READY, State.OPEN, State.CLOSED})),
    Act.REISSUE_TICKETS: Rule(frozenset({State.DRAFT, State.READY, State.OPEN})),
    Act.VOID_SEALED: Rule(frozenset({State.OPEN, State.CLOSED}), two_people=True),
    Act.VOID_COUNTED: Rule(frozenset({State.COUNTED, State.PUBLISHED}), two_people=True),
    Act.SEE_SCORES: Rule(frozenset({State.COUNTED, State.PUBLISHED})),
}
_BEFORE_OPENING = frozenset({State.DRAFT, State.READY})


def after(state: str, act: Act) -> State:
    """The state after ``act``. Raises the refusal that fits the state."""
    rule = RULES[act]
    present = State(state)
    if present in rule.allowed_in:
        return rule.leads_to or present
    if act is Act.CAST:
        raise Problem("campaign_not_open" if present in _BEFORE_OPENING else "campaign_closed")
    if act is Act.SEE_SCORES:
        raise Problem("campaign_not_counted" if present in {State.CLOSED, State.COUNTING} else "campaign_open")
    raise Problem("act_not_allowed", state=present.value, act=act.value)


def possible(state: str) -> list[Act]:
    """The acts that a person may ask for in ``state``."""
    by_people = (Act.OPEN, Act.CLOSE, Act.REOPEN, Act.COUNT)
    return [act for act in by_people if State(state) in RULES[act].allowed_in]


class _Dated(Protocol):
    state: str
    accept_until: datetime | None


def check_accepts_files(campaign: _Dated, at: datetime) -> None:
    """Contractors' files enter while the campaign is open, and after closing until ``accept_until``."""
    after(campaign.state, Act.ACCEPT_FILES)
    if campaign.state == State.CLOSED and campaign.accept_until is not None and at > campaign.accept_until:
        raise Problem("act_not_allowed", state=campaign.state, act=Act.ACCEPT_FILES.value)
