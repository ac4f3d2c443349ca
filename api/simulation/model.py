"""A seeded model of how people answer (答题模型), and the true scores that follow from it. Pure.

Person i of stratum h answers for unit u as follows. With probability σ(κ_uh + k_i) they say 不了解; else their
option is the first one that a logistic draw allows: P(option ≤ j) = σ(η_uh + θ_i + STEP·j), options ordered from the
best score down. θ (leniency, 宽严) and k (how little they know) are normal and belong to the person, so that the
answers on one sheet hang together. A cell is left blank with a small probability.

So nobody's answer is fixed, but the score of the whole population is: it is computed here by integrating over θ and k.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_models.questionnaires.rules import BLANK, UNIT, Form, Option

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

STEP = 1.9
LENIENCY, KNOWLEDGE = 0.7, 0.6
BLANK_CELL, BLANK_BACKGROUND = 0.012, 0.1
PLANTED = 8
# How far the best and the worst stratum of a planted unit lie apart, half of it, on the logit scale.
CONTRAST = 1.5
_NODES = 41


@dataclass(frozen=True)
class Layer:
    """A stratum of the population: area, kind, and how many people live there."""

    area: str
    kind: str
    population: int


@dataclass(frozen=True, eq=False)
class Opinion:
    """What a population thinks. ``eta`` and ``kappa`` (units, strata) are the logits of satisfaction and 不了解.

    ``by_kind`` and ``by_area`` are places of the planted units: in the former the first kind of people is
    much happier than the last, in the latter small areas are much happier than large ones. The plain mean of a
    sample that takes more from the happier strata is far off for them.
    """

    units: tuple[str, ...]
    layers: tuple[Layer, ...]
    eta: FloatArray
    kappa: FloatArray
    by_kind: tuple[int, ...]
    by_area: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class AnswerModel:
    """The opinion of a population about the units of one form, and how its people fill in that form."""

    form: Form
    opinion: Opinion
    seed: int

    @classmethod
    def of(cls, form: Form, layers: Sequence[Layer], *, seed: int) -> AnswerModel:
        """The model that ``seed`` gives. The same seed, units and strata: the same opinion."""
        units = tuple(form.items[place].key for place in form.units)
        return cls(form, form_opinion(units, layers, seed=seed), seed)

    def sheets(self, strata: Sequence[int], *, stream: int = 0) -> list[str]:
        """The answers of one person for each entry of ``strata`` (places in the opinion's layers).

        ``stream`` gives other people with the same opinions.
        """
        chance = _chance(self.seed, 2, stream)
        where = np.asarray(strata, dtype=np.intp)
        codes = np.full((len(where), len(self.form.items)), ord(BLANK), dtype=np.uint8)
        codes[:, list(self.form.units)] = self._ratings(where, chance)
        for place, item in enumerate(self.form.items):
            if item.kind != UNIT:
                codes[:, place] = _background(self.form.scales[item.scale], len(where), chance)
        return [row.tobytes().decode("ascii") for row in codes]

    def truth(self, weights: Sequence[float] | None = None) -> dict[str, float]:
        """The score of each unit over everybody: Σ N_h Σ p·s / Σ N_h Σ p(judging).

        With ``weights`` instead of the populations: what a plain mean of a sample of these sizes tends to.
        """
        sizes = np.array([layer.population for layer in self.opinion.layers] if weights is None else weights, float)
        judging = (1 - BLANK_CELL) * (1 - self._unknown())
        score = self._mean_score()
        scores = (sizes * judging * score).sum(axis=1) / (sizes * judging).sum(axis=1)
        return {unit: float(value) for unit, value in zip(self.opinion.units, scores, strict=True)}

    def planted(self) -> dict[str, list[str]]:
        """The units whose strata were made to differ."""
        name = self.opinion.units
        return {
            "by_kind": [name[place] for place in self.opinion.by_kind],
            "by_area": [name[place] for place in self.opinion.by_area],
        }

    def _ratings(self, where: npt.NDArray[np.intp], chance: np.random.Generator) -> Codes:
        scored, unscored = _split(self.form)
        eta, kappa = self.opinion.eta.T[where], self.opinion.kappa.T[where]
        leniency = chance.normal(0, LENIENCY, (len(where), 1))
        ignorance = chance.normal(0, KNOWLEDGE, (len(where), 1))
        draw = chance.random(eta.shape)
        steps = [draw >= _sigmoid(eta + leniency + STEP * place) for place in range(len(scored) - 1)]
        option = np.sum(steps, axis=0, dtype=np.intp) if steps else np.zeros(eta.shape, dtype=np.intp)
        codes = np.array([ord(entry.code) for entry in scored], dtype=np.uint8)[option]
        unknown, blank = chance.random(eta.shape), chance.random(eta.shape)
        if unscored is not None:
            codes[unknown < _sigmoid(kappa + ignorance)] = ord(unscored.code)
        left_out = blank < BLANK_CELL
        if not self.form.blank_allowed:
            left_out[:] = False
        # A sheet without any answer is none; with many units this never happens.
        left_out[left_out.all(axis=1)] = False
        codes[left_out] = ord(BLANK)
        return codes

    def _unknown(self) -> FloatArray:
        """P(不了解) by unit and stratum."""
        if _split(self.form)[1] is None:
            return np.zeros_like(self.opinion.kappa)
        nodes, shares = _normal_nodes(KNOWLEDGE)
        return np.asarray(_sigmoid(self.opinion.kappa[..., None] + nodes) @ shares)

    def _mean_score(self) -> FloatArray:
        """Expected score of those who judge, by unit and stratum."""
        scored, _ = _split(self.form)
        nodes, shares = _normal_nodes(LENIENCY)
        reached = [
            np.asarray(_sigmoid(self.opinion.eta[..., None] + nodes + STEP * place) @ shares)
            for place in range(len(scored) - 1)
        ]
        up_to = [*reached, np.ones_like(self.opinion.eta)]
        mean = np.zeros_like(self.opinion.eta)
        below = np.zeros_like(self.opinion.eta)
        for option, share in zip(scored, up_to, strict=True):
            mean += (share - below) * float(option.score or 0)
            below = share
        return mean


def form_opinion(units: Sequence[str], layers: Sequence[Layer], *, seed: int) -> Opinion:
    """Draw the opinion of a population: an effect for each unit, each stratum, and each pair of them."""
    chance = _chance(seed, 1, 0)
    shape = (len(units), len(layers))
    eta = chance.normal(0.5, 0.5, (shape[0], 1)) + chance.normal(0, 0.15, (1, shape[1])) + chance.normal(0, 0.1, shape)
    kappa = chance.normal(-1.6, 0.7, (shape[0], 1)) + chance.normal(0, 0.15, (1, shape[1]))
    planted = [(2 * number + 1) * len(units) // (2 * PLANTED) for number in range(PLANTED)]
    by_kind, by_area = tuple(dict.fromkeys(planted[::2])), tuple(dict.fromkeys(planted[1::2]))
    kinds = list(dict.fromkeys(layer.kind for layer in layers))
    people: dict[str, int] = {}
    for layer in layers:
        people[layer.area] = people.get(layer.area, 0) + layer.population
    areas = sorted(people, key=lambda area: (people[area], area))
    eta[list(by_area)] = 0.2 + CONTRAST * _contrast(areas, [layer.area for layer in layers])
    eta[list(by_kind)] = 0.2 + CONTRAST * _contrast(kinds, [layer.kind for layer in layers])
    return Opinion(tuple(units), tuple(layers), eta, kappa, by_kind, by_area)


def _contrast(order: Sequence[str], values: Sequence[str]) -> FloatArray:
    """+1 for the first name of ``order``, −1 for the last, even steps between."""
    steps: Mapping[str, float] = dict(zip(order, np.linspace(1, -1, len(order)).tolist(), strict=True))
    return np.array([steps[value] if len(order) > 1 else 0.0 for value in values])


def _split(form: Form) -> tuple[list[Option], Option | None]:
    """The scored options, best first, and the one that says 不了解."""
    options = form.scales[form.items[form.units[0]].scale]
    scored = sorted((option for option in options if option.score is not None), key=lambda option: -(option.score or 0))
    return scored, next((option for option in options if option.score is None), None)


def _background(options: Sequence[Option], people: int, chance: np.random.Generator) -> Codes:
    codes = np.array([ord(option.code) for option in options], dtype=np.uint8)[chance.integers(0, len(options), people)]
    codes[chance.random(people) < BLANK_BACKGROUND] = ord(BLANK)
    return codes


def _normal_nodes(spread: float) -> tuple[FloatArray, FloatArray]:
    """Gauss–Hermite nodes and shares of a normal variable with mean 0."""
    nodes, shares = np.polynomial.hermite_e.hermegauss(_NODES)
    return np.asarray(nodes * spread), np.asarray(shares / shares.sum())


def _sigmoid(value: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-value)))


def _chance(seed: int, purpose: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose, stream])))
