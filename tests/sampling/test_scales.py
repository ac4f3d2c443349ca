from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from sampling.errors import BadCount, BadScale, BadWeight, NobodyJudged, UnknownOption
from sampling.ranks import round_half_up
from sampling.scales import OptionScale, rate_from_counts, score_from_counts, weighted_score_from_counts
from tests.sampling.worked import DOCUMENT, OPTION_MAP, SCALE, example


def printed(value: Fraction) -> float:
    return float(round_half_up(value, 6))


@pytest.mark.parametrize("case", DOCUMENT["option_scores"], ids=lambda case: str(case["id"]))
def test_scores_of_the_worked_examples(case: dict[str, Any]) -> None:
    assert printed(score_from_counts(case["counts"], OPTION_MAP)) == case["score"]


def test_four_figures_from_the_same_ballots() -> None:
    l1 = example("option_scores", "L1")
    judging = ["满意", "基本满意", "不满意"]
    everybody = [*judging, "不了解"]
    rates = {
        "satisfied_rate_of_judging": rate_from_counts(l1["counts"], part=judging[:2], base=judging),
        "satisfied_rate_of_all": rate_from_counts(l1["counts"], part=judging[:2], base=everybody),
        "awareness_rate": rate_from_counts(l1["counts"], part=judging, base=everybody),
    }
    for name, rate in rates.items():
        assert printed(100 * rate) == l1[name]


def test_the_map_decides_who_is_ahead() -> None:
    flip = DOCUMENT["map_flip"]
    for numbers, expected in flip["maps"].items():
        option_map = dict(zip(["满意", "基本满意", "不满意"], map(int, numbers.split("/")), strict=True))
        assert [printed(score_from_counts(flip[unit], option_map)) for unit in "PQ"] == expected


def test_five_levels_of_a_window() -> None:
    h1 = example("haochaping", "H1")
    options = list(h1["counts"])
    scores = dict(zip(options, [100, 80, 60, 30, 0], strict=True))
    assert printed(score_from_counts(h1["counts"], scores)) == h1["score_100_80_60_30_0"]
    assert printed(100 * rate_from_counts(h1["counts"], part=options[:3], base=options)) == h1["good_rate"]


def test_rational_weights_give_an_exact_score() -> None:
    counts = [{"1": 1, "3": 1, "0": 5}, {"1": 2}]
    assert weighted_score_from_counts(counts, [Fraction(1, 3), 2], {"1": 100, "3": 0, "0": None}) == Fraction(1300, 14)


def test_decimal_scores_are_taken_exactly() -> None:
    assert score_from_counts({"a": 1, "b": 2}, {"a": Decimal("0.1"), "b": 0}) == Fraction(1, 30)


def test_no_judgement_no_figure() -> None:
    with pytest.raises(NobodyJudged):
        score_from_counts({"不了解": 10, "满意": 0}, OPTION_MAP)
    with pytest.raises(NobodyJudged):
        rate_from_counts({"1": 0}, part=["1"], base=["1"])


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(UnknownOption):
        score_from_counts({"很满意": 1}, OPTION_MAP)
    with pytest.raises(BadCount):
        score_from_counts({"满意": -1}, OPTION_MAP)
    with pytest.raises(UnknownOption):
        rate_from_counts({"1": 1}, part=["2"], base=["1"])
    with pytest.raises(BadWeight):
        weighted_score_from_counts([{"满意": 1}], [-1], OPTION_MAP)


def test_a_scale_keeps_the_order_of_its_options() -> None:
    assert SCALE.codes == ("1", "2", "3", "0")
    assert bytes(SCALE.octets) == b"1230"
    assert SCALE.judging_mask.tolist() == [True, True, True, False]
    assert SCALE.satisfied_mask.tolist() == [True, True, False, False]
    assert SCALE.values.tolist() == [100, 60, 0, 0]


@pytest.mark.parametrize(
    ("scores", "satisfied", "marks"),
    [
        ({"满": 100}, "", {}),
        ({"12": 100}, "", {}),
        ({"-": 100}, "", {}),
        ({"1": 100}, "", {"blank": "!"}),
        ({"1": None}, "", {}),
        ({"1": 100, "0": None}, "0", {}),
        ({"1": 100}, "2", {}),
        ({"1": 99.9}, "", {}),
        ({"1": Decimal("NaN")}, "", {}),
    ],
)
def test_a_scale_that_contradicts_itself_is_refused(scores: Any, satisfied: str, marks: dict[str, str]) -> None:
    with pytest.raises(BadScale):
        OptionScale.of(scores, satisfied=satisfied, **marks)


def test_options_and_scores_must_pair() -> None:
    with pytest.raises(BadScale):
        OptionScale(codes=("1", "2"), scores=(Fraction(1),), satisfied=frozenset())
