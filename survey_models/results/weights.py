"""Weights of sheets (权数): population over returned sheets, in strata or in nonresponse classes, then calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray
from sampling.calibration import Calibration, Margin, rake
from sampling.errors import BadCount, UncoveredStratum
from sampling.trimming import rake_trimmed
from sampling.weighting import adjust_for_nonresponse
from survey_models.campaigns.estimation import Margin as KnownMargin
from survey_models.campaigns.estimation import Nonresponse
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import BLANK, INVALID
from survey_models.results.sheets import Sheets

LARGEST_FACTOR = 3
"""A nonresponse class whose people would count for more than this many is joined with its neighbour."""


@dataclass(frozen=True)
class Layer:
    """A stratum (层) as weighting needs it. ``asked``: people who got a ticket, and lines of accepted files."""

    no: int
    area: str
    population: int
    kind: str = ""
    asked: int = 0


@dataclass(frozen=True)
class ResponseClass:
    """One nonresponse class after joining (无应答调整类): its strata, people asked and returned, and f."""

    strata: tuple[int, ...]
    asked: int
    returned: int
    factor: Fraction


@dataclass(frozen=True)
class Weights:
    """Weight of a sheet of each stratum (权数), exact, and the strata whose people others stand for.

    ``classes``: empty where every stratum speaks for itself; ``meets_rule``: False when even the last class left
    breaks the limits of joining.
    """

    by_stratum: Mapping[int, Fraction]
    population: Mapping[int, Fraction]
    joined: tuple[int, ...]
    classes: tuple[ResponseClass, ...] = ()
    meets_rule: bool = True

    def of(self, sheets: Sheets) -> FloatArray:
        """The weight of every sheet, (n,)."""
        size = max(self.by_stratum) + 1
        table = np.zeros(size)
        for no, weight in self.by_stratum.items():
            table[no] = float(weight)
        return table[sheets.stratum]

    def people(self) -> float:
        """Everybody the sheets stand for."""
        return float(sum(self.population.values()))


@dataclass(frozen=True, eq=False)
class Fit:
    """What weights are fitted to: margins in turn, with a cap (multiple of the median) or without."""

    margins: Sequence[Margin]
    cap: float | None = None

    def __call__(self, prior: FloatArray) -> Calibration:
        """Rake ``prior``. Raises the named failures of ``sampling.calibration``."""
        if self.cap is None:
            return rake(prior, self.margins)
        return rake_trimmed(prior, self.margins, cap_ratio=self.cap)

    def again(self, weights: FloatArray, present: BoolArray) -> FloatArray:
        """The same for one replicate: the rows that are ``present`` of the whole sample."""
        own = [replace(margin, category=np.asarray(margin.category)[present]) for margin in self.margins]
        return Fit(own, self.cap)(weights).weights


def merged(layers: Sequence[Layer], into: Mapping[int, int]) -> tuple[Layer, ...]:
    """Strata that were joined before estimation (合并的层): people and tickets of one go to the other."""
    found = {layer.no: layer for layer in layers}
    for no, target in sorted(into.items()):
        gone, kept = found.pop(no), found[target]
        found[target] = replace(kept, population=kept.population + gone.population, asked=kept.asked + gone.asked)
    return tuple(found.values())


def weights_of(layers: Sequence[Layer], sheets: Mapping[int, int], classes: Nonresponse | None = None) -> Weights:
    """Weights of the strata with sheets: N_h / n_h, or N_h / asked_h times the factor of the class.

    Without classes the people of a stratum that brought none are stood for by the other strata of its area, or
    by all where the whole area brought none, in proportion to population; the result says so.
    """
    if classes is not None:
        return _by_class(layers, sheets, classes)
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


def _by_class(layers: Sequence[Layer], sheets: Mapping[int, int], classes: Nonresponse) -> Weights:
    """Base weight N_h / asked_h; each class's returned sheets take over its silent people.

    Which classes are joined is decided by ``sampling.weighting``; factors are then taken exactly.
    """
    present = [layer for layer in layers if layer.population]
    for layer in present:
        if not layer.asked:
            raise UncoveredStratum(f"nobody of stratum {layer.no} was asked: its people have no base weight")
        if sheets.get(layer.no, 0) > layer.asked:
            raise BadCount(f"stratum {layer.no} brought more sheets than people were asked")
    strangers = sorted(set(sheets) - {layer.no for layer in present})
    if strangers:
        raise UncoveredStratum(f"stratum {strangers[0]} brought sheets and has no people to stand for")
    base = {layer.no: Fraction(layer.population, layer.asked) for layer in present}
    label = _labels(present, classes.by)
    adjusted = adjust_for_nonresponse(
        np.concatenate([np.full(layer.asked, float(base[layer.no])) for layer in present]),
        classes=np.concatenate([np.full(layer.asked, label[layer.no]) for layer in present]),
        responded=np.concatenate([np.arange(layer.asked) < sheets.get(layer.no, 0) for layer in present]),
        min_respondents=classes.min_returned,
        max_factor=float(LARGEST_FACTOR),
    )
    found = []
    for one in adjusted.classes:
        members = [layer for layer in present if label[layer.no] in one.joined]
        heard = sum((base[layer.no] * sheets.get(layer.no, 0) for layer in members), Fraction(0))
        whole = Fraction(sum(layer.population for layer in members))
        strata = tuple(layer.no for layer in members)
        found.append(ResponseClass(strata, one.sampled, one.respondents, whole / heard))
    factor = {no: one.factor for one in found for no in one.strata}
    weights = {no: base[no] * factor[no] for no, number in sheets.items() if number}
    population = {no: weight * sheets[no] for no, weight in weights.items()}
    return Weights(weights, population, (), tuple(found), adjusted.meets_rule)


def _labels(layers: Sequence[Layer], by: Sequence[str]) -> dict[int, int]:
    """Class number of each stratum; neighbours share the dimensions named first."""
    order = [
        {value: place for place, value in enumerate(dict.fromkeys(_value(one, name) for one in layers))} for name in by
    ]
    keys = {one.no: tuple(places[_value(one, name)] for name, places in zip(by, order, strict=True)) for one in layers}
    number = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    return {no: number[key] for no, key in keys.items()}


def _value(layer: Layer, name: str) -> str:
    return layer.area if name == "area" else layer.kind


def fit_of(sheets: Sheets, weights: Weights, margins: Sequence[KnownMargin], *, cap: str | None = None) -> Fit | None:
    """What the weights are fitted to; None where nothing needs fitting.

    With known margins: the strata, or the classes where there are any, and the margins together. With classes
    alone: the classes, so that replicates adjust again for who did not answer.
    """
    if not margins and not weights.classes:
        return None
    fitted = [_cells(sheets, weights), *(_margin(sheets, weights, margin) for margin in margins)]
    return Fit(fitted, None if cap is None else float(cap))


def calibrate(
    sheets: Sheets, weights: Weights, margins: Sequence[KnownMargin], *, cap: str | None = None
) -> Calibration | None:
    """Rake to strata (classes) and known margins together; None where the campaign names no margin.

    Who left a background item blank keeps the share the design weights give, and the known totals share the
    rest: nobody is given an age by guessing. Raises the named failures of ``sampling.calibration``.
    """
    fit = fit_of(sheets, weights, margins, cap=cap)
    return fit(weights.of(sheets)) if fit is not None and margins else None


def _cells(sheets: Sheets, weights: Weights) -> Margin:
    if not weights.classes:
        totals = {no: float(size) for no, size in weights.population.items()}
        return Margin(name="stratum", category=sheets.stratum, totals=totals)
    table = np.zeros(max(weights.by_stratum) + 1, dtype=np.int64)
    totals = {}
    for number, one in enumerate(weights.classes):
        here = [no for no in one.strata if no in weights.population]
        table[here] = number
        totals[number] = float(sum(weights.population[no] for no in here))
    return Margin(name="class", category=table[sheets.stratum], totals=totals)


def _margin(sheets: Sheets, weights: Weights, margin: KnownMargin) -> Margin:
    given = sheets.background[margin.item]
    category: npt.NDArray[np.int64] = np.where(given == ord(INVALID), ord(BLANK), given)
    for code, number in margin.totals.items():
        if number and not (category == ord(code)).any():
            raise Problem("estimation_margin_empty", item=margin.item, option=code)
    blank = float(weights.of(sheets)[category == ord(BLANK)].sum())
    whole = sum(margin.totals.values())
    totals = {ord(code): (weights.people() - blank) * number / whole for code, number in margin.totals.items()}
    if blank:
        totals[ord(BLANK)] = blank
    return Margin(name=margin.item, category=category, totals=totals)
