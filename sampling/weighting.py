"""Base weights, nonresponse classes and what unequal weights cost (基础权重, 无应答调整, 设计效应)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import BoolArray, FloatArray, IntArray, checked_weights, divide, whole_numbers
from sampling.errors import BadProportion, BadWeight, EmptyMargin, NonPositiveWeight, ShapeMismatch


def base_weights(inclusion: npt.ArrayLike) -> FloatArray:
    """d = 1/pi (Horvitz & Thompson 1952), shape of `inclusion`, probabilities in (0, 1].

    For several stages give the product of the stages' probabilities. Raises BadProportion.
    """
    probability = np.asarray(inclusion, dtype=np.float64)
    if not np.all((probability > 0) & (probability <= 1)):
        raise BadProportion("an inclusion probability lies outside (0, 1]: who cannot be drawn has no weight")
    weights: FloatArray = 1.0 / probability
    return weights


def kish_deff(weights: npt.ArrayLike) -> float:
    """n sum w^2/(sum w)^2 (Kish 1965, 11.7): how many times larger unequal weights make a variance, >= 1."""
    w = np.asarray(weights, dtype=np.float64)
    if not w.size or w.sum() == 0:
        raise BadWeight("no weight above 0: there is no design effect")
    return float(w.size * (w @ w) / w.sum() ** 2)


def effective_size(weights: npt.ArrayLike, member: npt.ArrayLike | None = None) -> FloatArray:
    """n_eff = (sum w)^2/sum w^2 (有效样本量); with `member` (n, U) bool one for each unit's raters, (U,).

    0 where a unit has no rater. Without `member` an array of shape ().
    """
    w = np.asarray(weights, dtype=np.float64)
    if member is None:
        return np.asarray(w.sum() ** 2 / (w @ w))
    held = np.asarray(member, dtype=np.float64)
    if held.ndim != 2 or len(held) != len(w):
        raise ShapeMismatch(f"member has shape {held.shape}, there are {len(w)} weights")
    return np.asarray(np.nan_to_num(divide((w @ held) ** 2, (w * w) @ held)))


@dataclass(frozen=True, kw_only=True, eq=False)
class NonresponseClass:
    """One class after collapsing (无应答调整类)."""

    joined: tuple[int, ...]
    """The class numbers as given that were joined, in order."""
    sampled: int
    respondents: int
    factor: float
    """f = sum of weights of all sampled and eligible / sum of weights of the respondents."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NonresponseAdjustment:
    """Adjusted weights with the classes that made them."""

    weights: FloatArray
    """(n,) d f for respondents, 0 for the others."""
    classes: tuple[NonresponseClass, ...]
    meets_rule: bool
    """False when even the one class left breaks the limits: print it."""


def adjust_for_nonresponse(
    weights: npt.ArrayLike,
    *,
    classes: npt.ArrayLike,
    responded: npt.ArrayLike,
    eligible: npt.ArrayLike | None = None,
    min_respondents: int = 20,
    max_factor: float = 3.0,
) -> NonresponseAdjustment:
    """Give each class's respondents the weight of the class's silent ones (Kalton & Flores-Cervantes 2003).

    `weights` (n,) of everybody drawn; `classes` (n,) whole numbers in an order that means something (neighbours
    alike); `responded`, `eligible` (n,) bool; the ineligible (moved away, died) leave with weight 0. Rule: while
    a class has fewer than `min_respondents` respondents or a factor above `max_factor`, the worst such class
    (fewest respondents, then lowest number) joins the neighbour with fewer respondents (the lower one if equal).
    Raises EmptyMargin if nobody responded at all, NonPositiveWeight, BadWeight, ShapeMismatch.
    """
    d = checked_weights(weights, length=np.asarray(weights).size)
    label = whole_numbers(classes, length=len(d), what="classes")
    open_rows = np.ones(len(d), dtype=np.bool_) if eligible is None else _flags(eligible, len(d), "eligible")
    answers = _flags(responded, len(d), "responded") & open_rows
    if np.any(d[open_rows] <= 0):
        raise NonPositiveWeight("a sampled person has weight 0: give the inverse of the inclusion probability")
    if not answers.any():
        raise EmptyMargin("nobody responded: there is no one to carry the weight of the sample")
    numbers, index = np.unique(label[open_rows], return_inverse=True)
    full = np.zeros(len(d), dtype=np.int64)
    full[open_rows] = index
    groups = _collapse(
        d,
        full,
        open_rows=open_rows,
        answers=answers,
        size=len(numbers),
        min_respondents=min_respondents,
        max_factor=max_factor,
    )
    out = np.zeros(len(d))
    made = []
    for members in groups:
        inside = np.isin(full, members) & open_rows
        factor = float(d[inside].sum() / d[inside & answers].sum())
        out[inside & answers] = d[inside & answers] * factor
        made.append(
            NonresponseClass(
                joined=tuple(int(numbers[m]) for m in members),
                sampled=int(inside.sum()),
                respondents=int((inside & answers).sum()),
                factor=factor,
            )
        )
    good = all(c.respondents >= min_respondents and c.factor <= max_factor for c in made)
    return NonresponseAdjustment(weights=out, classes=tuple(made), meets_rule=good)


def _flags(values: npt.ArrayLike, length: int, what: str) -> BoolArray:
    flags = np.asarray(values)
    if flags.shape != (length,) or flags.dtype != np.bool_:
        raise ShapeMismatch(f"{what}: {length} booleans are needed, got shape {flags.shape} of {flags.dtype}")
    return flags


def _collapse(
    d: FloatArray,
    index: IntArray,
    *,
    open_rows: BoolArray,
    answers: BoolArray,
    size: int,
    min_respondents: int,
    max_factor: float,
) -> list[list[int]]:
    """Join neighbouring classes until all satisfy the rule or one is left."""
    groups = [[c] for c in range(size)]
    count = [int(n) for n in np.bincount(index[answers], minlength=size)]
    heard = list(np.bincount(index[answers], weights=d[answers], minlength=size))
    whole = list(np.bincount(index[open_rows], weights=d[open_rows], minlength=size))
    while len(groups) > 1:
        bad = [g for g in range(len(groups)) if count[g] < min_respondents or whole[g] > max_factor * heard[g]]
        if not bad:
            break
        worst = min(bad, key=lambda g: (count[g], g))
        beside = [g for g in (worst - 1, worst + 1) if 0 <= g < len(groups)]
        first, second = sorted((worst, min(beside, key=lambda g: (count[g], g))))
        groups[first] += groups.pop(second)
        for sums in (count, heard, whole):
            sums[first] += sums.pop(second)
    return groups
