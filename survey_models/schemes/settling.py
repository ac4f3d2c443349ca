"""From scorecards to an outcome (汇总结果): places, grades, consequences, and what the document does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from survey_models.schemes.consequences import History, consequences
from survey_models.schemes.defaults import defaults
from survey_models.schemes.grading import grades
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome, Question, Scorecard
from survey_models.schemes.ranking import ranks
from survey_models.schemes.tracing import Both
from survey_models.schemes.words import Cited

ERRORS_ZH = (
    "抽样误差：不同评议活动的样本相互独立，同一活动内的误差直接相加；名次范围按95%的联合置信水平计算，"
    "不假定各单位的得分相互独立；扣分和部门评分没有抽样误差"
)
ERRORS_EN = (
    "Sampling errors: the samples of different campaigns are independent, errors of one campaign are added; sets of"
    " places hold together at 95 percent without taking units' scores to be independent; deductions and marks of"
    " offices have no sampling error"
)


def settle(
    scheme: Scheme, digest: str, cards: Sequence[Scorecard], *, questions: Sequence[Question], history: History
) -> Outcome:
    """Places, then grades, then consequences; questions and borders in an order of their own."""
    ranked, shared = ranks(scheme, cards, history.decided)
    graded, tied, borders = grades(scheme, ranked, history.decided)
    final, at_borders, more = consequences(scheme, graded, history)
    return Outcome(
        scheme=scheme.scheme,
        version=scheme.version,
        digest=digest,
        cards=tuple(final),
        questions=tuple(
            sorted((*questions, *shared, *tied, *at_borders), key=lambda one: (one.kind, one.about, one.category))
        ),
        borders=tuple(sorted((*borders, *more), key=lambda one: (one.about, one.category))),
        assumed=assumed(scheme, sampled=any(card.se is not None for card in final)),
    )


def assumed(scheme: Scheme, *, sampled: bool) -> tuple[Both, ...]:
    """Every default that the document does not state, once each: its own, settings included, then the program's."""
    found = dict.fromkeys((*_assumed(scheme), *defaults(scheme)))
    if sampled:
        found[ERRORS_ZH, ERRORS_EN] = None
    return tuple(found)


def _assumed(value: Any) -> Iterator[Both]:
    if isinstance(value, Cited) and value.assumed is not None:
        yield value.assumed.zh, value.assumed.en
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _assumed(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _assumed(one)
    elif isinstance(value, dict):
        # By name: JSON keeps no order of names, and a stored scheme must say the same as its text.
        for name in sorted(value):
            yield from _assumed(value[name])
