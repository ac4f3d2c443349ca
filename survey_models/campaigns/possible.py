"""Which statements about estimation can be carried out (评估方法的检查): pure.

What can be seen before opening is refused then, because afterwards nobody may change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from survey_models.campaigns.estimation import (
    JACKKNIFE,
    REFUSE,
    STRATIFIED_MEAN,
    Estimation,
    Margin,
    Stages,
)
from survey_models.core.errors import Problem

SMALLEST_CELL = 5
LOWEST_CONFIDENCE = Decimal("0.5")
POINTS_FOR_SPREAD = 2


@dataclass(frozen=True)
class Ground:
    """What a campaign offers: options by background item, units by category, areas, numbers of the points by area."""

    options: Mapping[str, Sequence[str]]
    categories: Mapping[str, int]
    areas: Sequence[str]
    points: Mapping[str, Sequence[int]]


def check(wanted: Estimation, ground: Ground) -> None:
    """Raise the first thing that cannot be done, with what to change."""
    _thresholds(wanted)
    _margins(wanted.margins, ground)
    _borders(wanted.borders, ground)
    if wanted.stages is not None:
        _stages(wanted.stages, ground)
    for impossible, code in _combinations(wanted, ground):
        if impossible:
            raise Problem(code)


def _thresholds(wanted: Estimation) -> None:
    if wanted.min_cell < SMALLEST_CELL:
        raise Problem("estimation_cell_small", smallest=SMALLEST_CELL)
    if Decimal(wanted.confidence) < LOWEST_CONFIDENCE:
        raise Problem("estimation_confidence_low", confidence=wanted.confidence)


def _margins(margins: Sequence[Margin], ground: Ground) -> None:
    for number, margin in enumerate(margins):
        if margin.item not in ground.options:
            known = "、".join(ground.options) or "—"
            raise Problem("estimation_item_unknown", item=margin.item, items=known)
        if any(earlier.item == margin.item for earlier in margins[:number]):
            raise Problem("estimation_item_repeated", item=margin.item)
        _totals(margin, ground.options[margin.item])


def _totals(margin: Margin, options: Sequence[str]) -> None:
    for code in margin.totals:
        if code not in options:
            raise Problem("estimation_option_unknown", item=margin.item, option=code, options="、".join(options))
    if not any(margin.totals.values()):
        raise Problem("estimation_margin_without_people", item=margin.item)
    for code in options:
        # Somebody may choose the option, and a sheet that stands for nobody has no weight.
        if not margin.totals.get(code):
            raise Problem("estimation_option_without_people", item=margin.item, option=code)


def _borders(borders: Mapping[str, Mapping[str, int]], ground: Ground) -> None:
    for category, asked in borders.items():
        units = ground.categories.get(category)
        if units is None:
            raise Problem("estimation_category_unknown", category=category)
        for k in asked.values():
            if k >= units:
                raise Problem("estimation_border_too_large", category=category, k=k, units=units)


def _stages(stages: Stages, ground: Ground) -> None:
    for area in ground.areas:
        drawn = len(ground.points.get(area, ()))
        if stages.points.get(area, 0) < max(drawn, 1):
            raise Problem("estimation_stage_incomplete", what=area, least=drawn)
    for no in (no for numbers in ground.points.values() for no in numbers):
        if not stages.people.get(no):
            raise Problem("estimation_stage_incomplete", what=str(no), least=1)


def _combinations(wanted: Estimation, ground: Ground) -> list[tuple[bool, str]]:
    return [*_of_points(wanted, ground), *_of_weights(wanted), *_of_mean(wanted)]


def _of_points(wanted: Estimation, ground: Ground) -> list[tuple[bool, str]]:
    few = any(len(ground.points.get(area, ())) < POINTS_FOR_SPREAD for area in ground.areas)
    two_stages = wanted.finite and wanted.points_as_psu
    return [
        (wanted.points_as_psu and not any(ground.points.values()), "estimation_points_missing"),
        (wanted.errors == JACKKNIFE and not wanted.points_as_psu, "estimation_jackknife_persons"),
        (wanted.replicated and wanted.points_as_psu and few, "estimation_replicates_few_points"),
        (wanted.replicated and wanted.lonely != REFUSE, "estimation_replicates_lonely"),
        (wanted.replicated and two_stages, "estimation_replicates_two_stages"),
        (two_stages and wanted.stages is None, "estimation_stages_missing"),
        (wanted.stages is not None and not two_stages, "estimation_stages_unused"),
    ]


def _of_weights(wanted: Estimation) -> list[tuple[bool, str]]:
    classes = wanted.nonresponse
    return [
        (wanted.trim_cap is not None and not wanted.margins, "estimation_trim_without_margins"),
        (wanted.trim_cap is not None and Decimal(wanted.trim_cap) <= 1, "estimation_trim_cap_low"),
        (classes is not None and len(set(classes.by)) < len(classes.by), "estimation_class_repeated"),
    ]


def _of_mean(wanted: Estimation) -> list[tuple[bool, str]]:
    mean = wanted.estimator == STRATIFIED_MEAN
    weighed = wanted.margins or wanted.nonresponse is not None
    return [
        (mean and bool(weighed), "estimation_mean_weighted"),
        (mean and not wanted.replicated and wanted.finite, "estimation_mean_finite"),
        (mean and not wanted.replicated and wanted.lonely != REFUSE, "estimation_mean_lonely"),
    ]
