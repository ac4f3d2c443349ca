"""Instants on the wire: with an offset, kept in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def as_utc(instant: datetime) -> datetime:
    """The instant in UTC. ValueError at both ends of the calendar, where UTC has no such year."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError from None


Instant = Annotated[AwareDatetime, AfterValidator(as_utc)]
