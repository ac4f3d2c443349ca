from collections import Counter

import numpy as np
import pytest

from sampling.estimation import designed_estimates
from sampling.intervals import beta_interval, logit_interval, wilson
from sampling.weighting import effective_size
from tests.oracles.cases import CASES, Case, design, estimate, replicated, table
from tests.sampling.worked import SCALE

ESTIMATE, ERROR = 1e-8, 1e-6
LOOSE = 1e-5
"""For R's rake(), whose error stops short of its own limit; see README.md."""


def close(ours: object, theirs: object, tolerance: float) -> None:
    np.testing.assert_allclose(np.atleast_1d(np.asarray(ours)), np.atleast_1d(np.asarray(theirs)), rtol=tolerance)


def named(cases: list[Case]) -> list[object]:
    return [pytest.param(case, id=case["id"]) for case in cases]


@pytest.mark.parametrize("case", named([c for c in CASES if "replicates" not in c]))
def test_estimate_and_error(case: Case) -> None:
    result = estimate(case)
    close(result.value, case["value"], ESTIMATE)
    close(result.se, case["se"], LOOSE if case.get("loose") else ERROR)


@pytest.mark.parametrize("case", named([c for c in CASES if c["family"] == "covariance"]))
def test_covariance_of_two_estimates(case: Case) -> None:
    close(estimate(case).covariance[0, 1], case["covariance"], ERROR)


@pytest.mark.parametrize("case", named([c for c in CASES if c["id"].startswith("domain") and "infl" in str(c)]))
def test_ballots_with_dont_know_are_a_domain(case: Case) -> None:
    """Residents outside the domain say 不了解 on a ballot; the door for ballots finds the same."""
    data, own = table("residents"), design(case)
    octets = np.frombuffer(b"-321", dtype=np.uint8)[data["sat"].astype(int)]
    ballot = np.where(data["infl"] == case["estimator"]["domain"]["value"], octets, ord("0")).astype(np.uint8)
    result = designed_estimates(ballot[:, None], scale=SCALE, design=own)
    close(result.score, case["value"], ESTIMATE)
    close(result.se, case["se"], ERROR)


@pytest.mark.parametrize("case", named([c for c in CASES if c.get("interval") == "t"]))
def test_t_interval(case: Case) -> None:
    result = estimate(case)
    assert result.df.tolist() == [case["df"]]
    close([result.ci_low[0], result.ci_high[0]], case["ci"], ERROR)


@pytest.mark.parametrize("case", named([c for c in CASES if c.get("interval") in {"logit", "beta", "wilson"}]))
def test_interval_of_a_proportion(case: Case) -> None:
    result, own = estimate(case), design(case)
    if case["interval"] == "wilson":
        low, high = wilson(result.value, effective_size(own.weights))
    elif case["interval"] == "logit":
        low, high = logit_interval(result.value, result.se, df=result.df)
    else:
        low, high = beta_interval(result.value, result.se, n=own.rows, df=result.df)
    close([low[0], high[0]], case["ci"], ERROR)


@pytest.mark.parametrize("case", named([c for c in CASES if "replicates" in c]))
def test_replicates(case: Case) -> None:
    value, se = replicated(case)
    close(value, case["value"], ESTIMATE)
    close(se, case["se"], ERROR)


def test_every_family_has_its_cases(capsys: pytest.CaptureFixture[str]) -> None:
    families = Counter(case["family"] for case in CASES)
    with capsys.disabled():
        print("\ncases by family:", ", ".join(f"{name} {n}" for name, n in sorted(families.items())), f"= {len(CASES)}")  # noqa: T201
    asked = ["total", "mean", "ratio", "domain", "raking", "greg", "two-stage", "lonely", "fpc", "replicate"]
    assert all(families[name] >= 12 for name in [*asked, "t-interval", "proportion", "post-stratified", "covariance"])
    assert len(CASES) >= 150
    assert len({case["id"] for case in CASES}) == len(CASES)
