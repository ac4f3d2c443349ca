"""Runs of the rules over a whole small city, on both databases: what was planted is seen, the honest part is not."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api import acts
from api.db import make_engine, reading, unit_of_work
from survey_models.ballots.tables import Ballot, IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State
from survey_models.core.errors import Problem
from survey_models.flags import service
from survey_models.flags.rules import rule_set
from survey_models.flags.sightings import Sighting
from survey_models.flags.tables import Flag, FlagState, Rule
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.ratings.tables import Rating
from survey_models.tickets.tables import Ticket
from survey_models.uploads.kinds.ballots import Entry
from tests.docs.events import differences
from tests.poll import settings_for
from tests.postgres import Server
from tests.survey_models.flags import city
from tests.survey_models.flags.city import CALM, NIGHT, STUFFED, ZONE
from tests.survey_models.uploads.paper import LAYOUT

KEPT = (Ballot, IntakeSheet, Rating, Ticket)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The city, built once on each database. What a test writes here is rolled back."""

    @contextmanager
    def built(url: str) -> Iterator[Engine]:
        made = make_engine(url, allow_unsafe=True)
        with unit_of_work(made) as session:
            city.build(session)
        yield made
        made.dispose()

    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("city") / "city.sqlite3"
        shutil.copyfile(sqlite_template, path)
        with built(f"sqlite:///{path}") as made:
            yield made
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database(template=request.getfixturevalue("postgres_template")) as url, built(url) as made:
        yield made


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Work that leaves nothing behind."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.rollback()


def run(session: Session, campaign: str) -> list[Flag]:
    return service.run_campaign(session, campaign, at=NIGHT, zone=ZONE)


def places(found: list[Sighting], rule: Rule) -> list[int]:
    return sorted(one.scope["stratum_no"] for one in found if one.rule is rule)


def numbers(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in KEPT]


def test_an_honest_campaign_has_no_flag_and_the_ledger_says_who_looked(session: Session) -> None:
    assert run(session, CALM) == []
    (body,) = recorded(session, CALM, Event.FLAGS_LOOKED)
    assert (body["found"], body["rule_set"], body["state"]) == (0, rule_set().hash, "counted")
    assert differences(Event.FLAGS_LOOKED.value, CALM, body) == []


def test_each_planted_trick_is_seen_where_it_was_planted(session: Session) -> None:
    found = service.look_at_campaign(session, STUFFED, at=NIGHT, zone=ZONE)
    assert places(found, Rule.CELL_BURST) == [city.BURST]
    assert places(found, Rule.LATE_SURGE) == [city.BURST]
    assert places(found, Rule.CHANNEL_MIX) == [city.PAPER]
    assert places(found, Rule.STRAIGHT_LINING) == [city.ALIKE]
    (copies,) = [one for one in found if one.rule is Rule.NEAR_DUPLICATES]
    assert [(cell["stratum_no"], cell["sheets"]) for cell in copies.scope["cells"]] == [(city.COPIED, city.COPIES)]
    shifts = [one for one in found if one.rule is Rule.UNIT_SHIFT]
    won = {(one.scope["unit"], one.scope["area"]) for one in shifts}
    assert won == {(f"U-{city.WON_UNIT + 1:02}", f"a{city.WON_AREA}")}
    # Beside its peers, and beside the campaign before with the same questionnaire.
    assert {one.scope["beside"] for one in shifts} == {"peers", "history"}
    assert len(found) == 5 + len(shifts)


def test_before_counting_no_answer_is_looked_at(session: Session) -> None:
    campaigns.get(session, STUFFED).state = State.CLOSED.value
    found = service.look_at_campaign(session, STUFFED, at=NIGHT, zone=ZONE)
    assert {one.rule for one in found} == {Rule.CELL_BURST, Rule.LATE_SURGE, Rule.CHANNEL_MIX}
    campaign = campaigns.get(session, STUFFED)
    campaign.state, campaign.closed_at = State.OPEN.value, None
    found = service.look_at_campaign(session, STUFFED, at=NIGHT, zone=ZONE)
    assert {one.rule for one in found} == {Rule.CELL_BURST, Rule.CHANNEL_MIX}


def test_a_window_tapped_in_a_row_is_seen_and_its_neighbours_are_not(session: Session) -> None:
    flags = service.run_windows(session, at=NIGHT, zone=ZONE)
    assert {flag.window_id for flag in flags} == {"w2"}
    assert {flag.rule for flag in flags} >= {Rule.WINDOW_BURST, Rule.RATINGS_OVER_CASES}
    assert {flag.scope["day"] for flag in flags} == {(NIGHT.date().replace(day=8)).isoformat()}
    (body,) = recorded(session, SYSTEM_LOG, Event.FLAGS_WINDOWS_LOOKED)
    assert (body["found"], body["rule_set"]) == (len(flags), rule_set().hash)
    assert [row[0] for row in body["flags"]] == [str(flag.id) for flag in flags]
    assert service.of_window(session, "w1") == []


