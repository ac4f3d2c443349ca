"""Pictures of a campaign (图): places, scores, allocation, weights; made from stored results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from sampling.ranks import round_half_up
from survey_models.campaigns import service as campaigns
from survey_models.core.errors import Problem
from survey_models.reports.charts import (
    Axis,
    BarMark,
    IntervalMark,
    bar_chart,
    interval_chart,
    rank_axis,
    score_axis,
)
from survey_models.results import service as results
from survey_models.results.tables import Result, ResultRow

Member = tuple[ResultRow, str]


def picture(session: Session, campaign_id: str, name: str, *, category: str) -> str:
    """One picture as SVG. Raises ``chart_unknown``; pictures of scores raise what ``results.latest`` raises."""
    if name not in PICTURES:
        raise Problem("chart_unknown", name=name, names="、".join(PICTURES))
    return PICTURES[name](session, campaign_id, category)


def _ranked(session: Session, campaign_id: str, category: str) -> tuple[Result, list[Member], str]:
    """The ranked units of a category (the first one, if none is named), best place first."""
    result = results.latest(session, campaign_id)
    rows = results.rows(session, result)
    chosen = category or (rows[0][0].category if rows else "")
    members = [(row, name) for row, name in rows if row.category == chosen and row.rank is not None]
    members.sort(key=lambda member: (member[0].rank or 0, member[0].position))
    return result, members, chosen


def _places(session: Session, campaign_id: str, category: str) -> str:
    result, members, chosen = _ranked(session, campaign_id, category)
    marks = [
        IntervalMark(
            name, str(row.rank), str(row.rank_low), str(row.rank_high), f"{row.rank}（{row.rank_low}–{row.rank_high}）"
        )
        for row, name in members
        if row.rank_low is not None
    ]
    asked = [border for border in result.method.get("borders", []) if border["category"] == chosen]
    lines = [_line(border, len(members)) for border in asked]
    note = "点是名次，横线是数据允许的名次（95%，同类单位一并成立）。"
    return interval_chart(f"名次区间：{chosen}", marks, rank_axis(max(len(members), 2), lines), note=note)


def _line(border: Mapping[str, object], size: int) -> tuple[int, str]:
    k = int(str(border["k"]))
    return (k, f"前 {k} 名") if border["end"] == "first" else (size - k, f"后 {k} 名")


def _scores(session: Session, campaign_id: str, category: str) -> str:
    _, members, chosen = _ranked(session, campaign_id, category)
    marks = [
        IntervalMark(name, row.score, row.ci_low, row.ci_high, f"{round_half_up(Decimal(row.score)):f}")
        for row, name in members
        if row.score is not None and row.ci_low is not None and row.ci_high is not None
    ]
    axis = score_axis(marks)
    return interval_chart(f"得分：{chosen}", marks, axis, note="点是得分，横线是 95% 置信区间。")


def _allocation(session: Session, campaign_id: str, category: str) -> str:
    del category
    campaigns.get(session, campaign_id)
    marks = [
        BarMark(f"{row.area_name}·{row.kind_name}", row.sample_size, f"/ {row.population} 人")
        for row in campaigns.strata_of(session, campaign_id)
    ]
    return bar_chart("样本分配：各层问卷数", marks, note="条是该层的问卷数，后面是该层人口。")


def _weights(session: Session, campaign_id: str, category: str) -> str:
    """Spread of the weights before and after calibration: median, and from smallest to largest."""
    del category
    spread: Mapping[str, Sequence[str]] = results.latest(session, campaign_id).method.get("weights", {})
    names = {"before": "校准前", "after": "校准后"}
    marks = [
        IntervalMark(label, spread[key][1], spread[key][0], spread[key][2], f"{Decimal(spread[key][1]):.1f}")
        for key, label in names.items()
        if key in spread
    ]
    most = max((Decimal(mark.high) for mark in marks), default=Decimal(1))
    axis = Axis(Decimal(0), most * Decimal("1.05"), [Decimal(0), most.quantize(Decimal(1))])
    return interval_chart("权数", marks, axis, note="点是中位数，横线从最小到最大：一份问卷代表多少人。")


PICTURES: dict[str, Callable[[Session, str, str], str]] = {
    "places": _places,
    "scores": _scores,
    "allocation": _allocation,
    "weights": _weights,
}


def all_pictures(session: Session, campaign_id: str) -> dict[str, str]:
    """Every picture of a campaign with a result: those of scores once for each category, numbered in its order."""
    rows = results.rows(session, results.latest(session, campaign_id))
    categories = list(dict.fromkeys(row.category for row, _ in rows))
    found = {name: picture(session, campaign_id, name, category="") for name in ("allocation", "weights")}
    for number, category in enumerate(categories, start=1):
        for name in ("places", "scores"):
            found[f"{name}-{number}"] = picture(session, campaign_id, name, category=category)
    return found
