"""The trace of a score (计算过程): figures as a reader sees them, sentences, and the errors that sampling leaves.

An error is kept by the campaign that it comes from: what one campaign gives to several lines may err together, so its
parts are added; campaigns are drawn apart from each other, so their squares are added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from survey_models.schemes.language import Adjustment, Part
from survey_models.schemes.outcome import Line
from survey_models.schemes.words import Cited

Both = tuple[str, str]
"""A sentence in Chinese and English."""

Errors = Mapping[str, Fraction]
"""Standard errors by campaign, never negative."""

HUNDRED = Fraction(100)
_NANO = 10**9
_TICKS = 10**4


@dataclass(frozen=True)
class Found:
    """What a source gives: points, or None when data are missing, with the sentence that says how."""

    value: Fraction | None
    how: Both
    errors: Errors = field(default_factory=dict)
    counts: tuple[Both, ...] = ()
    children: tuple[Line, ...] = ()


@lru_cache(maxsize=4096)
def fraction(amount: Decimal) -> Fraction:
    """An amount of the document, for reckoning."""
    return Fraction(amount)


def show(value: Fraction | Decimal) -> str:
    """A figure for reading: half up to four decimals, at least two shown (90.1021, 85.00)."""
    text = _read_out(value)
    return text[:-2] if text.endswith("00") else text.removesuffix("0")


def brief(value: Fraction | Decimal | int) -> str:
    """A number of the document, without idle zeros (30, 0.5); a fraction that does not end: four decimals."""
    return _read_out(value).rstrip("0").rstrip(".")


def _read_out(value: Fraction | Decimal | int) -> str:
    """Four decimals, half away from zero. In whole numbers: a scorecard has dozens of figures, a round thousands."""
    over, under = value.as_integer_ratio()
    ticks = (2 * abs(over) * _TICKS + under) // (2 * under)
    sign = "-" if over < 0 and ticks else ""
    return f"{sign}{ticks // _TICKS}.{ticks % _TICKS:04d}"


def scaled(errors: Errors, by: Fraction) -> Errors:
    """The errors of a figure that is multiplied."""
    size = abs(by)
    if size == 1:
        return errors
    return {name: size * one for name, one in errors.items() if one}


def added(several: Iterable[Errors]) -> Errors:
    """The errors of a sum, by campaign; within one campaign nothing is assumed to cancel."""
    total: dict[str, Fraction] = {}
    for errors in several:
        for name, one in errors.items():
            before = total.get(name)
            total[name] = one if before is None else before + one
    return total


def standard_error(errors: Errors) -> Decimal | None:
    """The square root of the sum of squares over the campaigns, half up to nine decimals; None without sampling."""
    if not errors:
        return None
    square = sum((one * one for one in errors.values()), Fraction(0))
    twice = isqrt(4 * square.numerator * _NANO * _NANO // square.denominator)
    return Decimal((twice + 1) // 2).scaleb(-9)


def assumed_of(cited: Cited) -> Both | None:
    """What the document leaves open, in both languages."""
    return None if cited.assumed is None else (cited.assumed.zh, cited.assumed.en)


def line(part: Part | Adjustment, found: Found, *, most: Fraction, factor: Fraction) -> Line:
    """The line of a scorecard for a line of the document."""
    return Line(
        id=part.id,
        title=(part.title.zh, part.title.en),
        value=found.value,
        most=most,
        factor=factor,
        how=found.how,
        counts=found.counts,
        cite=part.cite,
        at=part.at,
        assumed=assumed_of(part),
        se=standard_error(found.errors),
        children=found.children,
    )


def product(score: Fraction, *, scale: Fraction, points: Fraction, value: Fraction) -> str:
    """``85.00 ÷ 100 × 30 = 25.50``; nothing to convert where the scale is the points."""
    if scale == points:
        return f"{show(value)}"
    return f"{show(score)} ÷ {brief(scale)} × {brief(points)} = {show(value)}"
