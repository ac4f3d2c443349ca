"""The extra wall in the database: what is evidence cannot be changed past the program; starts raise it again."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.app import create_app, running
from survey_models.core.walls import WALLS, raise_walls, take_down
from tests.poll import Poll, Shape, open_poll

PAST_THE_PROGRAM = [
    "UPDATE ledger_entries SET body = body || body",
    "DELETE FROM ledger_entries",
    "UPDATE intake_sheets SET sealed = sealed || sealed",
    "DELETE FROM intake_sheets",
    "UPDATE tickets SET state = 'live' WHERE state = 'spent'",
    "DELETE FROM tickets",
]


async def _one_sheet(poll: Poll) -> None:
    answer = await poll.cast(poll.live[0], "1" * poll.shape.n_units)
    assert answer.status_code == 201


async def test_evidence_cannot_be_changed_past_the_program(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape()) as poll:
        await _one_sheet(poll)
        for statement in PAST_THE_PROGRAM:
            with pytest.raises(DBAPIError, match="evidence is written once"), poll.engine.begin() as connection:
                connection.execute(text(statement))
        assert (poll.spent(), poll.stored()) == (1, 1)


async def test_a_start_raises_what_was_taken_down(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape()) as poll:
        with poll.engine.begin() as connection:
            assert take_down(connection) == len(WALLS)
            assert raise_walls(connection) == len(WALLS)
            assert raise_walls(connection) == 0
            take_down(connection)
        settings = poll.settings
    with running(create_app(settings)) as again, again.state.engine.begin() as connection:
        assert raise_walls(connection) == 0


async def test_a_wall_that_was_another_is_made_anew(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape()) as poll, poll.engine.begin() as connection:
        wall = WALLS[2]
        of = f" ON {wall.table}" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER {wall.name}{of}"))
        assert raise_walls(connection) == 1
