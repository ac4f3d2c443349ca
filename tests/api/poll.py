"""A small open campaign of five units and two background items, for tests of the pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from api.db import reading, unit_of_work
from survey_models.ballots.sealing import bound_to, open_sealed, unpadded
from survey_models.ballots.tables import IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.rounds import service as rounds
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder
from survey_models.units.service import all_units
from tests.sealed import PRIVATE, seal_in_office, seal_on_server

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PEPPER = b"pepper of the tests, 32 bytes ok"
TITLE = {"zh": "漯河市测评", "en": "Luohe survey"}
NAMES = ["公安", "水利", "太平洋人寿保险", "太平洋财产保险", "电力"]
UNITS = [
    {"code": f"LH-{no:03}", "name": name, "category": "政府部门" if no < 3 else "公共服务行业"}
    for no, name in enumerate(NAMES, start=1)
]


@dataclass(frozen=True)
class Poll:
    """A campaign with its codes in plain text."""

    id: str
    codes: list[str]


def make_poll(
    engine: Engine,
    campaign_id: str,
    *,
    blank_allowed: bool = True,
    stop_at: str = "open",
    pepper: bytes = PEPPER,
    units: Sequence[Mapping[str, str]] = UNITS,
    cards: int = 10,
    reserve: int = 0,
    open_channel: bool = False,
    variants: Mapping[str, Sequence[str] | None] | None = None,
    variant: str = "all",
    small_group: bool = False,
    key_folder: Path | None = None,
    document: Mapping[str, Any] | None = None,
    notice: Mapping[str, Any] | None = None,
) -> Poll:
    """A campaign brought to the state ``stop_at``: draft, ready, open or closed.

    Its round rates those of ``units`` that the database knows. ``key_folder``: the data folder of a server that keeps
    the key; else the office does. ``document``: a whole questionnaire instead of ``units`` on four options.
    """
    with unit_of_work(engine) as session:
        doc = dict(document or unit_questionnaire(title=TITLE, units=units, blank_allowed=blank_allowed))
        doc["variants"] = variants or doc["variants"]
        questionnaires.store(session, campaign_id, version=1, doc=doc, at=AT)
        asked = {unit["code"] for unit in units}
        rated = [unit for unit in all_units(session) if unit.code in asked]
        rounds.create(session, campaign_id, title=TITLE["zh"], units=rated, at=AT)
        plan = CampaignPlan(
            id=campaign_id,
            round_id=campaign_id,
            title=TITLE["zh"],
            title_en=TITLE["en"],
            purpose=Purpose.REHEARSAL,
            questionnaire=(campaign_id, 1),
            strata=[StratumPlan(("411102", "源汇区"), ("urban", "城镇"), 1000, 5)],
            points=[("411102", "文化宫")],
            small_group=small_group,
            open_channel=open_channel,
            notice=notice,
        )
        campaigns.create(session, plan, by="test", at=AT)
        issued = tickets.issue(
            session, campaign_id, [CellOrder(1, 1, cards, reserve, variant)], pepper=pepper, by="test", at=AT
        )
        if key_folder is None:
            seal_in_office(session, campaign_id, at=AT)
        else:
            seal_on_server(session, campaign_id, key_folder, at=AT)
        for state in ("ready", "open", "closed")[: ("draft", "ready", "open", "closed").index(stop_at)]:
            act = {"ready": campaigns.prepare, "open": campaigns.open_campaign, "closed": campaigns.close}[state]
            act(session, campaign_id, by="test", at=AT)
    return Poll(campaign_id, [item.code for item in issued])


def ballots(engine: Engine, campaign_id: str) -> list[str]:
    """The answers of all stored sheets, opened with the office's key."""
    with reading(engine) as session:
        rows = session.scalars(select(IntakeSheet).where(IntakeSheet.campaign_id == campaign_id)).all()
    return [
        unpadded(
            open_sealed(
                PRIVATE,
                row.sealed,
                bound_to(campaign_id, row.id, row.batch_no, row.channel, row.questionnaire_version),
            )
        ).answers
        for row in rows
    ]


def stored_ids(engine: Engine, campaign_id: str) -> int:
    """How many different ballots are stored."""
    with reading(engine) as session:
        query = select(func.count(func.distinct(IntakeSheet.id))).where(IntakeSheet.campaign_id == campaign_id)
        return int(session.scalar(query) or 0)


def fresh_id() -> str:
    """A ballot id as a page makes it."""
    return str(uuid.uuid4())
