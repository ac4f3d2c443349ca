"""A small poll to test in: units, one campaign with strata and points, codes, a running application."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api.app import create_app, running
from api.auth import passwords
from api.db import reading, unit_of_work
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.ballots.tables import Ballot, IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.core import clock
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.questionnaires.service import store
from survey_models.rounds import service as rounds
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder, IssuedCode
from survey_models.tickets.tables import Ticket
from survey_models.units import service as units
from survey_models.units.tables import Window
from tests.sealed import seal_in_office, seal_on_server

PASSWORD = "a long walk in autumn"
CATEGORIES = ("政府部门及其它机构", "公共服务行业")
AREAS = (("411102", "源汇区"), ("411103", "郾城区"))
KINDS = (("town", "城镇"), ("rural", "农村"))


@dataclass(frozen=True)
class Shape:
    """What a test may vary. Populations are per area, halved between the kinds."""

    id: str = "poll"
    n_units: int = 4
    per_cell: int = 5
    reserve: int = 1
    populations: tuple[int, int] = (6000, 4000)
    blank_allowed: bool = True
    points: bool = True
    min_cell: int = 10
    purpose: Purpose = Purpose.DEMO
    variants: dict[str, list[str] | None] = field(default_factory=lambda: {"all": None})
    expires_at: datetime | None = None
    cell_tickets: int = 10
    key_on_server: bool = True
    open_channel: bool = False
    doc: dict[str, Any] | None = None


@dataclass
class Poll:
    """A campaign that is open, and everything a test needs to speak to it."""

    app: FastAPI
    settings: Settings
    shape: Shape
    codes: list[IssuedCode]

    @property
    def engine(self) -> Engine:
        engine: Engine = self.app.state.engine
        return engine

    @contextmanager
    def work(self) -> Iterator[Session]:
        with unit_of_work(self.engine) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Session]:
        with reading(self.engine) as session:
            yield session

    @property
    def live(self) -> list[IssuedCode]:
        return [code for code in self.codes if not code.reserve]

    def answers(self, units: str) -> str:
        """Answers of the units, with blank background items behind them."""
        return units.ljust(self.shape.n_units, "-") + "--"

    def body(self, code: IssuedCode | str, units: str, **more: Any) -> dict[str, Any]:
        text = code if isinstance(code, str) else code.code
        return {"id": str(uuid.uuid4()), "code": text, "answers": self.answers(units), **more}

    def spent(self) -> int:
        query = select(func.count()).where(Ticket.campaign_id == self.shape.id, Ticket.state == "spent")
        with self.look() as session:
            return session.scalar(query) or 0

    def stored(self) -> int:
        """Sealed sheets; they stay after counting."""
        with self.look() as session:
            return session.scalar(select(func.count()).where(IntakeSheet.campaign_id == self.shape.id)) or 0

    def box(self) -> list[Ballot]:
        """The ballots of the box, uploaded lines apart."""
        query = select(Ballot).where(Ballot.campaign_id == self.shape.id, Ballot.upload_id.is_(None))
        with self.look() as session:
            found = list(session.scalars(query.order_by(Ballot.id)))
            session.expunge_all()
        return found

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client

    @asynccontextmanager
    async def signed_in(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        async with self.client() as client:
            answer = await client.post("/api/session", json={"name": name, "password": PASSWORD})
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client

    async def cast(self, code: IssuedCode | str, answers: str, **more: Any) -> httpx.Response:
        async with self.client() as client:
            return await client.post(f"/api/campaigns/{self.shape.id}/ballots", json=self.body(code, answers, **more))


def settings_for(database_url: str, folder: Path, **more: Any) -> Settings:
    # Taps of a test come all at once; the rule about two in a row has tests of its own.
    more = {"rating_gap_seconds": 0, **more}
    return Settings(database_url=database_url, data_dir=folder, allow_unsafe_database=True, demo=True, **more)


@contextmanager
def open_poll(database_url: str, folder: Path, shape: Shape | None = None, **settings: Any) -> Iterator[Poll]:
    """A poll whose campaign is open."""
    shape = shape or Shape()
    app = create_app(settings_for(database_url, folder, inline_worker=False, **settings))
    with running(app):
        with unit_of_work(app.state.engine) as session:
            codes = _make(session, shape, app.state.pepper, folder)
        yield Poll(app, app.state.settings, shape, codes)


def _make(session: Session, shape: Shape, pepper: bytes, folder: Path) -> list[IssuedCode]:
    at = clock.now()
    for name in ("setup", "release", "auditor", "contractor", "desk"):
        password_hash = passwords.new_hash(PASSWORD, name=name)
        accounts.create(session, name, password_hash=password_hash, roles=[name], at=at, by="test", demo=True)
    rows = [
        {
            "code": f"U-{no:03}",
            "name": f"单位{no}",
            "category": CATEGORIES[no % 2],
            "order": str(no),
            "superior_led": "0",
            "flags_source": "made up",
        }
        for no in range(1, shape.n_units + 1)
    ]
    listed = units.import_units(session, rows, stated=shape.n_units, by="test", at=at)
    rounds.create(session, "round", title="测试", units=listed, at=at)
    title = {"zh": "测试", "en": "Test"}
    doc = shape.doc or unit_questionnaire(title=title, units=rows, blank_allowed=shape.blank_allowed)
    store(session, "form", version=1, doc={**doc, "variants": shape.variants}, at=at)
    window = Window(
        id="w1", unit_code=None, number="1", name="综合窗口", hall="政务大厅", business="综合", made_up=True
    )
    units.add_window(session, window, by="test", at=at)
    return add_campaign(session, shape, pepper, folder)


def add_campaign(session: Session, shape: Shape, pepper: bytes, folder: Path) -> list[IssuedCode]:
    """A campaign of the stored questionnaire, opened, with its codes."""
    at = clock.now()
    strata = [
        StratumPlan(area, kind, population // 2, shape.per_cell * (2 if shape.points else 1), made_up=True)
        for area, population in zip(AREAS, shape.populations, strict=True)
        for kind in KINDS
    ]
    points = [(area[0], f"{area[1]}测评点{no}") for area in AREAS for no in (1, 2)] if shape.points else []
    plan = CampaignPlan(
        id=shape.id,
        round_id="round",
        title="测试评议",
        title_en="Test poll",
        purpose=shape.purpose,
        questionnaire=("form", 1),
        strata=strata,
        points=points,
        points_as_psu=shape.points,
        min_cell=shape.min_cell,
        open_channel=shape.open_channel,
        cell_tickets=shape.cell_tickets,
    )
    campaigns.create(session, plan, by="test", at=at)
    cells = (
        [(no, 2 * ((no - 1) // 2) + point) for no in range(1, 5) for point in (1, 2)]
        if shape.points
        else [(no, 0) for no in range(1, 5)]
    )
    variant = next(iter(shape.variants))
    orders = [CellOrder(stratum, point, shape.per_cell, shape.reserve, variant) for stratum, point in cells]
    campaigns.set_targets(session, shape.id, dict.fromkeys(cells, shape.per_cell))
    codes = tickets.issue(session, shape.id, orders, pepper=pepper, by="test", at=at, expires_at=shape.expires_at)
    if shape.key_on_server:
        seal_on_server(session, shape.id, folder, at=at)
    else:
        seal_in_office(session, shape.id, at=at)
    campaigns.prepare(session, shape.id, by="test", at=at)
    campaigns.open_campaign(session, shape.id, by="test", at=at)
    return codes
