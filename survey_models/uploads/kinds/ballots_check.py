"""The check of every cell of collected questionnaires (逐格检查): all faults at once, each by its likeliest slip."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from typing import Any, NamedTuple

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import BLANK
from survey_models.spreadsheets.read import Sheet, folded
from survey_models.uploads.columns import Given, is_wenjuanxing, placed
from survey_models.uploads.kinds import slips
from survey_models.uploads.kinds.ballots import (
    EXAMPLE,
    FIXED,
    LONGEST_INTERVIEWER,
    MOST_SECONDS,
    PLACES,
    Checked,
    Entry,
    Layout,
)
from survey_models.uploads.kinds.wenjuanxing import translated
from survey_models.uploads.rules import (
    HEADER_ROW,
    MAX_FAULTS,
    SHOWN,
    Choice,
    Fault,
    column_letters,
    heading_key,
    read_column,
)

# Number, area and kind, by which a row of headings is known; of what is somebody's only so much is shown.
NAMED, KIND_AT, HIDDEN = 3, 2, 3


def check(sheet: Sheet, layout: Layout, given: Given | None = None) -> Checked:
    """Check a file whole: wrong columns are one fault of the whole file, else every faulty cell is one."""
    try:
        places = placed(sheet, layout.headings, given)
    except Problem as problem:
        return Checked([Fault(HEADER_ROW, None, problem.code, problem.params)], [], 1)
    if not sheet.rows:
        return Checked([Fault(None, None, "upload_empty", {})], [], 1)
    if is_wenjuanxing(sheet.header):
        sheet = _ours(sheet, layout, places)
    columns: list[Sequence[str]] = list(zip(*(cells for _, cells in sheet.rows), strict=True))
    return _Check(sheet, layout, columns, places).run()


def _ours(sheet: Sheet, layout: Layout, places: Sequence[int | None]) -> Sheet:
    """An export of 问卷星 in the words of the template."""
    items = zip(places[FIXED:-1], layout.form.items, strict=True)
    scales = {place: layout.form.scales[item.scale] for place, item in items if place is not None}
    return translated(sheet, scales, places[-1])


class _Found(NamedTuple):
    """A fault before its sentences: places of row and column in the file, place of the heading, code."""

    row: int
    place: int
    heading: int
    code: str
    meant: str


class _Check:
    """One pass over the columns of a file whose heading is right."""

    def __init__(
        self, sheet: Sheet, layout: Layout, columns: Sequence[Sequence[str]], places: Sequence[int | None]
    ) -> None:
        self._layout = layout
        self._places = places
        self._numbers = [number for number, _ in sheet.rows]
        blank = ("",) * len(self._numbers)
        self._columns = [blank if place is None else columns[place] for place in places]
        self._first: dict[str, int] = {}
        self._found: list[_Found] = []
        self._total = 0
        self._no_sheets: frozenset[int] = frozenset()

    def run(self) -> Checked:
        self._set_aside()
        self._check_lines()
        strata, points = self._read_cells()
        answers = self._read_answers(strata)
        seconds = self._read_seconds()
        if self._total:
            # Few of very many: a file of another kind may be wrong in every cell.
            return Checked([self._fault(item) for item in nsmallest(MAX_FAULTS, self._found)], [], self._total)
        asked = [" ".join(text.split())[:LONGEST_INTERVIEWER] or None for text in self._columns[FIXED - 1]]
        rows = zip(self._numbers, strata, points, answers, seconds, asked, strict=True)
        return Checked([], [Entry(*row) for row in rows], 0)

    def _add(self, code: str, *, heading: int, rows: Sequence[int], meant: str = "") -> None:
        """Note faulty ``rows`` (in their order) of a column; more than are ever shown are only counted."""
        if self._no_sheets:
            rows = [row for row in rows if row not in self._no_sheets]
        self._total += len(rows)
        index = self._places[heading] or 0
        self._found += [_Found(row, index, heading, code, meant) for row in rows[:MAX_FAULTS]]

    def _set_aside(self) -> None:
        """Rows that are no sheets at all are one fault each: headings pasted again, totals, the template's examples."""
        names = [heading_key(self._layout.headings[at].name) for at in range(NAMED)]
        firsts = list(zip(*self._columns[:NAMED], strict=True))
        known = {words: [heading_key(word) for word in words] == names for words in set(firsts)}
        headings = [row for row, words in enumerate(firsts) if known[words]]
        totals = [row for row, text in enumerate(self._columns[0]) if slips.is_total(text)]
        examples = [row for row, text in enumerate(self._columns[0]) if folded(text).startswith(EXAMPLE)]
        self._add("row_is_heading", heading=0, rows=headings)
        self._add("row_is_total", heading=0, rows=totals)
        self._add("row_is_example", heading=0, rows=examples)
        self._no_sheets = frozenset((*headings, *totals, *examples))

    def _check_lines(self) -> None:
        for row, text in enumerate(self._columns[0]):
            number = folded(text)
            slip = slips.of_number(text)
            if not number:
                self._add("cell_missing", heading=0, rows=[row])
            elif slip:
                self._add(slip, heading=0, rows=[row])
            elif self._first.setdefault(number, row) != row:
                self._add("cell_line_repeated", heading=0, rows=[row])

    def _read_cells(self) -> tuple[list[int], list[int]]:
        """Stratum and point numbers of the rows; a combination of words is looked up once."""
        known: dict[tuple[str, str, str], tuple[int, int] | None] = {}
        found = []
        for row, words in enumerate(zip(*self._columns[PLACES], strict=True)):
            if words not in known:
                known[words] = self._look_up(*words)
            place = known[words]
            if place is None:
                self._explain(row, *words)
            found.append(place or (0, 0))
        return [stratum for stratum, _ in found], [point for _, point in found]

    def _look_up(self, area: str, kind: str, point: str) -> tuple[int, int] | None:
        code = self._layout.areas.read(area)
        if code is None:
            return None
        stratum = self._layout.kinds[code].read(kind)
        number = self._layout.points_of[code].read(point)
        return None if stratum is None or number is None else (int(stratum), int(number))

    def _explain(self, row: int, area: str, kind: str, point: str) -> None:
        layout = self._layout
        code = layout.areas.read(area)
        if code is None:
            others = (*layout.kinds.values(), *layout.points_of.values())
            self._add_place(row, 1, area, choice=layout.areas, others=others, unknown="cell_area_unknown")
            if not kind:
                self._add("cell_missing", heading=2, rows=[row])
            return
        kinds, points = layout.kinds[code], layout.points_of[code]
        if kinds.read(kind) is None:
            here = any(other.read(kind) for other in layout.kinds.values())
            unknown = "cell_kind_of_other_area" if here else "cell_kind_unknown"
            self._add_place(row, 2, kind, choice=kinds, others=(layout.areas, points), unknown=unknown)
        if points.read(point) is None:
            here = any(other.read(point) for other in layout.points_of.values())
            unknown = "cell_point_of_other_area" if here else "cell_point_unknown"
            self._add_place(row, 3, point, choice=points, others=(layout.areas, kinds), unknown=unknown)

    def _add_place(
        self, row: int, heading: int, text: str, *, choice: Choice, others: Sequence[Choice], unknown: str
    ) -> None:
        """The fault of an area, kind or test point; ``unknown``: what it is if nothing better is known."""
        elsewhere = unknown.endswith("_of_other_area")
        code, meant = "cell_missing", ""
        if text:
            code, meant = (None if elsewhere else slips.of_place(text, choice, others)) or (unknown, "")
        self._add(code, heading=heading, rows=[row], meant=meant)

    def _read_answers(self, strata: Sequence[int]) -> list[str]:
        form = self._layout.form
        read: list[list[str | None]] = []
        for heading, item in enumerate(form.items, start=FIXED):
            codes, bad = read_column(self._columns[heading], self._layout.choices[item.scale])
            self._add_answers(heading, item.scale, bad)
            strange = self._layout.elsewhere.get(heading - FIXED, frozenset())
            if strange:
                on = (row for row, (code, no) in enumerate(zip(codes, strata, strict=True)) if no in strange and code)
                self._add("cell_not_on_sheet", heading=heading, rows=[row for row in on if codes[row] != BLANK])
            read.append(codes)
        judged = [read[place] for place in form.judged_anywhere]
        unrated = [row for row, codes in enumerate(zip(*judged, strict=True)) if all(code == BLANK for code in codes)]
        self._add("row_empty", heading=0, rows=unrated)
        return ["".join(code or BLANK for code in codes) for codes in zip(*read, strict=True)]

    def _add_answers(self, heading: int, scale: str, bad: Sequence[int]) -> None:
        """Cells that are no option, by the slip that each is."""
        choices = self._layout.choices
        others = [choice for name, choice in choices.items() if name != scale]
        column = self._columns[heading]
        said = {text: slips.of_answer(text, choices[scale], others) for text in {column[row] for row in bad}}
        for code, meant in sorted(set(said.values())):
            self._add(
                code, heading=heading, rows=[row for row in bad if said[column[row]] == (code, meant)], meant=meant
            )

    def _read_seconds(self) -> list[int | None]:
        """The seconds of each row; an empty cell says nothing."""
        heading = len(self._layout.headings) - 1
        cells = self._columns[heading]
        read = {text: folded(text) for text in set(cells)}
        known = {cell: int(text) for cell, text in read.items() if text.isdecimal() and int(text) <= MOST_SECONDS}
        self._add(
            "cell_not_seconds",
            heading=heading,
            rows=[row for row, cell in enumerate(cells) if read[cell] and cell not in known],
        )
        return [known.get(cell) for cell in cells]

    def _fault(self, found: _Found) -> Fault:
        row, _, heading, code, meant = found
        number, column = self._numbers[row], self._layout.headings[heading].name
        if code.startswith("row_"):
            return Fault(number, None, code, {})
        index = self._places[heading]
        cell = f"{column_letters(index)}{number}" if index is not None else None
        params: dict[str, Any] = {"cell": cell}
        if code == "cell_missing":
            return Fault(number, column, code, {**params, "column": column})
        # A long value is cut: it only helps to find the cell. What is somebody's is not written down again.
        params["value"] = self._columns[heading][row][: HIDDEN if code.startswith("cell_holds_") else SHOWN]
        if code == "cell_line_repeated":
            params["first"] = self._numbers[self._first[folded(self._columns[0][row])]]
        elif FIXED > heading > 0 or FIXED <= heading < len(self._layout.headings) - 1:
            params["options"] = "、".join(self._allowed(row, heading).shown) or "(留空)"
        else:
            params["options"] = "—"
        return Fault(number, column, code, {**params, "meant": meant} if meant else params)

    def _allowed(self, row: int, heading: int) -> Choice:
        """What may stand in a cell."""
        if heading >= FIXED:
            return self._layout.choices[self._layout.form.items[heading - FIXED].scale]
        area = self._layout.areas.read(self._columns[1][row])
        if heading == 1 or area is None:
            return self._layout.areas
        return (self._layout.kinds if heading == KIND_AT else self._layout.points_of)[area]
