"""Wire forms of months of window ratings. Shares are percent with two decimals, half up; stars 1.00 to 5.00."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from survey_models.ratings.months import Month, PersonMonth, WindowMonth
from survey_models.ratings.rates import SMALLEST_OF_PERSON, Counting, Rates, percent, shown
from survey_models.ratings.rules import SMALLEST


class RatesView(BaseModel):
    """好评率 and 差评率 in percent, mean stars, of ``n`` ratings."""

    n: int
    good: str
    bad: str
    stars: str

    @classmethod
    def of(cls, found: Rates | None) -> RatesView | None:
        """The rates, None where there are none."""
        if found is None:
            return None
        return cls(n=found.n, good=percent(found.good), bad=percent(found.bad), stars=shown(found.stars))


class WindowMonthView(BaseModel):
    """A window in a month: the number only under ten ratings. ``without``: without what two people set aside."""

    window_id: str
    name: str
    number: str
    hall: str
    n: int
    counts: dict[str, int] | None
    rates: RatesView | None
    without: RatesView | None
    cases: int
    own: str | None
    not_counted: dict[str, int]

    @classmethod
    def of(cls, row: WindowMonth) -> WindowMonthView:
        """The row."""
        return cls(
            window_id=row.window.id,
            name=row.window.name,
            number=row.window.number,
            hall=row.window.hall,
            n=row.n,
            counts=row.counts,
            rates=RatesView.of(row.rates),
            without=RatesView.of(row.without),
            cases=row.cases,
            own=None if row.own is None else percent(row.own),
            not_counted=row.not_counted,
        )


class PersonMonthView(BaseModel):
    """A person in a month. ``why``: ``too_few`` under thirty ratings, ``beside_few`` where it would show others."""

    staff: str
    name: str
    n: int
    rates: RatesView | None
    why: str | None

    @classmethod
    def of(cls, row: PersonMonth) -> PersonMonthView:
        """The row."""
        return cls(
            staff=row.staff.number,
            name=row.staff.name,
            n=row.n,
            rates=RatesView.of(row.rates),
            why=row.why,
        )


class CountingView(BaseModel):
    """The rules that are in force, for the page that defines the rates."""

    gap_seconds: int
    month_days: int
    basic_is_good: bool
    smallest: int = SMALLEST
    smallest_of_person: int = SMALLEST_OF_PERSON

    @classmethod
    def of(cls, counting: Counting) -> CountingView:
        """The rules."""
        return cls(
            gap_seconds=counting.gap_seconds, month_days=counting.month_days, basic_is_good=counting.basic_is_good
        )


class MonthList(BaseModel):
    """Months that are counted, the newest first, as ``2026-10``; and the rules."""

    months: list[str]
    rules: CountingView


class MonthView(BaseModel):
    """A counted month."""

    month: str
    counted_from: date
    windows: list[WindowMonthView]
    people: list[PersonMonthView]

    @classmethod
    def of(cls, found: Month) -> MonthView:
        """The month."""
        return cls(
            month=f"{found.month:%Y-%m}",
            counted_from=found.counted_from,
            windows=[WindowMonthView.of(row) for row in found.windows],
            people=[PersonMonthView.of(row) for row in found.people],
        )
