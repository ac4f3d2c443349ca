"""What has to be there before a campaign opens: a key, enough tickets; and which cells are joined for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.ballots import service as ballots
from survey_models.ballots.tables import KeptBy
from survey_models.campaigns import queries
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.rules import Level
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import recorded
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.rounds import service as rounds
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder
from tests.docs.events import differences
from tests.sealed import PUBLIC, seal_in_office

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
UNITS = [{"code": "U-1", "name": "公安", "category": "政府部门"}]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url, allow_unsafe=True)
    yield made
    made.dispose()


def drafted(
    session: Session,
    sizes: list[int],
    *,
    small_group: bool = False,
    cell_tickets: int = 50,
    open_to: dict[str, list[str] | None] | None = None,
) -> None:
    """A campaign with one stratum for each number of tickets: two kinds of people in each area.

    ``open_to``: with the open QR, and these variants.
    """
    doc = unit_questionnaire(title={"zh": "测", "en": "T"}, units=UNITS)
    doc["variants"] = open_to or doc["variants"]
    questionnaires.store(session, "form", version=1, doc=doc, at=AT)
    rounds.create(session, "round", title="测", units=[], at=AT)
    strata = [
        StratumPlan((f"A{no // 2}", f"区{no // 2}"), (f"k{no % 2}", f"类{no % 2}"), 100 * (no + 1), size)
        for no, size in enumerate(sizes)
    ]
    plan = CampaignPlan(
        id="poll",
        round_id="round",
        title="测",
        title_en="T",
        purpose=Purpose.REAL,
        questionnaire=("form", 1),
        strata=strata,
        small_group=small_group,
        cell_tickets=cell_tickets,
        open_channel=open_to is not None,
    )
    campaigns.create(session, plan, by="test", at=AT)
    variant = next(iter(doc["variants"]))
    orders = [CellOrder(no, 0, size, 2, variant) for no, size in enumerate(sizes, start=1)]
    tickets.issue(session, "poll", orders, pepper=bytes(32), by="test", at=AT)


def opened(session: Session) -> None:
    seal_in_office(session, "poll", at=AT)
    campaigns.prepare(session, "poll", by="test", at=AT)
    campaigns.open_campaign(session, "poll", by="test", at=AT)


def test_without_a_key_nothing_is_ready(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        drafted(session, [60, 60])
        assert ballots.level_of(session, "poll") is Level.OPEN
        with pytest.raises(Problem, match="sealing_key_missing"):
            campaigns.prepare(session, "poll", by="test", at=AT)
        opened(session)
        assert ballots.level_of(session, "poll") is Level.SEALED_OFFICE
        (body,) = recorded(session, "poll", Event.CAMPAIGN_READY)
        assert body["sealing"] == {"public": PUBLIC.hex(), "kept": "office"}
        for event in (Event.CAMPAIGN_SEALED, Event.CAMPAIGN_READY, Event.CAMPAIGN_OPENED):
            assert differences(event.value, "poll", recorded(session, "poll", event)[0]) == []


@pytest.mark.parametrize(
    ("variants", "usable"),
    [
        ({"all": None}, True),
        ({"urban": ["U-1"]}, True),
        ({"urban": ["U-1"], "rural": ["U-1"], "all": None}, True),
        ({"urban": ["U-1"], "rural": ["U-1"]}, False),
    ],
)
def test_an_open_qr_needs_a_sheet_to_show(
    sqlite_url: str, variants: dict[str, list[str] | None], *, usable: bool
) -> None:
    made = make_engine(sqlite_url)
    with unit_of_work(made) as session:
        drafted(session, [60], open_to=variants)
        seal_in_office(session, "poll", at=AT)
        if usable:
            assert campaigns.prepare(session, "poll", by="test", at=AT).state == "ready"
        else:
            with pytest.raises(Problem, match="open_variant_missing"):
                campaigns.prepare(session, "poll", by="test", at=AT)
    made.dispose()


def test_the_key_changes_in_draft_alone(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        drafted(session, [60])
        seal_in_office(session, "poll", at=AT)
        ballots.register_key(session, "poll", bytes(31) + b"\x09", kept=KeptBy.SERVER, by="test", at=AT)
        assert ballots.level_of(session, "poll") is Level.SEALED_SERVER
        with pytest.raises(Problem, match="sealing_key_malformed"):
            ballots.register_key(session, "poll", b"short", kept=KeptBy.OFFICE, by="test", at=AT)
        opened(session)
        with pytest.raises(Problem, match="act_not_allowed"):
            seal_in_office(session, "poll", at=AT)


def test_small_cells_are_joined_before_opening_and_that_is_printed(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        drafted(session, [60, 20, 30, 30, 70, 8])
        opened(session)
        joins = [(row.stratum_no, row.into_stratum, row.reason) for row in queries.cell_joins(session, "poll")]
        assert joins == [(2, 1, "few_tickets"), (3, 4, "few_tickets"), (6, 5, "few_tickets")]
        assert campaigns.joined_strata_of(session, "poll") == {2: 1, 3: 4, 6: 5}
        (body,) = recorded(session, "poll", Event.CAMPAIGN_OPENED)
        assert body["cells"] == 3
        assert body["joins"] == [[[2, 0, ""], [1, 0, ""]], [[3, 0, ""], [4, 0, ""]], [[6, 0, ""], [5, 0, ""]]]


def test_the_smallest_cell_is_never_under_ten(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        drafted(session, [9, 40], cell_tickets=1)
        opened(session)
        assert campaigns.get(session, "poll").cell_tickets == 10
        assert campaigns.joined_strata_of(session, "poll") == {1: 2}


def test_fewer_than_ten_tickets_open_as_a_group_alone(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        drafted(session, [5, 4])
        with pytest.raises(Problem, match="campaign_too_small"):
            opened(session)
        session.rollback()
        drafted(session, [5, 4], small_group=True)
        opened(session)
        assert campaigns.joined_strata_of(session, "poll") == {2: 1}
