"""One unit's way from counts to score (得分的计算过程): counts, weighted counts, their sums, the factor t. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

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
    unit: int,
    calibration: Calibration | None,
    by_stratum: bool,
) -> Sums:
    """Sums of the unit in column ``unit``.

    ``by_stratum``: the weights of the stratified mean, where the judging answers of a stratum speak for all its people.
    """
    codes = (*scale.codes, scale.blank, scale.invalid)
    judging = {code: score for code, score in zip(scale.codes, scale.scores, strict=True) if score is not None}
    mine = sheets.carries[:, unit]
    column = sheets.codes[:, unit]
    if calibration is not None:
        weighted = [
            Fraction(nine_places(float(calibration.weights[mine & (column == ord(code))].sum()))) for code in codes
        ]
        counts = [int((mine & (column == ord(code))).sum()) for code in codes]
    else:
        counts, weighted = [0] * len(codes), [Fraction(0)] * len(codes)
        for no, weight in weights.by_stratum.items():
            here = column[mine & (sheets.stratum == no)]
            own = [int((here == ord(code)).sum()) for code in codes]
            amount = sum(number for code, number in zip(codes, own, strict=True) if code in judging)
            for place, (code, number) in enumerate(zip(codes, own, strict=True)):
                each = weights.population[no] / amount if by_stratum and code in judging and amount else weight
                counts[place] += number
                weighted[place] += each * number
    found = dict(zip(codes, weighted, strict=True))
    return Sums(
        codes=codes,
        counts=tuple(counts),
        weighted=tuple(weighted),
        points=sum((found[code] * score for code, score in judging.items()), Fraction(0)),
        weight=sum((found[code] for code in judging), Fraction(0)),
    )


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
