"""Reads an example as an office clerk writes it (examples/*.yaml), runs it and compares what should come out.

Every number is read as it is written: ``90.10`` asks for two decimals, ``90.102137`` for six, half up.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sampling.ranks import nine_places, round_half_up
from sampling.stratified import stratified_mean
from sampling.tallies import estimates_from_counts
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.grading import grade_title
from survey_models.schemes.inputs import Answers, Booked, Earlier, Inputs, Mark, Month, RatedUnit, Standing
from survey_models.schemes.language import Scheme
from survey_models.schemes.loading import Loaded, preset, presets, read
from survey_models.schemes.outcome import Line, Outcome, Scorecard
from survey_models.schemes.quotas import largest_remainder, rounded
from survey_models.schemes.sensitivity import with_map
from survey_models.schemes.years import year
from tests.sampling.worked import SCALE

HERE = Path(__file__).parent
Case = dict[str, Any]
STANDINGS = {"取消": Standing.CANCELLED, "不公布": Standing.WITHHELD}


class Written(yaml.SafeLoader):  # type: ignore[misc]
    """Leaves every number as the text that was written, so that 90.10 stays 90.10; knows ``<<``."""


Written.yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("<<"))]}


def cases() -> Iterator[tuple[str, Case]]:
    """Every example of the folder with its name."""
    for path in sorted((HERE / "examples").glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=Written):
            yield case["例"], case


def loaded(case: Case) -> Loaded:
    """The scheme that an example names: a preset, or a document beside the examples; with its settings (设定)."""
    name = case["评分办法"]
    text = preset(name) if name in presets() else (HERE / "documents" / f"{name}.yaml").read_text(encoding="utf-8")
    found = read(text, settings={key: _setting(value) for key, value in case.get("设定", {}).items()})
    for name, options in case.get("选项分值", {}).items():
        numbers = {option: Decimal(number) for option, number in options.items()}
        found = Loaded(with_map(found.scheme, name, numbers), found.digest, found.settings)
    return found


def outcome(case: Case) -> Outcome:
    """What comes out: of a round, or of a year where the example has several (轮次)."""
    found = loaded(case)
    if "轮次" not in case:
        return evaluate(found.scheme, found.digest, inputs(case))
    rounds = [evaluate(found.scheme, found.digest, inputs({**case, **one})) for one in case["轮次"]]
    units = tuple({card.unit.code: card.unit for one in rounds for card in one.cards}.values())
    return year(found.scheme, found.digest, rounds, units, earlier=_earlier(case), decided=_decided(case))


def inputs(case: Case) -> Inputs:
    """What the example puts in."""
    units = case["单位"]
    answers, aspects = {}, {}
    for name, unit in units.items():
        for campaign, counts in unit.get("评议", {}).items():
            answers[campaign, name] = _answers(counts)
        for campaign, several in unit.get("方面", {}).items():
            for aspect, counts in several.items():
                aspects[campaign, name, aspect] = _answers(counts)
    return Inputs(
        units=tuple(_unit(name, unit) for name, unit in units.items()),
        answers=answers,
        aspects=aspects,
        ratings={name: _months(unit["窗口"]) for name, unit in units.items() if "窗口" in unit},
        references={
            (part, name): tuple((label, Fraction(score)) for label, score in several.items())
            for name, unit in units.items()
            for part, several in unit.get("引用", {}).items()
        },
        marks={
            (part, name): tuple(Mark(Decimal(one), "评分人") for one in ([given] if isinstance(given, str) else given))
            for name, unit in units.items()
            for part, given in unit.get("评分", {}).items()
        },
        booked=tuple(
            _booked(name, one, k) for name, unit in units.items() for k, one in enumerate(unit.get("事项", ()))
        ),
        months=tuple(case.get("月份", ())),
        quarters=tuple(case.get("季度", ())),
        earlier=_earlier(case),
        decided=_decided(case),
    )


def places(case: Case) -> list[list[int]]:
    """Places of an example about quotas (名额): of so many units the shares in percent, rounded as it says."""
    several = []
    for one in case["名额"]:
        exact = [Fraction(share) * int(one["单位数"]) / 100 for share in one["比例"]]
        largest = one["取整"] == "largest_remainder"
        several.append(largest_remainder(exact) if largest else [rounded(share, one["取整"]) for share in exact])
    return several


@dataclass(frozen=True)
class Wrong:
    """One figure that is not what it should be."""

    unit: str
    what: str
    should: str
    found: str


def wrong(case: Case, found: Outcome) -> list[Wrong]:
    """Everything in which an outcome differs from what the example says."""
    scheme, cards = loaded(case).scheme, {card.unit.code: card for card in found.cards}
    several = [
        Wrong(unit, what, str(should), str(got))
        for unit, expected in case.get("应得", {}).items()
        for what, should in expected.items()
        if (got := _figure(scheme, cards[unit], what, should)) != should
    ]
    questions = [{"事项": one.about, "单位": list(one.units), "名额": str(one.places)} for one in found.questions]
    if case.get("待定", []) != questions:
        several.append(Wrong("", "待定", str(case.get("待定", [])), str(questions)))
    if "得奖" in case:
        named = {
            one.title.zh: [card.unit.code for card in found.cards if one.id in card.consequences]
            for one in scheme.consequences
            if one.title.zh in case["得奖"]
        }
        if named != case["得奖"]:
            several.append(Wrong("", "得奖", str(case["得奖"]), str(named)))
    return several


PRINTED: dict[str, Callable[[Scheme, Scorecard], Any]] = {
    "印出": lambda _, card: str(card.printed),
    "名次": lambda _, card: str(card.rank),
    "名次范围": lambda _, card: f"{card.rank_low}-{card.rank_high}",
    "等次": lambda scheme, card: (grade_title(scheme, card) or ("无", ""))[0],
    "达标": lambda _, card: {True: "是", False: "否", None: "无"}[card.passed],
    "奖惩": lambda scheme, card: [one.title.zh for one in scheme.consequences if one.id in card.consequences],
}


def _figure(scheme: Scheme, card: Scorecard, what: str, should: Any) -> Any:
    if what in PRINTED:
        return PRINTED[what](scheme, card)
    if what == "标准误":
        return _shown(Fraction(card.se) if card.se is not None else None, should)
    return _shown(card.total if what == "总分" else line_of(card, what).value, should)


def line_of(card: Scorecard, name: str) -> Line:
    """The line of a scorecard by its id; a campaign's own line by the campaign."""
    waiting = [card.root, *card.adjustments]
    while waiting:
        one = waiting.pop()
        if name in {one.id, one.id.rpartition(".")[2]}:
            return one
        waiting += one.children
    raise KeyError(f"{card.unit.code} has no line {name}")