def test_every_flag_carries_the_rules_that_were_frozen_before_opening(session: Session) -> None:
    flags = run(session, STUFFED)
    (ready,) = recorded(session, STUFFED, Event.CAMPAIGN_READY)
    assert {flag.rule_set for flag in flags} == {ready["flag_rules"]} == {rule_set().hash}
    assert {flag.state for flag in flags} == {FlagState.OPEN}


def test_another_night_finds_the_same_and_nothing_is_deleted(session: Session) -> None:
    before = numbers(session)
    first = run(session, STUFFED) + service.run_windows(session, at=NIGHT, zone=ZONE)
    assert run(session, STUFFED) == []
    assert service.run_windows(session, at=NIGHT, zone=ZONE) == []
    assert len(service.listed(session)) == len(first)
    found = [body["found"] for body in recorded(session, STUFFED, Event.FLAGS_LOOKED)]
    assert found == [sum(flag.campaign_id == STUFFED for flag in first)] * 2
    assert numbers(session) == before


def test_a_flag_is_decided_by_two_people_and_stays(engine: Engine, session: Session, tmp_path: Path) -> None:
    settings = settings_for(str(engine.url), tmp_path)
    flag, *others = run(session, STUFFED)
    params = {"flag": str(flag.id), "reason": "当天统一发放了评议卡"}
    act = acts.ask(session, acts.DISMISS_FLAG, target=STUFFED, by="setup", at=NIGHT, settings=settings, params=params)
    assert flag.state == FlagState.OPEN
    with pytest.raises(Problem, match="act_same_person"):
        acts.confirm(session, act.number, by="setup", at=NIGHT, settings=settings)
    before = numbers(session)
    acts.confirm(session, act.number, by="release", at=NIGHT, settings=settings)
    assert (flag.state, flag.act_number) == (FlagState.DISMISSED, act.number)
    assert {other.state for other in others} == {FlagState.OPEN}
    assert numbers(session) == before
    assert [row.id for row in service.listed(session, state="dismissed")] == [flag.id]
    (body,) = recorded(session, STUFFED, Event.FLAG_DECIDED)
    assert (body["asked_by"], body["by"], body["reason"]) == ("setup", "release", params["reason"])
    # The next night sees it again and leaves the decision as it is.
    assert run(session, STUFFED) == []
    with pytest.raises(Problem, match="flag_decided"):
        acts.ask(session, acts.DISMISS_FLAG, target=STUFFED, by="setup", at=NIGHT, settings=settings, params=params)


def test_a_contractors_file_is_looked_at_without_a_database() -> None:
    """1,200 rows over eight cells: honest ones pass; one cell of equal answers, one filled in seconds, one copied."""
    rng = np.random.default_rng(5)
    cells = [
        (cell.no, point.no) for cell in LAYOUT.cells for point in LAYOUT.points if point.area_code == cell.area_code
    ]
    honest = [
        Entry(line, *cells[line % 8], "".join(rng.choice(list("1230"), 24, p=[0.5, 0.25, 0.15, 0.1])) + "--", 300)
        for line in range(1_200)
    ]
    upload = uuid.uuid4()
    assert service.look_at_upload("poll", upload, honest, LAYOUT) == []
    assert service.look_at_upload("poll", upload, [], LAYOUT) == []
    rows = list(honest)
    for turn in range(60):
        rows[8 * turn] = replace(rows[8 * turn], answers="1" * 24 + "--")
        rows[8 * turn + 1] = replace(rows[8 * turn + 1], seconds=9)
    for line in range(2, 2 + 8 * 7, 8):
        rows[line] = replace(rows[line], answers="123012301230123012301230--")
    found = service.look_at_upload("poll", upload, rows, LAYOUT)
    assert [(one.rule, one.upload_id) for one in found] == [
        (rule, upload) for rule in (Rule.STRAIGHT_LINING, Rule.SPEEDING, Rule.NEAR_DUPLICATES)
    ]
    assert [(one.scope["stratum_no"], one.scope["point_no"]) for one in found[:2]] == cells[:2]
    assert found[2].scope["lines"] == list(range(2, 2 + 8 * 7, 8))


def test_what_was_asked_in_vain_is_said(engine: Engine) -> None:
    with reading(engine) as session:
        with pytest.raises(Problem, match="campaign_unknown"):
            service.look_at_campaign(session, "none", at=NIGHT, zone=ZONE)
        with pytest.raises(Problem, match="window_unknown"):
            service.of_window(session, "none")
