"""The command line on a fresh database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import service
from survey_models.core import clock
from tests.cli.shell import PASSWORD, Shell


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, or both where a test says ``on_both``: what the commands call is asked over HTTP on both."""
    asked = getattr(request, "param", "sqlite")
    url: str = request.getfixturevalue("sqlite_url" if asked == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A command line before anybody has an account."""
    monkeypatch.setenv("PINGYI_DATABASE_URL", database_url)
    monkeypatch.setenv("PINGYI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    engine = make_engine(database_url, allow_unsafe=True)
    yield Shell(engine, tmp_path / "data")
    engine.dispose()


@pytest.fixture
def staffed(shell: Shell) -> Shell:
    """A command line of an office with one setup and one release account, both a month old and signed in."""
    with unit_of_work(shell.engine) as db:
        for name in ("setup", "release"):
            password_hash = passwords.new_hash(PASSWORD, name=name)
            at = clock.now() - timedelta(days=30)
            service.create(db, name, password_hash=password_hash, roles=[name], at=at)
    for name in ("release", "setup"):
        shell.ok(f"accounts login {name} --password-stdin", typed=f"{PASSWORD}\n")
    return shell
