"""What is printed beside every result (方法说明): what the campaign stated, and what it did to the weights."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from sampling.calibration import CalibrationReport
from survey_models.campaigns.estimation import JACKKNIFE, RAO_WU, STRATIFIED_MEAN
from survey_models.results.design import Design
from survey_models.results.places import Border
from survey_models.results.rules import Scores
from survey_models.results.weights import LARGEST_FACTOR

Line = tuple[str, str]
DIMENSIONS = {"area": ("地区", "area"), "kind": ("人群", "kind of people")}
LONELY: dict[str, Line] = {
    "refuse": (
        "只有一个抽样单元的层不作任何替代，遇到就不出结果",
        "a stratum with one sampling unit stops the computation",
    ),
    "collapse": (
        "只有一个抽样单元的层与相邻层合并后算误差",
        "a stratum with one sampling unit is joined with the next for its error",
    ),
    "adjust": (
        "只有一个抽样单元的层按它与总体均值的距离算误差",
        "a stratum with one sampling unit is measured from the overall mean",
    ),
}


def lines(design: Design, scores: Scores | None, borders: Sequence[Border]) -> dict[str, Any]:
    """The method of a result: sentences in both languages, and the same as data."""
    joined = scores.weights.joined if scores else ()
    report = scores.calibration.report if scores and scores.calibration else None
    told: list[Line] = [_estimator(design), _scale(), *_nonresponse(design, scores), *_calibrated(design, report)]
    told += [*_trimmed(design, report), *_errors(design), *_unknown(scores), *_merged(design), *_joined(joined)]
    told += [_places(design), *_no_sets(design), _withheld(design), _stated(design)]
    return {
        "zh": [zh for zh, _ in told],
        "en": [en for _, en in told],
        "joined": list(joined),
        "merged": {str(no): into for no, into in sorted(design.joined.items())},
        "borders": [border.as_dict() for border in borders],
        "calibration": _numbers(report),
        "weights": _spread(scores),
        "confidence": design.stated.confidence,
        "estimation": {"digest": design.stated.digest, "document": design.stated.as_dict()},
    }


def percent(share: str) -> str:
    """``0.95`` as ``95``, ``0.995`` as ``99.5``."""
    return f"{(Decimal(share) * 100).normalize():f}"


def _estimator(design: Design) -> Line:
    if design.stated.estimator == STRATIFIED_MEAN:
        return "得分是各层平均分按人口加权的均值。", "Mean of the stratum scores, weighted by population."
    if design.stated.nonresponse is not None:
        return (
            "得分是加权域均值：每份问卷的基础权数 = 所在层人口 ÷ 该层发出份数（文件里的也算），再作无应答调整。",
            (
                "Weighted domain mean: a sheet's base weight is its stratum's population over the people asked there "
                "(tickets issued and lines of files), then adjusted for nonresponse."
            ),
        )
    return (
        "得分是加权域均值：每份问卷的权数 = 所在层人口 ÷ 该层收回份数。",
        "Weighted domain mean: a sheet weighs its stratum's population over the sheets returned there.",
    )


def _scale() -> Line:
    return (
        "满意 100、基本满意 60、不满意 0；不了解不计分，另列不了解率；空白和无效不计。",
        "Satisfied 100, mostly satisfied 60, dissatisfied 0; “don't know” is not scored, its rate is shown apart.",
    )


def _nonresponse(design: Design, scores: Scores | None) -> list[Line]:
    classes = design.stated.nonresponse
    if classes is None:
        return []
    zh = "、".join(DIMENSIONS[name][0] for name in classes.by)
    en = " and ".join(DIMENSIONS[name][1] for name in classes.by)
    left = "" if scores is None else f"，合并后 {len(scores.weights.classes)} 类"
    kept = "" if scores is None else f"; {len(scores.weights.classes)} classes were left"
    told = [
        (
            (
                f"无应答调整：按{zh}分类，类内收回的问卷代表没有收回的人；少于 {classes.min_returned} 份或系数大于"
                f" {LARGEST_FACTOR} 的类与相邻类合并{left}。"
            ),
            (
                f"Nonresponse: within classes by {en} the returned sheets stand for the silent; a class with fewer than"
                f" {classes.min_returned} sheets or a factor above {LARGEST_FACTOR} is joined with a neighbour{kept}."
            ),
        )
    ]
    if scores is not None and not scores.weights.meets_rule:
        told.append(
            (
                "合并到底，仍达不到上述份数或系数的要求，结果须谨慎使用。",
                "Even the last class left does not keep these limits: use the result with care.",
            )
        )
    return told


def _calibrated(design: Design, report: CalibrationReport | None) -> list[Line]:
    if report is None:
        return []
    items = "、".join(margin.item for margin in design.stated.margins)
    cells = ("层", "strata") if design.stated.nonresponse is None else ("无应答调整类", "nonresponse classes")
    spread = f"{report.deff_before:.3f} → {report.deff_after:.3f}"
    zh = f"权数按{cells[0]}和 {items} 的已知人口分布校准（{report.iterations} 轮），设计效应 {spread}；未填的保持份额。"
    en = (
        f"Weights are raked to {cells[1]} and the known distributions of {items} ({report.iterations} rounds), their"
        f" design effect {spread}; sheets without that item keep their share."
    )
    return [(zh, en)]


def _trimmed(design: Design, report: CalibrationReport | None) -> list[Line]:
    if report is None or report.cap is None:
        return []
    ratio, share = design.stated.trim_cap, f"{100 * report.trimmed_share:.2f}"
    return [
        (
            f"校准后的权数不超过中位数的 {ratio} 倍，截尾后再校准，直到两者同时成立；{share}% 的问卷在上限。",
            (
                f"Calibrated weights are capped at {ratio} times their median and raked again until both hold;"
                f" {share} % of the sheets stand at the cap."
            ),
        )
    ]


def _errors(design: Design) -> list[Line]:
    return [_units(design), _way(design), _finite(design)]


def _units(design: Design) -> Line:
    if not design.stated.points_as_psu:
        return "误差按个人计算（分层）。", "Errors are computed between persons within strata."
    if design.stated.stages is not None:
        return (
            "误差按两阶段计算：测评点为初级抽样单元，地区为层，点内的人为第二阶段。",
            "Errors are computed in two stages: test points within areas, then persons within points.",
        )
    return (
        "误差按测评点计算（测评点为初级抽样单元，地区为层），含点与点之间的差异；点内按配额选人，不是概率抽样。",
        "Errors are computed between test points (PSU) within areas; people at a point were chosen by quota.",
    )


def _way(design: Design) -> Line:
    stated = design.stated
    if stated.errors == RAO_WU:
        return (
            f"误差用 Rao–Wu 重复抽样法，{stated.replicates} 次，每次从权数起整个重算；随机数取自计票摘要，可以重演。",
            (
                f"By the Rao–Wu bootstrap, {stated.replicates} replicates, computed anew from the weights; chance comes"
                " from the digest of the tally and can be repeated."
            ),
        )
    if stated.errors == JACKKNIFE:
        return (
            "误差用刀切法：逐个去掉一个测评点，每次从权数起整个重算。",
            "By the jackknife: one test point left out after the other, each time computed anew from the weights.",
        )
    zh, en = LONELY[stated.lonely]
    return f"误差用线性化方法；{zh}。", f"By linearisation; {en}."


def _finite(design: Design) -> Line:
    if design.stated.finite:
        return "作有限总体修正。", "With finite-population correction."
    return "不作有限总体修正。", "Without finite-population correction."


def _unknown(scores: Scores | None) -> list[Line]:
    units = [] if scores is None else [one.unit for one in scores.units if one.score is not None and one.se is None]
    if not units:
        return []
    return [
        (
            f"{'、'.join(units)} 的误差算不出来（评议的人集中在个别层或点），所在类别不列名次范围。",
            f"The error of {', '.join(units)} cannot be seen (too few strata or points judge it): no ranges there.",
        )
    ]


def _merged(design: Design) -> list[Line]:
    if not design.joined:
        return []
    pairs = sorted(design.joined.items())
    zh = "、".join(f"第 {no} 层并入第 {into} 层" for no, into in pairs)
    en = ", ".join(f"stratum {no} into {into}" for no, into in pairs)
    return [
        (
            f"票少或收回少的层在拆封和估计之前合并：{zh}；人口一并计入。",
            f"Strata with few tickets or few sheets were joined before sheets were opened: {en}; people go along.",
        )
    ]


def _joined(joined: Sequence[int]) -> list[Line]:
    if not joined:
        return []
    return [
        (
            f"第 {'、'.join(map(str, joined))} 层没有收回问卷，其人口由同地区其他层代表。",
            f"Strata {', '.join(map(str, joined))} returned no sheet; others of the area stand for them.",
        )
    ]


def _places(design: Design) -> Line:
    level = percent(design.stated.confidence)
    zh = f"得分保留两位小数（四舍五入），名次按类别、按印出的得分排，同分同名次；旁边是数据允许的名次范围（{level}%）。"
    en = "Scores are printed with two decimals, rounded half up; places are by category and printed score, ties shared;"
    return zh, f"{en} the range beside a place is what the data allow ({level} %, all units of a category together)."


def _no_sets(design: Design) -> list[Line]:
    if design.stated.estimator != STRATIFIED_MEAN or design.stated.replicated:
        return []
    return [
        (
            "分层加权平均的线性化误差没有单位之间的协方差，不列名次范围；声明重复抽样法就有。",
            "The linearised stratified mean has no covariance between units, hence no ranges; replicates have.",
        )
    ]


def _withheld(design: Design) -> Line:
    return (
        f"少于 {design.stated.min_cell} 人评议的单位不列得分。",
        f"Units judged by fewer than {design.stated.min_cell} people get no score.",
    )


def _stated(design: Design) -> Line:
    digest = design.stated.digest
    return f"以上方法在开放前声明，摘要 {digest}。", f"The method was stated before opening; its digest is {digest}."


def _numbers(report: CalibrationReport | None) -> dict[str, str] | None:
    if report is None:
        return None
    return {
        "iterations": str(report.iterations),
        "rounds": str(report.rounds),
        "worst_deviation": f"{report.worst_deviation:.3e}",
        "deff_before": f"{report.deff_before:.6f}",
        "deff_after": f"{report.deff_after:.6f}",
        "smallest_factor": f"{report.smallest_factor:.6f}",
        "largest_factor": f"{report.largest_factor:.6f}",
        "trimmed_share": f"{report.trimmed_share:.6f}",
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
