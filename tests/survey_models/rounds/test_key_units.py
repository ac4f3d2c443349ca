"""Key units of 漯河 are named after the opinion wave, and the test of their rectification is made by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.tables import LedgerEntry
from survey_models.rounds import asking, key_units, made_up, plans, service
from survey_models.rounds.key_units import Naming, Standing
from survey_models.rounds.plans import Wish
from survey_models.rounds.tables import Round, RoundResult
from survey_models.schemes import loading

WISH = Wish("luohe-hangfeng", "2015-2016")
OTHERS = {"opinions", "questionnaire", "representatives"}
NAMED = ["LH-003", "LH-060"]


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as found:
        yield found
    engine.dispose()


@pytest.fixture
def planned(session: Session) -> Round:
    """A round whose key units nobody knows yet."""
    answers = made_up.complete(session, WISH, {"flags": {"key_unit": []}})
    return plans.plan(session, WISH, answers, by="setup", at=clock.now()).round


def named(session: Session, found: Round, *codes: str, **more: Any) -> Standing:
    return key_units.name(session, found.id, Naming(codes, **more), by="setup", at=clock.now())


def refused(session: Session, found: Round, *codes: str, **more: Any) -> str:
    with pytest.raises(Problem) as problem, session.begin_nested():
        named(session, found, *codes, **more)
    return problem.value.code


def test_only_flags_that_no_score_depends_on_are_named_later() -> None:
    late = {name: asking.late_flags(loading.read(loading.preset(name)).scheme) for name in loading.presets()}
    assert {name: flags for name, flags in late.items() if flags} == {"luohe-hangfeng": ("key_unit",)}


def test_naming_them_makes_the_test_of_the_rectification(session: Session, planned: Round) -> None:
    assert set(service.campaigns_of(session, planned.id)) == OTHERS
    assert [(one.flag, one.named, one.campaigns) for one in key_units.standing(session, planned.id)] == [
        ("key_unit", (), ())
    ]
    sizes = {"rectification": {"people": {"representatives": 80, "citizens": 120}, "tickets": 50}}
    # In whatever order, they stand in that of the round.
    stands = named(session, planned, *reversed(NAMED), campaigns=sizes)
    there = service.campaigns_of(session, planned.id)
    assert set(there) == {*OTHERS, "rectification"}
    assert (stands.named, stands.campaigns) == (tuple(NAMED), (there["rectification"].id,))

    form = campaigns.form_of(session, there["rectification"])
    carried = form.carried("flagged")
    rated = [item.key for item, on in zip(form.items, carried, strict=True) if on and item.key.startswith("LH-")]
    assert rated == NAMED
    assert [item.key for item in form.items if item.key.startswith("LH-")] == NAMED, "the others are not on it at all"
    orders = plans.orders(session, planned.id)[there["rectification"].id]
    assert [(order.count, order.variant) for order in orders] == [(20, "flagged"), (30, "flagged")]

    entry = session.query(LedgerEntry).filter_by(event="rounds:key_units_named").one()
    assert digest(planned.answers).encode() in entry.body


def test_the_same_again_changes_nothing_and_what_does_not_fit_is_refused(session: Session, planned: Round) -> None:
    assert refused(session, planned, "LH-999") == "round_unit_unknown"
    assert refused(session, planned, *NAMED, flag="superior_led") == "round_key_units_none"
    wrong = {"rectification": {"colour": "red"}}
    assert refused(session, planned, *NAMED, campaigns=wrong) == "plan_answers_faulty"
    assert set(service.campaigns_of(session, planned.id)) == OTHERS

    first = named(session, planned, *NAMED)
    assert named(session, planned, *NAMED) == first
    assert session.query(LedgerEntry).filter_by(event="rounds:key_units_named").count() == 1
    assert refused(session, planned, "LH-001") == "round_planned_otherwise"


def test_once_scored_it_is_too_late(session: Session, planned: Round) -> None:
    session.add(scored(planned))
    session.flush()
    assert refused(session, planned, *NAMED) == "round_key_units_late"
    assert key_units.standing(session, planned.id)[0].scored


def test_the_next_round_names_its_own(session: Session, planned: Round) -> None:
    named(session, planned, *NAMED)
    wish = Wish("luohe-hangfeng", "2017-2018", like=planned.id)
    after = plans.plan(session, wish, {}, by="setup", at=clock.now()).round
    assert set(service.campaigns_of(session, after.id)) == OTHERS
    assert after.answers is not None
    assert after.answers["flags"]["key_unit"] == []


def scored(found: Round) -> RoundResult:
    """A result of the round, without content."""
    words = dict.fromkeys(("scheme_digest", "inputs_digest", "code", "result_digest", "blind"), "0" * 64)
    row = RoundResult(id=new_id(), round_id=found.id, no=1, inputs={}, sources={}, outcome={}, **words)
    row.scheme_id, row.scheme_version = str(found.scheme_id), int(found.scheme_version or 0)
    row.made_by, row.made_at = "setup", clock.now()
    return row
