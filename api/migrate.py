"""Migrations from code: no ini file, the scripts ship inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

import migrations
from api.db import PAGE_BYTES


def alembic_config(url: str) -> Config:
    """The configuration of alembic for the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes.update(url=url, page_bytes=PAGE_BYTES)
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to ``revision``."""
    command.upgrade(alembic_config(url), revision)


def check(url: str) -> None:
    """Raise if the tables of the code and those of the database differ."""
    command.check(alembic_config(url))


def head() -> str:
    """The newest revision."""
    found = ScriptDirectory.from_config(alembic_config("")).get_current_head()
    if found is None:
        msg = "there is no revision"
        raise LookupError(msg)
    return found


def current(engine: Engine) -> str | None:
    """The revision the database is at; None if it was never migrated."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
