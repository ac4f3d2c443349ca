"""The stratified mean (分层加权平均): stratum scores weighted by population.

R_u = sum_h W_h R_hu, W_h = N_h / sum N, R_hu the plain score of those who judge the unit in
stratum h. It differs from the domain estimator where the share of 不了解 differs between strata:
here the people who cannot judge are taken to think like their stratum's others, there they are no part
of the population asked about. Cochran 1977, ch. 5; Särndal et al. 1992, ch. 10.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray, IntArray, divide, number_psus
from sampling.errors import LonelyStratum, UnknownStratum
from sampling.estimates import DomainEstimates
from sampling.intervals import t_interval
from sampling.scales import OptionScale
from sampling.tallies import Cells, checked_cells


def stratified_mean(
    counts: npt.ArrayLike,
    *,
    scale: OptionScale,
    cell_stratum: npt.ArrayLike,
    population: Mapping[int, int],
    sheets: npt.ArrayLike,
    cell_psu: npt.ArrayLike | None = None,
    carried: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> DomainEstimates:
    """Population-weighted mean of stratum scores, with its error inside the strata.

    Arguments as in `estimates_from_counts`; `population` is people per stratum number, and sheets
    of one stratum weigh the same. Strata that do not carry a unit are left out of its W_h. Persons as
    PSUs: V = sum W_h^2 s_hu^2/n_hu over judging answers, without finite-population correction; test
    points as PSUs (`cell_psu`): spread of point totals, and LonelyStratum with one point only.
    A carried stratum in which nobody judges leaves the unit's score NaN, one in which a single
    person does leaves its error NaN: join such strata before. `covariance` is None.
    """
    cells, _ = checked_cells(
        counts, scale=scale, cell_stratum=cell_stratum, sheets=sheets, cell_psu=cell_psu, carried=carried
    )
    by_stratum = np.zeros((len(cells.labels), *cells.counts.shape[1:]))
    np.add.at(by_stratum, cells.stratum, cells.counts)
    share = _shares(cells, population)
    judging = scale.judging_mask
    n = by_stratum[:, :, judging].sum(axis=2)
    score = divide(by_stratum[:, :, judging] @ scale.values[judging], n)
    if cells.psu is None:
        variance = _person_variance(by_stratum, scale, score, n)
        df = np.maximum(n - 1, 0).sum(axis=0)
    else:
        variance, df = _point_variance(cells, cells.psu, scale, score, n)
    unheard = by_stratum[:, :, ~judging].sum(axis=2)
    result = _weighted(share, score)
    se = np.sqrt(_weighted(share**2, variance))
    low, high = t_interval(result, se, df=df, level=level)
    plain = by_stratum.sum(axis=0)
    total = n.sum(axis=0)
    return DomainEstimates(
        score=result,
        se=se,
        ci_low=low,
        ci_high=high,
        n_judging=total.astype(np.int64),
        n_dont_know=unheard.sum(axis=0).astype(np.int64),
        n_eff=np.nan_to_num(divide(1.0, _weighted(share**2, divide(1.0, n)))),
        satisfied_rate=_weighted(share, divide(by_stratum[:, :, scale.satisfied_mask].sum(axis=2), n)),
        dont_know_rate=_weighted(share, divide(unheard, n + unheard)),
        unweighted_score=divide(plain[:, judging] @ scale.values[judging], total),
        df=df.astype(np.int64),
        covariance=None,
        level=level,
    )


def _shares(cells: Cells, population: Mapping[int, int]) -> FloatArray:
    """W_h of each unit, shape (H, U), over the strata that carry it; NaN if none does."""
    missing = [int(label) for label in cells.labels if int(label) not in population]
    if missing:
        raise UnknownStratum(f"stratum {missing[0]} has no population")
    people = np.array([population[int(label)] for label in cells.labels], dtype=np.float64)
    carried = people[:, None] * cells.carrying()
    return divide(carried, carried.sum(axis=0))


def _weighted(share: FloatArray, values: FloatArray) -> FloatArray:
    """Sum of share times value over strata; strata with share 0 do not count even where NaN."""
    products = np.where(share == 0, 0.0, share * values)
    total: FloatArray = products.sum(axis=0)
    return total


def _person_variance(by_stratum: FloatArray, scale: OptionScale, score: FloatArray, n: FloatArray) -> FloatArray:
    """s^2/n of the judging answers, shape (H, U)."""
    judging = scale.judging_mask
    distance = scale.values[judging] - score[:, :, None]
    squares = (by_stratum[:, :, judging] * distance**2).sum(axis=2)
    return divide(squares, n * (n - 1))


def _point_variance(
    cells: Cells, psu: IntArray, scale: OptionScale, score: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Variance of each stratum's ratio from its point totals, (H, U), and degrees of freedom (U,)."""
    index, psu_stratum = number_psus(cells.stratum, psu)
    points = np.bincount(psu_stratum, minlength=len(cells.labels))
    carrying = cells.carrying()
    alone = (points == 1) & carrying.any(axis=1)
    if alone.any():
        raise LonelyStratum(f"stratum {cells.labels[alone][0]} has one test point only: join it with another stratum")
    judging = scale.judging_mask
    distance = scale.values[judging] - np.nan_to_num(score)[cells.stratum][:, :, None]
    totals = np.zeros((len(psu_stratum), score.shape[1]))
    np.add.at(totals, index, (cells.counts[:, :, judging] * distance).sum(axis=2))
    squares = np.zeros_like(score)
    np.add.at(squares, psu_stratum, totals**2)
    inflation = points / np.maximum(points - 1, 1)
    df = (points - 1).astype(np.int64) @ carrying.astype(np.int64)
    return inflation[:, None] * divide(squares, n**2), df.astype(np.float64)
