"""Windows of the hall are scored by month from their ratings, and feed the half-year of the unit that owns them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.ratings.tables import Rating
from survey_models.rounds import gathering, made_up, outcomes, plans, scoring, service
from survey_models.rounds.plans import Wish
from survey_models.rounds.running import scheme_of
from survey_models.schemes.fitting import leaves
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.windows import reference
from survey_models.units import service as units
from survey_models.units.tables import Window

WINDOWS = "nanyang-2014-27-windows"
SUMMER = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as found:
        yield found
    engine.dispose()


def add_window(session: Session, number: str) -> None:
    window = Window(
        id=f"w{number}", unit_code="NY-001", number=number, name="综合", hall="大厅", business="综合", made_up=True
    )
    units.add_window(session, window, by="setup", at=SUMMER)


def rate(session: Session, window: str, month: int, code: str, number: int) -> None:
    day = date(2026, month, 10)
    for minute in range(number):
        at = datetime(2026, month, 10, 2, tzinfo=UTC) + timedelta(minutes=minute)
        rating = Rating(window_id=window, id=uuid.uuid4(), device_id=uuid.uuid4(), code=code, reasons=[])
        rating.device_time = rating.received_at = at
        rating.day = rating.given_on = day
        session.add(rating)
    session.flush()


def test_windows_feed_the_unit_that_owns_them(session: Session) -> None:
    wish = Wish("nanyang-2014-27", "2026H1")
    answers = made_up.complete(session, wish, {"flags": {"has_window": ["NY-001"], "serves_enterprises": []}})
    half = plans.plan(session, wish, answers, by="setup", at=SUMMER).round
    add_window(session, "1")
    add_window(session, "2")
    rate(session, "w1", 1, "4", 30)
    rate(session, "w2", 1, "5", 30)
    # Under 30 a month of a window has no score: February is the second window's alone.
    rate(session, "w1", 2, "5", 29)
    rate(session, "w2", 2, "3", 30)
    for month, scores in (("2026-01", {"w1": 80, "w2": 100}), ("2026-02", {"w1": None, "w2": 60})):
        planned = plans.plan(session, Wish(WINDOWS, month), by="setup", at=SUMMER).round
        outcome = outcomes.outcome_of(scoring.run(session, planned.id, by="setup", at=SUMMER))
        assert {card.unit.code: card.total for card in outcome.cards} == scores
    _, scheme = scheme_of(session, half.id)
    found = gathering.references_of(session, half, scheme, gathering.units_of(session, half.id))
    assert found == {("C1w", "NY-001"): (("2026-01", Fraction(90)), ("2026-02", Fraction(60)))}
    line = next(part for part in leaves(scheme) if part.id == "C1w")
    # Under that name the line finds them: (90 + 60) / 2 of its twenty points.
    assert reference(line, "NY-001", Inputs(units=(), references=found)).value == 15
    # The half-year of the windows is the plain mean of their months; awards and sanctions are the year's.
    summed = plans.plan(session, Wish(WINDOWS, "2026H1"), by="setup", at=SUMMER).round
    outcome = outcomes.outcome_of(scoring.run(session, summed.id, by="setup", at=SUMMER))
    assert {card.unit.code: card.total for card in outcome.cards}["w2"] == 80
    assert all(card.consequences == () for card in outcome.cards)
    # Four months in which nobody was rated are named in the method, not left out in silence.
    missing = "、".join(f"2026-{month:02}" for month in range(3, 7))
    told = f"本期成绩由2026-01、2026-02合成；{missing}没有评议，不计入平均"
    assert [zh for zh, _ in outcome.assumed][-1] == told


def test_a_month_is_scored_once_it_is_counted(session: Session) -> None:
    wish = Wish("nanyang-2014-27", "2026H1")
    answers = made_up.complete(session, wish, {"flags": {"has_window": ["NY-001"], "serves_enterprises": []}})
    plans.plan(session, wish, answers, by="setup", at=SUMMER)
    add_window(session, "1")
    planned = plans.plan(session, Wish(WINDOWS, "2026-07"), by="setup", at=SUMMER).round
    with pytest.raises(Problem) as refused:
        scoring.run(session, planned.id, by="setup", at=SUMMER)
    assert refused.value.code == "month_not_counted"
    assert service.latest(session, planned.id) is None
