"""Lists as an office has them (名单、人数表): pasted or a file, with or without a heading, every fault at its row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from survey_models.setups.rules import MOST_PEOPLE, CellLine, UnitLine
from survey_models.spreadsheets.read import Sheet, folded, read
from survey_models.units.service import fit

CATEGORY, KIND = "被评议单位", "居民"
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
class RowFault:
    """What is wrong in a row; ``row`` from 1, as a spreadsheet program counts; 0: the list as a whole."""

    row: int
    text: str
    zh: str
    en: str


@dataclass(frozen=True)
class ReadUnits:
    """Units as they were read, and every fault."""

    units: list[UnitLine]
    faults: list[RowFault]


@dataclass(frozen=True)
class ReadCells:
    """Strata as they were read, and every fault."""

    cells: list[CellLine]
    faults: list[RowFault]


_Row = tuple[int, dict[str, str]]


def units_in(content: bytes, filename: str = "") -> ReadUnits:
    """A list of units: name; name and category; code, name and category. Codes that are missing are made.

    Raises what `spreadsheets.read` raises.
    """
    rows, faults = _rows("units", content, filename)
    found: list[UnitLine] = []
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    for row, cells in rows:
        name, category = cells.get("name", ""), cells.get("category", "") or CATEGORY
        code = cells.get("code", "") or f"U-{len(found) + 1:03}"
        wrong = _unit_fault(code, name, category) or _told_twice(codes.get(code), names.get(name))
        if wrong:
            faults.append(RowFault(row, name or code, *wrong))
            continue
        codes[code], names[name] = row, row
        found.append(UnitLine(code=code, name=name, category=category))
    return ReadUnits(found, faults)


def _told_twice(code_at: int | None, name_at: int | None) -> tuple[str, str] | None:
    if code_at:
        return f"代码与第 {code_at} 行重复", f"the code stands in row {code_at}, too"
    return (f"与第 {name_at} 行重名", f"the name stands in row {name_at}, too") if name_at else None


def _unit_fault(code: str, name: str, category: str) -> tuple[str, str] | None:
    if not name:
        return "没有单位名称", "there is no name"
    if len(name) > 80 or len(category) > 60:
        return "名称最长 80 字，类别最长 60 字", "a name has at most 80 characters, a category 60"
    if not fit(code, name):
        return "代码只能用字母、数字和 . _ -，最长 20 个字符", "a code has letters, digits and . _ -, at most 20"
    return None


def cells_in(content: bytes, filename: str = "") -> ReadCells:
    """Populations: area and people; area, kind and people; with codes of both. Codes that are missing are made.

    Rows of one area are brought together, in the order in which the areas first stand there.
    Raises what `spreadsheets.read` raises.
    """
    rows, faults = _rows("areas", content, filename)
    areas: dict[str, str] = {}
    kinds: dict[str, str] = {}
    found: dict[tuple[str, str], tuple[int, CellLine]] = {}
    for row, cells in rows:
        name, kind_name = cells.get("area_name", "") or cells.get("area", ""), cells.get("kind_name", "") or KIND
        wrong = _cell_fault(name, kind_name, cells.get("people", ""))
        if not wrong and (name, kind_name) in found:
            other = found[name, kind_name][0]
            wrong = f"与第 {other} 行是同一区域同一类别", f"area and kind stand in row {other}, too"
        if wrong:
            faults.append(RowFault(row, " ".join(filter(None, (name, cells.get("people", "")))), *wrong))
            continue
        area = areas.setdefault(name, cells.get("area", "")[:20] or f"A{len(areas) + 1:02}")
        kind = kinds.setdefault(kind_name, cells.get("kind", "")[:20] or f"K{len(kinds) + 1}")
        people = int(cells["people"].replace(",", "").replace("，", ""))
        line = CellLine(area=area, area_name=name, kind=kind, kind_name=kind_name, people=people)
        found[name, kind_name] = row, line
    order = list(areas)
    return ReadCells(sorted((line for _, line in found.values()), key=lambda one: order.index(one.area_name)), faults)


def _cell_fault(area: str, kind: str, people: str) -> tuple[str, str] | None:
    if not area:
        return "没有区域名称", "there is no area"
    if len(area) > 60 or len(kind) > 40:
        return "区域最长 60 字,类别最长 40 字", "an area has at most 60 characters, a kind 40"
    if not _NUMBER.fullmatch(people):
        return f"人数要写整数,这里是“{people[:20]}”", f"people are a whole number, not “{people[:20]}”"
    if not 0 < int(re.sub(r"\D", "", people)) <= MOST_PEOPLE:
        return f"人数在 1 至 {MOST_PEOPLE} 之间", f"people lie between 1 and {MOST_PEOPLE}"
    return None


def _rows(what: str, content: bytes, filename: str) -> tuple[list[_Row], list[RowFault]]:
    """Rows by column; the first row is a heading where one of its cells is known as one."""
    sheet = read(_narrow(content) if not filename else content, filename or _PASTED)
    headings = _HEADINGS[what]
    first = [headings.get(folded(cell)) for cell in sheet.header]
    if any(first):
        unknown = [cell for cell, name in zip(sheet.header, first, strict=True) if name is None and cell]
        faults = [RowFault(1, cell, "不认识这一列", "this column is not known") for cell in unknown]
        return [(row, _named(first, cells)) for row, cells in sheet.rows], faults
    rows = _without_heading(sheet)
    names = _BY_WIDTH[what].get(max(len(_filled(cells)) for _, cells in rows))
    if names is None:
        widths = "、".join(str(width) for width in _BY_WIDTH[what])
        return [], [RowFault(0, "", f"没有表头时应为 {widths} 列", f"without a heading there are {widths} columns")]
    return [(row, _named(names, cells)) for row, cells in rows], []


def _narrow(content: bytes) -> bytes:
    """What people paste has full-width commas; in a file they belong to a name."""
    return content.replace("，".encode(), b",")


def _without_heading(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [(1, sheet.header), *sheet.rows]


def _filled(cells: Sequence[str]) -> Sequence[str]:
    return cells[: max((at for at, cell in enumerate(cells, start=1) if cell), default=0)]


def _named(names: Iterable[str | None], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell for name, cell in zip(names, cells, strict=False) if name}
