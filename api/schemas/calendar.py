"""Wire forms of the working-day calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from survey_models.calendar.days import Kind
from survey_models.calendar.rules import LONGEST_SOURCE

Source = Annotated[str, Field(min_length=1, max_length=LONGEST_SOURCE)]


class DayView(BaseModel):
    """One day: worked or not, on whose word; ``provisional`` until the yearly notice is out."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    kind: Kind
    source: str
    provisional: bool


class YearView(BaseModel):
    """Every day of a year, none where the calendar lacks it; ``first`` and ``last``: the calendar's bounds."""

    first: date | None
    last: date | None
    days: list[DayView]


class DayChange(BaseModel):
    """What one day becomes."""

    kind: Kind
    source: Source


class YearChanges(BaseModel):
    """A year as its notice has it: the days that differ from Monday to Friday."""

    source: Source
    changes: Annotated[dict[date, Kind], Field(max_length=366)]
