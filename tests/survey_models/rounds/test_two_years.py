"""Nanyang over two years: four half-years, a unit last twice, one renamed, two merged, one cancelled. By hand.

Each unit's people, marks and papers all say the same number v, its own departments were rated without a deduction:
a half-year is 0.9·v + 10 (C1 30, C2 10, C3 20, C4 20, C6 10 of v; C5 full). The k-th unit of a category has
v = 95 − k/2 in every half-year, so that places are known without a computer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.rounds import deciding, gathering, history, made_up, outcomes, plans, publishing, scoring, service
from survey_models.rounds.plans import Wish
from survey_models.schemes.inputs import Answers, Mark
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome
from survey_models.units.links import Successor, succeed

NANYANG = "nanyang-2014-27"
ZONE = "Asia/Shanghai"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def values_of(session: Session, round_id: str) -> dict[str, Fraction]:
    """v of each unit: by its place in the list of its category."""
    found: dict[str, Fraction] = {}
    seen: dict[str, int] = {}
    for link, _ in service.units_of(session, round_id):
        k = seen[link.category] = seen.get(link.category, -1) + 1
        found[link.unit_code] = 95 - Fraction(k, 2)
    return found


def said(value: Fraction) -> Answers:
    """A thousand answers that score ``value``, with no sampling error: places are sure."""
    share = value / 100
    satisfied = int(share * 1000)
    counts = {"满意": satisfied, "不满意": 1000 - satisfied}
    return Answers(1000, 1000, counts, value, None, {"满意": share, "基本满意": Fraction(0), "不满意": 1 - share})


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers and marks as the story has them; whatever else a run reads comes from the database."""

    def answers(session: Session, round_id: str, scheme: Scheme, _rated: set[str]) -> object:
        values = values_of(session, round_id)
        return {(kind.id, unit): said(v) for kind in scheme.campaigns for unit, v in values.items()}, {}

    def marks(session: Session, round_id: str) -> dict[tuple[str, str], tuple[Mark, ...]]:
        values = values_of(session, round_id)
        return {(part, u): (Mark(Decimal(str(float(v))), "x"),) for part in ("C3", "C6") for u, v in values.items()}

    monkeypatch.setattr(gathering, "_answers", answers)
    monkeypatch.setattr("survey_models.marks.service.of_round", marks)
    monkeypatch.setattr("survey_models.rounds.streams.booked_of", lambda *_: ())
    monkeypatch.setattr(gathering, "refuse_before_counted", lambda *_: None)
    monkeypatch.setattr(gathering, "refresh", lambda *_, **__: None)
    sources = gathering.sources_of
    # Campaigns have no result here; of the year the rounds are read.
    monkeypatch.setattr(gathering, "sources_of", lambda *of: sources(*of) if of[1].level == "year" else {})


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as found:
        yield found
    engine.dispose()


def planned(session: Session, period: str, *, like: str = "") -> str:
    wish = Wish(NANYANG, period, like=like)
    answers = {} if like else made_up.complete(session, wish, {"flags": {"has_window": [], "serves_enterprises": []}})
    return plans.plan(session, wish, answers, by="setup", at=at("2015-01-05T02:00")).round.id


def scored(session: Session, round_id: str, day: str) -> Outcome:
    return outcomes.outcome_of(scoring.run(session, round_id, by="setup", at=at(f"{day}T01:00")))


def published(session: Session, round_id: str, day: str) -> None:
    deciding.confirm_borders(session, round_id, by="release", at=at(f"{day}T02:00"))
    no = outcomes.latest(session, round_id).no
    publishing.publish(session, round_id, no, act_number=1, asked_by="setup", by="release", at=at(f"{day}T03:00"))


def with_consequence(outcome: Outcome, name: str) -> list[str]:
    return [card.unit.code for card in outcome.cards if name in card.consequences]


def categories(outcome: Outcome) -> list[list[str]]:
    """Units of each category by place."""
    found: dict[str, list[tuple[int, str]]] = {}
    for card in outcome.cards:
        found.setdefault(card.unit.category, [])
        if card.rank is not None:
            found[card.unit.category].append((card.rank, card.unit.code))
    return [[code for _, code in sorted(several)] for several in found.values()]


def codes(*ranges: tuple[int, int]) -> list[str]:
    return [f"NY-{number:03}" for first, last in ranges for number in range(first, last + 1)]


