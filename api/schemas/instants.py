"""Instants on the wire: with an offset, kept in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

# A terminal whose clock stopped says 1970; far beyond, sums with a few days leave the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def as_utc(instant: datetime) -> datetime:
    """The instant in UTC. ValueError for a year that no clock shows."""
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(as_utc)]
