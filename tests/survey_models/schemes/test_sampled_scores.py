"""From a sample to a total: estimates with their errors, as a scheme takes them (examples L2 and L2b)."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from sampling.estimates import DomainEstimates
from sampling.ranks import nine_places, round_half_up
from sampling.stratified import stratified_mean
from sampling.tallies import estimates_from_counts
from survey_models.schemes.inputs import Answers, Mark
from survey_models.schemes.loading import preset, read
from survey_models.schemes.outcome import Scorecard
from tests.sampling.samples import counties
from tests.sampling.worked import SCALE
from tests.survey_models.schemes.rounds import card, counted, run, units

LUOHE = read(preset("luohe-hangfeng")).scheme
MARKED = ("hotline", "departments", "stations", "theme", "leadership")


def domain() -> DomainEstimates:
    """L2b: the ratio of weighted sums over all sheets, 不了解 kept as a domain."""
    counts, people = counties()
    sheets = counts.sum(axis=(1, 2))
    return estimates_from_counts(
        counts, scale=SCALE, cell_stratum=range(5), cell_weight=np.array(people) / sheets, sheets=sheets
    )


def mean() -> DomainEstimates:
    """L2: stratum scores weighted by population."""
    counts, people = counties()
    return stratified_mean(
        counts, scale=SCALE, cell_stratum=range(5), sheets=counts.sum(axis=(1, 2)), population=dict(enumerate(people))
    )


def composite(found: DomainEstimates) -> Scorecard:
    """The unit's card with the questionnaire as estimated, and full marks elsewhere."""
    answers = Answers(
        n=10_000,
        judging=9_050,
        counts={},
        score=Fraction(nine_places(float(found.score[0]))),
        se=nine_places(float(found.se[0])),
    )
    given = {("questionnaire", "A"): answers, ("representatives", "A"): counted(100, 0, 0)}
    marked = {(name, "A"): (Mark(Decimal(100), "办"),) for name in MARKED}
    outcome = run(LUOHE, units=units("A", category="公共服务行业"), answers=given, marks=marked)
    return card(outcome, "A")


@pytest.mark.parametrize(
    ("found", "score", "error"),
    [(mean(), "66.913353", "0.459566"), (domain(), "66.719642", "0.467334")],
    ids=["L2", "L2b"],
)
def test_an_estimate_enters_the_total_with_its_error(found: DomainEstimates, score: str, error: str) -> None:
    own = composite(found)
    questionnaire = own.root.children[0].children[0]
    assert round_half_up(questionnaire.value or Fraction(0), 6) == Decimal(score)
    assert round_half_up(questionnaire.se or Decimal(0), 6) == Decimal(error)
    # 40 points of it, and 60 that have no sampling error.
    assert own.total == Fraction(4, 10) * (questionnaire.value or 0) + 60
    assert abs((own.se or 0) - Decimal("0.4") * (questionnaire.se or 0)) < Decimal("1e-9")
    assert own.root.children[2].se is None
