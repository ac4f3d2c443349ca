"""Errors by doing the whole estimation again: Rao-Wu bootstrap and delete-one-PSU jackknife (重复抽样法).

For figures that are no smooth function (rank points, grades) and for raked clustered samples. Rao & Wu, JASA 83
(1988) 231; Rao, Wu & Yue, Survey Methodology 18 (1992) 209; Wolter, Introduction to Variance Estimation, 2007, ch. 4.
A bootstrap distribution of places is no confidence set near ties (Hall & Miller 2009): use `sampling.rank_sets`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray
from sampling.calibration import Margin, rake
from sampling.chance import integers
from sampling.errors import BadReplicates, LonelyStratum, ShapeMismatch
from sampling.estimation import Codes
from sampling.scales import OptionScale
from sampling.variance import SampleDesign

Statistic = Callable[[FloatArray], FloatArray]
"""Weights (R, n) to estimates (R, U)."""
Reweight = Callable[[FloatArray, BoolArray], FloatArray]
"""(weights (n,), rows with weight > 0 (n,)) to the calibrated weights of those rows."""

CHUNK = 64
"""Replicates worked on at once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReplicateEstimates:
    """Estimates with their spread over replicates."""

    value: FloatArray
    """(U,) with the full weights."""
    replicates: FloatArray
    """(R, U)."""
    covariance: FloatArray
    """(U, U), squares about `value`."""
    method: str

    @property
    def se(self) -> FloatArray:
        """Standard errors, (U,)."""
        return np.asarray(np.sqrt(self.covariance.diagonal()))


def rao_wu(
    statistic: Statistic,
    design: SampleDesign,
    *,
    seed: str,
    replicates: int = 1000,
    reweight: Reweight | None = None,
) -> ReplicateEstimates:
    """Rescaling bootstrap: n_h - 1 PSUs drawn with replacement in each stratum.

    Row weight in a replicate: w [1 + sqrt(1 - f_h) (n_h/(n_h - 1) t - 1)], t = times that its PSU was drawn
    (n_h = 2, no correction: 0 or 2). `reweight` rakes or calibrates every replicate and the full sample alike.
    Raises LonelyStratum, BadReplicates (calibrated design without `reweight`, fewer than 2 replicates, two stages
    with finite populations).
    """
    _check(design, reweight, replicates)
    parts = (
        design.weights * rao_wu_factors(design, seed=seed, first=start, count=min(CHUNK, replicates - start))
        for start in range(0, replicates, CHUNK)
    )
    value, estimates = _run(statistic, design, parts, reweight)
    return _result(value, estimates, np.full(replicates, 1 / replicates), "Rao-Wu bootstrap")


def rao_wu_factors(design: SampleDesign, *, seed: str, first: int, count: int) -> FloatArray:
    """Factors (count, n) of one chunk of replicates, those from number `first` on.

    Runs take chunks of `CHUNK`: call with the same starts to see the factors of a run.
    """
    n_psu, size = design.n_psu, len(design.psu_stratum)
    order = np.argsort(design.psu_stratum, kind="stable")
    begin = np.concatenate(([0], np.cumsum(n_psu)[:-1]))
    stratum = np.repeat(np.arange(len(n_psu)), n_psu - 1)
    place = integers(seed, "rao-wu", part=first, below=n_psu[stratum], rows=count)
    place += begin[stratum]
    drawn = order[place]
    drawn += (np.arange(count) * size)[:, None]
    times = np.bincount(drawn.ravel(), minlength=count * size).reshape(count, size)
    large = np.sqrt(1 - _taken_share(design))
    factors: FloatArray = times * (large * n_psu / np.maximum(n_psu - 1, 1))[design.psu_stratum]
    if design.population is not None:
        factors += (1 - large)[design.psu_stratum]
    return factors if design.psu is None else factors[:, design.psu]


