"""Lists as an office has them (名单、人数表): pasted or a file, with or without a heading, every fault at its row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from survey_models.setups.rules import MOST_PEOPLE, CellLine, UnitLine
from survey_models.spreadsheets.read import Sheet, folded, read
from survey_models.spreadsheets.templates import Column, is_example, template
from survey_models.units.service import fit
from survey_models.uploads.rules import Fault, column_letters

CATEGORY, KIND = "被评议单位", "居民"
CATEGORIES = ("政府部门及其它机构", "公共服务行业", CATEGORY)
KINDS = ("城镇", "农村", KIND, "企业", "党代表", "人大代表", "政协委员")
HEADING = {
    "code": "代码",
    "name": "单位",
    "category": "类别",
    "area": "地区代码",
    "area_name": "地区",
    "kind": "类别代码",
    "kind_name": "人群",
    "people": "人数",
}
_HEADINGS: Mapping[str, Mapping[str, str]] = {
    "units": {
        **dict.fromkeys(("code", "代码", "单位代码", "编号"), "code"),
        **dict.fromkeys(("name", "unit", "单位", "名称", "单位名称"), "name"),
        **dict.fromkeys(("category", "类别", "评议类别", "分类", "组别"), "category"),
        **dict.fromkeys(("order", "序号", "次序", "no"), ""),
    },
    "areas": {
        **dict.fromkeys(("area_code", "地区代码", "区域代码"), "area"),
        **dict.fromkeys(("area", "area_name", "地区", "区域", "区县", "县区", "乡镇"), "area_name"),
        **dict.fromkeys(("kind_code", "类别代码"), "kind"),
        **dict.fromkeys(("kind", "kind_name", "类别", "人群", "群体", "对象"), "kind_name"),
        **dict.fromkeys(("people", "population", "人数", "人口", "人口数"), "people"),
        **dict.fromkeys(("序号", "no"), ""),
    },
}
# Without a heading the number of columns says what they are.
_BY_WIDTH: Mapping[str, Mapping[int, Sequence[str]]] = {
    "units": {1: ("name",), 2: ("name", "category"), 3: ("code", "name", "category")},
    "areas": {
        2: ("area_name", "people"),
        3: ("area_name", "kind_name", "people"),
        5: ("area", "area_name", "kind", "kind_name", "people"),
    },
}
_NUMBER = re.compile(r"\d{1,3}(?:[,，]\d{3})+|\d{1,9}")
_PASTED = "pasted.csv"


@dataclass(frozen=True)
class ReadUnits:
    """Units as they were read, and every fault."""

    units: list[UnitLine]
    faults: list[Fault]


@dataclass(frozen=True)
class ReadCells:
    """Strata as they were read, and every fault."""

    cells: list[CellLine]
    faults: list[Fault]


UNIT_COLUMNS = (
    Column("代码", "字母、数字和 . _ -，最长 20 个；空着自动编", "Letters, digits and . _ -; empty: made for you", 14),
    Column("单位", "单位全称，最长 80 字，不能重名", "Full name, at most 80 characters, each once", 36),
    Column("类别", "同类的写法要一致；空着是“被评议单位”", "Written alike; empty: rated units", 24, CATEGORIES),
)
CELL_COLUMNS = (
    Column("地区代码", "空着自动编", "Empty: made for you", 14),
    Column("地区", "地区名称，最长 60 字", "Name of the area, at most 60 characters", 24),
    Column("类别代码", "空着自动编", "Empty: made for you", 14),
    Column("人群", "哪一类人，最长 40 字；空着是“居民”", "Which kind of people; empty: residents", 16, KINDS),
    Column("人数", "整数，没有小数", "A whole number", 12, whole=(1, MOST_PEOPLE)),
)


class _Row(NamedTuple):
    """A row by the names of its columns, and where each of them stands."""

    number: int
    cells: Mapping[str, str]
    places: Mapping[str, int]

    def fault(self, name: str, code: str, **params: object) -> Fault:
        """A fault of the cell ``name``; of the row where the list has no such column."""
        text = self.cells.get(name, "")[:80]
        place = self.places.get(name)
        cell = {} if place is None else {"cell": f"{column_letters(place)}{self.number}"}
        return Fault(self.number, HEADING[name], code, {"text": text, **params, **cell})


def blank(what: str) -> bytes:
    """The template of ``units`` or ``areas``, with examples, drop-down lists and an explanation of every column."""
    if what == "units":
        rows = [("示例-001", "示例：发展改革委", CATEGORIES[0]), ("示例-002", "示例：供电公司", CATEGORIES[1])]
        return template("单位 Units", UNIT_COLUMNS, rows)
    areas = [("示例A01", "源汇区", "K1", "城镇", 163000), ("示例A01", "源汇区", "K2", "农村", 98000)]
    return template("人数 Populations", CELL_COLUMNS, areas)


def units_in(content: bytes, filename: str = "", sheet: Sheet | None = None) -> ReadUnits:
    """A list of units: name; name and category; code, name and category. Codes that are missing are made.

    ``sheet``: the content, where it was read before. Raises what `spreadsheets.read` raises.
    """
    rows, faults = _rows("units", content, filename, sheet)
    found: list[UnitLine] = []
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    for row in rows:
        cells = row.cells
        name, category = cells.get("name", ""), cells.get("category", "") or CATEGORY
        code = cells.get("code", "") or f"U-{len(found) + 1:03}"
        wrong = _unit_fault(row, code, name, category) or _told_twice(row, codes.get(code), names.get(name))
        if wrong:
            faults.append(wrong)
            continue
        codes[code], names[name] = row.number, row.number
        found.append(UnitLine(code=code, name=name, category=category))
    return ReadUnits(found, faults)


def _told_twice(row: _Row, code_at: int | None, name_at: int | None) -> Fault | None:
    if code_at:
        return row.fault("code", "list_code_repeated", first=code_at)
    return row.fault("name", "list_name_repeated", first=name_at) if name_at else None


def _unit_fault(row: _Row, code: str, name: str, category: str) -> Fault | None:
    if is_example(row.cells.get("code", "") or name):
        return row.fault("code" if row.cells.get("code") else "name", "row_is_example")
    if not name:
        return row.fault("name", "list_name_missing")
    if len(name) > 80 or len(category) > 60:
        return row.fault("name" if len(name) > 80 else "category", "list_name_long", most=80, category=60)
    return None if fit(code, name) else row.fault("code", "list_code_unfit")


def cells_in(content: bytes, filename: str = "", sheet: Sheet | None = None) -> ReadCells:
    """Populations: area and people; area, kind and people; with codes of both. Codes that are missing are made.

    Rows of one area are brought together, in the order in which the areas first stand there.
    Raises what `spreadsheets.read` raises.
    """
    rows, faults = _rows("areas", content, filename, sheet)
    areas: dict[str, str] = {}
    kinds: dict[str, str] = {}
    found: dict[tuple[str, str], tuple[int, CellLine]] = {}
    for row in rows:
        cells = row.cells
        name, kind_name = cells.get("area_name", "") or cells.get("area", ""), cells.get("kind_name", "") or KIND
        wrong = _cell_fault(row, name, kind_name, cells.get("people", ""))
        if not wrong and (name, kind_name) in found:
            wrong = row.fault("area_name", "list_cell_repeated", first=found[name, kind_name][0])
        if wrong:
            faults.append(wrong)
            continue
        area = areas.setdefault(name, cells.get("area", "")[:20] or f"A{len(areas) + 1:02}")
        kind = kinds.setdefault(kind_name, cells.get("kind", "")[:20] or f"K{len(kinds) + 1}")
        people = int(cells["people"].replace(",", "").replace("，", ""))
        line = CellLine(area=area, area_name=name, kind=kind, kind_name=kind_name, people=people)
        found[name, kind_name] = row.number, line
    order = list(areas)
    return ReadCells(sorted((line for _, line in found.values()), key=lambda one: order.index(one.area_name)), faults)


def _cell_fault(row: _Row, area: str, kind: str, people: str) -> Fault | None:
    if is_example(row.cells.get("area", "") or area):
        return row.fault("area" if row.cells.get("area") else "area_name", "row_is_example")
    if not area:
        return row.fault("area_name", "list_area_missing")
    if len(area) > 60 or len(kind) > 40:
        return row.fault("area_name" if len(area) > 60 else "kind_name", "list_area_long", most=60, kind=40)
    if not _NUMBER.fullmatch(people):
        return row.fault("people", "list_people_unfit", value=people[:20])
    if not 0 < int(re.sub(r"\D", "", people)) <= MOST_PEOPLE:
        return row.fault("people", "list_people_outside", most=MOST_PEOPLE)
    return None


def read_list(what: str, sheet: Sheet) -> list[Fault]:
    """Every fault of a list of ``units`` or ``areas`` whose file was read, for the one that is given back."""
    read_ = units_in if what == "units" else cells_in
    return list(read_(b"", "", sheet).faults)


def _rows(what: str, content: bytes, filename: str, sheet: Sheet | None) -> tuple[list[_Row], list[Fault]]:
    """Rows by column; the first row is a heading where one of its cells is known as one."""
    if sheet is None:
        sheet = read(_narrow(content) if not filename else content, filename or _PASTED)
    headings = _HEADINGS[what]
    first = [headings.get(folded(cell)) for cell in sheet.header]
    if any(first):
        unknown = [(at, cell) for at, (cell, name) in enumerate(zip(sheet.header, first, strict=True)) if name is None]
        faults = [
            Fault(1, cell, "list_column_unknown", {"text": cell[:80], "cell": f"{column_letters(at)}1"})
            for at, cell in unknown
            if cell
        ]
        return _placed(first, sheet.rows), faults
    rows = _without_heading(sheet)
    names = _BY_WIDTH[what].get(max(len(_filled(cells)) for _, cells in rows))
    if names is None:
        widths = "、".join(str(width) for width in _BY_WIDTH[what])
        return [], [Fault(None, None, "list_width_unfit", {"widths": widths})]
    return _placed(names, rows), []


def _placed(names: Sequence[str | None], rows: Sequence[tuple[int, list[str]]]) -> list[_Row]:
    places = {name: at for at, name in enumerate(names) if name}
    return [_Row(row, _named(names, cells), places) for row, cells in rows]


def _narrow(content: bytes) -> bytes:
    """What people paste has full-width commas; in a file they belong to a name."""
    return content.replace("，".encode(), b",")


def _without_heading(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [(1, sheet.header), *sheet.rows]


def _filled(cells: Sequence[str]) -> Sequence[str]:
    return cells[: max((at for at, cell in enumerate(cells, start=1) if cell), default=0)]


def _named(names: Iterable[str | None], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell for name, cell in zip(names, cells, strict=False) if name}
