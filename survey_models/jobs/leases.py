"""Leases (租约): one of several processes does a task, by a row; never by a lock of the database engine's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, or_, update
from sqlalchemy.orm import Session

from survey_models.core.upsert import insert_new
from survey_models.jobs.tables import Lease

LENGTH = timedelta(seconds=10)
_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def hold(session: Session, name: str, *, holder: str, at: datetime) -> bool:
    """Take or renew the lease; False while it is another's.

    The row stays locked until the caller's transaction ends: what is done in it, no second holder does beside it,
    whatever the clocks say. A lease that ends later than any could was left by a clock that ran ahead, and is free.
    """
    connection = session.connection()
    insert_new(connection, Lease, [{"name": name, "holder": holder, "until": _NEVER}], key="name")
    free = or_(Lease.holder == holder, Lease.until <= at, Lease.until > at + 6 * LENGTH)
    taken = connection.execute(update(Lease).where(Lease.name == name, free).values(holder=holder, until=at + LENGTH))
    assert isinstance(taken, CursorResult)  # noqa: S101 - for the type checker
    return taken.rowcount == 1


def interrupt(session: Session, name: str, *, at: datetime) -> None:
    """Keep every holder out until the caller's transaction ends; whoever is at work is waited for."""
    insert_new(session.connection(), Lease, [{"name": name, "holder": "", "until": _NEVER}], key="name")
    session.execute(update(Lease).where(Lease.name == name).values(holder="", until=at))
