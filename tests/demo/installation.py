"""A loaded demo for tests: made once for each engine, copied where a test changes something."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from api.db import make_engine
from api.demo.load import load_demo
from api.handover import DemoFolder, demo_folder
from api.settings import Settings


@dataclass(frozen=True)
class Demo:
    """Settings, open engine and folder of plain files."""

    settings: Settings
    engine: Engine
    folder: DemoFolder

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Plain SQL: what the tests count must not come from the code that they test."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def number(self, query: str, **values: Any) -> int:
        """The one number that a query gives."""
        return int(self.rows(query, **values)[0][0])


@contextmanager
def opened(settings: Settings) -> Iterator[Demo]:
    """The installation of ``settings``, loaded if it is not."""
    engine = make_engine(settings.database, allow_unsafe=True)
    try:
        load_demo(engine, settings)
        yield Demo(settings, engine, demo_folder(settings))
    finally:
        engine.dispose()


def copied(demo: Demo, folder: Path) -> Settings:
    """A copy of an SQLite installation, as a backup would make it."""
    shutil.copytree(demo.settings.data_dir / "demo", folder / "demo")
    shutil.copytree(demo.settings.data_dir / "keys", folder / "keys")
    settings = Settings(data_dir=folder, database_url="", demo=True)
    source, target = demo.settings.data_dir / "pingyi.sqlite3", folder / "pingyi.sqlite3"
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    return settings
