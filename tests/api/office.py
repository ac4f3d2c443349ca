"""An office to test in: accounts, a running app and browsers that keep cookies."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.app import create_app, running
from api.auth import passwords
from api.db import reading, unit_of_work
from api.settings import Settings
from survey_models.accounts import service
from survey_models.accounts.tables import Account
from survey_models.ledger.tables import LedgerEntry

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSWORD = "a long walk in autumn"


@dataclass
class Browser:
    """A browser of one person: cookies, and the CSRF token that its page holds."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
        answer = await self.http.post("/api/session", json={"name": name, "password": password}, headers=headers)
        if answer.status_code == 200:
            self.headers = {"X-CSRF-Token": answer.json()["csrf"]}
        return answer

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.post(path, headers=self.headers, **more)


@dataclass
class Office:
    """Database, settings and app of one test."""

    engine: Engine
    settings: Settings
    app: FastAPI

    def add(self, name: str, *roles: str, at: datetime = START - timedelta(days=30), demo: bool = False) -> None:
        with unit_of_work(self.engine) as db:
            password_hash = passwords.new_hash(PASSWORD, name=name)
            service.create(db, name, password_hash=password_hash, roles=roles, at=at, by="test", demo=demo)

    def account(self, name: str) -> Account:
        with reading(self.engine) as db:
            return db.scalars(select(Account).where(Account.name == name)).one()

    def ledger(self, log: str) -> list[tuple[str, str]]:
        """Event and body of every entry of a log, in the order of their times."""
        with reading(self.engine) as db:
            rows = db.scalars(select(LedgerEntry).where(LedgerEntry.log == log).order_by(LedgerEntry.at)).all()
        return [(row.event, row.body.decode()) for row in rows]

    @contextmanager
    def work(self) -> Iterator[Session]:
        with unit_of_work(self.engine) as db:
            yield db

    @asynccontextmanager
    async def browser(self, base_url: str = "http://127.0.0.1:8000") -> AsyncIterator[Browser]:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as http:
            yield Browser(http)


@contextmanager
def open_office(settings: Settings) -> Iterator[Office]:
    """The whole application on the database of ``settings``."""
    with running(create_app(settings)) as app:
        yield Office(app.state.engine, settings, app)