def _shown(value: Fraction | None, should: str) -> str:
    """A value with as many decimals as the example writes."""
    return "无" if value is None else str(round_half_up(value, len(should.partition(".")[2])))


def _setting(text: str) -> Any:
    return Decimal(text) if text.replace(".", "", 1).isdigit() else text


def _unit(name: str, unit: Case) -> RatedUnit:
    return RatedUnit(
        code=name,
        name=name,
        category=unit.get("类别", "全部"),
        flags=frozenset(unit.get("标记", ())),
        standing=STANDINGS.get(unit.get("状态", ""), Standing.RATED),
    )


def _answers(counts: Mapping[str, Any]) -> Answers:
    """Sheets by option; a weighted score as it comes from the estimation (得分, 份数, 标准误); or sheets by stratum."""
    if "层" in counts:
        return _estimated(counts)
    if "得分" in counts:
        n = int(counts["份数"])
        se = Decimal(counts["标准误"]) if "标准误" in counts else None
        return Answers(n=n, judging=n, counts={}, score=Fraction(counts["得分"]), se=se)
    numbers = {option: int(n) for option, n in counts.items()}
    judging = sum(n for option, n in numbers.items() if option != "不了解")
    return Answers(n=sum(numbers.values()), judging=judging, counts=numbers, score=None)


def _estimated(given: Mapping[str, Any]) -> Answers:
    """What `sampling` makes of strata (层: 人口 and sheets by option) with an estimator (估计)."""
    strata = [{name: int(n) for name, n in one.items()} for one in given["层"]]
    counts = np.array([[[one[option] for option in ("满意", "基本满意", "不满意", "不了解")]] for one in strata])
    people, sheets = [one["人口"] for one in strata], counts.sum(axis=(1, 2))
    how: dict[str, Any] = {"scale": SCALE, "cell_stratum": range(len(strata)), "sheets": sheets}
    if given["估计"] == "stratified_mean":
        found = stratified_mean(counts, population=dict(enumerate(people)), **how)
    else:
        found = estimates_from_counts(counts, cell_weight=np.array(people) / sheets, **how)
    score, se = Fraction(nine_places(float(found.score[0]))), nine_places(float(found.se[0]))
    return Answers(n=int(sheets.sum()), judging=int(counts[..., :3].sum()), counts={}, score=score, se=se)


def _months(windows: Mapping[str, Mapping[str, Mapping[str, str]]]) -> tuple[Month, ...]:
    return tuple(
        Month(window, month, {option: int(n) for option, n in counts.items()})
        for window, months in windows.items()
        for month, counts in months.items()
    )


def _booked(unit: str, one: Mapping[str, str], number: int) -> Booked:
    return Booked(
        unit=unit,
        part=one["项目"],
        rule=one["规则"],
        matter=one.get("事由", f"第{number + 1}件"),
        period=one.get("期", ""),
        points=Decimal(one["分值"]) if "分值" in one else None,
    )


def _earlier(case: Case) -> tuple[Earlier, ...]:
    """Rounds before (往轮), the newest first: unit -> ids of its consequences."""
    return tuple(
        Earlier(f"往轮{k}", {unit: frozenset(several) for unit, several in one.items()})
        for k, one in enumerate(case.get("往轮", ()))
    )


def _decided(case: Case) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(one["事项"], one.get("类别", "全部")): tuple(one["先后"]) for one in case.get("定夺", ())}
