"""Raking with a cap on the weights (权数截尾): cap and margins hold together at the end.

Potter 1990 (weight trimming); Izrael, Battaglia & Frankel 2009 (raking with individual caps).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray
from sampling.calibration import Calibration, Margin, make_report, positive_weights, rake
from sampling.errors import BadWeight, NotConverged

SLACK = 1e-6
"""A weight may stand this far (relative) above the cap: the margins are then exact, the cap nearly."""


def rake_trimmed(
    weights: npt.ArrayLike,
    margins: Sequence[Margin],
    *,
    cap_ratio: float = 5.0,
    max_rounds: int = 500,
) -> Calibration:
    """Rake, cap the weights at `cap_ratio` times their median, rake again, until both hold.

    The cap follows the median of each round. The report has the share of sheets at the cap, the cap,
    and Kish's design effect before and after. Raises BadWeight (cap_ratio <= 1), NotConverged (the margins
    need weights above any such cap: raise it or join categories) and what `rake` raises.
    """
    if not cap_ratio > 1:
        raise BadWeight(f"a cap of {cap_ratio} times the median would leave all weights equal: choose more than 1")
    prior = positive_weights(weights)
    current, excess = prior, np.inf
    for rounds in range(1, max_rounds + 1):
        fitted = rake(current, margins)
        cap = cap_ratio * float(np.median(fitted.weights))
        excess = fitted.weights.max() / cap
        if excess <= 1 + SLACK:
            return _finished(fitted, prior, cap, rounds)
        current = np.minimum(fitted.weights, cap)
    raise NotConverged(
        f"after {max_rounds} rounds the largest weight is still {excess:.3g} times the cap:"
        " the margins need such weights; raise cap_ratio or join categories"
    )


def _finished(fitted: Calibration, prior: FloatArray, cap: float, rounds: int) -> Calibration:
    """Describe the whole way from the weights before raking."""
    report = make_report(
        "raking with cap",
        prior,
        fitted.weights,
        iterations=fitted.report.iterations,
        worst=fitted.report.worst_deviation,
    )
    at_cap = 0.0 if rounds == 1 else float(np.mean(fitted.weights >= cap * (1 - 10 * SLACK)))
    return replace(fitted, prior=prior, report=replace(report, trimmed_share=at_cap, cap=cap, rounds=rounds))
