"""Small schemes and rounds for the tests of the primitives."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, RatedUnit
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome, Scorecard

ASSUMED = {"assumed": {"zh": "测试", "en": "test"}}
TITLE = {"title": {"zh": "测试", "en": "test"}}
SAID: dict[str, Any] = {**ASSUMED, **TITLE}
THREE = {"满意": 100, "基本满意": 60, "不满意": 0}


def part(name: str, points: int = 100, **more: Any) -> dict[str, Any]:
    """A line; without a source or lines below: a mark out of 100."""
    ways = {"source", "parts", "mean", "choose"} & more.keys()
    source = {} if ways else {"source": {"kind": "marks", "office": "办", "scale": 100}}
    return {"id": name, "points": points, **SAID, **source, **more}


def survey(name: str, points: int = 100, **more: Any) -> dict[str, Any]:
    """A survey line with one campaign, ``asked``, unless it names others."""
    source = {"kind": "survey", "map": "three", "campaigns": [{"campaign": "asked", "share": 100}], **more}
    return part(name, points, source=source)


def scheme(total: Mapping[str, Any] | None = None, **more: Any) -> Scheme:
    """A scheme around a total; ranked in categories unless said otherwise."""
    document = {
        "scheme": "test",
        "version": 1,
        **TITLE,
        "text": "test.txt",
        "units": {"stated": {"一": 3, "二": 3}, **ASSUMED},
        "cadence": {"each": "half_year", "year": "mean", **ASSUMED},
        "maps": {"three": {"options": THREE, **ASSUMED}},
        "total": total or part("total"),
        "ranking": {"chain": ["draw"], **ASSUMED},
        **more,
    }
    return Scheme.model_validate(document)


def consequence(name: str, **more: Any) -> dict[str, Any]:
    """An award, unless it is said to be something else."""
    return {"id": name, "kind": "award", **SAID, **more}


def counted(good: int, fair: int, bad: int, **more: Any) -> Answers:
    """Sheets by option, nothing weighted."""
    n = good + fair + bad
    return Answers(n=n, judging=n, counts={"满意": good, "基本满意": fair, "不满意": bad}, score=None, **more)


def scored(score: str, se: str | None = None, *, judging: int = 100) -> Answers:
    """An estimate with its error."""
    error = None if se is None else Decimal(se)
    return Answers(n=judging, judging=judging, counts={}, score=Fraction(score), se=error)


def units(*names: str, category: str = "一") -> tuple[RatedUnit, ...]:
    """Rated units of one category."""
    return tuple(RatedUnit(code=name, name=f"{name}局", category=category) for name in names)


def marks(**given: str | Sequence[str]) -> dict[tuple[str, str], tuple[Mark, ...]]:
    """Marks for the line ``total``: ``marks(A="90")``; several of a panel: ``marks(A=["80", "90"])``."""
    return {("total", name): _marks(value) for name, value in given.items()}


def _marks(value: str | Sequence[str]) -> tuple[Mark, ...]:
    several = [value] if isinstance(value, str) else value
    return tuple(Mark(Decimal(one), f"评分人{k}") for k, one in enumerate(several))


def case(unit: str, rule: str, **more: Any) -> Booked:
    """A case in the line ``total``."""
    return Booked(**{"unit": unit, "part": "total", "rule": rule, "matter": "", **more})


def run(found: Scheme, **given: Any) -> Outcome:
    """Evaluate, with ``units`` and whatever else is put in."""
    return evaluate(found, "0" * 64, Inputs(**given))


def card(outcome: Outcome, unit: str) -> Scorecard:
    """The card of a unit."""
    return next(one for one in outcome.cards if one.unit.code == unit)
