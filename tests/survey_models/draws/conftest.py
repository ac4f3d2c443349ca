"""Databases for draws: a session on each engine, and one to roll back for every made-up case."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine

Scratch = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a fresh database of either kind."""
    engine = make_engine(database_url, allow_unsafe=True)
    with Session(engine) as made:
        yield made
    engine.dispose()


@pytest.fixture(scope="module")
def scratch(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    """Sessions whose work is thrown away: one for each made-up case of a property."""
    path = tmp_path_factory.mktemp("draws") / "scratch.sqlite3"
    shutil.copyfile(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")

    @contextmanager
    def opened() -> Iterator[Session]:
        with Session(engine) as made:
            yield made
            made.rollback()

    yield opened
    engine.dispose()
