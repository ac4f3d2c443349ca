"""What the program itself settles where a document is silent (程序的默认做法): printed with every result."""

from __future__ import annotations

from collections.abc import Iterator

from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Consequence, Grade, Ranking, Scheme
from survey_models.schemes.sources import Cases, Decay, Ratings, Survey, Tiers
from survey_models.schemes.tracing import Both

MISSING: dict[str, Both] = {
    "block": (
        "缺少数据的单位没有总分，补齐或由办公室决定之前结果不能公布",
        "A unit that lacks data has no total; the result cannot be published before it is there or decided",
    ),
    "reweight": (
        "缺少数据的项目不计，其分值按比例分给其他各项",
        "A line without data is left out; the others take its weight",
    ),
    "zero": ("缺少数据的项目按0分计", "A line without data counts as 0"),
    "category_mean": ("缺少数据的项目取同类单位的平均", "A line without data takes the mean of its category"),
    "withhold": ("缺少数据的单位不出总分、不排名", "A unit that lacks data has no total and no place"),
}
TIES: dict[str, Both] = {
    "competition": (
        "同分的单位名次相同，后面的名次空出（1、2、2、4）",
        "Equals share a place; the next is left out (1, 2, 2, 4)",
    ),
    "dense": (
        "同分的单位名次相同，后面的名次不空（1、2、2、3）",
        "Equals share a place; none is left out (1, 2, 2, 3)",
    ),
    "no_tie": (
        "名次不得并列，同分的依次比较，分不出的抽签",
        "No place is shared: equals are compared further, then drawn",
    ),
}
BORDERS: dict[str, Both] = {
    "stop": (
        "同分的单位跨越名额界线时，停下来由办公室决定",
        "Equals across the last place: it stops and the office decides",
    ),
    "expand": ("同分的单位跨越名额界线时，一并列入", "Equals across the last place: all of them are in"),
    "shrink": ("同分的单位跨越名额界线时，都不列入", "Equals across the last place: none of them is in"),
    "break_ties": (
        "同分的单位跨越名额界线时，依次比较，分不出的抽签并记录",
        "Equals across the last place: compared further, then drawn and recorded",
    ),
}
TIERS: Both = (
    "按比例分档：各档名额合计等于单位总数，余额按最大余数分配，余数相等的先给较高的档",
    "Tiers: their sizes add up to the units, by largest remainder, equal ones to the better tier",
)
TIERS_ALONE: Both = ("按比例分档：各档名额分别取整", "Tiers: each size is rounded for itself")
CANCELLED: Both = (
    "取消成绩的单位没有得分、名次和等次，后面的单位递补；按比例的名额以其余单位计算；已有的连续记录保留",
    "A cancelled unit has no score, place or grade; those behind move up; shares are of the units left",
)
BARRED: Both = (
    "失去评先资格的单位不授奖，名额不递补",
    "A unit that lost its right to an award gets none, and nobody moves up",
)


def defaults(scheme: Scheme) -> Iterator[Both]:
    """The ways in force that a run follows; some of them the document may state as well."""
    yield MISSING[scheme.missing]
    if scheme.units.added is not None:
        zh, en = MISSING[scheme.units.added.areas.lacking]
        yield (
            f"县区增加的单位在没有人汇集数据的项目上：{zh}",
            f"Units that a county added, lines nobody has data on: {en}",
        )
    for part in leaves(scheme):
        if part.missing is not None:
            yield MISSING[part.missing]
        yield from _of_source(part.source)
    if scheme.ranking is not None:
        yield _ranked_on(scheme.ranking)
        yield TIES[scheme.ranking.ties]
    placed: list[Grade | Consequence] = [*scheme.grades, *scheme.consequences]
    for one in placed:
        if _has_places(one):
            yield BORDERS[one.border]
    yield CANCELLED
    if any(one.bars or one.lost for one in scheme.consequences):
        yield BARRED


def _of_source(source: object) -> Iterator[Both]:
    match source:
        case Survey():
            yield (
                f"问卷评议：有效评价少于{source.least}份的，视为没有数据",
                f"Surveys: fewer than {source.least} judging answers are no data",
            )
            if source.aspects:
                yield ("问卷评议：各方面取平均，权重相等", "Surveys: the plain mean of the aspects")
        case Ratings():
            yield _windows(source)
        case Cases(same_matter="largest"):
            yield ("同一事项只扣一次，按最重的一条计", "One matter is charged once, by its dearest chain")
        case Cases():
            yield ("各事项的扣分累计", "Deductions add up")
        case Decay():
            yield ("按名次给分：同分的单位都按较好的名次给分", "Points by place: equals have those of the better place")
        case Tiers():
            yield TIERS if source.rounding == "largest_remainder" else TIERS_ALONE


def _windows(source: Ratings) -> Both:
    weigh = {"mean": ("简单平均", "plain mean"), "by_ratings": ("按评价次数加权平均", "mean by ratings")}
    windows, months = weigh[source.windows], weigh[source.months]
    return (
        f"窗口评议：一个窗口当月不足{source.least}次评价的不计；各窗口当月取{windows[0]}，各月取{months[0]}",
        f"Windows: a month under {source.least} ratings is left out; windows: {windows[1]}, then months: {months[1]}",
    )


def _ranked_on(ranking: Ranking) -> Both:
    if ranking.on == "exact":
        return ("按未取整的得分排名", "Ranked on the unrounded score")
    n = ranking.decimals
    return (
        f"得分四舍五入到{n}位小数，按显示的得分排名",
        f"Scores are rounded half up to {n} decimals and ranked as printed",
    )


def _has_places(one: Grade | Consequence) -> bool:
    if one.first is not None:
        return True
    if isinstance(one, Grade):
        return one.share is not None
    return one.last is not None or one.first_percent is not None
