"""The short form of the model beside both databases, and that a wrong database is noticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.postgres import Server
from tests.proofs.house import Base, House
from tests.proofs.model import SHAPE, Seen, drive, machine_of


@pytest.mark.proof
def test_both_databases_do_what_the_model_says(
    sqlite_template: Path, postgres_server: Server, postgres_template: str, tmp_path: Path
) -> None:
    file = tmp_path / "base.sqlite3"
    shutil.copyfile(sqlite_template, file)
    name = f"model_{tmp_path.stat().st_ino}"
    postgres_server.create(name, template=postgres_template)
    try:
        seen = drive(file, postgres_server, name, tmp_path, examples=8, steps=20)
    finally:
        postgres_server.drop(name)
    assert seen.steps > 80
    assert seen.answers.keys() >= {"submit: stored", "retry: replay", "void: done", "close: done", "count: done"}


def test_a_database_that_says_something_else_is_noticed(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "base.sqlite3"
    shutil.copyfile(sqlite_template, file)
    base = Base.made(str(file), tmp_path, SHAPE, None)
    houses: list[House] = []

    def make() -> list[House]:
        houses.append(base.fresh(tmp_path))
        return houses

    machine = machine_of(make, Seen())()
    machine.all_say_the_same()
    with houses[0].engine.begin() as connection:
        connection.execute(text("UPDATE tickets SET state = 'spent' WHERE serial = 1"))
    with pytest.raises(AssertionError):
        machine.all_say_the_same()
    machine.teardown()
