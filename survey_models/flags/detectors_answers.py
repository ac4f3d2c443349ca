"""Detectors on answers (选项) and durations (用时): they run after counting, or on a contractor's own file.

Pure functions on arrays. A single sheet is never judged: what stands out is a cell, a unit in an area, a cluster.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_models.flags.rules import RuleText
from survey_models.flags.suspicion import Suspicion
from survey_models.flags.tails import (
    FloatArray,
    IntArray,
    benjamini_hochberg,
    chi_square_tail,
    correlation_of,
    share_tails,
)

Codes = npt.NDArray[np.uint8]
_BLANK = (ord("-"), ord("!"))


def straight_sheets(codes: Codes, rule: RuleText) -> npt.NDArray[np.bool_]:
    """Which sheets give one answer throughout (一勾到底): in ``same_percent`` of ``least_units`` judged units or more.

    Args:
        codes: ASCII codes of the unit items, (sheets, units); blank and invalid cells are not judged.
        rule: ``straight_lining``.
    """
    judged = ~np.isin(codes, _BLANK)
    used = np.unique(codes[judged]) if judged.any() else np.array([], dtype=np.uint8)
    most = np.zeros(len(codes), dtype=np.int64)
    for code in used:
        most = np.maximum(most, (codes == code).sum(axis=1))
    n = judged.sum(axis=1)
    return np.asarray((n >= rule.whole("least_units")) & (most * 100 >= n * rule.whole("same_percent")))


def share_excess(k: IntArray, n: IntArray, cohort: IntArray, rule: RuleText) -> list[Suspicion]:
    """Cells in which too large a share of sheets is of some kind, beside their fellows (一勾到底、填写过快).

    Args:
        k: sheets of that kind in each cell, (cells,).
        n: sheets of each cell, (cells,).
        cohort: which cells are alike, (cells,); too few alike are compared with all.
        rule: ``straight_lining`` or ``speeding``.
    """
    places = np.flatnonzero(n >= rule.whole("least_sheets"))
    if len(places) < rule.whole("least_cells"):
        return []
    share, above, _ = share_tails(k[places], n[places], cohort[places], rule)
    k, n = k[places], n[places]
    return [
        Suspicion(
            int(places[i]),
            float(above[i]),
            {"count": int(k[i]), "sheets": int(n[i]), "expected": round(float(n[i] * share[i]), 1)},
        )
        for i in np.flatnonzero(benjamini_hochberg(above, rule.chance("fdr")))
    ]


def unit_shifts(best: IntArray, n: IntArray, rule: RuleText) -> list[Suspicion]:
    """Units whose share of the best answer in one area departs from what unit and area explain (拉票).

    The expected log-odds of a unit in an area are the unit's elsewhere plus what the area's other units differ by from
    elsewhere. A G-test with one degree of freedom for each, scaled by how much units usually differ between areas,
    then Benjamini-Hochberg over all.

    Args:
        best: sheets with the best answer, (units, areas).
        n: sheets that judge the unit, (units, areas).
        rule: ``unit_shift``.

    Returns:
        Places are ``unit · areas + area``.
    """
    if n.shape[1] < rule.whole("least_areas"):
        return []
    k, size = best.astype(np.float64), n.astype(np.float64)
    elsewhere_k, elsewhere_n = _others(k, axis=1), _others(size, axis=1)
    area_k, area_n = _others(k, axis=0), _others(size, axis=0)
    whole_k, whole_n = _others(elsewhere_k, axis=0), _others(elsewhere_n, axis=0)
    odds = _logit(elsewhere_k, elsewhere_n) + _logit(area_k, area_n) - _logit(whole_k, whole_n)
    known = size * elsewhere_n / np.maximum(size + elsewhere_n, 1)
    return _departures(k, size, special.expit(odds), known, rule)


def history_shifts(
    best: IntArray, n: IntArray, before: IntArray, n_before: IntArray, rule: RuleText
) -> list[Suspicion]:
    """Units whose share of the best answer in an area departs from their own past (自身历史), the common change aside.

    Args:
        best: sheets with the best answer now, (units, areas).
        n: sheets that judge the unit now.
        before: the same of the campaign before.
        n_before: the same of the campaign before.
        rule: ``unit_shift``.
    """
    k, size = best.astype(np.float64), n.astype(np.float64)
    past_k, past_n = before.astype(np.float64), n_before.astype(np.float64)
    change = _logit(_others(k, axis=0), _others(size, axis=0)) - _logit(
        _others(past_k, axis=0), _others(past_n, axis=0)
    )
    odds = _logit(past_k, past_n) + change
    return _departures(k, size, special.expit(odds), size * past_n / np.maximum(size + past_n, 1), rule)


def _others(counts: FloatArray, *, axis: int) -> FloatArray:
    return np.asarray(counts.sum(axis=axis, keepdims=True) - counts)


def _logit(k: FloatArray, n: FloatArray) -> FloatArray:
    return np.asarray(np.log((k + 0.5) / (n - k + 0.5)))


def _departures(k: FloatArray, n: FloatArray, share: FloatArray, known: FloatArray, rule: RuleText) -> list[Suspicion]:
    """The G-tests: ``known`` is the number of sheets that the comparison is worth."""
    flat = np.flatnonzero((n >= rule.whole("least_sheets")) & (known > 0))
    if not len(flat):
        return []
    k, n, share, known = (array.reshape(-1)[flat] for array in (k, n, share, known))
    g = 2 * (special.xlogy(k, k / (n * share)) + special.xlogy(n - k, (n - k) / (n * (1 - share)))) * known / n
    rho = correlation_of(g, known, least=rule.chance("least_spread"))
    p = chi_square_tail(g / (1 + (known - 1) * rho), 1)
    return [
        Suspicion(
            int(flat[i]),
            float(p[i]),
            {
                "sheets": int(n[i]),
                "best": int(k[i]),
                "expected": round(float(n[i] * share[i]), 1),
                "g": round(float(g[i]), 1),
            },
        )
        for i in np.flatnonzero(benjamini_hochberg(p, rule.chance("fdr")))
    ]
