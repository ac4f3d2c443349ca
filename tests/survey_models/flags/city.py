"""A small city in the database: an honest campaign, a stuffed one, and three windows, one of them tapped in a row."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_models.accounts import service as accounts
from survey_models.ballots.tables import Ballot, IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose, State
from survey_models.cases.tables import Case
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.ratings.tables import Rating
from survey_models.rounds import service as rounds
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder
from survey_models.tickets.tables import TicketCounter
from survey_models.units import service as units
from survey_models.units.tables import Window
from tests.sealed import seal_in_office

Rng = np.random.Generator
ZONE = "Asia/Shanghai"
OPENED = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
DAYS, STRATA, SHEETS, UNITS, HISTORY = 7, 20, 70, 24, 14
CLOSED = OPENED + timedelta(days=DAYS - 1, hours=8)
NIGHT = OPENED + timedelta(days=DAYS)
CALM, STUFFED = "calm", "stuffed"
# Where the stuffed campaign was stuffed: strata by number, a unit by its place.
BURST, PAPER, ALIKE, COPIED, WON_AREA, WON_UNIT = 7, 9, 3, 12, 5, 11
COPIES = 10
DEVICE = uuid.UUID(int=7, version=4)


def build(session: Session) -> None:
    """Everything, the same on every run."""
    rng = np.random.default_rng(20261122)
    for name in ("setup", "release"):
        accounts.create(session, name, password_hash="x", roles=[name], at=OPENED, by="test", demo=True)
    listed = [{"code": f"U-{no:02}", "name": f"单位{no}", "category": "政府部门"} for no in range(1, UNITS + 1)]
    doc = unit_questionnaire(title={"zh": "测评", "en": "Survey"}, units=listed)
    questionnaires.store(session, "form", version=1, doc=doc, at=OPENED)
    rounds.create(session, "round", title="测评", units=[], at=OPENED)
    liking = rng.normal(0.8, 0.7, UNITS)
    for name in (CALM, STUFFED):
        _campaign(session, name, rng, liking, stuffed=name == STUFFED)
    for no in (1, 2, 3):
        _window(session, f"w{no}", rng, tapped=no == 2)


def _campaign(session: Session, name: str, rng: Rng, liking: np.ndarray, *, stuffed: bool) -> None:
    strata = [
        StratumPlan((f"a{area}", f"第{area}区"), kind, 1000, SHEETS)
        for area in range(1, STRATA // 2 + 1)
        for kind in (("town", "城镇"), ("rural", "农村"))
    ]
    plan = CampaignPlan(
        id=name,
        round_id="round",
        title="测评",
        title_en="Survey",
        purpose=Purpose.REHEARSAL,
        questionnaire=("form", 1),
        strata=strata,
    )
    campaigns.create(session, plan, by="test", at=OPENED)
    orders = [CellOrder(no, 0, 2 * SHEETS, 0) for no in range(1, STRATA + 1)]
    tickets.issue(session, name, orders, pepper=bytes(32), by="test", at=OPENED)
    seal_in_office(session, name, at=OPENED)
    campaigns.prepare(session, name, by="test", at=OPENED)
    campaigns.open_campaign(session, name, by="test", at=OPENED)
    campaigns.close(session, name, by="test", at=CLOSED)
    campaign = campaigns.get(session, name)
    campaign.state = State.COUNTED.value
    campaign.counted_at = CLOSED + timedelta(hours=1 + int(stuffed))
    session.execute(insert(TicketCounter), list(_counters(name, rng, stuffed=stuffed)))
    session.execute(insert(IntakeSheet), list(_sealed(name, rng, stuffed=stuffed)))
    session.execute(insert(Ballot), list(_box(name, rng, liking, stuffed=stuffed)))


def _counters(name: str, rng: Rng, *, stuffed: bool) -> Iterator[dict[str, Any]]:
    """Returned sheets by day: a wave and a reminder that move all alike; the planted cell's rush on the last day."""
    usual = np.array([20, 14, 10, 7, 15, 8, 6])
    first = date(2026, 11, 2)
    for stratum in range(1, STRATA + 1):
        done = rng.poisson(usual)
        if stuffed and stratum == BURST:
            done[-1] += 45
        for day in range(DAYS):
            key = {"campaign_id": name, "stratum_no": stratum, "point_no": 0, "day": first + timedelta(days=day)}
            yield {**key, "issued": 0, "opened": int(done[day]), "done": int(done[day])}


