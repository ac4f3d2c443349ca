"""Frames as files (抽样框文件): populations, candidate points, lists; every fault with row and remedy. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sampling.selection import FrameEntry
from survey_models.core.errors import Problem
from survey_models.frames.service import Candidate, CountCell
from survey_models.spreadsheets.read import Sheet, folded
from survey_models.spreadsheets.templates import Column, is_example, template
from survey_models.uploads.kinds.slips import of_number
from survey_models.uploads.rules import HEADER_ROW, Fault, Heading, column_letters, place_columns

AREA_CODE = Heading("地区代码", ("区域代码", "area_code"))
AREA = Heading("地区", ("区域", "area", "area_name"))
KIND_CODE = Heading("类别代码", ("kind_code",))
KIND = Heading("类别", ("人群", "kind", "kind_name"))
PEOPLE = Heading("人数", ("人口", "people", "population"))
SOURCE = Heading("来源", ("source",), required=False)
MADE_UP = Heading("编造", ("made_up",), required=False)
POINT_ID = Heading("编号", ("id", "测评点编号"))
POINT = Heading("测评点", ("名称", "name", "point"))
ENTRY_ID = Heading("编号", ("id",))
STRATUM = Heading("层", ("stratum",))
SIZE = Heading("规模", ("size",), required=False)
HEADINGS: Mapping[str, tuple[Heading, ...]] = {
    "counts": (AREA_CODE, AREA, KIND_CODE, KIND, PEOPLE, SOURCE, MADE_UP),
    "points": (POINT_ID, AREA_CODE, POINT),
    "list": (ENTRY_ID, STRATUM, SIZE),
}
MOST = 1_000_000_000
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_ENTRY = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._-]{0,39}")
_NUMBER = re.compile(r"\d{1,3}(?:[,，]\d{3})+|\d{1,10}")
_YES_NO = {"": False, "是": True, "否": False, "yes": True, "no": False, "1": True, "0": False}
_PERSONAL = frozenset({"cell_holds_phone", "cell_holds_identity", "cell_holds_mail"})
COUNTS_COLUMNS = (
    Column(AREA_CODE.name, "字母、数字和 . _ -，最长 20 个；同一地区用同一个", "Letters, digits and . _ -, at most 20"),
    Column(AREA.name, "地区名称，最长 60 字", "Name of the area, at most 60 characters", 20),
    Column(KIND_CODE.name, "字母、数字和 . _ -，最长 20 个", "Letters, digits and . _ -, at most 20"),
    Column(KIND.name, "哪一类人，最长 40 字", "Which kind of people", 16, ("城镇", "农村", "居民", "企业")),
    Column(PEOPLE.name, "整数，没有小数", "A whole number", 12, whole=(0, MOST)),
    Column(SOURCE.name, "数字从哪里来，可以空着", "Where the figure is from; may be empty", 32),
    Column(MADE_UP.name, "不是官方数字的写“是”", "是 (yes) for a figure that is not official", 8, ("是", "否")),
)
POINTS_COLUMNS = (
    Column(POINT_ID.name, "每点一个编号，最长 40 个字符", "An id for each point, at most 40 characters"),
    Column(AREA_CODE.name, "人数表里的地区代码", "An area code of the populations"),
    Column(POINT.name, "测评点名称，最长 80 字", "Name of the test point, at most 80 characters", 32),
)
LIST_COLUMNS = (
    Column(ENTRY_ID.name, "每条一个编号；不写姓名、电话、证件号", "An id; no name, telephone or identity number"),
    Column(STRATUM.name, "在哪一层里抽，最长 40 字", "In which stratum it is drawn", 24),
    Column(SIZE.name, "按规模抽的写整数，空着是 1", "A whole number for draws by size; empty: 1", 12, whole=(0, MOST)),
)


@dataclass
class Reading:
    """A file as it was read, and every fault; of the three lists only the one that was asked for is filled."""

    cells: list[CountCell] = field(default_factory=list)
    points: list[Candidate] = field(default_factory=list)
    entries: list[FrameEntry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def blank(what: str) -> bytes:
    """The template of ``counts``, ``points`` or ``list``: headings, examples, drop-downs, notes."""
    if what == "points":
        return template("测评点 Points", POINTS_COLUMNS, [("示例P1", "411102", "文化宫"), ("示例P2", "411103", "广场")])
    if what == "list":
        return template("名单 List", LIST_COLUMNS, [("示例0001", "源汇区", 1), ("示例0002", "郾城区", 1)])
    rows = [("示例411102", "源汇区", "town", "城镇", 163000, "人口普查", "否")]
    return template("人数 Counts", COUNTS_COLUMNS, [*rows, ("示例411102", "源汇区", "rural", "农村", 98000, "", "是")])


def read_frame(what: str, sheet: Sheet, *, areas: frozenset[str] = frozenset()) -> Reading:
    """Read a file of ``counts``, ``points`` (their areas are among ``areas``) or ``list``."""
    headings = HEADINGS[what]
    used = [any(cells[at] for _, cells in sheet.rows) for at in range(len(sheet.header))]
    try:
        places = place_columns(sheet.header, headings, used)
    except Problem as problem:
        return Reading(faults=[Fault(HEADER_ROW, None, problem.code, problem.params)])
    found = _Lines(dict(zip(headings, places, strict=True)), areas)
    for line, cells in sheet.rows:
        found.take(what, line, cells)
    if not sheet.rows:
        found.reading.faults.append(Fault(None, None, "upload_empty", {}))
    return found.reading


class _Lines:
    """One pass over the lines of a file."""

    def __init__(self, places: Mapping[Heading, int | None], areas: frozenset[str]) -> None:
        self._places, self._areas = places, areas
        self._names: dict[tuple[Heading, str], tuple[str, int]] = {}
        self._first: dict[tuple[str, ...], int] = {}
        self.reading = Reading()

    def take(self, what: str, line: int, cells: Sequence[str]) -> None:
        before = len(self.reading.faults)
        texts = {heading: "" if at is None else cells[at] for heading, at in self._places.items()}
        first = next(iter(texts))
        if is_example(texts[first]):
            self._fault(line, first, "row_is_example")
            return
        for heading, text in texts.items():
            if of_number(text) in _PERSONAL:
                self._fault(line, heading, str(of_number(text)))
        if len(self.reading.faults) == before:
            {"counts": self._cell, "points": self._point, "list": self._entry}[what](line, texts, before)

    def _cell(self, line: int, texts: Mapping[Heading, str], before: int) -> None:
        area, kind = (self._coded(line, texts, *pair) for pair in ((AREA_CODE, AREA, 60), (KIND_CODE, KIND, 40)))
        people = self._whole(line, PEOPLE, texts[PEOPLE])
        made_up = _YES_NO.get(folded(texts[MADE_UP]))
        if made_up is None:
            self._fault(line, MADE_UP, "frame_yes_no_unfit")
        self._once(line, AREA_CODE, area[0], kind[0])
        if len(self.reading.faults) == before:
            self.reading.cells.append(CountCell(area, kind, people, bool(made_up), texts[SOURCE][:400]))

    def _point(self, line: int, texts: Mapping[Heading, str], before: int) -> None:
        id_ = self._id(line, POINT_ID, texts[POINT_ID])
        if texts[AREA_CODE] not in self._areas:
            self._fault(line, AREA_CODE, "frame_area_unknown", area=texts[AREA_CODE][:20] or "—")
        if not 0 < len(texts[POINT]) <= 80:
            self._fault(line, POINT, "frame_name_unfit", limit=80)
        self._once(line, POINT_ID, id_)
        if len(self.reading.faults) == before:
            self.reading.points.append(Candidate(id_, texts[AREA_CODE], texts[POINT]))

    def _entry(self, line: int, texts: Mapping[Heading, str], before: int) -> None:
        id_ = self._id(line, ENTRY_ID, texts[ENTRY_ID])
        if not 0 < len(texts[STRATUM]) <= 40:
            self._fault(line, STRATUM, "frame_name_unfit", limit=40)
        size = self._whole(line, SIZE, texts[SIZE] or "1")
        self._once(line, ENTRY_ID, id_)
        if len(self.reading.faults) == before:
            self.reading.entries.append(FrameEntry(id_, texts[STRATUM], size))

    def _coded(
        self, line: int, texts: Mapping[Heading, str], code: Heading, name: Heading, longest: int
    ) -> tuple[str, str]:
        """A code with its name; one code has one name in the whole file."""
        said = texts[code], texts[name]
        if not _CODE.fullmatch(said[0]):
            self._fault(line, code, "frame_code_unfit")
        if not 0 < len(said[1]) <= longest:
            self._fault(line, name, "frame_name_unfit", limit=longest)
        other, first = self._names.setdefault((code, said[0]), (said[1], line))
        if other != said[1]:
            self._fault(line, name, "frame_name_differs", named=said[0][:20], first=first)
        return said

    def _id(self, line: int, heading: Heading, text: str) -> str:
        if not _ENTRY.fullmatch(text):
            self._fault(line, heading, "frame_id_unfit")
        return text

    def _whole(self, line: int, heading: Heading, text: str) -> int:
        number = int(re.sub(r"\D", "", text)) if _NUMBER.fullmatch(text) else -1
        if not 0 <= number <= MOST:
            self._fault(line, heading, "frame_number_unfit", value=text[:20] or "—")
        return number

    def _once(self, line: int, heading: Heading, *key: str) -> None:
        first = self._first.setdefault(key, line)
        if first != line:
            self._fault(line, heading, "frame_row_repeated", first=first)

    def _fault(self, line: int, heading: Heading, code: str, **params: object) -> None:
        place = self._places[heading]
        cell = {} if place is None else {"cell": f"{column_letters(place)}{line}"}
        self.reading.faults.append(Fault(line, heading.name, code, {**params, **cell}))
