"""The template for marks (评分表): one workbook, filled with the units; and how a filled one is read."""

from __future__ import annotations

from dataclasses import dataclass

from survey_models.core.errors import Problem
from survey_models.marks import rules
from survey_models.marks.rules import Entry, Field
from survey_models.schemes.sources import Decay, Marks
from survey_models.spreadsheets.read import Sheet
from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.uploads.refusing import refuse
from survey_models.uploads.rules import HEADER_ROW, Fault, Heading, place_columns

UNIT = Heading("单位代码", ("Unit code", "unit"))
NAME = Heading("单位名称", ("Unit", "name"), required=False)
MEMBER = Heading("评委", ("Member", "member"))
VALUE = Heading("评分", ("Mark", "value", "名次"))
REASON = Heading("更正原因", ("Reason", "reason"), required=False)
WITHDRAW_WORDS = frozenset({"撤回", "withdrawn", "withdraw"})
_NAMES = ("unit", "name", "member", "value", "reason")


@dataclass(frozen=True)
class Filled:
    """A filled workbook: its entries, and where each field stands: index and heading of its column."""

    entries: list[Entry]
    columns: dict[str, tuple[int, str]]


def _headings(of: Field) -> tuple[Heading, ...]:
    member = Heading(MEMBER.name, MEMBER.also, required=rules.panel_of(of.source) is not None)
    return UNIT, NAME, member, VALUE, REASON


def template(of: Field, *, round_title: str) -> bytes:
    """The workbook to fill in: a row for each unit (and member of the panel), with the marks that are known."""
    panel = rules.panel_of(of.source)
    rows = []
    for code, name in of.units.items():
        known = sorted(member for unit, member in of.known if unit == code)
        members = known if panel is None else [*known, *(f"评委{no}" for no in range(len(known) + 1, panel + 1))]
        for member in members or [""]:
            cells = [code, name, member, of.known.get((code, member), ""), ""]
            rows.append(cells if panel is not None else [cells[0], cells[1], *cells[3:]])
    header = [heading.name for heading in _headings(of) if heading.name != MEMBER.name or panel is not None]
    widths = [14, 32, *([14] if panel is not None else []), 12, 32]
    return xlsx_bytes([Table("评分", header, rows, widths), _notes(of, round_title)])


def _notes(of: Field, round_title: str) -> Table:
    low, high = rules.limits(of.source, len(of.units))
    scale = f"{low:f}–{high:f}，至多四位小数 at most four decimals"
    if isinstance(of.source, Decay) and of.source.enter == "places":
        scale = f"名次，{low:f}–{high:f} 的整数 places, whole numbers"
    elif not isinstance(of.source, Marks):
        scale = "分数越高越好，至多四位小数 higher is better, at most four decimals"
    rows = [
        ["评议 Round", round_title],
        ["项目 Part", f"{of.part.title.zh} {of.part.title.en}（{of.part.id}）"],
        ["评分机构 Office", of.source.office],
        ["填写 Values", scale],
        ["空着 Blank", "还没有评分，以后再报 not marked yet"],
        [
            "更正 Correction",
            "改动已报的分要写原因；填“撤回”收回 a changed mark needs its reason; “withdrawn” takes it back",
        ],
    ]
    return Table("说明 Notes", ["", ""], rows, [18, 80])


def filled(sheet: Sheet, of: Field) -> Filled:
    """The entries of a filled workbook (or a CSV with its headings); rows without a mark are passed over.

    Raises ``file_faulty`` for headings that are missing or unknown.
    """
    used = [any(cells[place] for _, cells in sheet.rows) for place in range(len(sheet.header))]
    try:
        places = place_columns(sheet.header, _headings(of), used)
    except Problem as problem:
        refuse([Fault(HEADER_ROW, None, problem.code, problem.params)])
        raise
    columns = {
        name: (place, sheet.header[place]) for name, place in zip(_NAMES, places, strict=True) if place is not None
    }
    entries = []
    for row, cells in sheet.rows:
        unit, _, member, value, reason = ("" if place is None else cells[place] for place in places)
        if value:
            said = rules.WITHDRAWN if value.casefold() in WITHDRAW_WORDS else value
            entries.append(Entry(unit, said, member, reason, row))
    return Filled(entries, columns)
