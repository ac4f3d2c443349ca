"""Fixtures that every test may ask for: databases that were made by the migrations, one fresh copy per test."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import Server, running_server

pytest_plugins = ["tests.budget"]

# The product refuses a PostgreSQL that may forget what it acknowledged. The test server is such a one, on purpose.
os.environ["PINGYI_ALLOW_UNSAFE_DATABASE"] = "1"
# The ledger's trees grow when a test says so, and not beside it.
os.environ["PINGYI_INLINE_SEQUENCER"] = "0"
# Before numpy is loaded: runs that share two processors would only wait for each other's threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# What is imported stays: looking through all of it for garbage as often as Python does took a seventh of the time.
gc.set_threshold(20_000, 50, 50)

# No example is too slow: what must be quick is measured by the make targets, on a machine that has nothing else to do.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

TEMPLATE = "pingyi_template"


def pytest_collection_finish() -> None:
    """What the collected tests are made of is not looked at for garbage, either."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2id at its least cost: every poll makes five accounts, at 25 ms each as the product does it."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - as below

    from api.auth import passwords  # noqa: PLC0415 - as below

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The PostgreSQL server of this run, with no database of ours on it."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> Iterator[str]:
    """The name of a database at the newest revision, to copy from."""
    from api.migrate import upgrade  # noqa: PLC0415 - Alembic is slow to import and most single runs do not need it

    name = f"{TEMPLATE}_{os.getpid()}"
    upgrade(postgres_server.create(name))
    yield name
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest revision, to copy from."""
    from api.migrate import upgrade  # noqa: PLC0415 - as above

    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    upgrade(f"sqlite:///{path}")
    leftovers = [name for name in (f"{path}-wal", f"{path}-journal") if Path(name).exists()]
    assert not leftovers, f"the migration left the template open: {leftovers}"
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh migrated SQLite database, for tests in which the database does not matter."""
    path = tmp_path / "pingyi.sqlite3"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: Server, postgres_template: str) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database."""
    with postgres_server.database(template=postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database; the test runs once on each engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table; the test runs once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url
