"""How long evidence is kept (保存期限): two years, as 宣直〔2019〕48号 article 6 asks; a city may keep it longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from survey_models.core.clock import day_ends, local_day

YEARS = 2


def kept_until(counted_at: datetime, *, years: int, zone: str) -> datetime:
    """The end of the day on which ``years`` years (at least two) since the counting are over, in the city's time."""
    day = local_day(counted_at, zone)
    year = day.year + max(years, YEARS)
    try:
        last = day.replace(year=year)
    except ValueError:
        # Counted on a 29th of February: the day after the 28th.
        last = day.replace(year=year, day=28) + timedelta(days=1)
    return day_ends(last, zone)
