"""One round under two schemes: what changes, reckoned by hand, and what the other one asks for and does not get."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.ledger.tables import LedgerEntry
from survey_models.rounds.comparing import Other, compared, read
from survey_models.rounds.streams import Stage
from survey_models.rounds.tables import RoundResult
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from survey_models.schemes.tables import Scheme
from tests.browser.round_city import AT, NEW, make_rounds
from tests.other_scheme import BIG

STAGE = Stage(AT)


@pytest.fixture(scope="module")
def session(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The small city; what a test stores goes with its savepoint."""
    copy = shutil.copy(sqlite_template, tmp_path_factory.mktemp("city") / "city.db")
    engine = make_engine(f"sqlite:///{copy}", allow_unsafe=True)
    with unit_of_work(engine) as found:
        make_rounds(found)
        yield found
    engine.dispose()


def test_who_moves_under_another_scheme(session: Session) -> None:
    before = [session.scalar(select(func.count()).select_from(table)) for table in (Scheme, RoundResult, LedgerEntry)]
    given = compared(session, NEW, Other(text=BIG), STAGE)
    found = given.found
    # People 92, 92, 81, 87, 88.2, 64 of 100 under 100/80/0: half of it. Marks: a fifth. Three points for each late
    # case. No visits: nought, as that scheme says. Nobody was telephoned: the other ninety points count as a hundred.
    by_hand = {
        "R-1": Fraction(46 + 18 + 10) / 90 * 100,
        "R-2": Fraction(46 + 18 + 10) / 90 * 100,
        "R-3": (Fraction("40.5") + Fraction("17.2") + 7) / 90 * 100,
        "R-4": (Fraction("43.5") + Fraction("17.6") + 10) / 90 * 100,
        "R-5": (Fraction("44.1") + Fraction("17.4") + 10) / 90 * 100,
        "R-6": Fraction(32 + 14 + 4) / 90 * 100,
    }
    assert {card.unit.code: card.total for card in found.other.cards} == by_hand
    assert found.flips == (("R-4", "R-5"),)
    shifts = {one.unit: one for one in found.shifts}
    four, five = shifts["R-4"], shifts["R-5"]
    assert (four.printed, four.rank, four.grade) == ((Decimal("86.80"), Decimal("79.00")), (1, 2), ("good", "fair"))
    assert (four.gained, four.gone) == ((), ("praised",))
    assert (five.printed, five.rank, five.grade) == ((Decimal("86.74"), Decimal("79.44")), (2, 1), ("good", "good"))
    assert (five.gained, five.gone) == (("praised",), ())
    # The last are told to put it right under the one, and called in under the other.
    assert (shifts["R-6"].gained, shifts["R-6"].gone) == (("other.talk",), ("warned",))
    assert {one.unit for one in found.moved} == {"R-3", "R-4", "R-5", "R-6"}
    after = [session.scalar(select(func.count()).select_from(table)) for table in (Scheme, RoundResult, LedgerEntry)]
    assert after == before, "nothing is stored"


def test_what_the_round_has_not_is_named_line_by_line(session: Session) -> None:
    given = compared(session, NEW, Other(text=BIG), STAGE)
    assert given.fed is not None
    lacking = {one.part: one for one in given.fed.unfed}
    assert {name: one.policy for name, one in lacking.items()} == {
        "known": "reweight",
        "visits": "zero",
        "conduct": "",
        "bonus": "",
    }
    assert lacking["known"].wants[0] == "问卷“callers”"
    assert "态度粗暴" in lacking["conduct"].wants[0]
    assert all(len(one.units) == 6 for one in lacking.values())
    assert given.fed.notes == ()


def test_another_scheme_is_a_preset_a_stored_one_or_none(session: Session) -> None:
    preset = compared(session, NEW, Other(scheme="xuancheng-2019-48"), STAGE)
    assert preset.fed is not None
    # None of its twenty grounds was looked for: no unit has a full score out of that.
    assert {card.total for card in preset.found.other.cards} <= {None, Fraction(0)}
    assert preset.fed.unfed
    with pytest.raises(Problem, match="scheme_unknown"):
        compared(session, NEW, Other(scheme="atlantis"), STAGE)
    with pytest.raises(Problem, match="scheme_faulty"):
        compared(session, NEW, Other(text=BIG.replace("points: 50", "points: 49")), STAGE)
    with pytest.raises(Problem, match="round_input_unfit"):
        read(session, NEW, ["maps.four.满意=90"], Other(text=BIG))
    # The round's own scheme, newly written, with the numbers of the other: all of it can be read.
    same = compared(session, NEW, read(session, NEW, ["maps.three.基本满意=80"]), STAGE)
    stored = schemes.get(session, "small-city").text
    again = compared(session, NEW, read(session, NEW, ["maps.three.基本满意=80"], Other(text=stored)), STAGE)
    assert again.fed is not None
    assert again.fed.unfed == ()
    assert [replace(one, gained=(), gone=()) for one in again.found.shifts] == [
        replace(one, gained=(), gone=()) for one in same.found.shifts
    ]


def test_the_name_of_a_preset_is_its_own(session: Session) -> None:
    text = loading.preset("xuancheng-2019-48")
    with session.begin_nested() as savepoint:
        with pytest.raises(Problem, match="scheme_name_taken"):
            schemes.store(session, f"{text}\n# 改动\n", by="test", at=AT)
        assert schemes.store(session, text, by="test", at=AT).version == 1
        savepoint.rollback()