def renamed_and_merged(session: Session) -> None:
    """On New Year's Day of 2016 the last of the second category takes another name, the last two of the third merge."""
    new_year = date(2016, 1, 1)
    succeed(session, ["NY-084"], [Successor("NY-284", "改名局")], since=new_year, by="setup", at=at("2015-12-20T01:00"))
    merged = [Successor("NY-318", "合并局")]
    succeed(session, ["NY-117", "NY-118"], merged, since=new_year, by="setup", at=at("2015-12-20T01:00"))


@pytest.mark.usefixtures("given")
def test_two_years_of_nanyang(session: Session) -> None:
    first = planned(session, "2015H1")
    second = planned(session, "2015H2", like=first)
    half = scored(session, first, "2015-07-10")
    card = next(card for card in half.cards if card.unit.code == "NY-003")
    assert (card.total, card.printed) == (Fraction(9, 10) * 94 + 10, Decimal("94.60"))
    assert [len(several) for several in categories(half)] == [28, 56, 34]
    scored(session, second, "2016-01-08")

    year = planned(session, "2015", like="")
    one = scored(session, year, "2016-01-15")
    # 10 % of 28, 56 and 34, rounded down: two, five and three.
    assert with_consequence(one, "commended") == codes((1, 2), (29, 33), (85, 87))
    assert with_consequence(one, "last_two") == codes((27, 28), (83, 84), (117, 118))
    assert with_consequence(one, "yellow_card") == ["NY-028", "NY-084", "NY-118"]
    assert with_consequence(one, "last_twice") == []
    published(session, year, "2016-01-20")

    renamed_and_merged(session)
    third = planned(session, "2016H1", like=second)
    fourth = planned(session, "2016H2", like=third)
    scored(session, third, "2016-07-10")
    deciding.set_standing(
        session,
        fourth,
        "NY-001",
        "cancelled",
        reason="拉票，评议成绩取消",
        act_number=2,
        asked_by="setup",
        by="release",
        at=at("2017-01-05T01:00"),
    )
    cancelled = scored(session, fourth, "2017-01-08")
    assert next(card for card in cancelled.cards if card.unit.code == "NY-001").total is None
    party, economy, service_units = categories(cancelled)
    assert (len(party), len(economy), len(service_units)) == (27, 56, 33)
    # Places below move up.
    assert party[0] == "NY-002"

    year = planned(session, "2016")
    two = scored(session, year, "2017-01-15")
    # 10 % of the 27 that still have a result, of 56 and of 33: two, five and three.
    assert with_consequence(two, "commended") == codes((2, 3), (29, 33), (85, 87))
    assert with_consequence(two, "yellow_card") == ["NY-028", "NY-284", "NY-318"]
    # Last twice: under one code, under a new name, and merged from a unit that was last.
    assert with_consequence(two, "last_twice") == ["NY-028", "NY-284", "NY-318"]
    # Half a year scored anew: the year's result rests on what it was before.
    scored(session, fourth, "2017-01-16")
    with pytest.raises(Problem, match="round_result_stale"):
        published(session, year, "2017-01-17")
    scored(session, year, "2017-01-17")
    published(session, year, "2017-01-18")
    check_clocks_and_changes(session, year)


def check_clocks_and_changes(session: Session, year: str) -> None:
    assert clocks(session) == {
        ("NY-028", date(2016, 1, 20), date(2017, 1, 20)),
        ("NY-084", date(2016, 1, 20), date(2017, 1, 20)),
        ("NY-118", date(2016, 1, 20), date(2017, 1, 20)),
        ("NY-028", date(2017, 1, 18), date(2018, 1, 18)),
        ("NY-284", date(2017, 1, 18), date(2018, 1, 18)),
        ("NY-318", date(2017, 1, 18), date(2018, 1, 18)),
    }
    before, changes = history.changes(session, year)
    changed = {one.unit: one for one in changes}
    assert before == f"{NANYANG}-2015"
    assert (changed["NY-284"].was, changed["NY-284"].rank_before) == (("NY-084",), 56)
    assert (changed["NY-318"].was, changed["NY-318"].rank_before) == (("NY-117", "NY-118"), None)
    assert (changed["NY-001"].printed, changed["NY-001"].printed_before) == (None, Decimal("95.50"))
    assert changed["NY-002"].difference == 0


def clocks(session: Session) -> set[tuple[str, date, date]]:
    found = history.terms(session, NANYANG, zone=ZONE)
    return {(one.unit, one.since, one.until) for one in found if one.consequence == "yellow_card"}