def jackknife(statistic: Statistic, design: SampleDesign, *, reweight: Reweight | None = None) -> ReplicateEstimates:
    """Leave out one PSU after the other; the others of its stratum weigh n_h/(n_h - 1).

    V = sum_h (1 - f_h)(n_h - 1)/n_h sum_a (R_(a) - R)^2. As many replicates as PSUs: meant for clusters. Errors
    as `rao_wu`; EmptyMargin when `reweight` rakes and a category lives in one PSU only.
    """
    count = len(design.psu_stratum)
    _check(design, reweight, count)
    n_psu = design.n_psu.astype(np.float64)
    rows = design.psu_rows()
    own = design.psu_stratum[rows]

    def parts() -> Iterator[FloatArray]:
        for start in range(0, count, CHUNK):
            left_out = np.arange(start, min(start + CHUNK, count))
            same = design.psu_stratum[left_out][:, None] == own[None, :]
            factor = np.where(same, (n_psu / np.maximum(n_psu - 1, 1))[own], 1.0)
            factor[left_out[:, None] == rows[None, :]] = 0.0
            yield design.weights * factor

    value, estimates = _run(statistic, design, parts(), reweight)
    scale = ((1 - _taken_share(design)) * (n_psu - 1) / n_psu)[design.psu_stratum]
    return _result(value, estimates, scale, "delete-one-PSU jackknife")


def replicate_covariance(estimates: FloatArray, value: FloatArray, scale: npt.ArrayLike) -> FloatArray:
    """Sum_r scale_r (e_r - value)(e_r - value)': (U, U) from (R, U), (U,) and (R,)."""
    distance = (estimates - value) * np.sqrt(np.asarray(scale, dtype=np.float64))[:, None]
    covariance: FloatArray = distance.T @ distance
    return covariance


def ballot_scores(codes: Codes, *, scale: OptionScale, carries: npt.ArrayLike | None = None) -> Statistic:
    """Scores R_u of all units as a statistic of the weights; keeps two float tables (n, U)."""
    judges, value = np.zeros(256), np.zeros(256)
    judges[scale.octets] = scale.judging_mask
    value[scale.octets] = scale.values * scale.judging_mask
    member, scored = judges[codes], value[codes]
    if carries is not None:
        member *= np.asarray(carries, dtype=np.bool_)
        scored *= np.asarray(carries, dtype=np.bool_)

    def scores(weights: FloatArray) -> FloatArray:
        base = weights @ member
        top = weights @ scored
        return np.asarray(np.divide(top, base, out=np.full_like(top, np.nan), where=base > 0))

    return scores


def raking_again(margins: Sequence[Margin]) -> Reweight:
    """`reweight` that rakes every replicate to the same margins; Margin.category has all n rows."""

    def reweight(weights: FloatArray, present: BoolArray) -> FloatArray:
        own = [replace(margin, category=np.asarray(margin.category)[present]) for margin in margins]
        return rake(weights, own).weights

    return reweight


def _check(design: SampleDesign, reweight: Reweight | None, replicates: int) -> None:
    if replicates < 2:
        raise BadReplicates(f"{replicates} replicates show no spread")
    if design.calibration is not None and reweight is None:
        raise BadReplicates("these weights were calibrated: give the uncalibrated design and `reweight` to repeat it")
    if design.psu_size is not None:
        raise BadReplicates("replicates of a two-stage design with finite populations are not offered: use Taylor")
    if np.any(design.n_psu < 2):
        label = design.labels[design.n_psu < 2][0]
        raise LonelyStratum(f"stratum {label} has one sampling unit only: join it with another before replicating")


def _taken_share(design: SampleDesign) -> FloatArray:
    if design.population is None:
        return np.zeros(len(design.labels))
    exist = np.array([design.population[int(label)] for label in design.labels], dtype=np.float64)
    return np.asarray(design.n_psu / exist)


def _run(
    statistic: Statistic, design: SampleDesign, parts: Iterator[FloatArray], reweight: Reweight | None
) -> tuple[FloatArray, FloatArray]:
    """Full estimate (U,) and replicate estimates (R, U)."""
    full = design.weights[None, :]
    value = statistic(full if reweight is None else _reweighted(full, reweight))
    if value.ndim != 2 or len(value) != 1:
        raise ShapeMismatch(f"the statistic gave shape {value.shape} for one set of weights: (1, U) is needed")
    done = [statistic(part if reweight is None else _reweighted(part, reweight)) for part in parts]
    return value[0], np.concatenate(done)


def _reweighted(weights: FloatArray, reweight: Reweight) -> FloatArray:
    out = np.zeros_like(weights)
    for line, own in zip(out, weights, strict=True):
        present = own > 0
        line[present] = reweight(own[present], present)
    return out


def _result(value: FloatArray, estimates: FloatArray, scale: FloatArray, method: str) -> ReplicateEstimates:
    covariance = replicate_covariance(estimates, value, scale)
    return ReplicateEstimates(value=value, replicates=estimates, covariance=covariance, method=method)
