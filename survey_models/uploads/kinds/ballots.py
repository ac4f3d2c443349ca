"""Collected paper questionnaires (回收的纸质问卷), one row for each sheet: columns, and the check of every cell.

A file holds no code and no person: the number in the first column is the contractor's own and serves only to find a
sheet again; it is not stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from typing import Any, NamedTuple

from survey_models.core.errors import Problem
from survey_models.questionnaires import variants
from survey_models.questionnaires.rules import BLANK, EVERYTHING, INVALID, UNIT, Form, Item
from survey_models.spreadsheets.read import Sheet, folded
from survey_models.uploads.columns import Given, is_wenjuanxing, placed
from survey_models.uploads.kinds.wenjuanxing import translated
from survey_models.uploads.rules import (
    HEADER_ROW,
    MAX_FAULTS,
    SHOWN,
    Choice,
    Fault,
    Heading,
    column_letters,
    read_column,
)

LINE = Heading("问卷编号", ("Sheet number", "line"))
AREA = Heading("地区", ("Area",))
KIND = Heading("类别", ("Kind",))
POINT_NAMES = ("测评点", ("Test point", "point"))
# How long the interview took, where the contractor measured it: filling too fast is a sign to look at.
SECONDS = Heading("用时（秒）", ("用时(秒)", "用时", "Seconds"), required=False)
MOST_SECONDS = 86_400
# The number of who asked, where the contractor gives it: interviewers are compared before the office signs for a file.
INTERVIEWER = Heading("访问员编号", ("调查员编号", "Interviewer number"), required=False)
LONGEST_INTERVIEWER = 40
PLACES = slice(1, 4)
FIXED = 5

INVALID_WORDS = ("无效", "invalid", INVALID)
BLANK_WORDS = ("", BLANK, "未答", "blank")

STRAIGHT_SHARE, STRAIGHT_UNITS = 95, 20
FEW_ANSWERS = 4
NO_POINT = 0


@dataclass(frozen=True)
class Cell:
    """A stratum of the campaign by the words that stand in a file."""

    no: int
    area_code: str
    area: str
    kind_code: str
    kind: str


@dataclass(frozen=True)
class TestPoint:
    """A test point of an area."""

    __test__ = False

    no: int
    area_code: str
    name: str


@dataclass(frozen=True)
class Entry:
    """One accepted row: its row number in the file, its cell and its answers, one code per item.

    ``seconds`` that it took and the number of the ``interviewer`` are looked at when the file is checked, and not
    stored with the row; None where the file does not say.
    """

    line: int
    stratum_no: int
    point_no: int
    answers: str
    seconds: int | None = None
    interviewer: str | None = None


@dataclass(frozen=True)
class Checked:
    """What a check found: either faults (the first 5,000 of ``total``), or every row as it would be entered."""

    faults: list[Fault]
    entries: list[Entry]
    total: int


@dataclass(frozen=True)
class Layout:
    """What a file of one campaign looks like: its questionnaire, strata and test points."""

    form: Form
    cells: Sequence[Cell]
    points: Sequence[TestPoint]

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The five fixed columns, one for each item, the seconds; points, interviewers and seconds may be missing."""
        point = Heading(*POINT_NAMES, required=bool(self.points))
        return (LINE, AREA, KIND, point, INTERVIEWER, *(item_heading(item) for item in self.form.items), SECONDS)

    @cached_property
    def printed(self) -> tuple[str, ...]:
        """The headings that the template prints."""
        return tuple(item.name for item in self.headings if item.required)

    @cached_property
    def areas(self) -> Choice:
        """Area names and codes → area code."""
        return _choice({cell.area: cell.area_code for cell in self.cells})

    @cached_property
    def kinds(self) -> Mapping[str, Choice]:
        """Area code → kind names and codes → stratum number."""
        return {
            area: Choice(
                {
                    folded(text): str(cell.no)
                    for cell in self.cells
                    if cell.area_code == area
                    for text in (cell.kind_code, cell.kind)
                },
                tuple(cell.kind for cell in self.cells if cell.area_code == area),
            )
            for area in {cell.area_code for cell in self.cells}
        }

    @cached_property
    def points_of(self) -> Mapping[str, Choice]:
        """Area code → names and numbers of its test points → point number; nothing to fill in where it has none."""
        return {
            area: Choice(
                {folded(text): str(point.no) for point in points for text in (str(point.no), point.name)}
                or {"": str(NO_POINT)},
                tuple(point.name for point in points),
            )
            for area in self.kinds
            for points in [[point for point in self.points if point.area_code == area]]
        }

    @cached_property
    def elsewhere(self) -> Mapping[int, frozenset[int]]:
        """Item → strata whose sheets do not carry it: what another county added (县区增加的单位)."""
        if not any(name.startswith(variants.AREA) for name in self.form.variants):
            return {}
        own = {cell.no: variants.of_area(cell.area_code) for cell in self.cells}
        carried = {
            no: self.form.carried(name if name in self.form.variants else EVERYTHING) for no, name in own.items()
        }
        found = {place: frozenset(no for no, on in carried.items() if not on[place]) for place in self.form.units}
        return {place: strata for place, strata in found.items() if strata}

    @cached_property
    def choices(self) -> Mapping[str, Choice]:
        """Scale → what may stand in a cell: label in either language, code, nothing, or invalid."""
        return {name: self._scale_choice(name) for name in self.form.scales}

    def _scale_choice(self, name: str) -> Choice:
        options = self.form.scales[name]
        codes = {folded(word): BLANK for word in BLANK_WORDS} | {folded(word): INVALID for word in INVALID_WORDS}
        codes |= {folded(option.code): option.code for option in options}
        codes |= {folded(text): option.code for option in options for text in (option.label_en, option.label)}
        return Choice(codes, tuple(option.label for option in options))


