"""Weights of sheets (权数): population over returned sheets, calibrated to known margins where the campaign says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sampling.calibration import Calibration, Margin, rake
from survey_models.questionnaires.rules import BLANK
from survey_models.results.sheets import Sheets


@dataclass(frozen=True)
class Layer:
    """A stratum (层) as weighting needs it."""

    no: int
    area: str
    population: int


@dataclass(frozen=True)
class KnownMargin:
    """People by option of a background item (控制总数), from outside the survey."""

    item: str
    totals: Mapping[str, int]


@dataclass(frozen=True)
class Weights:
    """Weight of a sheet of each stratum (设计权数), exact, and the strata whose people others stand for."""

    by_stratum: Mapping[int, Fraction]
    population: Mapping[int, Fraction]
    joined: tuple[int, ...]

    def of(self, sheets: Sheets) -> npt.NDArray[np.float64]:
        """The weight of every sheet, (n,)."""
        size = max(self.by_stratum) + 1
        table = np.zeros(size)
        for no, weight in self.by_stratum.items():
            table[no] = float(weight)
        return table[sheets.stratum]


def weights_of(layers: Sequence[Layer], sheets: Mapping[int, int]) -> Weights:
    """N_h / n_h for every stratum with sheets.

    The people of a stratum that brought none are stood for by the other strata of its area, or by all
    where the whole area brought none, in proportion to population; the result says so.
    """
    brought = [layer for layer in layers if sheets.get(layer.no)]
    population = {layer.no: Fraction(layer.population) for layer in brought}
    joined = tuple(layer.no for layer in layers if not sheets.get(layer.no) and layer.population)
    for layer in layers:
        if layer.no in joined:
            stand_in = [other for other in brought if other.area == layer.area] or brought
            whole = sum(other.population for other in stand_in)
            for other in stand_in:
                population[other.no] += Fraction(layer.population * other.population, whole)
    return Weights({no: size / sheets[no] for no, size in population.items()}, population, joined)


def calibrate(sheets: Sheets, weights: Weights, margins: Sequence[KnownMargin]) -> Calibration | None:
    """Rake to the strata and the known margins together; None where the campaign names no margin.

    Who left a background item blank keeps the share the design weights give, and the known totals share the
    rest: nobody is given an age by guessing. Raises the named failures of ``sampling.calibration``.
    """
    if not margins:
        return None
    prior = weights.of(sheets)
    people = float(sum(weights.population.values()))
    strata = {no: float(size) for no, size in weights.population.items()}
    fitted = [Margin(name="stratum", category=sheets.stratum, totals=strata)]
    for margin in margins:
        category = sheets.background[margin.item]
        blank = float(prior[category == ord(BLANK)].sum())
        whole = sum(margin.totals.values())
        totals = {ord(code): (people - blank) * number / whole for code, number in margin.totals.items()}
        if blank:
            totals[ord(BLANK)] = blank
        fitted.append(Margin(name=margin.item, category=category, totals=totals))
    return rake(prior, fitted)
