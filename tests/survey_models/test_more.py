"""What a sheet may hold besides its single choices."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from survey_models.ballots.rules import check_sheet
from survey_models.ballots.sealing import BLOCK, padded, unpadded
from survey_models.core.errors import Problem
from survey_models.flags.rules import rule_set
from survey_models.flags.upload_runs import upload_sightings
from survey_models.questionnaires.more import checked_more, fits, tidy, without_texts
from survey_models.questionnaires.rules import Form, read_form
from survey_models.spreadsheets.read import Sheet
from survey_models.tickets.codes import new_code
from survey_models.tickets.rules import holds_code
from survey_models.uploads.kinds import ballots, ballots_check
from tests.kinds import kinds_questionnaire


def form(**more: Any) -> Form:
    return read_form("f", 1, {**kinds_questionnaire(), **more})


def refused(more: dict[str, Any], variant: str = "all", **changed: Any) -> str:
    with pytest.raises(Problem) as problem:
        checked_more(form(**changed), more, variant)
    return problem.value.code


def test_answers_have_places_for_items_of_one_choice_only() -> None:
    assert [item.kind for item in form().items] == [
        "unit",
        "unit",
        "aspect",
        "aspect",
        "single",
        "awareness",
        "background",
    ]
    assert [item.kind for item in form().extras] == ["multiple", "nomination", "text"]
    check_sheet(form(), "1a--1--", "all")
    with pytest.raises(Problem, match="option_outside_scale"):
        check_sheet(form(), "a1--1--", "all")


def test_what_is_kept_has_one_spelling() -> None:
    said = {"words": "  路灯\r\n不亮\u202e\x00 ", "why": ["b", "a", "a"], "nominate": []}
    kept = checked_more(form(), said, "all")
    assert kept == {"why": ["a", "b"], "words": "路灯\n不亮"}
    assert fits(form(), kept)
    assert not fits(form(), said)
    assert without_texts(form(), kept) == ({"why": ["a", "b"]}, [("words", "路灯\n不亮")])
    assert checked_more(form(), {"words": " \n "}, "all") is None


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"nobody": "x"}, "request_malformed"),
        ({"words": ["x"]}, "request_malformed"),
        ({"why": "a"}, "request_malformed"),
        ({"why": [1]}, "request_malformed"),
        ({"why": ["z"]}, "option_outside_scale"),
        ({"nominate": ["U-001", "U-002", "U-003"]}, "too_many_chosen"),
        ({"words": "长" * 501}, "text_too_long"),
        ({"words": f"我的码是 {new_code()}"}, "text_holds_code"),
    ],
)
def test_what_the_door_refuses(more: dict[str, Any], code: str) -> None:
    assert refused(more) == code


def test_a_variant_and_a_duty_hold_for_these_items_too() -> None:
    variants = {"few": ["U-001", "why"]}
    assert refused({"words": "你好"}, "few", variants=variants) == "more_not_asked"
    doc = kinds_questionnaire()
    must = [{**item, "required": True} if item["key"] == "why" else item for item in doc["items"]]
    assert refused({}, "few", variants=variants, items=must) == "answers_missing"


def test_words_alone_are_a_sheet_only_where_no_unit_is_asked_about() -> None:
    doc = kinds_questionnaire()
    only = [item for item in doc["items"] if item["kind"] in {"single", "text", "background"}]
    check_sheet(form(items=only), "--", "all", more={"words": "路灯不亮"})
    check_sheet(form(items=only), "1-", "all")
    for sheet, more, code in (("--", None, "ballot_unanswered"), ("-1", None, "ballot_unanswered")):
        with pytest.raises(Problem, match=code):
            check_sheet(form(items=only), sheet, "all", more=more)
    with pytest.raises(Problem, match="ballot_empty"):
        check_sheet(form(), "-------", "all", more={"words": "路灯不亮"})


@given(st.text(max_size=500), st.lists(st.sampled_from(["a", "b", "c"]), max_size=3))
def test_every_sheet_is_equally_long_and_opens_as_it_was(words: str, why: list[str]) -> None:
    asked = form()
    assume(not holds_code(tidy(words)))
    kept = checked_more(asked, {"words": words, "why": why, "nominate": ["U-001", "U-002"]}, "all")
    full = padded("1" * 7, kept, room=asked.room)
    assert len(full) == len(padded("1" * 7, None, room=asked.room))
    assert len(full) % BLOCK == 0
    assert unpadded(full) == ("1" * 7, kept)
    assert tidy(tidy(words)) == tidy(words)


def test_a_contractors_file_has_columns_for_items_of_one_choice_only() -> None:
    doc = kinds_questionnaire()
    asked = form(items=[item for item in doc["items"] if item["kind"] in {"awareness", "multiple", "text"}])
    layout = ballots.Layout(asked, [ballots.Cell(1, "a", "甲区", "k", "城镇")], [])
    assert layout.printed[3:] == ("您知道这项活动吗",)
    rows = [(2, ["1", "甲区", "城镇", "知道"]), (3, ["2", "甲区", "城镇", ""])]
    assert [fault.code for fault in ballots_check.check(Sheet(list(layout.printed), rows, None), layout).faults] == [
        "row_empty"
    ]
    found = ballots_check.check(Sheet(list(layout.printed), rows[:1], None), layout)
    assert [entry.answers for entry in found.entries] == ["1"]
    assert upload_sightings("poll", uuid.UUID(int=1), found.entries, layout, rule_set()) == []
