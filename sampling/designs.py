"""Variance design: strata, primary sampling units (PSU) and what each stratum's spread counts for.

The variance of a sum of PSU totals z_a (vectors over units) is
    V = sum_h (1 - f_h) n_h/(n_h - 1) [ sum_a z_a z_a' - n_h zbar_h zbar_h' ],
n_h PSUs of stratum h in the sample, f_h = n_h/N_h (Cochran 1977, ch. 5 and 11; Särndal et al. 1992, ch. 4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sampling.arrays import BoolArray, FloatArray, IntArray
from sampling.errors import LonelyStratum, SampleLargerThanStratum, UnknownStratum

Lonely = Literal["refuse", "collapse", "adjust"]


@dataclass(frozen=True, kw_only=True, eq=False)
class VarianceDesign:
    """Strata after the rule for lonely ones (one PSU) has been applied.

    `merged` (strata as given,) index of the variance stratum; `factor` (H,) (1-f)n/(n-1), or
    1-f where the spread is taken about the grand mean; `centring` (H,) factor/n, or 0 there;
    `df` (U,) PSUs minus strata, counting the strata that carry the unit; `taken_share` (H,) f = n/N, 0 without
    finite-population correction.
    """

    merged: IntArray
    factor: FloatArray
    centring: FloatArray
    df: IntArray
    taken_share: FloatArray


def build_design(
    *,
    labels: IntArray,
    n_psu: IntArray,
    carrying: BoolArray,
    population: Mapping[int, int] | None,
    lonely: Lonely,
) -> VarianceDesign:
    """Prepare the variance of one sample.

    `labels` (H,) stratum numbers ascending; `n_psu` (H,) PSUs in the sample; `carrying` (H, U)
    whether anybody of the stratum has the unit on the sheet; `population` PSUs that exist, by
    stratum number (None: no finite-population correction). Raises LonelyStratum,
    UnknownStratum (population lacks a stratum) and SampleLargerThanStratum.
    """
    alone = (n_psu == 1) & carrying.any(axis=1)
    if lonely == "refuse" and alone.any():
        raise LonelyStratum(
            f"stratum {labels[alone][0]} has one sampling unit only, so its error cannot be seen:"
            " join it with another stratum, or choose the rule 'collapse' or 'adjust'"
        )
    if lonely == "collapse" and alone.any():
        merged = _collapse(labels, n_psu, carrying)
    else:
        merged = np.arange(len(labels), dtype=np.int64)
    size = int(merged.max()) + 1
    units = np.bincount(merged, weights=n_psu, minlength=size)
    exist = np.full(size, np.inf) if population is None else _existing(labels, n_psu, population, merged, size)
    open_share = 1 - units / exist
    several = units > 1
    factor = open_share * np.where(several, units / np.maximum(units - 1, 1), 1.0)
    carried = np.zeros((size, carrying.shape[1]), dtype=np.bool_)
    np.logical_or.at(carried, merged, carrying)
    return VarianceDesign(
        merged=merged,
        factor=factor,
        # The influence values of means and ratios sum to 0 over the sample, so the grand mean is 0: nothing is
        # subtracted. A total then errs on the safe side, because the lonely stratum's level counts as spread.
        centring=np.where(several, factor / np.maximum(units, 1), 0.0),
        df=((units - 1).astype(np.int64) @ carried.astype(np.int64)),
        taken_share=1 - open_share,
    )


def _collapse(labels: IntArray, n_psu: IntArray, carrying: BoolArray) -> IntArray:
    """Join each lonely stratum with the next by number, the last with the one before.

    Only strata that carry the same units are joined, because n and f of the
    others must not enter a unit's error.
    """
    merged = np.zeros(len(labels), dtype=np.int64)
    count = 0
    patterns: dict[bytes, list[int]] = {}
    for h in range(len(labels)):
        patterns.setdefault(carrying[h].tobytes(), []).append(h)
    for members in patterns.values():
        groups: list[list[int]] = []
        filled = True
        for h in members:
            if filled:
                groups.append([])
            groups[-1].append(h)
            filled = int(n_psu[groups[-1]].sum()) > 1
        if not filled and len(groups) > 1:
            groups[-2].extend(groups.pop())
        elif not filled and carrying[members[0]].any():
            raise LonelyStratum(
                f"stratum {labels[members[0]]} has one sampling unit only and no other stratum"
                " with the same units to be joined with"
            )
        for group in groups:
            merged[group] = count
            count += 1
    return merged


def _existing(
    labels: IntArray, n_psu: IntArray, population: Mapping[int, int], merged: IntArray, size: int
) -> FloatArray:
    """Return the PSUs that exist in each variance stratum."""
    missing = [int(label) for label in labels if int(label) not in population]
    if missing:
        raise UnknownStratum(f"stratum {missing[0]} has no population for the finite-population correction")
    exist = np.array([population[int(label)] for label in labels], dtype=np.float64)
    if np.any(n_psu > exist):
        h = int(np.argmax(n_psu > exist))
        raise SampleLargerThanStratum(
            f"stratum {labels[h]} has {n_psu[h]} sampling units in the sample but {int(exist[h])} in the population"
        )
    return np.bincount(merged, weights=exist, minlength=size).astype(np.float64)
