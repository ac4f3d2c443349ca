"""Points from window ratings (服务窗口评议) and from the rounds of another scheme (引用): windows, then months."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from survey_models.schemes.inputs import Inputs, Month
from survey_models.schemes.language import Part, Scheme
from survey_models.schemes.outcome import Line
from survey_models.schemes.sources import Ratings
from survey_models.schemes.surveys import Options
from survey_models.schemes.tracing import HUNDRED, Both, Found, fraction, product, show

Weighed = tuple[Fraction, int]
"""A score, 0 to 100, and the number of ratings behind it."""


def ratings(scheme: Scheme, part: Part, source: Ratings, unit: str, inputs: Inputs) -> Found:
    """The points of a unit's windows: each month the mean of its windows, then the mean of the months.

    A window's month with fewer than ``least`` ratings is dropped, and a month without any window with it; both are
    printed. Nothing is left: missing.
    """
    options = scheme.maps[source.map].options
    by_month: dict[str, list[tuple[str, Weighed]]] = {}
    dropped: list[str] = []
    for one in sorted(inputs.ratings.get(unit, ()), key=lambda month: (month.month, month.window)):
        rated = _rated(one, options)
        if rated is None or rated[1] < source.least:
            dropped.append(f"{one.month} {one.window}（{rated[1] if rated else 0}）")
        else:
            by_month.setdefault(one.month, []).append((one.window, rated))
    without = _dropped(dropped, source.least)
    if not by_month:
        return Found(value=None, how=(f"没有可用的窗口评价{without[0]}", f"no usable window ratings{without[1]}"))
    months = {month: _mean([rated for _, rated in rows], source.windows) for month, rows in by_month.items()}
    score, _ = _mean(list(months.values()), source.months)
    points = fraction(part.points)
    value = score * points / HUNDRED
    turned = product(score, scale=HUNDRED, points=points, value=value)
    several = " + ".join(show(one) for one, _ in months.values())
    spread = f"({several}) ÷ {len(months)} = {show(score)}" if source.months == "mean" else show(score)
    return Found(
        value=value,
        how=(f"各月平均：{spread}；{turned}{without[0]}", f"mean of the months: {spread}; {turned}{without[1]}"),
        children=tuple(_month_line(month, by_month[month], months[month]) for month in months),
    )


def reference(part: Part, unit: str, inputs: Inputs) -> Found:
    """The points of a unit's scores in another scheme's rounds: their plain mean; without one: missing."""
    rounds = inputs.references.get((part.id, unit), ())
    if not rounds:
        return Found(value=None, how=("期内没有可引用的得分", "no score to take over in this period"))
    score = sum((one for _, one in rounds), Fraction(0)) / len(rounds)
    points = fraction(part.points)
    value = score * points / HUNDRED
    sums = " + ".join(show(one) for _, one in rounds)
    turned = product(score, scale=HUNDRED, points=points, value=value)
    mean = f"({sums}) ÷ {len(rounds)} = {show(score)}；{turned}" if len(rounds) > 1 else turned
    return Found(
        value=value,
        how=(mean, mean.replace("；", "; ")),
        counts=tuple((name, show(one)) for name, one in rounds),
    )


def _rated(month: Month, options: Options) -> Weighed | None:
    scored = [(fraction(value), month.counts.get(name, 0)) for name, value in options.items() if value is not None]
    n = sum(count for _, count in scored)
    return (sum((value * count for value, count in scored), Fraction(0)) / n, n) if n else None


def _mean(several: Sequence[Weighed], how: str) -> Weighed:
    total = sum(n for _, n in several)
    if how == "by_ratings":
        return sum((score * n for score, n in several), Fraction(0)) / total, total
    return sum((score for score, _ in several), Fraction(0)) / len(several), total


def _dropped(several: Sequence[str], least: int) -> Both:
    if not several:
        return ("", "")
    listed = "、".join(several)
    return (
        f"；不足{least}次评价、未计入：{listed}",
        f"; fewer than {least} ratings, left out: {listed}",
    )


def _month_line(month: str, windows: Sequence[tuple[str, Weighed]], mean: Weighed) -> Line:
    listed = "、".join(f"{window} {show(score)}（{n}）" for window, (score, n) in windows)
    english = ", ".join(f"{window} {show(score)} ({n})" for window, (score, n) in windows)
    return Line(
        id=month,
        title=(month, month),
        value=mean[0],
        most=HUNDRED,
        factor=Fraction(1),
        how=(f"{listed}：{show(mean[0])}", f"{english}: {show(mean[0])}"),
        counts=tuple((window, str(n)) for window, (_, n) in windows),
    )
