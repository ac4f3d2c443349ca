"""Tenfold unequal sampling fractions on the list of residents: weights bring the scores back to the truth."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from sqlalchemy import Engine

from api.db import reading, unit_of_work
from api.demo.ground import SEED as PUBLIC_SEED
from api.simulation.model import AnswerModel
from api.simulation.run import read_model
from sampling.selection import draw_stratified
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.results import service as results
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder
from tests.demo.installation import Demo
from tests.demo.recount import recount
from tests.sealed import count, seal_in_office

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PEPPER = b"pepper of the tests, 32 bytes ok"
UNEQUAL = "luohe-unequal"
# One of twenty in town, one of two hundred in the country.
FRACTION = {"town": 20, "rural": 200}
SEED = 7
FRACTIONS = (
    "SELECT 1.0 * count(*), s.population FROM ballots b JOIN strata s ON s.campaign_id = b.campaign_id"
    " AND s.no = b.stratum_no WHERE b.campaign_id = :id GROUP BY s.no, s.population"
)


@dataclass(frozen=True)
class Result:
    """Weighted score, its standard error, and the plain mean."""

    score: float
    se: float
    unweighted: float


def drawn_strata(demo: Demo) -> dict[str, int]:
    """Draw from the frozen list with the unequal fractions; the number drawn of each stratum."""
    frame = demo.rows("SELECT id, stratum FROM frame_rows WHERE frame_id = 'luohe-list' ORDER BY id")
    people = Counter(stratum for _, stratum in frame)
    sizes = {stratum: number // FRACTION[stratum.split("/")[1]] for stratum, number in people.items()}
    drawn = draw_stratified(
        [entry for entry, _ in frame], [stratum for _, stratum in frame], sizes=sizes, seed=PUBLIC_SEED, salt=UNEQUAL
    )
    return dict(Counter(lot.stratum for lot in drawn.lots()))


def make_campaign(demo: Demo, drawn: dict[str, int]) -> list[tickets.IssuedCode]:
    """A rehearsal with one ticket for each drawn resident."""
    frame = demo.rows(
        "SELECT area_code, area_name, kind_code, kind_name, population FROM strata"
        " WHERE campaign_id = 'luohe-list' ORDER BY no"
    )
    strata = [
        StratumPlan((area, area_name), (kind, kind_name), people, drawn[f"{area}/{kind}"])
        for area, area_name, kind, kind_name, people in frame
    ]
    plan = CampaignPlan(
        id=UNEQUAL,
        round_id="luohe-demo",
        title="不等比例抽样",
        title_en="Unequal fractions",
        purpose=Purpose.REHEARSAL,
        questionnaire=("luohe", 1),
        strata=strata,
        # The smallest stratum has 46 tickets; joined to another it would have two fractions in one weight.
        cell_tickets=10,
    )
    with unit_of_work(demo.engine) as session:
        campaigns.create(session, plan, by="test", at=AT)
        orders = [CellOrder(no, 0, stratum.sample_size, 0) for no, stratum in enumerate(strata, start=1)]
        issued = tickets.issue(session, UNEQUAL, orders, pepper=PEPPER, by="test", at=AT)
        seal_in_office(session, UNEQUAL, at=AT)
        campaigns.prepare(session, UNEQUAL, by="test", at=AT)
        campaigns.open_campaign(session, UNEQUAL, by="test", at=AT)
    return issued


def cast_all(engine: Engine, issued: list[tickets.IssuedCode], model: AnswerModel, places: dict[int, int]) -> None:
    """Everybody who was drawn answers, through the door."""
    sheets = model.sheets([places[item.stratum_no] for item in issued])
    writer = IntakeWriter(engine, zone="Asia/Shanghai", capacity=len(issued))
    door = BallotDoor(writer, pepper=PEPPER)
    writer.start()
    try:
        waiting = [
            door.cast(campaign_id=UNEQUAL, ballot_id=uuid.uuid4(), code=item.code, answers=answers)
            for item, answers in zip(issued, sheets, strict=True)
        ]
        assert not any(future.result().replay for future in waiting)
    finally:
        writer.stop()


@pytest.fixture
def estimated(own_demo: Demo) -> tuple[Demo, AnswerModel, dict[str, Result]]:
    """The whole way from the draw to the result."""
    issued = make_campaign(own_demo, drawn_strata(own_demo))
    with reading(own_demo.engine) as session:
        model, places = read_model(session, UNEQUAL, seed=SEED)
    cast_all(own_demo.engine, issued, model, places)
    with unit_of_work(own_demo.engine) as session:
        campaigns.close(session, UNEQUAL, by="test", at=AT)
        count(session, UNEQUAL, at=AT)
        results.run(session, UNEQUAL, by="test", at=AT)
    query = (
        "SELECT r.unit_code, r.score, r.se, r.unweighted FROM result_rows r JOIN results x ON x.id = r.result_id"
        " WHERE x.campaign_id = :id"
    )
    found = {
        unit: Result(float(score), float(se), float(plain))
        for unit, score, se, plain in own_demo.rows(query, id=UNEQUAL)
    }
    return own_demo, model, found


def test_weighted_scores_find_the_truth_and_plain_means_do_not(
    estimated: tuple[Demo, AnswerModel, dict[str, Result]],
) -> None:
    demo, model, found = estimated
    truth = model.truth()
    assert len(found) == len(truth) == 80
    near = [unit for unit, row in found.items() if abs(row.score - truth[unit]) <= 3 * row.se]
    assert len(near) >= 78, sorted(set(truth) - set(near))
    planted = model.planted()["by_kind"]
    assert len(planted) == 4
    for unit in planted:
        assert abs(found[unit].unweighted - truth[unit]) > 3 * found[unit].se, unit
        assert unit in near
    fractions = [row[0] / row[1] for row in demo.rows(FRACTIONS, id=UNEQUAL)]
    assert max(fractions) / min(fractions) == pytest.approx(10, rel=0.03)
    # An error that were far too large would make the first test easy.
    assert max(row.se for row in found.values()) < 3
    again = recount(demo.rows, UNEQUAL)
    for unit, row in found.items():
        assert abs(Fraction(str(row.score)) - again[unit].score) <= Fraction(1, 10**9)
        assert row.se**2 == pytest.approx(float(again[unit].variance), abs=1e-8)