def _sealed(name: str, rng: Rng, *, stuffed: bool) -> Iterator[dict[str, Any]]:
    """Sheets that nobody opens: the channel is all that is looked at."""
    for stratum in range(1, STRATA + 1):
        paper = 0.5 if stuffed and stratum == PAPER else 0.1
        for channel in rng.choice(["phone", "point", "paper"], SHEETS, p=[0.9 - paper, 0.1, paper]):
            key = {"campaign_id": name, "id": uuid.uuid4(), "batch_no": stratum, "channel": str(channel)}
            yield {**key, "questionnaire_version": 1, "sealed": b"sealed"}


def _box(name: str, rng: Rng, liking: np.ndarray, *, stuffed: bool) -> Iterator[dict[str, Any]]:
    """Answers: people and units differ, some honest sheets have one answer; what is planted comes on top."""
    for stratum in range(1, STRATA + 1):
        score = liking + rng.normal(0, 0.8, (SHEETS, 1)) + rng.logistic(0, 1, (SHEETS, UNITS))
        sheets = np.where(score > 0, "1", np.where(score > -1.8, "2", "3"))
        sheets[rng.random((SHEETS, UNITS)) < 0.1] = "0"
        sheets[rng.random(SHEETS) < 0.05] = "1"
        if stuffed:
            _plant(sheets, stratum, rng)
        for sheet in sheets:
            yield {
                "campaign_id": name,
                "id": uuid.uuid4(),
                "stratum_no": stratum,
                "point_no": 0,
                "channel": "phone",
                "questionnaire_version": 1,
                "answers": "".join(sheet) + "--",
                "set_aside": False,
            }


def _plant(sheets: np.ndarray, stratum: int, rng: Rng) -> None:
    if stratum == ALIKE:
        sheets[:35] = "1"
    elif stratum == COPIED:
        sheets[:COPIES] = np.array(list("123012301230123012301230"))
    elif (stratum + 1) // 2 == WON_AREA:
        sheets[rng.random(SHEETS) < 0.95, WON_UNIT] = "1"


def _window(session: Session, window_id: str, rng: Rng, *, tapped: bool) -> None:
    """Fourteen usual days and the day before ``NIGHT``: on it 40 top ratings came to the tapped window in 5 minutes."""
    row = Window(id=window_id, unit_code=None, number="1", name="窗口", hall="大厅", business="综合", made_up=True)
    units.add_window(session, row, by="test", at=OPENED)
    last = NIGHT.replace(hour=0) - timedelta(days=1)
    ratings, cases = [], []
    for back in range(HISTORY, -1, -1):
        begin = last - timedelta(days=back) + timedelta(minutes=30)
        times = [begin + timedelta(minutes=float(minute)) for minute in rng.uniform(0, 480, rng.poisson(60))]
        codes = [str(code) for code in rng.choice(list("543"), len(times), p=[0.7, 0.25, 0.05])]
        visits = len(times)
        if tapped and back == 0:
            times += [begin + timedelta(minutes=200 + float(minute)) for minute in rng.uniform(0, 5, 40)]
            codes += ["5"] * 40
        ratings += [_rating(window_id, code, at) for code, at in zip(codes, times, strict=True)]
        finished = begin.date()
        cases += [
            {"window_id": window_id, "number_digest": uuid.uuid4().hex, "finished_on": finished}
            for _ in range(visits + int(rng.poisson(15)))
        ]
    session.execute(insert(Rating), ratings)
    session.execute(insert(Case), cases)


def _rating(window_id: str, code: str, at: datetime) -> dict[str, Any]:
    key = {"window_id": window_id, "id": uuid.uuid4(), "device_id": DEVICE, "code": code, "reasons": []}
    return {**key, "device_time": at, "received_at": at, "day": at.date()}
