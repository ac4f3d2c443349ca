"""The method section of a round's documents (方法说明): weights, maps, rules, and every default nobody wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from survey_models.campaigns.cells import SMALLEST
from survey_models.reports.paper import Block, Grid, Heading, Note, Para
from survey_models.reports.round_sheet import NOTHING, Listed, RoundSheet, parts_of
from survey_models.schemes.language import Consequence, Part, Scheme
from survey_models.schemes.sources import Cases, Decay, Marks, Ratings, Reference, Source, Survey, Tiers
from survey_models.schemes.words import Cited

TIES = {
    "competition": "同分同名次，其后名次顺延（1、2、2、4）",
    "dense": "同分同名次，其后名次不空（1、2、2、3）",
    "no_tie": "不得并列，依次比较所列指标，仍相同的抽签",
}
MISSING = {
    "block": "缺少成绩的指标未补齐前不公布",
    "reweight": "缺少成绩的指标不计，其余指标按比例折算",
    "zero": "缺少成绩的指标计零分",
    "category_mean": "缺少成绩的指标取同类单位平均分",
    "withhold": "缺少成绩的单位没有总得分和名次",
}
UNSTATED = "文件未规定"
RANGE = (
    "“可能名次”是抽样误差允许的名次范围：同类单位名次一并成立的把握为95%。名次和奖惩按公布的得分确定，"
    "抽样误差不改变名次，只说明差别有多大把握。"
)
HIDDEN = (
    "某项评议对某单位的有效份数少于{least}份，或者不足30份且选项完全相同的，该单位只公布总得分，各项得分和份数不单独公布。"
    "本次涉及{count}个单位。"
)


def method(sheet: RoundSheet) -> Iterator[Block]:
    """The whole section."""
    scheme, numeral = sheet.scheme, iter("一二三四")
    yield Heading("评议方法说明")
    yield from _digests(sheet)
    if sheet.asked or sheet.listed:
        yield Heading(f"{next(numeral)}、评议活动")
    if sheet.asked:
        yield _asked(sheet)
    for one in sheet.listed:
        yield Para(_listed(one))
    yield Heading(f"{next(numeral)}、指标和分值")
    yield _weights(scheme)
    yield Heading(f"{next(numeral)}、选项分值、排名和奖惩")
    for text in (*_rules(scheme), *_organisers(sheet)):
        yield Para(text)
    yield Para(HIDDEN.format(least=SMALLEST, count=len(sheet.small)))
    if any(card.rank_low is not None for card in sheet.outcome.cards):
        yield Para(RANGE)
    yield Heading(f"{next(numeral)}、文件没有规定、由主办单位确定的事项")
    yield from silences(sheet)


def _digests(sheet: RoundSheet) -> Iterator[Note]:
    scheme = sheet.scheme
    yield Note(f"评分办法 {scheme.scheme} 第{scheme.version}版，校验码 SHA-256 {sheet.outcome.digest}")
    yield Note(f"评议结果校验码 SHA-256 {sheet.result or NOTHING}")


def brief(sheet: RoundSheet) -> Iterator[Block]:
    """The section for one unit, whose lines say the rest: which scheme and result, and where the method stands."""
    yield Heading("方法说明")
    number = len(list(silences(sheet)))
    yield Para(f"文件没有规定、由主办单位确定的事项共{number}条，逐条列在排名文件的方法说明中。")
    yield from _digests(sheet)


def silences(sheet: RoundSheet) -> Iterator[Para]:
    """Every default that the policy document does not state, numbered."""
    for number, (where, text) in enumerate(sheet.silences, start=1):
        yield Para(f"{number}．{where + '：' if where else ''}{text}")


def _asked(sheet: RoundSheet) -> Grid:
    rows = tuple(
        (
            one.title,
            NOTHING if one.issued is None else str(one.issued),
            NOTHING if one.sheets is None else str(one.sheets),
        )
        for one in sheet.asked
    )
    return Grid(("评议活动", "发出", "收回"), rows, (60, 20, 20), frozenset({0}))


def _listed(one: Listed) -> str:
    """Who was on a roster, and who was taken off it: a card that was kept cannot be found, and counts."""
    said = f"{one.title}名册{one.rosters}份，在册{one.people}人，其中本轮新聘{one.new}人"
    said += f"，经说明理由重复聘用{one.waived}人" if one.waived else ""
    said += f"；取消资格{one.removed}人"
    if one.removed:
        said += f"，其中评议卡没有交回的{one.cards_out}人（卡上不记名，没有交回的卡和已经投出的票无法查找，仍然有效）"
    return f"{said}。"


def _weights(scheme: Scheme) -> Grid:
    """A line for each part; for the total itself where it has none."""
    lines = list(parts_of(scheme.total))
    rows = [
        ("　" * (depth - 1) + part.title.zh, amount(part.points), _made(part, scheme), _place(part))
        for depth, part in lines
        if depth or len(lines) == 1
    ]
    rows += [
        (one.title.zh, f"{amount(one.low)}～{amount(one.high)}", "加减分，在总分之外", _place(one))
        for one in scheme.adjustments
    ]
    return Grid(("指标", "满分", "怎样得分", "依据"), tuple(rows), (26, 10, 44, 40), frozenset({0, 2, 3}))


def _place(one: Cited) -> str:
    """The article and the words of the policy document."""
    return (one.at and f"{one.at}　") + quoted(one) if one.cite or one.at else UNSTATED


def quoted(one: Cited) -> str:
    """The words of the policy document that a line rests on, behind their article where a consequence names it."""
    article = f"{one.article}　" if isinstance(one, Consequence) and one.article else ""
    return "".join([article, *(f"“{words}”" for words in one.cite)]) or UNSTATED


def _made(part: Part, scheme: Scheme) -> str:
    if part.parts:
        return "下列各项相加" + ("" if part.factor == 1 else f"，乘以{amount(part.factor)}")
    if part.mean:
        return "适用各项的平均"
    if part.choose:
        return "按单位情况分别计算"
    return "" if part.source is None else source_words(part.source, scheme)


def source_words(source: Source, scheme: Scheme) -> str:
    """Where the points of a line come from, in one Chinese sentence."""
    match source:
        case Survey(combine=combine):
            text = f"问卷：{_shares(source, scheme)}" if combine == "shares" else "问卷：各项评议合并计算"
        case Ratings(least=least):
            text = f"窗口评价：各月平均，不足{least}件的月份不计"
        case Reference(scheme=other):
            text = f"引用评分办法 {other} 的成绩"
        case Marks(office=office, scale=scale, panel=panel):
            text = f"{office}打分，满分{amount(scale)}" + (f"，至少{panel}人平均" if panel else "")
        case Cases(office=office, floor=floor):
            text = f"扣分制，扣至{amount(floor)}分为止" + (f"，由{office}认定" if office else "")
        case Decay(office=office, shape=shape, step=step):
            text = f"{office}排名，每低一名{'按基本分' if shape == 'linear' else '按上一名'}递减{amount(step)}%"
        case Tiers(office=office, tiers=tiers):
            shares = "、".join(f"{one.title.zh}{amount(one.share)}%计{amount(one.points)}分" for one in tiers)
            text = f"{office}分档：{shares}"
    return text


def _shares(source: Survey, scheme: Scheme) -> str:
    titles = {one.id: one.title.zh for one in scheme.campaigns}
    return "、".join(f"{titles.get(one.campaign, one.campaign)}{amount(one.share)}%" for one in source.campaigns)


def _rules(scheme: Scheme) -> Iterator[str]:
    for name, one in sorted(scheme.maps.items()):
        worth = "、".join(f"{option}{NOTHING if n is None else amount(n)}" for option, n in one.options.items())
        yield f"选项分值（{name}）：{worth}（{NOTHING}表示不计入）。{_place(one)}"
    if scheme.ranking:
        ranking = scheme.ranking
        on = f"按公布的{ranking.decimals}位小数" if ranking.on == "printed" else "按未取整的得分"
        within = "分类排名" if ranking.within == "category" else "统一排名"
        yield f"{within}，{on}；{TIES[ranking.ties]}。{_place(ranking)}"
    yield f"{MISSING[scheme.missing]}。"
    if scheme.cap:
        yield f"总得分不低于{amount(scheme.cap.low)}分，不高于{amount(scheme.cap.high)}分。{_place(scheme.cap)}"
    if scheme.passes:
        yield f"达标：总得分达到{amount(scheme.passes.least)}分。{_place(scheme.passes)}"
    for grade in scheme.grades:
        yield f"等次“{grade.title.zh}”。{_place(grade)}"
    for consequence in scheme.consequences:
        yield f"{consequence.title.zh}。{quoted(consequence)}"
    for one_method in scheme.methods:
        if one_method.cite:
            yield _place(one_method)


def _organisers(sheet: RoundSheet) -> Iterator[str]:
    """Rated units that have a hand in the rating (利益关联), by name."""
    names = {card.unit.code: card.unit.name for card in sheet.outcome.cards}
    for one in sheet.scheme.organisers:
        yield f"利益关联：{names.get(one.unit, one.unit)}，{one.does.zh}。{_place(one)}"


def amount(value: Decimal) -> str:
    """An exact amount without idle zeros: ``20``, ``0.5``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
