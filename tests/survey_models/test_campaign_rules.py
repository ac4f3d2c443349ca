"""The states of a campaign: what is allowed when, and that nothing else is."""

from __future__ import annotations

import pytest

from survey_models.campaigns.rules import RULES, Act, after, possible
from survey_models.campaigns.tables import State
from survey_models.core.errors import Problem

PATH = [Act.PREPARE, Act.OPEN, Act.CLOSE, Act.COUNT, Act.FINISH_COUNT, Act.PUBLISH]


def test_the_states_are_passed_in_order() -> None:
    state = State.DRAFT
    for act in PATH:
        state = after(state, act)
    assert state is State.PUBLISHED


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("state", list(State))
def test_every_act_in_every_state_is_decided(state: State, act: Act) -> None:
    rule = RULES[act]
    if state in rule.allowed_in:
        assert after(state, act) in {rule.leads_to, state}
    else:
        with pytest.raises(Problem):
            after(state, act)


def test_the_only_way_back_is_reopening_by_two_people() -> None:
    order = list(State)
    back = [
        act
        for act, rule in RULES.items()
        for state in rule.allowed_in
        if rule.leads_to is not None and order.index(rule.leads_to) < order.index(state)
    ]
    assert back == [Act.REOPEN]
    assert RULES[Act.REOPEN].two_people


@pytest.mark.parametrize(
    ("state", "act", "code"),
    [
        (State.DRAFT, Act.CAST, "campaign_not_open"),
        (State.READY, Act.CAST, "campaign_not_open"),
        (State.CLOSED, Act.CAST, "campaign_closed"),
        (State.PUBLISHED, Act.CAST, "campaign_closed"),
        (State.OPEN, Act.SEE_SCORES, "campaign_open"),
        (State.CLOSED, Act.SEE_SCORES, "campaign_not_counted"),
        (State.COUNTING, Act.SEE_SCORES, "campaign_not_counted"),
        (State.OPEN, Act.COUNT, "act_not_allowed"),
    ],
)
def test_the_refusal_fits_the_state(state: State, act: Act, code: str) -> None:
    with pytest.raises(Problem) as refused:
        after(state, act)
    assert refused.value.code == code


def test_what_a_person_may_ask_for() -> None:
    assert possible("ready") == [Act.OPEN]
    assert possible("closed") == [Act.REOPEN, Act.COUNT]
    assert possible("counted") == []
