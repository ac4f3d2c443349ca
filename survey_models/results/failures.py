"""What the statistics refuse, as problems that say in both languages what happened and what can be done. Pure."""

from __future__ import annotations

from sampling import errors
from survey_models.core.errors import Problem

# The first class that fits names the problem: narrower ones stand before wider ones.
CODES: tuple[tuple[type[errors.SamplingError], str], ...] = (
    (errors.BadMargin, "estimation_margin_bad"),
    (errors.NotConverged, "estimation_not_converged"),
    (errors.BadWeight, "estimation_weight_bad"),
    (errors.LonelyStratum, "estimation_stratum_lonely"),
    (errors.SampleLargerThanStratum, "estimation_sample_too_large"),
    (errors.UncoveredStratum, "estimation_stratum_uncovered"),
    (errors.BadReplicates, "estimation_replicates_bad"),
)


def problem_of(error: errors.SamplingError) -> Problem:
    """The problem for a refusal of ``sampling``; ``reason`` is its own sentence."""
    code = next((code for kind, code in CODES if isinstance(error, kind)), "estimation_refused")
    return Problem(code, reason=str(error), kind=type(error).__name__)
