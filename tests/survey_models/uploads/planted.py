"""A file of collected questionnaires with faults planted in it, one after the other, of every kind in the documents."""

import re
from pathlib import Path
from typing import NamedTuple

from survey_models.uploads.kinds.ballots import Cell, Layout
from survey_models.uploads.rules import column_letters
from tests.survey_models.uploads.paper import CELLS, FORM, LAYOUT, Row, rows

GUIDE = Path(__file__).parents[3] / "docs" / "uploads.md"
# The second area has no farmers' kind of its own: a kind of the first alone.
FEWER = Layout(FORM, [*CELLS, Cell(5, "411102", "源汇区", "firm", "企业")], LAYOUT.points)
HEADER = [heading.name for heading in FEWER.headings]
PLACES = {"编号": 0, "地区": 1, "类别": 2, "测评点": 3, "性别": len(HEADER) - 2, "用时": len(HEADER) - 1}


class Kind(NamedTuple):
    """A kind of fault as the guide lists it: its code, the column, an example."""

    code: str
    column: str
    example: str


def kinds() -> list[Kind]:
    """The numbered table of the guide."""
    found = re.findall(r"^\| \d+ \| `(\w+)` \| (\S+) \| (.*?) \|", GUIDE.read_text("utf-8"), re.MULTILINE)
    return [Kind(code, column, example.strip("`")) for code, column, example in found]


def right_rows(number: int) -> list[Row]:
    """Right rows in the order of the template, with an interviewer's and a time's column."""
    made = []
    for row in rows(number):
        words = ["411102" if row[1] in {"411102", "源汇区"} else "411103", *row[2:4]]
        made.append([row[0], *words, "", *row[4:], ""])
    return made


class Planted(NamedTuple):
    """The rows with their faults: (row number of the file, cell or nothing, code)."""

    cells: list[Row]
    faults: set[tuple[int, str, str]]


def planted(number: int, total: int) -> Planted:
    """``number`` rows in which ``total`` faults stand, the kinds in turn, each in a row of its own until rows end."""
    body = right_rows(number)
    listed = kinds()
    faults = set()
    for at in range(total):
        kind = listed[at % len(listed)]
        row = at + 1
        faults.add((row + 2, *_plant(body, row, kind, at)))
    return Planted(body, faults)


def _plant(body: list[Row], row: int, kind: Kind, at: int) -> tuple[str, str]:
    cells = body[row]
    if kind.code.startswith("row_"):
        body[row] = _whole(kind.code, cells)
        return "", kind.code
    place = PLACES.get(kind.column, 5 + at % 24)
    cells[place] = body[0][0] if kind.code == "cell_line_repeated" else _unescaped(kind.example)
    if kind.code in {"cell_point_of_other_area", "cell_kind_of_other_area"}:
        cells[1:4] = ["411102", cells[2], kind.example] if place == 3 else ["411103", kind.example, "龙城广场"]
    elif place == 1:
        cells[2:4] = ["城镇", "文化宫"]
    return f"{column_letters(place)}{row + 2}", kind.code


def _whole(code: str, cells: Row) -> Row:
    if code == "row_is_heading":
        return list(HEADER)
    if code == "row_is_total":
        return ["合计", *[""] * 4, *["35"] * (len(cells) - 5)]
    return [*cells[:5], *[""] * (len(cells) - 8), *cells[-3:]]


def _unescaped(text: str) -> str:
    """Signs that a table in Markdown cannot show."""
    return text.replace("␀", "\u200b").replace("…", "很" * 80) if text != "（空）" else ""
