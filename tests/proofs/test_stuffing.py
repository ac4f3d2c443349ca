"""The short form of `make proofs-stuffing`: honest cities raise nothing, each of seven injections is seen."""

import pytest

from benchmarks.stuffing import CASES, Case, honest, power
from survey_models.flags.tables import Rule

SEEDS = range(31_000, 31_003)


@pytest.mark.parametrize("case", CASES, ids=[case.rule.value for case in CASES])
def test_known_stuffing_is_seen(case: Case) -> None:
    assert power(case, SEEDS, case.usual) >= 2 / 3


def test_honest_cities_raise_next_to_nothing() -> None:
    seen = honest(range(31_100, 31_200), hall_days=4, campaigns=1)
    assert sum(seen.alarms.values()) == 0
    assert set(seen.days) == set(Rule), "every rule was at work"


def test_a_detector_that_sees_nothing_would_fail() -> None:
    """Where nothing was put in, the same look finds nothing at that place: the power is not given away."""
    nothing = next(case for case in CASES if case.rule is Rule.STRAIGHT_LINING)
    assert power(nothing, SEEDS, 0.0) == 0.0
