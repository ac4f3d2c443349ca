"""Decisions about two-person acts that need no database."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from survey_models.acts import rules
from survey_models.acts.tables import ActState
from survey_models.core.errors import Problem

AT = datetime(2026, 11, 22, tzinfo=UTC)
JUST_BEFORE = AT + timedelta(hours=24) - timedelta(microseconds=1)


@dataclass
class Asked:
    state: str = "asked"
    asked_by: str = "li.wei"
    asked_at: datetime = AT


def test_an_act_lapses_by_time_alone() -> None:
    assert rules.state_of(Asked(), JUST_BEFORE) is ActState.ASKED
    assert rules.state_of(Asked(), AT + timedelta(hours=24)) is ActState.EXPIRED
    assert rules.state_of(Asked(state="confirmed"), AT + timedelta(days=9)) is ActState.CONFIRMED


@pytest.mark.parametrize(
    ("act", "by", "at", "code"),
    [
        (Asked(), "li.wei", AT, "act_same_person"),
        (Asked(), "wang.fang", AT + timedelta(hours=24), "act_expired"),
        (Asked(state="confirmed"), "wang.fang", AT, "act_done"),
        (Asked(state="refused"), "wang.fang", AT, "act_done"),
    ],
)
def test_what_cannot_be_confirmed(act: Asked, by: str, at: datetime, code: str) -> None:
    with pytest.raises(Problem) as refused:
        rules.check_confirmable(act, by=by, at=at)
    assert refused.value.code == code
    rules.check_confirmable(replace(act, state="asked"), by="wang.fang", at=JUST_BEFORE)
