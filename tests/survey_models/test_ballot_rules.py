"""The pure decisions of the ballot door."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_models.ballots.rules import Known, Verdict, check_sheet, decide
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import Form, read_form, unit_questionnaire

UNITS = [{"code": f"U{no}", "name": f"单位{no}", "category": "甲"} for no in range(5)]


def form(**more: Any) -> Form:
    doc = unit_questionnaire(title={"zh": "测试", "en": "Test"}, units=UNITS)
    return read_form("f", 1, {**doc, **more})


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        (Known("live", expired=False, ballot_id_known=False), Verdict.STORE),
        (Known("spent", expired=False, ballot_id_known=True), Verdict.REPLAY),
        (Known("spent", expired=True, ballot_id_known=True), Verdict.REPLAY),
        (Known("spent", expired=False, ballot_id_known=False), "ticket_used"),
        (Known("live", expired=False, ballot_id_known=True), "ballot_id_taken"),
        (Known("live", expired=True, ballot_id_known=False), "ticket_expired"),
        (Known("void", expired=False, ballot_id_known=False), "ticket_void"),
        (Known("void", expired=False, ballot_id_known=True), "ticket_void"),
        (Known("reserve", expired=False, ballot_id_known=False), "ticket_unknown"),
        (Known(None, expired=False, ballot_id_known=False), "ticket_unknown"),
        (Known(None, expired=False, ballot_id_known=True), "ticket_unknown"),
    ],
)
def test_what_becomes_of_a_sheet(known: Known, outcome: Verdict | str) -> None:
    if isinstance(outcome, Verdict):
        assert decide(known) is outcome
        return
    with pytest.raises(Problem) as refused:
        decide(known)
    assert refused.value.code == outcome


@given(st.text(alphabet="1230-!49 x", min_size=7, max_size=7))
def test_a_sheet_is_accepted_exactly_when_its_codes_are(answers: str) -> None:
    good = all(code in "1230-" for code in answers[:5]) and answers[5] in "1234-" and answers[6] in "12-"
    judged = answers[:5] != "-----"
    if good and judged:
        check_sheet(form(), answers, "all")
        return
    with pytest.raises(Problem) as refused:
        check_sheet(form(), answers, "all")
    assert refused.value.code == ("option_outside_scale" if not good else "ballot_empty")


def test_only_paper_may_hold_invalid_cells() -> None:
    check_sheet(form(), "1!230--", "all", allow_invalid=True)
    with pytest.raises(Problem):
        check_sheet(form(), "1!230--", "all")


def test_a_variant_carries_only_its_items() -> None:
    few = form(variants={"few": ["U0", "age"]}, blank_allowed=False)
    check_sheet(few, "1----1-", "few")
    for answers, code in (("11-----", "unit_not_in_variant"), ("1-----1", "unit_not_in_variant")):
        with pytest.raises(Problem) as refused:
            check_sheet(few, answers, "few")
        assert refused.value.code == code
