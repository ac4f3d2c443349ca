"""What the public bundle prints (公布的汇总): sheets by unit, published stratum and option, small cells left out. Pure.

Of a unit without a hidden row everything printed can be had from the printed counts. Where rows are hidden the score
stands as on paper, with two decimals, and counts as one more thing that a reader knows about them; errors and rates
are left to the auditor's bundle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from sampling.arrays import IntArray
from sampling.disclosure import Fact, mask_unit
from sampling.ranks import round_half_up
from sampling.scales import OptionScale
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import STRATIFIED_MEAN
from survey_models.evidence.documents import Ground, as_csv, csv_rows
from survey_models.evidence.recounts import design_of, sheets_of
from survey_models.results.design import lines_of
from survey_models.results.rules import scale_of
from survey_models.results.sheets import Sheets
from survey_models.results.traces import sums_of
from survey_models.results.weights import Weights, calibrate, weights_of

ALL = "all"
NOTHING, ROWS, TOTAL = "", "rows", "total"
_HALF_PLACE = 0.005
_KEPT_WITH_ROWS_HIDDEN = ("unit", "category", "n", "n_judging", "rank", "rank_low", "rank_high")
_KEPT_WITH_TOTAL_HIDDEN = ("unit", "category", "n")


@dataclass(frozen=True)
class Line:
    """One line of tallies.csv: sheets that carry the unit and how many chose each option; None where hidden."""

    unit: str
    stratum: str
    n: int
    counts: tuple[int, ...] | None


@dataclass(frozen=True)
class Release:
    """Everything printed. ``units``: scores; ``returned``, ``lines``: sheets, and lines of files, by stratum."""

    codes: tuple[str, ...]
    tallies: tuple[Line, ...]
    units: list[dict[str, Any]]
    returned: dict[str, int]
    lines: dict[str, int]


def release(ground: Ground, cells: Sequence[CellAnswers], scores: Sequence[Mapping[str, Any]]) -> Release:
    """What is printed of these answers and these scores (rows of a result, figures at nine places)."""
    if not ground.form.units:
        whole = sheets_of(ground, cells).by_stratum() if cells else {}
        return Release((), (), [], _by_name(whole), _by_name(lines_of(cells)))
    scale = scale_of(ground.form)
    codes = (*scale.codes, scale.blank, scale.invalid)
    if not cells:
        nothing = [{**row, "masked": TOTAL} for row in map(_without_total, scores)]
        return Release(codes, (), nothing, {}, {})
    maker = _Maker(ground, cells, scale, codes)
    tallies: list[Line] = []
    units = []
    by_unit = {row["unit"]: row for row in scores}
    for place, number in enumerate(ground.form.units):
        unit = ground.form.items[number].key
        if unit in by_unit:
            printed, row = maker.unit(place, by_unit[unit])
            tallies += printed
            units.append(row)
    order = {row["unit"]: place for place, row in enumerate(scores)}
    units.sort(key=lambda row: order[row["unit"]])
    return Release(codes, tuple(tallies), units, _by_name(maker.returned), _by_name(lines_of(cells)))


def _by_name(numbers: Mapping[int, int]) -> dict[str, int]:
    return {str(no): n for no, n in numbers.items()}


def tallies_csv(printed: Release) -> bytes:
    """The printed tallies; counts of hidden rows are empty."""
    head = ("unit", "stratum", "n", *printed.codes)
    blank = ("",) * len(printed.codes)
    return as_csv(head, ((one.unit, one.stratum, one.n, *(one.counts or blank)) for one in printed.tallies))


def read_tallies(raw: bytes, codes: Sequence[str]) -> list[Line]:
    """The printed tallies as they were written."""
    found = []
    for unit, stratum, n, *counts in csv_rows(raw, ("unit", "stratum", "n", *codes)):
        found.append(Line(unit, stratum, int(n), tuple(map(int, counts)) if counts[0] else None))
    return found


class _Maker:
    """Goes through the units of one release."""

    def __init__(self, ground: Ground, cells: Sequence[CellAnswers], scale: OptionScale, codes: Sequence[str]) -> None:
        design = design_of(ground, cells)
        self._ground, self._scale = ground, scale
        self._sheets: Sheets = sheets_of(ground, cells)
        self.returned = self._sheets.by_stratum()
        self._weights: Weights = weights_of(design.layers, self.returned, design.stated.nonresponse)
        calibration = calibrate(self._sheets, self._weights, design.stated.margins, cap=design.stated.trim_cap)
        self._mean = design.stated.estimator == STRATIFIED_MEAN
        self._calibrated = calibration is not None
        self._sums = sums_of(self._sheets, self._weights, scale, calibration=calibration, by_stratum=self._mean)
        self._strata = sorted(self.returned)
        self._counts = counts_of(self._sheets, self._strata, codes)
        values = dict(zip(scale.codes, scale.scores, strict=True))
        self._values = np.array([float(values.get(code) or 0) for code in codes])
        self._judging = np.array([values.get(code) is not None for code in codes])

    def unit(self, place: int, score: Mapping[str, Any]) -> tuple[list[Line], dict[str, Any]]:
        """Lines and printed row of one unit."""
        counts = self._counts[:, :, place]
        mask = mask_unit(counts, threshold=self._ground.campaign["threshold"], facts=self._facts(counts, score))
        hidden = mask.hidden | mask.withheld
        name = str(score["unit"])
        lines = [
            Line(name, str(no), int(row.sum()), None if gone else tuple(row.tolist()))
            for no, row, gone in zip(self._strata, counts, hidden.tolist(), strict=True)
            if row.any()
        ]
        whole = counts.sum(axis=0)
        lines.append(Line(name, ALL, int(whole.sum()), None if mask.withheld else tuple(whole.tolist())))
        if mask.withheld or not whole.any():
            return lines, {**_without_total(score), "masked": TOTAL}
        if hidden.any():
            return lines, {**_with_rows_hidden(score), "masked": ROWS}
        return lines, {**score, "masked": NOTHING, **self._sums_printed(place)}

    def _sums_printed(self, place: int) -> dict[str, str]:
        """Calibrated weights follow from no printed count: their sums are printed beside."""
        if not self._calibrated:
            return {}
        sums = self._sums[place]
        return {"points": f"{round_half_up(sums.points, 9):f}", "weight": f"{round_half_up(sums.weight, 9):f}"}

    def _facts(self, counts: IntArray, score: Mapping[str, Any]) -> tuple[Fact, ...]:
        """What the printed score says about the rows, for a reader who also knows the people it stands for."""
        if score["score"] is None or self._calibrated:
            return ()
        printed = float(round_half_up(Decimal(score["score"])))
        judging = counts[:, self._judging].sum(axis=1)
        weight = np.array([float(self._weights.by_stratum[no]) for no in self._strata])
        if not self._mean:
            coefficients = weight[:, None] * np.where(self._judging, self._values - printed, 0.0)
            slack = _HALF_PLACE * float((weight * judging).sum())
            return (Fact(coefficients, -slack, slack),)
        # Linear only for whoever knows how many judge in each stratum: taken to be known.
        people = np.array([float(self._weights.population[no]) for no in self._strata])
        share = np.divide(people, judging, out=np.zeros_like(people), where=judging > 0)
        whole = float(people[judging > 0].sum())
        mean = Fact(
            share[:, None] * np.where(self._judging, self._values, 0.0),
            (printed - _HALF_PLACE) * whole,
            (printed + _HALF_PLACE) * whole,
        )
        return (mean, *(self._judges(at, int(number)) for at, number in enumerate(judging.tolist())))

    def _judges(self, stratum: int, number: int) -> Fact:
        coefficients = np.zeros((len(self._strata), len(self._judging)))
        coefficients[stratum] = self._judging
        return Fact(coefficients, number, number)


def counts_of(sheets: Sheets, strata: Sequence[int], codes: Sequence[str]) -> IntArray:
    """Sheets by stratum, code and unit, where the sheet carries the unit: (strata, codes, units)."""
    found = np.zeros((len(strata), len(codes), sheets.codes.shape[1]), dtype=np.int64)
    for at, no in enumerate(strata):
        rows = sheets.stratum == no
        for place, code in enumerate(codes):
            found[at, place] = ((sheets.codes[rows] == ord(code)) & sheets.carries[rows]).sum(axis=0)
    return found


def _with_rows_hidden(score: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: score[name] for name in _KEPT_WITH_ROWS_HIDDEN}
    exact = score["score"]
    return {**kept, "score": None if exact is None else f"{round_half_up(Decimal(exact)):f}"}


def _without_total(score: Mapping[str, Any]) -> dict[str, Any]:
    return {name: score[name] for name in _KEPT_WITH_TOTAL_HIDDEN}
