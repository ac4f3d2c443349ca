"""One unit's way from counts to score (得分的计算过程): counts, weighted counts, their sums, the factor t. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.calibration import Calibration
from sampling.intervals import t_interval
from sampling.ranks import nine_places, round_half_up
from sampling.scales import OptionScale
from survey_models.campaigns.tallies import SMALL_ALIKE
from survey_models.results.sheets import Sheets
from survey_models.results.weights import Weights


@dataclass(frozen=True)
class Sums:
    """Counts and weights of one unit by code: the options of the scale, then blank and invalid.

    Exact where weights are rational; calibrated weights enter as the decimals of their float sums.
    """

    codes: tuple[str, ...]
    counts: tuple[int, ...]
    weighted: tuple[Fraction, ...]
    points: Fraction
    weight: Fraction

    @property
    def n(self) -> int:
        """Sheets that carry the unit."""
        return sum(self.counts)

    @property
    def score(self) -> Fraction | None:
        """Points over weight; None where nobody judges."""
        return self.points / self.weight if self.weight else None


@dataclass(frozen=True)
class Trace:
    """What is kept of ``Sums``. ``options`` is empty where the counts would tell what each person said.

    ``t`` is None without a degree of freedom.
    """

    options: tuple[tuple[str, int, Decimal], ...]
    points: Decimal
    weight: Decimal
    df: int
    t: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """For the stored row: figures as text."""
        return {
            "options": [[code, n, f"{weighted:f}"] for code, n, weighted in self.options],
            "points": f"{self.points:f}",
            "weight": f"{self.weight:f}",
            "df": self.df,
            "t": None if self.t is None else f"{self.t:f}",
        }


def sums_of(
    sheets: Sheets,
    weights: Weights,
    scale: OptionScale,
    *,
    calibration: Calibration | None,
    by_stratum: bool,
) -> list[Sums]:
    """Sums of every unit, in the order of the columns.

    ``by_stratum``: the weights of the stratified mean, where the judging answers of a stratum speak for all its people.
    """
    codes = (*scale.codes, scale.blank, scale.invalid)
    judging = {code: score for code, score in zip(scale.codes, scale.scores, strict=True) if score is not None}
    by_layer = {no: _counts(sheets, codes, sheets.stratum == no) for no in weights.by_stratum}
    counts = np.sum(list(by_layer.values()), axis=0)
    if calibration is None:
        mask = [code in judging for code in codes]
        whole = [
            _exact(by_layer, weights, unit=unit, judging=mask, by_stratum=by_stratum)
            for unit in range(sheets.codes.shape[1])
        ]
    else:
        whole = _calibrated(sheets, codes, calibration)
    found = []
    for own, weighted in zip(counts.T.tolist(), whole, strict=True):
        by_code = dict(zip(codes, weighted, strict=True))
        points = sum((by_code[code] * score for code, score in judging.items()), Fraction(0))
        weight = sum((by_code[code] for code in judging), Fraction(0))
        found.append(Sums(codes, tuple(own), tuple(weighted), points, weight))
    return found


def _counts(sheets: Sheets, codes: Sequence[str], rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Sheets by code and unit, (codes, units), among ``rows`` and where the sheet carries the unit."""
    own, carries = sheets.codes[rows], sheets.carries[rows]
    return np.stack([((own == ord(code)) & carries).sum(axis=0) for code in codes])


def _exact(
    by_layer: Mapping[int, npt.NDArray[np.int64]],
    weights: Weights,
    *,
    unit: int,
    judging: Sequence[bool],
    by_stratum: bool,
) -> list[Fraction]:
    """Weighted counts of one unit by code."""
    found = [Fraction(0)] * len(judging)
    for no, weight in weights.by_stratum.items():
        own = by_layer[no][:, unit].tolist()
        amount = sum(number for number, judges in zip(own, judging, strict=True) if judges)
        speaking = weights.population[no] / amount if by_stratum and amount else weight
        for place, (number, judges) in enumerate(zip(own, judging, strict=True)):
            if number:
                found[place] += (speaking if judges else weight) * number
    return found


def _calibrated(sheets: Sheets, codes: Sequence[str], calibration: Calibration) -> list[list[Fraction]]:
    """Weighted counts by unit and code, floats at nine places."""
    sums = [calibration.weights @ ((sheets.codes == ord(code)) & sheets.carries) for code in codes]
    return [[Fraction(nine_places(value)) for value in unit] for unit in np.stack(sums, axis=1).tolist()]


def trace_of(sums: Sums, *, df: int, level: float) -> Trace:
    """What is kept and shown of the sums of a unit whose score is not withheld."""
    alike = sums.n < SMALL_ALIKE and max(sums.counts) == sums.n
    options = zip(sums.codes, sums.counts, sums.weighted, strict=True)
    quantile = float(t_interval(0.0, 1.0, df=df, level=level)[1])
    return Trace(
        options=() if alike else tuple((code, n, round_half_up(weighted, 9)) for code, n, weighted in options),
        points=round_half_up(sums.points, 9),
        weight=round_half_up(sums.weight, 9),
        df=df,
        t=nine_places(quantile) if np.isfinite(quantile) else None,
    )
