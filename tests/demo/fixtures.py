"""Fixtures of the demo, for every folder of tests that asks for them in its ``conftest.py``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from tests.demo.installation import Demo, copied, opened
from tests.postgres import Server


@pytest.fixture(scope="session")
def sqlite_demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo on SQLite; nobody changes it."""
    folder = tmp_path_factory.mktemp("demo-sqlite")
    shutil.copyfile(sqlite_template, folder / "pingyi.sqlite3")
    with opened(Settings(data_dir=folder, database_url="", allow_unsafe_database=True)) as demo:
        yield demo


@pytest.fixture(scope="session")
def postgres_demo(
    postgres_server: Server, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """The demo on PostgreSQL; nobody changes it."""
    folder = tmp_path_factory.mktemp("demo-postgresql")
    with (
        postgres_server.database(template=postgres_template) as url,
        opened(Settings(data_dir=folder, database_url=url, allow_unsafe_database=True)) as demo,
    ):
        yield demo


@pytest.fixture(params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest) -> Demo:
    """The demo, once on each engine."""
    found: Demo = request.getfixturevalue("sqlite_demo" if request.param == "sqlite" else "postgres_demo")
    return found


@pytest.fixture
def own_demo(sqlite_demo: Demo, tmp_path: Path) -> Iterator[Demo]:
    """A copy of the SQLite demo that a test may change."""
    with opened(copied(sqlite_demo, tmp_path)) as demo:
        yield demo
