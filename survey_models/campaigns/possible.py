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
    for impossible, zh, en in _combinations(wanted, ground):
        if impossible:
            raise Problem("estimation_impossible", reason=zh, reason_en=en)


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


def _combinations(wanted: Estimation, ground: Ground) -> list[tuple[bool, str, str]]:
    return [*_of_points(wanted, ground), *_of_weights(wanted), *_of_mean(wanted)]


def _of_points(wanted: Estimation, ground: Ground) -> list[tuple[bool, str, str]]:
    few = any(len(ground.points.get(area, ())) < POINTS_FOR_SPREAD for area in ground.areas)
    two_stages = wanted.finite and wanted.points_as_psu
    return [
        (
            wanted.points_as_psu and not any(ground.points.values()),
            "以测评点为初级抽样单元，但这项评议没有测评点",
            "test points as sampling units, but this campaign has no test point",
        ),
        (
            wanted.errors == JACKKNIFE and not wanted.points_as_psu,
            "刀切法逐个去掉测评点，须以测评点为初级抽样单元",
            "the jackknife leaves out one test point after the other: take test points as sampling units",
        ),
        (
            wanted.replicated and wanted.points_as_psu and few,
            "重复抽样法要求每个地区至少有两个测评点",
            "replicates need two test points or more in every area",
        ),
        (
            wanted.replicated and wanted.lonely != REFUSE,
            "重复抽样法不能并层，只有一个抽样单元的层须选“不计算”（refuse）",
            "replicates cannot join strata: for strata with one sampling unit choose “refuse”",
        ),
        (
            wanted.replicated and two_stages,
            "有限总体的两阶段设计只能用线性化方法算误差",
            "errors of a two-stage design with finite populations are linearised only",
        ),
        (
            two_stages and wanted.stages is None,
            "以测评点为初级抽样单元又作有限总体修正，须写明各地区共有多少测评点、各点有多少人（stages）",
            "test points as sampling units with finite populations: state how many points and people exist (stages)",
        ),
        (
            wanted.stages is not None and not two_stages,
            "写明了两阶段的总数（stages），但没有同时选“测评点为初级抽样单元”和“有限总体修正”",
            "numbers of two stages are stated without test points as sampling units and finite populations",
        ),
    ]


def _of_weights(wanted: Estimation) -> list[tuple[bool, str, str]]:
    classes = wanted.nonresponse
    return [
        (
            wanted.trim_cap is not None and not wanted.margins,
            "截尾在校准之后，没有校准就没有可截的权数",
            "trimming follows calibration: state known totals, or leave trimming out",
        ),
        (
            wanted.trim_cap is not None and Decimal(wanted.trim_cap) <= 1,
            "截尾上限是权数中位数的倍数，须大于 1",
            "the cap is a multiple of the median weight and must be above 1",
        ),
        (
            classes is not None and len(set(classes.by)) < len(classes.by),
            "无应答调整类的同一个维度写了两次",
            "a dimension of the nonresponse classes is named twice",
        ),
    ]


def _of_mean(wanted: Estimation) -> list[tuple[bool, str, str]]:
    mean = wanted.estimator == STRATIFIED_MEAN
    weighed = wanted.margins or wanted.nonresponse is not None
    return [
        (
            mean and bool(weighed),
            "分层加权平均只用各层人口，不能与校准或无应答调整同用，请改用加权域均值（domain）",
            "the stratified mean knows the strata's populations only: with calibration or classes take “domain”",
        ),
        (
            mean and not wanted.replicated and wanted.finite,
            "分层加权平均的线性化误差不作有限总体修正，请改用 Rao–Wu 法",
            "the linearised error of the stratified mean has no finite-population correction: take Rao–Wu",
        ),
        (
            mean and not wanted.replicated and wanted.lonely != REFUSE,
            "分层加权平均不能并层，只有一个抽样单元的层须选“不计算”（refuse）",
            "the stratified mean cannot join strata: for strata with one sampling unit choose “refuse”",
        ),
    ]