def item_heading(item: Item) -> Heading:
    """``LH-001 发展改革委(含物价)`` for a unit, ``年龄段`` for a background item."""
    if item.kind == UNIT:
        return Heading(f"{item.key} {item.label}", (item.key, item.label))
    return Heading(item.label, (item.key, item.label_en))


def _choice(names: Mapping[str, str]) -> Choice:
    codes = {folded(code): code for code in names.values()} | {folded(name): code for name, code in names.items()}
    return Choice(codes, tuple(names))


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

    def run(self) -> Checked:
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

    def _add(self, code: str, *, heading: int, rows: Sequence[int]) -> None:
        """Note faulty ``rows`` (in their order) of a column; more than are ever shown are only counted."""
        self._total += len(rows)
        index = self._places[heading] or 0
        self._found += [_Found(row, index, heading, code) for row in rows[:MAX_FAULTS]]

    def _check_lines(self) -> None:
        for row, text in enumerate(self._columns[0]):
            number = folded(text)
            if not number:
                self._add("cell_missing", heading=0, rows=[row])
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
        code = self._layout.areas.read(area)
        if code is None:
            self._add("cell_area_unknown" if area else "cell_missing", heading=1, rows=[row])
            if not kind:
                self._add("cell_missing", heading=2, rows=[row])
            return
        if self._layout.kinds[code].read(kind) is None:
            self._add("cell_kind_unknown" if kind else "cell_missing", heading=2, rows=[row])
        if self._layout.points_of[code].read(point) is None:
            self._add("cell_point_unknown" if point else "cell_missing", heading=3, rows=[row])

    def _read_answers(self, strata: Sequence[int]) -> list[str]:
        form = self._layout.form
        read: list[list[str | None]] = []
        for heading, item in enumerate(form.items, start=FIXED):
            codes, bad = read_column(self._columns[heading], self._layout.choices[item.scale])
            self._add("cell_not_an_option", heading=heading, rows=bad)
            strange = self._layout.elsewhere.get(heading - FIXED, frozenset())
            if strange:
                on = (row for row, (code, no) in enumerate(zip(codes, strata, strict=True)) if no in strange and code)
                self._add("cell_not_on_sheet", heading=heading, rows=[row for row in on if codes[row] != BLANK])
            read.append(codes)
        judged = [read[place] for place in form.judged_anywhere]
        unrated = [row for row, codes in enumerate(zip(*judged, strict=True)) if all(code == BLANK for code in codes)]
        self._add("row_empty", heading=0, rows=unrated)
        return ["".join(code or BLANK for code in codes) for codes in zip(*read, strict=True)]

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
        row, _, heading, code = found
        number, column = self._numbers[row], self._layout.headings[heading].name
        if code == "row_empty":
            return Fault(number, None, code, {})
        index = self._places[heading]
        cell = f"{column_letters(index)}{number}" if index is not None else None
        params: dict[str, Any] = {"cell": cell}
        if code == "cell_missing":
            params["column"] = column
        else:
            # A long value is cut: it only helps to find the cell.
            params["value"] = self._columns[heading][row][:SHOWN]
        if code == "cell_line_repeated":
            params["first"] = self._numbers[self._first[folded(self._columns[0][row])]]
        elif code not in {"cell_missing", "cell_not_seconds", "cell_not_on_sheet"}:
            params["options"] = "、".join(self._choice(code, row, heading).shown) or "(留空)"
        return Fault(number, column, code, params)

    def _choice(self, code: str, row: int, heading: int) -> Choice:
        """What may stand in a cell."""
        if code == "cell_not_an_option":
            return self._layout.choices[self._layout.form.items[heading - FIXED].scale]
        if code == "cell_area_unknown":
            return self._layout.areas
        area = self._layout.areas.read(self._columns[1][row]) or ""
        return (self._layout.kinds if code == "cell_kind_unknown" else self._layout.points_of)[area]


def summary(entries: Sequence[Entry], layout: Layout) -> dict[str, Any]:
    """What the contractor is asked to confirm: counts of rows and flags, never a count of answers.

    ``cells``: rows by area, kind and test point; ``alike``: rows whose units got one and the same answer in at least
    95 % of 20 or more; ``few``: rows that rate less than a quarter of the units.
    """
    names = {cell.no: (cell.area, cell.kind) for cell in layout.cells}
    points = {point.no: point.name for point in layout.points}
    counts = Counter((entry.stratum_no, entry.point_no) for entry in entries)
    units = layout.form.units
    sheets = Counter("".join(entry.answers[place] for place in units) for entry in entries)
    return {
        "rows": len(entries),
        "cells": [
            {"area": names[stratum][0], "kind": names[stratum][1], "point": points.get(point), "rows": count}
            for (stratum, point), count in sorted(counts.items())
        ],
        "alike": sum(count for answers, count in sheets.items() if _is_straight(answers)),
        "few": sum(count for answers, count in sheets.items() if _judged(answers) * FEW_ANSWERS < len(units)),
    }


def _judged(answers: str) -> int:
    return len(answers) - answers.count(BLANK) - answers.count(INVALID)


def _is_straight(answers: str) -> bool:
    """Straight-lining (一勾到底): a sign to look at, not a fault; honest sheets of this kind exist."""
    judged = _judged(answers)
    most = max((answers.count(code) for code in set(answers) - {BLANK, INVALID}), default=0)
    return judged >= STRAIGHT_UNITS and most * 100 >= judged * STRAIGHT_SHARE
