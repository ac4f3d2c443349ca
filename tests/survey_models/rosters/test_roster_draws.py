"""Draws from a roster: a third new, nobody hired twice, nobody twice; replayable, and extended when somebody leaves."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.draws.tables import DrawRow
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import recorded
from survey_models.rosters import drawing, queries, service, shares
from survey_models.rosters.drawing import Wish
from survey_models.rosters.tables import RosterDraw
from tests.docs.events import differences
from tests.survey_models.marks.city import ROUND, START, make_round
from tests.survey_models.rosters.test_rosters import SEALER, UNIT, ZONE, bring, person

SEED = "60415238"


@pytest.fixture
def db(postgres_url: str) -> Iterator[Session]:
    """Thirty people, ten of them new; two of the office's are hired by a unit as well, in a roster without rules."""
    engine = make_engine(postgres_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        make_round(session)
        for name, kind in (("city", "representatives"), ("units", "others")):
            service.make(session, name, round_id=ROUND, kind=kind, title="评议代表")
        bring(session, [person(number, new="是" if number <= 10 else "否") for number in range(1, 31)])
        bring(session, [person(number, hirer=UNIT) for number in (11, 12)], "units", opens_on=None)
        yield session
    engine.dispose()


def run(session: Session, people: int, **wish: object) -> RosterDraw:
    made = drawing.plan(session, "city", Wish(people, **wish), by="setup", at=START)  # type: ignore[arg-type]
    draws.run(session, made.id, seed=SEED, asked_by="setup", by="release", at=START)
    return made


def test_a_third_is_new_and_nobody_is_drawn_twice(db: Session) -> None:
    first = run(db, 8)
    assert first.rules == {
        "people": 8,
        "new_least": 3,
        "eligible": 28,
        "excluded": {"removed": 0, "hired_twice": 2, "drawn_before": 0},
    }
    lots = drawing.drawn(db, "city", first.id)
    assert sum(bool(one.entry and one.entry.new_this_round) for one in lots) == 3
    assert {one.row.stratum: one.row.probability for one in lots} == {"新聘": "3/10", "续聘": "5/18"}
    assert draws.replay(db, first.id).equal
    body = recorded(db, SYSTEM_LOG, Event.ROSTER_DRAW_PLANNED)[0]
    assert differences(Event.ROSTER_DRAW_PLANNED.value, SYSTEM_LOG, body) == []
    frame = [row.entry for row in db.query(DrawRow).filter(DrawRow.draw_id == first.id)]
    assert not any("张" in entry for entry in frame), "ids alone"

    gone = lots[0].entry
    assert gone is not None
    service.remove(db, "city", gone.id, reason="接受宴请", handed_in=True, by="setup", at=START, zone=ZONE)
    assert drawing.drawn(db, "city", first.id)[0].entry.removed_on is not None  # type: ignore[union-attr]
    wider = {"stratum": lots[0].row.stratum, "more": 1, "asked_by": "setup", "by": "release", "at": START}
    draws.extend(db, first.id, **wider)  # type: ignore[arg-type]
    assert len(drawing.drawn(db, "city", first.id)) == 9, "the next lot takes the place"

    second = run(db, 6)
    assert second.rules["excluded"] == {"removed": 1, "hired_twice": 2, "drawn_before": 8}
    drawn = [{one.row.entry for one in drawing.drawn(db, "city", made.id)} for made in (first, second)]
    assert not drawn[0] & drawn[1]
    named = drawing.people(db, "city", second.id, sealer=SEALER, by="setup", at=START)
    assert len({who.name for _, who in named if who}) == 6
    assert len(recorded(db, SYSTEM_LOG, Event.ROSTER_READ)) == 1
    with pytest.raises(Problem, match="sample_too_large"):
        drawing.plan(db, "city", Wish(14), by="setup", at=START)
    with pytest.raises(Problem, match="roster_draw_unknown"):
        drawing.drawn(db, "units", first.id)
    assert len(queries.entries(db, "city")) == 30


def test_shares() -> None:
    assert shares.sizes({"新聘": 4, "续聘": 26}, 9, 3) == {"新聘": 3, "续聘": 6}, "though fewer are new"
    assert shares.sizes({"新聘": 20, "续聘": 10}, 9, 3) == {"新聘": 6, "续聘": 3}, "in proportion where that is more"
    assert shares.sizes({"新聘": 20, "续聘": 2}, 20, None) == {"新聘": 18, "续聘": 2}
    by_hirer = shares.sizes({"新聘·甲": 6, "新聘·乙": 3, "续聘·甲": 10, "续聘·乙": 11}, 10, 3)
    assert by_hirer == {"新聘·甲": 3, "新聘·乙": 1, "续聘·甲": 3, "续聘·乙": 3}
    with pytest.raises(Problem, match="roster_draw_too_few_new"):
        shares.sizes({"新聘": 2, "续聘": 26}, 9, 3)
    for people in (0, 31):
        with pytest.raises(Problem, match="sample_too_large"):
            shares.sizes({"新聘": 4, "续聘": 26}, people, 3)
