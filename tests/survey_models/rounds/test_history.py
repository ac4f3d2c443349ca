"""What a unit had in earlier rounds: through cancelled results, splits and mergers, and of the result that stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.canonical import new_blind
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.rounds import history
from survey_models.rounds.records import to_json
from survey_models.rounds.tables import Round, RoundPublication, RoundResult, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import RatedUnit, Standing
from survey_models.schemes.outcome import Line, Outcome, Scorecard
from survey_models.units import service as units
from survey_models.units.links import Successor, succeed
from tests.small_round import SCHEME

AT = datetime(2017, 1, 1, tzinfo=UTC)
LINE = Line("total", ("总分", "Total"), Fraction(80), Fraction(100), Fraction(1), ("", ""))
WARNED = frozenset({"warned"})


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as found:
        rows = [
            {"code": code, "name": code, "category": "甲", "order": "1", "superior_led": "0", "flags_source": "test"}
            for code in "ABE"
        ]
        units.import_units(found, rows, stated=3, by="test", at=AT)
        yield found
    engine.dispose()


def held(session: Session, year: int, cards: Mapping[str, tuple[Standing, tuple[str, ...]]], no: int = 1) -> Round:
    """A round of a year with a result; the numbers of the cards do not matter here."""
    found = session.get(Round, f"s-{year}")
    if found is None:
        days = {"period_from": date(year, 1, 1), "period_to": date(year, 12, 31), "period": str(year)}
        found = Round(id=f"s-{year}", title="", scheme_id="s", scheme_version=1, made_at=AT, level="round", **days)
        session.add(found)
        session.flush()
        session.add_all(RoundUnit(round_id=found.id, unit_code=code, category="甲", position=1) for code in cards)
    outcome = Outcome(
        "s",
        1,
        "d",
        tuple(
            Scorecard(RatedUnit(code, code, "甲", standing=standing), None, None, LINE, consequences=had)
            for code, (standing, had) in cards.items()
        ),
    )
    same = dict.fromkeys(("scheme_digest", "inputs_digest", "code"), "0" * 64)
    row = RoundResult(id=new_id(), round_id=found.id, no=no, scheme_id="s", scheme_version=1, inputs={}, sources={})
    row.outcome, row.result_digest, row.blind = to_json(outcome), new_blind(), new_blind()
    row.made_by, row.made_at = "test", AT
    for name, value in same.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return found


def publish(session: Session, no: int, at: datetime) -> None:
    result = session.query(RoundResult).filter_by(round_id="s-2014", no=no).one()
    people = {"act_number": 1, "asked_by": "a", "confirmed_by": "b"}
    session.add(RoundPublication(result_id=result.id, round_id="s-2014", made_at=at, **people))
    session.flush()


RATED, NOTHING = Standing.RATED, (Standing.RATED, ())


def test_a_cancelled_result_neither_adds_nor_clears(session: Session) -> None:
    held(session, 2013, {"A": (RATED, ("warned",)), "B": NOTHING})
    held(session, 2014, {"A": (Standing.CANCELLED, ()), "B": (RATED, ("warned",))})
    now = held(session, 2015, {"A": NOTHING, "B": NOTHING})
    newest, oldest = history.earlier_of(session, now)
    assert (newest.round_id, dict(newest.consequences)) == ("s-2014", {"A": history.CANCELLED, "B": WARNED})
    assert (oldest.round_id, dict(oldest.consequences)) == ("s-2013", {"A": WARNED})


def test_of_merged_units_those_with_a_result_tell(session: Session) -> None:
    held(session, 2014, {"A": (Standing.CANCELLED, ()), "B": (RATED, ("warned",)), "E": (Standing.CANCELLED, ())})
    new_year = date(2015, 1, 1)
    succeed(session, ["A", "B"], [Successor("C", "丙")], since=new_year, by="test", at=AT)
    succeed(session, ["E"], [Successor("F", "戊")], since=new_year, by="test", at=AT)
    now = held(session, 2015, {"C": NOTHING, "F": NOTHING})
    (before,) = history.earlier_of(session, now)
    assert dict(before.consequences) == {"C": WARNED, "F": history.CANCELLED}


def test_the_clock_of_a_yellow_card_runs_from_its_first_publication(session: Session) -> None:
    stored = schemes.store(session, SCHEME, by="test", at=AT)
    cards: list[Mapping[str, tuple[Standing, tuple[str, ...]]]] = [
        {"A": (RATED, ("warned",)), "B": (RATED, ("warned",))},
        # Corrections: A is cancelled for cheating, B is no longer last, E is.
        {"A": (RATED, ("warned",)), "B": NOTHING, "E": (RATED, ("warned",))},
        {"A": (Standing.CANCELLED, ()), "B": NOTHING, "E": (RATED, ("warned",))},
    ]
    for no, one in enumerate(cards, start=1):
        found = held(session, 2014, one, no=no)
        publish(session, no, AT + timedelta(days=31 * (no - 1)))
    found.scheme_id = stored.id
    session.flush()
    terms = history.terms(session, stored.id, zone="Asia/Shanghai")
    assert {(one.unit, one.since, one.until) for one in terms} == {
        ("A", date(2017, 1, 1), date(2018, 1, 1)),
        ("E", date(2017, 2, 1), date(2018, 2, 1)),
    }


def test_after_a_split_both_have_it_and_who_takes_another_in_keeps_its_own(session: Session) -> None:
    held(session, 2014, {"A": (RATED, ("warned",)), "B": (RATED, ("warned",)), "E": NOTHING})
    new_year = date(2015, 1, 1)
    succeed(session, ["A"], [Successor("C", "丙"), Successor("D", "丁")], since=new_year, by="test", at=AT)
    succeed(session, ["B"], [Successor("E")], since=new_year, by="test", at=AT)
    now = held(session, 2015, {"C": NOTHING, "D": NOTHING, "E": NOTHING})
    (before,) = history.earlier_of(session, now)
    assert dict(before.consequences) == {"C": WARNED, "D": WARNED}
    # For a year, too, what was split became neither of the two alone.
    assert history.successors(session, ["C", "D", "E"], date(2015, 12, 31)) == {"B": "E"}


def test_what_was_published_stands(session: Session) -> None:
    held(session, 2014, {"A": (RATED, ("warned",))})
    publish(session, 1, AT)
    held(session, 2014, {"A": NOTHING}, no=2)
    now = held(session, 2015, {"A": NOTHING})
    (before,) = history.earlier_of(session, now)
    assert dict(before.consequences) == {"A": WARNED}


@pytest.mark.parametrize(
    ("past", "after"),
    [
        ([], ["C=丙"]),
        (["A", "B"], ["C=丙", "D=丁"]),
        (["A"], ["A=甲"]),
        (["Z"], ["C=丙"]),
        (["A"], ["C="]),
    ],
)
def test_an_unfit_succession_is_refused(session: Session, past: list[str], after: list[str]) -> None:
    wanted = [Successor(*one.split("=")) for one in after]
    with pytest.raises(Problem) as refused:
        succeed(session, past, wanted, since=date(2015, 1, 1), by="test", at=AT)
    assert refused.value.code == "units_succession_unfit"
