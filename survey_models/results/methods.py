"""What is printed beside every result (方法说明): map, weights, errors, places, and what was joined or calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sampling.calibration import CalibrationReport
from survey_models.results.places import Border
from survey_models.results.rules import Design, Scores

Line = tuple[str, str]


def lines(design: Design, scores: Scores | None, borders: Sequence[Border]) -> dict[str, Any]:
    """The method of a result: sentences in both languages, and the same as data."""
    joined = scores.weights.joined if scores else ()
    report = scores.calibration.report if scores and scores.calibration else None
    told: list[Line] = [_estimator(design), _scale(), *_calibrated(design, report), _errors(design), *_joined(joined)]
    told += [_places(), _withheld(design)]
    return {
        "zh": [zh for zh, _ in told],
        "en": [en for _, en in told],
        "joined": list(joined),
        "borders": [border.as_dict() for border in borders],
        "calibration": _numbers(report),
        "weights": _spread(scores),
    }


def _estimator(design: Design) -> Line:
    if design.estimator == "stratified_mean" and not design.margins:
        return "得分是各层平均分按人口加权的均值。", "Mean of the stratum scores, weighted by population."
    return (
        "得分是加权域均值：每份问卷的权数 = 所在层人口 ÷ 该层收回份数。",
        "Weighted domain mean: a sheet weighs its stratum's population over the sheets returned there.",
    )


def _scale() -> Line:
    return (
        "满意 100、基本满意 60、不满意 0；不了解不计分，另列不了解率；空白和无效不计。",
        "Satisfied 100, mostly satisfied 60, dissatisfied 0; “don't know” is not scored, its rate is shown apart.",
    )


def _calibrated(design: Design, report: CalibrationReport | None) -> list[Line]:
    if report is None:
        return []
    items = "、".join(margin.item for margin in design.margins)
    spread = f"{report.deff_before:.3f} → {report.deff_after:.3f}"
    zh = f"权数按层和 {items} 的已知人口分布迭代校准（{report.iterations} 轮），设计效应 {spread}；未填的保持原有份额。"
    en = (
        f"Weights are raked to strata and the known distributions of {items} ({report.iterations} rounds), their design"
    )
    return [(zh, f"{en} effect {spread}; sheets without that item keep their share.")]


def _errors(design: Design) -> Line:
    if design.points_as_psu:
        return (
            "误差按测评点计算（测评点为初级抽样单元，地区为层），含点与点之间的差异；点内按配额选人，不是概率抽样。",
            "Errors are computed between test points (PSU) within areas; people at a point were chosen by quota.",
        )
    return (
        "误差按个人计算（分层，不作有限总体修正）。",
        "Errors are computed between persons within strata, without finite population correction.",
    )


def _joined(joined: Sequence[int]) -> list[Line]:
    if not joined:
        return []
    return [
        (
            f"第 {'、'.join(map(str, joined))} 层没有收回问卷，其人口由同地区其他层代表。",
            f"Strata {', '.join(map(str, joined))} returned no sheet; others of the area stand for them.",
        )
    ]


def _places() -> Line:
    zh = "得分保留两位小数（四舍五入），名次按类别、按印出的得分排，同分同名次；名次旁是数据允许的名次范围（95%）。"
    en = "Scores are printed with two decimals, rounded half up; places are by category and printed score, ties shared;"
    return zh, f"{en} the range beside a place is what the data allow (95 %, all units of a category together)."


def _withheld(design: Design) -> Line:
    return (
        f"少于 {design.min_cell} 人评议的单位不列得分。",
        f"Units judged by fewer than {design.min_cell} people get no score.",
    )


def _numbers(report: CalibrationReport | None) -> dict[str, str] | None:
    if report is None:
        return None
    return {
        "iterations": str(report.iterations),
        "deff_before": f"{report.deff_before:.6f}",
        "deff_after": f"{report.deff_after:.6f}",
        "smallest_factor": f"{report.smallest_factor:.6f}",
        "largest_factor": f"{report.largest_factor:.6f}",
    }


def _spread(scores: Scores | None) -> dict[str, list[str]]:
    """Smallest, median and largest weight of a sheet, before calibration and after."""
    if scores is None:
        return {}
    kinds = {"before": scores.prior}
    if scores.calibration is not None:
        kinds["after"] = scores.calibration.weights
    return {
        name: [f"{value:.9f}" for value in np.quantile(weights, [0.0, 0.5, 1.0]).tolist()]
        for name, weights in kinds.items()
    }
