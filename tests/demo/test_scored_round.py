"""The demo's scored round: 118 cards, deductions and a bonus, one open question, everything marked as made up."""

from __future__ import annotations

from typing import Any

import pytest

from api import acts
from api.db import reading, unit_of_work
from api.settings import Settings
from survey_models.campaigns.tables import Purpose
from survey_models.core import clock
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.rounds import deciding, outcomes, scoring, service
from survey_models.schemes.outcome import Outcome, Scorecard
from tests.demo.installation import Demo

ROUND = "nanyang-2014-27-2015h1"


@pytest.fixture(scope="module")
def outcome(sqlite_demo: Demo) -> Outcome:
    with reading(sqlite_demo.engine) as session:
        return outcomes.outcome_of(outcomes.latest(session, ROUND))


def line(card: Scorecard, part: str) -> str:
    value = next(one.value for one in (*card.root.children, *card.adjustments) if one.id == part)
    return "" if value is None else f"{float(value):g}"


def test_every_unit_has_a_card_and_what_findings_and_late_reports_cost(outcome: Outcome) -> None:
    cards = {card.unit.code: card for card in outcome.cards}
    assert len(cards) == 118
    assert {line(card, "C5") for card in cards.values()} == {"10", "9", "8.5", "5"}
    costs = {code: line(card, "C5") for code, card in cards.items() if line(card, "C5") != "10"}
    assert costs == {"NY-040": "9", "NY-063": "5", "NY-021": "8.5", "NY-057": "8.5", "NY-101": "8.5"}
    assert [code for code, card in cards.items() if line(card, "C7") != "0"] == ["NY-088"]


def test_one_question_is_left_to_people_and_nothing_else(outcome: Outcome) -> None:
    assert [(one.kind, one.units) for one in outcome.questions] == [("missing", ("NY-086",))]
    assert [card.unit.code for card in outcome.cards if card.printed is None] == ["NY-086"]


def test_it_is_scored_on_both_engines_and_marked_as_made_up(demo: Demo) -> None:
    assert demo.number("SELECT count(*) FROM round_results WHERE round_id = :id", id=ROUND) == 1
    with reading(demo.engine) as session:
        assert service.get(session, ROUND).purpose == Purpose.DEMO
        ids = {one.id for one in service.campaigns_of(session, ROUND).values()}
        assert service.published(session, ROUND) is None
    states = dict(demo.rows("SELECT id, state FROM campaigns WHERE round_id = :id", id=ROUND))
    assert states == dict.fromkeys(ids, "counted")
    frames = demo.rows("SELECT made_up FROM frames WHERE id LIKE :name", name=f"{ROUND}%")
    assert frames
    assert all(bool(made_up) for (made_up,) in frames)
    written = [text for (text,) in demo.rows("SELECT text FROM duty_submissions")]
    assert len(written) == 118 * 2 - 3
    assert all("编造" in text for text in written)


def test_no_line_rests_on_fewer_than_ten_sheets(demo: Demo) -> None:
    query = (
        "SELECT b.variant, sum(c.done) FROM ticket_counters c JOIN ticket_batches b ON b.campaign_id = c.campaign_id"
        " AND b.stratum_no = c.stratum_no WHERE c.campaign_id = :id GROUP BY b.variant"
    )
    people = dict(demo.rows(query, id=f"{ROUND}-fixed-users"))
    assert len(people) == 118
    assert min(people.values()) >= 10


def test_two_demo_accounts_can_decide_and_publish(own_demo: Demo) -> None:
    settings = Settings(**{**own_demo.settings.model_dump(), "demo": True})

    def done_by_two(kind: str, **params: Any) -> None:
        with unit_of_work(own_demo.engine) as session:
            asked = {"round": ROUND, **params}
            act = acts.ask(
                session, kind, target=SYSTEM_LOG, by="setup", at=clock.now(), settings=settings, params=asked
            )
            acts.confirm(session, act.number, by="release", at=clock.now(), settings=settings)

    done_by_two(acts.SET_STANDING, unit="NY-086", standing="withheld", reason="演示：窗口没有评价")
    with unit_of_work(own_demo.engine) as session:
        row = scoring.run(session, ROUND, by="setup", at=clock.now())
        assert (row.no, outcomes.outcome_of(row).questions) == (2, ())
        deciding.confirm_borders(session, ROUND, by="release", at=clock.now())
    done_by_two(acts.PUBLISH_ROUND, no=2)
    with reading(own_demo.engine) as session:
        assert service.published(session, ROUND) is not None
