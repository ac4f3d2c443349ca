"""A made city whose every answer is known: who lives where, what each person would answer, and the true scores.

Six areas with two kinds of people each are the strata; 80 units are judged. The answers come from the seeded model of
`api.simulation.model`: one person's answers hang together, some say 不了解, some leave a cell blank, and eight units
are judged very differently from stratum to stratum. The answers are fixed before anything is drawn, so the truth is
a plain count over everybody, made here without the functions that are to be proved.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from api.simulation.model import AnswerModel, Layer
from sampling.allocation import nested
from sampling.scales import OptionScale
from survey_models.questionnaires.rules import BLANK, read_form, unit_questionnaire

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]

PEOPLE, FULL_PEOPLE, UNITS = 240_000, 2_400_000, 80
SHEETS, FULL_SHEETS = 4_800, 10_000
"""Sheets of the proportional design in the small and in the full city."""
SEED = 20_241_122
BLOCK = 20_000
AREA_SHARES = (60, 52, 46, 40, 28, 14)
"""Areas in 240ths of the city; each has three residents (居民) to one person of a firm (企业)."""
KINDS = {"居民": Fraction(3, 4), "企业": Fraction(1, 4)}
MINIMUM = 30
SPREAD = 10
"""The unequal design takes ten times as large a part of the smallest stratum as of the largest."""
SCALE = OptionScale.of({"1": 100, "2": 60, "3": 0, "0": None}, satisfied="12", blank=BLANK)


@dataclass(frozen=True, eq=False)
class City:
    """N people in H strata, what they would answer about U units, and the true scores."""

    ids: list[str]
    strata: list[str]
    """(N,) name of each person's stratum."""
    label: IntArray
    """(N,) its number."""
    names: tuple[str, ...]
    population: IntArray
    """(H,)"""
    codes: Codes
    """(N, U) option codes as ASCII."""
    counts: IntArray
    """(H, U, K) answers by stratum, unit and option, blanks left out."""

    @property
    def score(self) -> FloatArray:
        """True mean score of all who judge a unit, (U,)."""
        return _means(self.counts.sum(axis=0))

    @property
    def stratified_score(self) -> FloatArray:
        """True stratum scores weighted by the strata's people, (U,)."""
        weighted = self.population[:, None] * _means(self.counts)
        return np.asarray(weighted.sum(axis=0) / self.population.sum())

    def proportional(self) -> IntArray:
        """Sheets by stratum: areas first, then kinds, in proportion, at least 30; (H,)."""
        by_area = [row.tolist() for row in self.population.reshape(len(AREA_SHARES), len(KINDS))]
        total = SHEETS if len(self.ids) < FULL_PEOPLE else FULL_SHEETS
        return np.array([n for area in nested(total, by_area, minimum=MINIMUM) for n in area], dtype=np.int64)

    def unequal(self) -> IntArray:
        """Sheets by stratum when the sampling fraction runs tenfold, from the largest stratum to the smallest; (H,).

        The largest has half the fraction of the proportional design, the smallest five times that fraction.
        """
        rank = np.argsort(np.argsort(-self.population, kind="stable"), kind="stable")
        share = int(self.proportional().sum()) / len(self.ids)
        fraction = share / 2 * SPREAD ** (rank / (len(self.names) - 1))
        return np.maximum(np.rint(fraction * self.population), 2).astype(np.int64)


@lru_cache(maxsize=1)
def build_city(people: int, seed: int = SEED) -> City:
    """Everybody's answers, 80 bytes a person; the same numbers give the same city."""
    layers = [
        Layer(f"区{number}", kind, int(Fraction(people * share, sum(AREA_SHARES)) * part))
        for number, share in enumerate(AREA_SHARES, start=1)
        for kind, part in KINDS.items()
    ]
    units = [{"code": f"U{number:02}", "name": f"单位{number}", "category": "单位"} for number in range(1, UNITS + 1)]
    form = read_form("city", 1, unit_questionnaire(title={"zh": "模拟", "en": "Simulation"}, units=units))
    model = AnswerModel.of(form, layers, seed=seed)
    population = np.array([layer.population for layer in layers], dtype=np.int64)
    label = np.repeat(np.arange(len(layers), dtype=np.int64), population)
    codes = np.empty((len(label), UNITS), dtype=np.uint8)
    for block, first in enumerate(range(0, len(label), BLOCK)):
        sheets = model.sheets(label[first : first + BLOCK].tolist(), stream=block)
        octets = np.frombuffer("".join(sheets).encode("ascii"), dtype=np.uint8)
        codes[first : first + BLOCK] = octets.reshape(len(sheets), -1)[:, list(form.units)]
    names = tuple(f"{layer.area}·{layer.kind}" for layer in layers)
    return City(
        ids=[f"P{number:07}" for number in range(len(label))],
        strata=[names[h] for h in label.tolist()],
        label=label,
        names=names,
        population=population,
        codes=codes,
        counts=count_options(codes, label, strata=len(layers)),
    )


def count_options(codes: Codes, label: IntArray, *, strata: int) -> IntArray:
    """Answers by stratum, unit and option in the order of the scale, (H, U, K); blanks are left out."""
    options, units = len(SCALE.codes), codes.shape[1]
    place = np.full(256, options, dtype=np.int64)
    place[SCALE.octets] = np.arange(options)
    out = np.zeros((strata, units, options + 1), dtype=np.int64)
    for first in range(0, len(codes), BLOCK):
        rows = slice(first, first + BLOCK)
        cell = (label[rows, None] * units + np.arange(units)) * (options + 1) + place[codes[rows]]
        out += np.bincount(cell.ravel(), minlength=out.size).reshape(out.shape)
    return out[..., :options]


def _means(counts: IntArray) -> FloatArray:
    """Mean score of the judging answers along the last axis."""
    judging = SCALE.judging_mask
    return np.asarray((counts[..., judging] @ SCALE.values[judging]) / counts[..., judging].sum(axis=-1))
