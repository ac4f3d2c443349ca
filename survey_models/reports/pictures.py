"""Pictures of a campaign (图): places, scores, allocation, weights; made from stored results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from survey_models.results.methods import percent
from survey_models.results.tables import Result, ResultRow

Member = tuple[ResultRow, str]

# Chinese, English.
_WORDS = {
    "places": ("名次区间：{category}", "Places that the data allow: {category}"),
    "places.note": (
        "点是名次，横线是数据允许的名次（{level}%，同类单位一并成立）。",
        "Dot: the place; line: the places that the data allow ({level} %, all units of the category together).",
    ),
    "places.mark": ("{rank}（{low}–{high}）", "{rank} ({low}–{high})"),
    "first": ("前 {k} 名", "first {k}"),
    "last": ("后 {k} 名", "last {k}"),
    "scores": ("得分：{category}", "Scores: {category}"),
    "scores.note": ("点是得分，横线是 {level}% 置信区间。", "Dot: the score; line: its {level} % confidence interval."),
    "allocation": ("样本分配：各层问卷数", "Allocation: sheets of each stratum"),
    "allocation.note": ("条是该层的问卷数，后面是该层人口。", "Bar: sheets of the stratum; behind it its people."),
    "allocation.mark": ("/ {people} 人", "/ {people} people"),
    "weights": ("权数", "Weights"),
    "weights.note": (
        "点是中位数，横线从最小到最大：一份问卷代表多少人。",
        "Dot: the median; line: from smallest to largest. A weight is the number of people a sheet stands for.",
    ),
    "before": ("校准前", "before calibration"),
    "after": ("校准后", "after calibration"),
}


@dataclass(frozen=True)
class _Frame:
    """What a picture is drawn for: campaign, category (the first one, if none is named) and language."""

    campaign_id: str
    category: str
    lang: str

    def say(self, key: str, **values: object) -> str:
        """A sentence of the picture in its language."""
        return _WORDS[key][self.lang == "en"].format(**values)


def picture(session: Session, campaign_id: str, name: str, *, category: str, lang: str = "zh") -> str:
    """One picture as SVG, ``lang`` ``zh`` or ``en``.

    Raises ``chart_unknown``; pictures of scores raise what ``results.latest`` raises.
    """
    if name not in PICTURES:
        raise Problem("chart_unknown", name=name, names="、".join(PICTURES))
    return PICTURES[name](session, _Frame(campaign_id, category, lang))


def level_of(result: Result) -> str:
    """The confidence of a result in per cent, as text: ``95``."""
    return percent(result.method.get("confidence", "0.95"))


def _ranked(session: Session, frame: _Frame) -> tuple[Result, list[Member], str]:
    """The ranked units of the category, best place first."""
    result = results.latest(session, frame.campaign_id)
    rows = results.rows(session, result)
    chosen = frame.category or (rows[0][0].category if rows else "")
    members = [(row, name) for row, name in rows if row.category == chosen and row.rank is not None]
    members.sort(key=lambda member: (member[0].rank or 0, member[0].position))
    return result, members, chosen


def _places(session: Session, frame: _Frame) -> str:
    result, members, chosen = _ranked(session, frame)
    marks = [
        IntervalMark(
            name,
            str(row.rank),
            str(row.rank_low),
            str(row.rank_high),
            frame.say("places.mark", rank=row.rank, low=row.rank_low, high=row.rank_high),
        )
        for row, name in members
        if row.rank_low is not None
    ]
    asked = [border for border in result.method.get("borders", []) if border["category"] == chosen]
    lines = [_line(frame, border, len(members)) for border in asked]
    axis = rank_axis(max(len(members), 2), lines)
    return interval_chart(
        frame.say("places", category=chosen), marks, axis, note=frame.say("places.note", level=level_of(result))
    )


def _line(frame: _Frame, border: Mapping[str, object], size: int) -> tuple[int, str]:
    end, k = str(border["end"]), int(str(border["k"]))
    return (k if end == "first" else size - k), frame.say(end, k=k)


def _scores(session: Session, frame: _Frame) -> str:
    result, members, chosen = _ranked(session, frame)
    marks = [
        IntervalMark(name, row.score, row.ci_low, row.ci_high, f"{round_half_up(Decimal(row.score)):f}")
        for row, name in members
        if row.score is not None and row.ci_low is not None and row.ci_high is not None
    ]
    note = frame.say("scores.note", level=level_of(result))
    return interval_chart(frame.say("scores", category=chosen), marks, score_axis(marks), note=note)


def _allocation(session: Session, frame: _Frame) -> str:
    campaigns.get(session, frame.campaign_id)
    marks = [
        BarMark(
            f"{row.area_name}·{row.kind_name}",
            row.sample_size,
            frame.say("allocation.mark", people=f"{row.population:,}"),
        )
        for row in campaigns.strata_of(session, frame.campaign_id)
    ]
    return bar_chart(frame.say("allocation"), marks, note=frame.say("allocation.note"))


def _weights(session: Session, frame: _Frame) -> str:
    """Spread of the weights before and after calibration: median, and from smallest to largest."""
    method = results.latest(session, frame.campaign_id).method
    spread: Mapping[str, Sequence[str]] = method.get("weights", {})
    marks = [
        IntervalMark(frame.say(key), spread[key][1], spread[key][0], spread[key][2], f"{Decimal(spread[key][1]):,.1f}")
        for key in ("before", "after")
        if key in spread
    ]
    most = max((Decimal(mark.high) for mark in marks), default=Decimal(1))
    axis = Axis(Decimal(0), most * Decimal("1.05"), [Decimal(0), most.quantize(Decimal(1))])
    return interval_chart(frame.say("weights"), marks, axis, note=frame.say("weights.note"))


PICTURES: dict[str, Callable[[Session, _Frame], str]] = {
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
