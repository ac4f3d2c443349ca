"""The steps of a result (计算步骤), in their order, from tickets to borders: what was done and the numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from sampling.arrays import FloatArray
from sampling.ranks import round_half_up
from sampling.weighting import kish_deff
from survey_models.campaigns.estimation import JACKKNIFE, RAO_WU, STRATIFIED_MEAN
from survey_models.results.design import Design
from survey_models.results.methods import percent
from survey_models.results.places import Border, Place
from survey_models.results.rules import Scores

DOMAIN, STRATIFIED = ("加权域均值", "weighted domain mean"), ("分层加权平均", "stratified mean")
NOT_STATED = ("没有声明，不作", "not stated, left out")
# A value that is a word is said in both languages.
Figure = tuple[str, str, str | tuple[str, str]]


@dataclass(frozen=True)
class Step:
    """One step. ``figures``: label in Chinese and English, and value; ``note`` where there is nothing to count."""

    key: str
    title: tuple[str, str]
    figures: tuple[Figure, ...] = ()
    note: tuple[str, str] = ("", "")

    def as_dict(self) -> dict[str, Any]:
        """For the stored method: pieces for a page, whole sentences for print."""
        figures = [(zh, en, value if isinstance(value, tuple) else (value, value)) for zh, en, value in self.figures]
        zh = "，".join(
            [*([self.note[0]] if self.note[0] else []), *(f"{name} {value[0]}" for name, _, value in figures)]
        )
        en = ", ".join(
            [*([self.note[1]] if self.note[1] else []), *(f"{name} {value[1]}" for _, name, value in figures)]
        )
        return {
            "key": self.key,
            "title": self.title[0],
            "title_en": self.title[1],
            "zh": f"{self.title[0]}：{zh}。",
            "en": f"{self.title[1]}: {en}.",
            "figures": [
                {"label": zh, "label_en": en, "value": value[0], "value_en": value[1]} for zh, en, value in figures
            ],
        }


def steps(
    design: Design,
    scores: Scores | None,
    places: Sequence[Place],
    borders: Sequence[Border],
    *,
    returned: int,
    seed: str,
) -> list[dict[str, Any]]:
    """All steps of a computation; the first two alone where no sheet came back."""
    found = [_issued(design), _returned(design, returned)]
    if scores is not None:
        found += [_base(design, scores), _nonresponse(design, scores), _calibration(design, scores)]
        found += [_trimming(design, scores), _scored(design, scores), _errors(design, scores, seed)]
        found += [_sets(design, places, seed), _borders(borders)]
    return [step.as_dict() for step in found]


def _issued(design: Design) -> Step:
    people = sum(layer.population for layer in design.layers)
    return Step(
        "issued",
        ("发出", "Asked"),
        (
            ("层", "strata", f"{len(design.layers)}"),
            ("人口", "people", f"{people}"),
            ("发出的评议码和文件里的份数", "tickets issued and lines of files", f"{_asked(design)}"),
        ),
    )


def _asked(design: Design) -> int:
    return sum(layer.asked for layer in design.layers)


def _returned(design: Design, returned: int) -> Step:
    asked = _asked(design)
    rate = (("收回率", "response rate", f"{round_half_up(Fraction(100 * returned, asked))}%"),) if asked else ()
    return Step("returned", ("收回", "Returned"), (("计票份数", "sheets counted", f"{returned}"), *rate))


def _base(design: Design, scores: Scores) -> Step:
    if design.stated.nonresponse is None:
        title = ("基础权数（层人口 ÷ 层收回份数）", "Base weights (population of the stratum over its sheets)")
        return Step("base_weights", title, _spread(scores.prior))
    asked = [layer for layer in design.layers if layer.population]
    weights = np.array([layer.population / layer.asked for layer in asked])
    title = ("基础权数（层人口 ÷ 层发出份数）", "Base weights (population of the stratum over people asked)")
    return Step("base_weights", title, _ends(weights))


def _nonresponse(design: Design, scores: Scores) -> Step:
    title = ("无应答调整", "Nonresponse")
    if design.stated.nonresponse is None:
        note = (
            "不另作，每层收回的问卷代表全层",
            "no classes: the sheets of a stratum stand for the whole stratum",
        )
        return Step("nonresponse", title, note=note)
    classes = scores.weights.classes
    factors = [one.factor for one in classes]
    return Step(
        "nonresponse",
        title,
        (
            ("类", "classes", f"{len(classes)}"),
            ("最小系数", "smallest factor", f"{round_half_up(min(factors), 4)}"),
            ("最大系数", "largest factor", f"{round_half_up(max(factors), 4)}"),
            *_spread(scores.prior),
        ),
    )


def _calibration(design: Design, scores: Scores) -> Step:
    title = ("校准", "Calibration")
    if scores.calibration is None:
        return Step("calibration", title, note=NOT_STATED)
    report = scores.calibration.report
    return Step(
        "calibration",
        title,
        (
            ("校准变量", "items", "、".join(margin.item for margin in design.stated.margins)),
            ("迭代轮数", "rounds", f"{report.iterations}"),
            ("最小系数", "smallest factor", f"{report.smallest_factor:.4f}"),
            ("最大系数", "largest factor", f"{report.largest_factor:.4f}"),
            *_spread(scores.calibration.weights),
        ),
    )


def _trimming(design: Design, scores: Scores) -> Step:
    title = ("截尾", "Trimming")
    report = scores.calibration.report if scores.calibration else None
    if report is None or report.cap is None:
        return Step("trimming", title, note=NOT_STATED)
    return Step(
        "trimming",
        title,
        (
            ("上限（中位数的倍数）", "cap (times the median)", f"{design.stated.trim_cap}"),
            ("上限", "cap", f"{report.cap:.4f}"),
            ("在上限的问卷", "sheets at the cap", f"{100 * report.trimmed_share:.2f}%"),
            ("截尾轮数", "rounds", f"{report.rounds}"),
        ),
    )


def _scored(design: Design, scores: Scores) -> Step:
    mean = design.stated.estimator == STRATIFIED_MEAN
    known = [unit for unit in scores.units if unit.score is not None]
    return Step(
        "scores",
        ("得分", "Scores"),
        (
            ("估计量", "estimator", STRATIFIED if mean else DOMAIN),
            ("有得分的单位", "units with a score", f"{len(known)}"),
            ("人数不足而不列的单位", "units withheld", f"{len(scores.units) - len(known)}"),
        ),
    )


def _errors(design: Design, scores: Scores, seed: str) -> Step:
    stated = design.stated
    names: dict[str, str | tuple[str, str]] = {
        RAO_WU: f"Rao–Wu × {stated.replicates}",
        JACKKNIFE: ("刀切法", "jackknife"),
    }
    units = ("测评点", "test points") if stated.points_as_psu else ("个人", "persons")
    known = [unit.se for unit in scores.units if unit.se is not None]
    ends: tuple[Figure, ...] = ()
    if known:
        ends = (
            ("最小标准误", "smallest standard error", f"{round_half_up(min(known), 4)}"),
            ("最大标准误", "largest standard error", f"{round_half_up(max(known), 4)}"),
        )
    return Step(
        "errors",
        ("误差", "Errors"),
        (
            ("方法", "method", names.get(stated.errors, ("线性化", "linearisation"))),
            *((("种子", "seed", seed),) if stated.errors == RAO_WU else ()),
            ("抽样单元", "sampling units", units),
            ("有限总体修正", "finite populations", ("有", "yes") if stated.finite else ("无", "no")),
            ("置信水平", "confidence", f"{percent(stated.confidence)}%"),
            *ends,
        ),
    )


def _sets(design: Design, places: Sequence[Place], seed: str) -> Step:
    title = ("名次范围", "Rank sets")
    known = [place for place in places if place.low is not None]
    if not known:
        note = ("协方差算不出来，不列", "the covariance is not known, none are given")
        return Step("rank_sets", title, note=note)
    sure = [place for place in known if place.low == place.high]
    return Step(
        "rank_sets",
        title,
        (
            ("有范围的单位", "units with a set", f"{len(known)}"),
            ("名次确定的单位", "units whose place is sure", f"{len(sure)}"),
            ("置信水平", "confidence", f"{percent(design.stated.confidence)}%"),
            ("种子", "seed", seed),
        ),
    )


def _borders(borders: Sequence[Border]) -> Step:
    title = ("界线", "Borders")
    if not borders:
        return Step("borders", title, note=NOT_STATED)
    ends = {"first": ("前", "first"), "last": ("后", "last")}
    return Step(
        "borders",
        title,
        tuple(
            (
                f"{one.category}{ends[one.end][0]} {one.k} 名（确定／可能）",
                f"{one.category}, {ends[one.end][1]} {one.k} (surely/possibly)",
                f"{len(one.certain)}/{len(one.possible)}",
            )
            for one in borders
        ),
    )


def _spread(weights: FloatArray) -> tuple[Figure, ...]:
    effect = ("权数的设计效应", "design effect of the weights", f"{kish_deff(weights):.4f}")
    return (*_ends(weights), effect)


def _ends(weights: FloatArray) -> tuple[Figure, ...]:
    return (
        ("最小权数", "smallest weight", f"{float(weights.min()):.4f}"),
        ("最大权数", "largest weight", f"{float(weights.max()):.4f}"),
    )
