"""Which statements of the intake belong to the database at hand."""

from __future__ import annotations

from sqlalchemy import Connection

from survey_models.ballots.on_postgres import POSTGRES
from survey_models.ballots.on_sqlite import SQLITE
from survey_models.ballots.statements import Statements


def statements_for(connection: Connection) -> Statements:
    """Those of the database at hand."""
    return POSTGRES if connection.dialect.name == "postgresql" else SQLITE
