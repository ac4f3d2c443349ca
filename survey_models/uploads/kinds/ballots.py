"""Collected paper questionnaires (回收的纸质问卷), one row for each sheet: its columns and what may stand in them.

A file holds no code and no person: the number in the first column is the contractor's own and serves only to find a
sheet again; it is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from survey_models.questionnaires import variants
from survey_models.questionnaires.rules import BLANK, EVERYTHING, INVALID, UNIT, Form, Item
from survey_models.spreadsheets.read import folded
from survey_models.uploads.rules import Choice, Fault, Heading

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
# Rows with such a number are the examples of the template (示例行): never sheets, changed or not.
EXAMPLE = "示例"
PLACES = slice(1, 4)
FIXED = 5

INVALID_WORDS = ("无效", "invalid", INVALID)
BLANK_WORDS = ("", BLANK, "未答", "blank")

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
