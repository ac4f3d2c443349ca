"""What the ``holidays`` package knows of China's holidays: the yearly notices it has, and the law alone beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import holidays
from holidays.countries.china import ChinaStaticHolidays

from survey_models.calendar.days import Kind, PlannedDay
from survey_models.calendar.rules import year_days

FIRST_YEAR = 2013
YEARS_AHEAD = 1
"""Years after the last notice that rest on the law alone, marked provisional."""


def last_noticed_year() -> int:
    """The last year whose notice (国办关于部分节假日安排的通知) the package holds; it lists moved days by year."""
    return max(ChinaStaticHolidays.special_public_holidays)


def days_of(year: int) -> Sequence[PlannedDay]:
    """Every day of a year; provisional beyond the last notice."""
    known = holidays.country_holidays("CN", years=year, language="en_US")
    changes = {day: Kind.OFF for day in known if day.year == year}
    changes |= {day: Kind.WORK for day in known.weekend_workdays if day.year == year}
    provisional = year > last_noticed_year()
    basis = "法定节假日，通知未发布" if provisional else "国务院办公厅节假日安排通知"
    source = f"{basis}（holidays {version('holidays')}）"
    return list(year_days(year, changes, source=source, provisional=provisional))


def years() -> range:
    """The years that a new calendar begins with."""
    return range(FIRST_YEAR, last_noticed_year() + YEARS_AHEAD + 1)
