"""Results as an office prints them (测评结果表): one sheet, A4 landscape, category by category, in order of rank."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from survey_models.results.open_column import OpenUnit
from survey_models.spreadsheets.write import workbook

A4 = 9
SEAL = "盖章处:"
DATE = "日期:     年   月   日"
TWO_PLACES = Decimal("0.01")
COLUMNS = (
    ("名次（可能范围）", 14),
    ("单位代码", 11),
    ("单位名称", 30),
    ("得分", 9),
    ("标准误", 9),
    ("{level}%区间", 17),
    ("样本数", 9),
    ("有效样本", 10),
    ("满意率%", 10),
    ("不了解率%", 11),
    ("未加权得分", 11),
)
# Only where enough people answered by the open QR; the last where the campaign's margins calibrated them.
OPEN_COLUMNS = (("参考（网络扫码）", 11), ("扫码份数", 9), ("与得分之差", 14), ("校准后参考", 11))
DIFFERS = "差别显著"
_NUMBERS = {"score": "0.00", "se": "0.00", "n": "0", "n_eff": "0", "rate": "0.00"}


@dataclass(frozen=True)
class ResultLine:
    """One unit. Figures are decimal text as stored, rates per cent; ``printed`` is the score as it is published.

    None: withheld or not there.
    """

    unit: str
    name: str
    category: str
    score: str | None
    printed: str | None
    se: str | None
    ci_low: str | None
    ci_high: str | None
    n: int
    n_eff: str | None
    satisfied_rate: str | None
    dont_know_rate: str | None
    unweighted: str | None
    rank: int | None
    ranked_of: int
    rank_low: int | None = None
    rank_high: int | None = None
    open: OpenUnit | None = None


@dataclass(frozen=True)
class ResultView:
    """A result as it is printed.

    ``made_at``: local time as text; ``digest``: SHA-256 of the stored result; ``level``: confidence in per cent.
    """

    title: str
    ballots: int
    made_at: str
    method: Sequence[str]
    digest: str
    rows: Sequence[ResultLine]
    level: str = "95"

    @property
    def columns(self) -> Sequence[tuple[str, int]]:
        """Heads and widths: those of the open QR only where there is something to show."""
        beside = [row.open for row in self.rows if row.open is not None]
        shown = len(OPEN_COLUMNS) - (not any(one.reference for one in beside)) if beside else 0
        return (*COLUMNS, *OPEN_COLUMNS[:shown])


def render(view: ResultView) -> bytes:
    """The workbook as bytes; the same result gives the same bytes."""
    out = io.BytesIO()
    with workbook(out) as book:
        sheet = book.add_worksheet("测评结果")
        styles = _Styles(book)
        _set_page(sheet, view)
        table_row = _write_head(sheet, view, styles)
        sheet.repeat_rows(table_row)
        _write_table(sheet, view, styles, table_row)
    return out.getvalue()


class _Styles:
    """The formats of the sheet."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        framed = {**base, "border": 1}
        self.title = book.add_format({**base, "font_size": 18, "bold": True, "align": "center"})
        self.note = book.add_format({**base, "text_wrap": True})
        self.heading = book.add_format(
            {**framed, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#D9D9D9"}
        )
        self.group = book.add_format({**framed, "bold": True, "bg_color": "#F2F2F2"})
        self.text = book.add_format({**framed, "text_wrap": True})
        self.middle = book.add_format({**framed, "align": "center"})
        self.number = {
            name: book.add_format({**framed, "num_format": shape, "align": "right"}) for name, shape in _NUMBERS.items()
        }
        self.seal = book.add_format({**base, "font_size": 12})


def _set_page(sheet: Worksheet, view: ResultView) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    # An ampersand begins a control code in headers and footers.
    sheet.set_footer(f"&L&8校验码 SHA-256 {view.digest}&R&9第 &P 页 共 &N 页")
    for column, (_, width) in enumerate(view.columns):
        sheet.set_column(column, column, width)


def _write_head(sheet: Worksheet, view: ResultView, styles: _Styles) -> int:
    """Title and method; gives the row of the table's heading."""
    last = len(view.columns) - 1
    sheet.merge_range(0, 0, 0, last, "", styles.title)
    sheet.write_string(0, 0, view.title, styles.title)
    sheet.set_row(0, 32)
    lines = [f"计票份数:{view.ballots} 份    计算时间:{view.made_at}", *view.method]
    for row, line in enumerate(lines, start=1):
        sheet.merge_range(row, 0, row, last, "", styles.note)
        sheet.write_string(row, 0, line, styles.note)
        # A line of the sheet's width holds about 70 Chinese characters; merged cells do not grow by themselves.
        sheet.set_row(row, 15 * (1 + len(line) // 70))
    return len(lines) + 1


def _write_table(sheet: Worksheet, view: ResultView, styles: _Styles, row: int) -> None:
    columns = view.columns
    last = len(columns) - 1
    for column, (name, _) in enumerate(columns):
        sheet.write_string(row, column, name.format(level=view.level), styles.heading)
    row += 1
    for category, lines in by_category(view.rows):
        sheet.merge_range(row, 0, row, last, "", styles.group)
        sheet.write_string(row, 0, f"{category}({len(lines)} 个单位)", styles.group)
        for line in lines:
            row += 1
            _write_line(sheet, row, line, styles)
            _write_open(sheet, row, line.open, styles, shown=len(columns) - len(COLUMNS))
        row += 1
    sheet.write_string(row + 1, 0, SEAL, styles.seal)
    sheet.write_string(row + 1, len(COLUMNS) - 4, DATE, styles.seal)
    sheet.set_row(row + 1, 60)
    sheet.print_area(0, 0, row + 1, last)


def by_category(rows: Sequence[ResultLine]) -> Iterator[tuple[str, list[ResultLine]]]:
    """Categories in the order of the units, each with its units by rank; units without a rank come last."""
    for category in dict.fromkeys(row.category for row in rows):
        members = [row for row in rows if row.category == category]
        yield category, sorted(members, key=lambda row: (row.rank is None, row.rank or 0, row.unit))


def _write_line(sheet: Worksheet, row: int, line: ResultLine, styles: _Styles) -> None:
    rank = "—" if line.rank is None else f"{line.rank}/{line.ranked_of}"
    if line.rank_low is not None:
        # A place never stands alone: beside it what the data allow.
        rank += f"（{line.rank_low}–{line.rank_high}）"
    sheet.write_string(row, 0, rank, styles.middle)
    sheet.write_string(row, 1, line.unit, styles.text)
    sheet.write_string(row, 2, line.name, styles.text)
    _write_decimal(sheet, (row, 3), line.printed, styles, shape="score")
    _write_decimal(sheet, (row, 4), two_places(line.se), styles, shape="se")
    low, high = two_places(line.ci_low), two_places(line.ci_high)
    sheet.write_string(row, 5, "—" if low is None or high is None else f"{low} – {high}", styles.middle)
    sheet.write_number(row, 6, line.n, styles.number["n"])
    _write_decimal(sheet, (row, 7), line.n_eff, styles, shape="n_eff")
    _write_decimal(sheet, (row, 8), two_places(line.satisfied_rate), styles, shape="rate")
    _write_decimal(sheet, (row, 9), two_places(line.dont_know_rate), styles, shape="rate")
    _write_decimal(sheet, (row, 10), two_places(line.unweighted), styles, shape="score")


def _write_open(sheet: Worksheet, row: int, one: OpenUnit | None, styles: _Styles, *, shown: int) -> None:
    """The columns of the open QR: no rank, no error; a difference that chance does not explain is named."""
    if not shown:
        return
    start = len(COLUMNS)
    _write_decimal(sheet, (row, start), two_places(one.score if one else None), styles, shape="score")
    sheet.write_number(row, start + 1, one.n_judging if one else 0, styles.number["n"])
    sheet.write_string(row, start + 2, difference_text(one, mark=DIFFERS), styles.middle)
    if shown == len(OPEN_COLUMNS):
        _write_decimal(sheet, (row, start + 3), two_places(one.reference if one else None), styles, shape="score")


def difference_text(one: OpenUnit | None, *, mark: str) -> str:
    """The difference with its sign, and ``mark`` where chance does not explain it; a dash where there is none."""
    if one is None or one.difference is None:
        return "—"
    text = f"{Decimal(one.difference).quantize(TWO_PLACES, ROUND_HALF_UP):+f}"
    return f"{text} {mark}" if one.differs else text


def two_places(text: str | None) -> str | None:
    """A stored figure as printed: two decimals, half up (四舍五入)."""
    return None if text is None else str(Decimal(text).quantize(TWO_PLACES, ROUND_HALF_UP))


def _write_decimal(sheet: Worksheet, place: tuple[int, int], text: str | None, styles: _Styles, *, shape: str) -> None:
    """A figure as a number, so that people can sort and add; a dash where there is none."""
    if text is None:
        sheet.write_string(*place, "—", styles.middle)
    else:
        sheet.write_number(*place, Decimal(text), styles.number[shape])
