"""Periods of a round and the days on which something is due, as the five documents use them."""

from datetime import date

import pytest

from survey_models.schemes.days import Span, due_on, is_due_text, spans

HALF = (date(2015, 1, 1), date(2015, 6, 30))
TWO_YEARS = (date(2014, 6, 1), date(2015, 11, 30))


def test_a_half_year_has_two_quarters_and_six_months() -> None:
    assert [(span.label, span.first, span.last) for span in spans("quarter", *HALF)] == [
        ("2015Q1", date(2015, 1, 1), date(2015, 3, 31)),
        ("2015Q2", date(2015, 4, 1), date(2015, 6, 30)),
    ]
    assert [span.label for span in spans("month", *HALF)] == [f"2015-0{month}" for month in range(1, 7)]
    assert [span.label for span in spans("half_year", *HALF)] == ["2015H1"]
    assert spans("year", *HALF) == ()
    assert spans("round", *HALF) == (Span("", *HALF),)


def test_a_part_of_a_period_is_none() -> None:
    assert [span.label for span in spans("quarter", date(2015, 2, 1), date(2015, 12, 30))] == ["2015Q2", "2015Q3"]
    assert [span.label for span in spans("half_year", date(2015, 7, 1), date(2016, 6, 30))] == ["2015H2", "2016H1"]


@pytest.mark.parametrize(
    ("text", "span", "day"),
    [
        # 宛办〔2014〕27号: by the 10th of the first month of the next quarter.
        ("day 10", Span("2015Q1", date(2015, 1, 1), date(2015, 3, 31)), date(2015, 4, 10)),
        ("day 10", Span("2015Q4", date(2015, 10, 1), date(2015, 12, 31)), date(2016, 1, 10)),
        # 民主评议政风行风: plans in the first year, materials in the second.
        ("07-30", Span("", *TWO_YEARS), date(2014, 7, 30)),
        ("+1 10-20", Span("", *TWO_YEARS), date(2015, 10, 20)),
        # 宣直〔2019〕48号: at the end of the quarter.
        ("end", Span("2019Q2", date(2019, 4, 1), date(2019, 6, 30)), date(2019, 6, 30)),
        ("day 31", Span("2015-03", date(2015, 3, 1), date(2015, 3, 31)), date(2015, 4, 30)),
        ("02-29", Span("2015", date(2015, 1, 1), date(2015, 12, 31)), date(2015, 2, 28)),
    ],
)
def test_the_due_day(text: str, span: Span, day: date) -> None:
    assert due_on(text, span) == day


def test_a_day_off_moves_only_where_asked() -> None:
    span = Span("2019Q3", date(2019, 7, 1), date(2019, 9, 30))
    off = {date(2019, 10, day) for day in range(1, 8)}
    assert due_on("day 5", span) == date(2019, 10, 5)
    assert due_on("day 5", span, is_working=lambda day: day not in off) == date(2019, 10, 8)


@pytest.mark.parametrize("text", ["", "13-01", "02-30", "04-31", "day 0", "day 32", "+2 01-01", "7-30", "end of June"])
def test_any_other_text_is_refused(text: str) -> None:
    assert not is_due_text(text)
    with pytest.raises(ValueError, match="is none of"):
        due_on(text, Span("", *HALF))
