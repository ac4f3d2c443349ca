"""What a failed batch means: try it again, tell everybody to come back, or look for the one item that spoils it.

SQLSTATE classes are those of PostgreSQL's documentation, appendix A; SQLite's codes those of its C interface.
"""

from __future__ import annotations

from enum import Enum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from survey_models.ballots.open_intake import ClaimedMeanwhile
from survey_models.ballots.postgres_wire import UNPREPARED

# serialization_failure, deadlock_detected, lock_not_available
_CONFLICTS = frozenset({"40001", "40P01", "55P03"}) | UNPREPARED
_DISK_FULL = "53100"
# Connection exceptions, insufficient resources (too many connections), operator intervention, system errors; and
# read_only_sql_transaction: a server that has become the standby of another.
_AWAY = ("08", "53", "57", "58", "25006")


class Failure(Enum):
    """Kinds of failure."""

    CONFLICT = "conflict"
    """Somebody else was in the way; the same again is likely to succeed."""
    AWAY = "away"
    """The database cannot be reached or cannot write; no item is to blame."""
    FULL = "full"
    """There is no room left on its disk; nothing was stored."""
    POISON = "poison"
    """Anything else: one item spoils the batch."""


_SQLITE = {
    "SQLITE_BUSY": Failure.CONFLICT,
    "SQLITE_LOCKED": Failure.CONFLICT,
    "SQLITE_FULL": Failure.FULL,
    **dict.fromkeys(("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM", "SQLITE_READONLY"), Failure.AWAY),
}


def kind_of(error: BaseException) -> Failure:
    """What to do about ``error``."""
    if isinstance(error, NoConnection):
        # All of the pool are lent out.
        return Failure.AWAY
    if not isinstance(error, DBAPIError):
        return Failure.CONFLICT if isinstance(error, ClaimedMeanwhile) else Failure.POISON
    if error.connection_invalidated:
        return Failure.AWAY
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return _by_sqlstate(state)
    # SQLite says "SQLITE_IOERR_WRITE" and the like.
    name = "_".join(str(getattr(error.orig, "sqlite_errorname", "")).split("_")[:2])
    if not name:
        # Without a code: psycopg could not connect, or the connection broke under it.
        return Failure.AWAY if isinstance(error, OperationalError | InterfaceError) else Failure.POISON
    return _SQLITE.get(name, Failure.POISON)


def _by_sqlstate(state: str) -> Failure:
    if state in _CONFLICTS:
        return Failure.CONFLICT
    if state == _DISK_FULL:
        return Failure.FULL
    return Failure.AWAY if state.startswith(_AWAY) else Failure.POISON
