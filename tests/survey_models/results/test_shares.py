"""Shares of answers by option, whole and by aspect: exact, and the same score as the campaign's own result."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from sampling.ranks import round_half_up
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.questionnaires.making import make
from survey_models.results import service
from survey_models.results.shares import current, in_respect, shares_of
from tests.box import CELLS, fill, fill_and_count, sheets
from tests.poll import Shape, open_poll

ASPECTS = make(
    "wenzhou-aspects",
    [{"code": f"U-{no:03}", "name": f"单位{no}", "category": "甲"} for no in (1, 2)],
    any_number=True,
)


def test_shares_give_the_score_of_the_result(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=10)) as poll:
        fill_and_count(poll, sheets(poll))
        with poll.work() as session:
            at = clock.now()
            first = current(session, poll.shape.id, by="test", at=at)
            assert current(session, poll.shape.id, by="test", at=at).no == first.no
            rows = {row.unit_code: row for row, _ in service.rows(session, first)}
            found = shares_of(session, poll.shape.id)
        assert set(found) == set(rows)
        for unit, one in found.items():
            assert one.shares is not None
            assert sum(one.shares.values()) == 1
            score = 100 * one.shares["满意"] + 60 * one.shares["基本满意"]
            assert score == one.score
            assert f"{round_half_up(score, 9):f}" == rows[unit].score
            assert (one.n, one.judging, one.se) == (rows[unit].n, rows[unit].n_judging, Decimal(str(rows[unit].se)))


def test_sheets_that_were_set_aside_make_a_new_result(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=10)) as poll:
        fill_and_count(poll, sheets(poll))
        with poll.work() as session:
            first = current(session, poll.shape.id, by="test", at=clock.now()).no
        fill(poll, {CELLS[0]: [poll.answers("1111")]})
        with poll.work() as session:
            assert current(session, poll.shape.id, by="test", at=clock.now()).no == first + 1


def test_shares_by_aspect_leave_out_who_cannot_judge(sqlite_url: str, tmp_path: Path) -> None:
    shape = Shape(n_units=2, per_cell=10, doc=ASPECTS)
    with open_poll(sqlite_url, tmp_path, shape) as poll:
        # First unit, four aspects, then the second: half of the people choose each option once, half are satisfied.
        fill_and_count(poll, {cell: ["12301111", "11111111"] for cell in CELLS})
        with poll.work() as session:
            form = campaigns.form_of(session, campaigns.get(session, shape.id))
            current(session, shape.id, by="test", at=clock.now())
            found = {code: shares_of(session, shape.id, aspect=code)["U-001"] for code in "1234"}
    assert [one.score for one in found.values()] == [100, 80, 50, 100]
    assert found["2"].shares == {"满意": Fraction(1, 2), "基本满意": Fraction(1, 2), "不满意": 0}
    assert [one.judging for one in found.values()] == [16, 16, 16, 8]
    # Every point says the same: between them there is no difference.
    assert found["2"].se == 0
    assert [item.key for item in in_respect(form, "3").items if item.kind == "unit"] == ["U-001.3", "U-002.3"]
