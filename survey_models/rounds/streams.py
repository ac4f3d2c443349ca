"""What other parts of the house bring to a round (各路数据): window ratings, marks, cases, scores of other schemes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from survey_models.duties import service as duties
from survey_models.findings import service as findings
from survey_models.findings.service import Deduction
from survey_models.questionnaires.making import scales
from survey_models.ratings.months import month_table
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.service import month_without
from survey_models.rounds.periods import Period
from survey_models.schemes.inputs import Booked, Month, RatedUnit
from survey_models.schemes.outcome import Outcome
from survey_models.units import service as units

FIVE = "satisfaction5"


def level_words() -> dict[str, str]:
    """The Chinese words of the levels of a terminal's five keys."""
    return {option["code"]: option["label"]["zh"] for option in scales()[FIVE]["options"]}


ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Stage:
    """When a run reads, and how window ratings are counted."""

    at: datetime
    zone: str = ZONE
    counting: Counting = COUNTING


def ratings_of(
    session: Session, rated: Iterable[RatedUnit], period: Period, stage: Stage
) -> dict[str, tuple[Month, ...]]:
    """Window ratings of the period by rated unit, month by month, without what two people set aside.

    A rated unit is a window itself, or owns windows. A month of a window under ten ratings is left out: no component
    counts so few. Raises ``month_not_counted``.
    """
    words, codes = level_words(), {unit.code for unit in rated}
    found: dict[str, list[Month]] = {}
    for name in period.months:
        table = month_table(session, _first(name), counting=stage.counting, at=stage.at, zone=stage.zone)
        for row in table.windows:
            owner = row.window.id if row.window.id in codes else row.window.unit_code
            counts = _counted(session, row.window.id, name) if row.without else row.counts
            if owner in codes and counts:
                named = {words[code]: number for code, number in counts.items()}
                found.setdefault(str(owner), []).append(Month(row.window.id, name, named))
    return {unit: tuple(several) for unit, several in found.items()}


def _counted(session: Session, window_id: str, month: str) -> dict[str, int] | None:
    first = _first(month)
    until = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return month_without(session, window_id, since=first, until=until)


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def by_unit(session: Session, outcome: Outcome) -> dict[str, Fraction]:
    """The totals of an outcome by unit; a unit whose windows were rated has the plain mean of them (窗口平均)."""
    owners = {window.id: window.unit_code for window in units.all_windows(session)}
    found: dict[str, Fraction] = {}
    of_windows: dict[str, list[Fraction]] = {}
    for card in outcome.cards:
        if card.total is None:
            continue
        found[card.unit.code] = card.total
        owner = owners.get(card.unit.code)
        if owner is not None and owner != card.unit.code:
            of_windows.setdefault(owner, []).append(card.total)
    means = {unit: sum(several, Fraction(0)) / len(several) for unit, several in of_windows.items()}
    return {**means, **found}


def findings_of(deductions: Iterable[Deduction]) -> tuple[Booked, ...]:
    """Findings as the cases that rules price."""
    return tuple(
        Booked(
            unit=one.unit_code,
            part=one.component,
            rule=one.rule,
            matter=one.matter,
            period=one.period,
            points=one.points,
            ref=f"findings/{one.kind}/{one.finding_id}",
        )
        for one in deductions
    )


def booked_of(session: Session, round_id: str, stage: Stage) -> tuple[Booked, ...]:
    """Cases that rules price: findings in a state that counts, and duties late or missing when the run reads."""
    found = findings_of(findings.deductions_of(session, round_id))
    return (*found, *duties.booked_of(session, round_id, at=stage.at, zone=stage.zone))
