"""Columns of an export (字段): names for machines, Chinese labels for people, what each number stands for. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

Cell = str | int | Decimal | None
BLANK_NUMBER, INVALID_NUMBER = 98, 99
"""未填 and 无效 as numbers: beyond every option of a scale, and missing for a statistics program."""
MISSING = {BLANK_NUMBER: "未填", INVALID_NUMBER: "无效"}
_UNFIT = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True)
class Column:
    """``values``: what each number stands for, empty where a number is a number or the column holds text.

    ``places``: decimals; ``missing``: whether 98 and 99 are missing values; ``text``: it holds words.
    """

    name: str
    label: str
    values: Mapping[int, str] = field(default_factory=dict)
    places: int = 0
    missing: bool = False
    text: bool = False
    width: int = 10


@dataclass(frozen=True)
class Table:
    """One table: ``count`` rows, told one by one. ``rows`` may be asked for again and begins anew."""

    name: str
    title: str
    columns: Sequence[Column]
    count: int
    rows: Callable[[], Iterator[Sequence[Cell]]]
    notes: Sequence[str] = ()


def named(keys: Iterable[str]) -> list[str]:
    """Names that every statistics program takes: ASCII letters, figures and underscores, each once, at most 60 long."""
    taken: set[str] = set()
    found = []
    for key in keys:
        name = _UNFIT.sub("_", key)[:56]
        if not name[:1].isalpha():
            name = f"v_{name}"
        fresh, number = name, 2
        while fresh.lower() in taken:
            fresh, number = f"{name}_{number}", number + 1
        taken.add(fresh.lower())
        found.append(fresh)
    return found


def coded(table: Table) -> Table:
    """The same table with words as numbers and their labels: what a statistics file holds of text."""
    words: dict[int, dict[str, int]] = {place: {} for place, one in enumerate(table.columns) if one.text}
    if not words:
        return table
    for row in table.rows():
        for place, known in words.items():
            cell = row[place]
            if cell is not None:
                known.setdefault(str(cell), len(known) + 1)
    columns = [
        Column(one.name, one.label, {number: word for word, number in words[place].items()}) if one.text else one
        for place, one in enumerate(table.columns)
    ]

    def rows() -> Iterator[Sequence[Cell]]:
        for row in table.rows():
            yield [
                cell if place not in words or cell is None else words[place][str(cell)]
                for place, cell in enumerate(row)
            ]

    return Table(table.name, table.title, columns, table.count, rows, table.notes)


def codebook(table: Table) -> Table:
    """The code book (编码手册) of a table: a line for each column and each value that stands for something."""
    lines = list(_lines(table))
    heads = (("name", "字段"), ("label", "含义"), ("value", "取值"), ("meaning", "取值含义"))
    columns = [Column(name, label, text=True, width=24) for name, label in heads]
    return Table("codebook", f"{table.title} 编码手册", columns, len(lines), lambda: iter(lines))


def _lines(table: Table) -> Iterator[Sequence[Cell]]:
    for one in table.columns:
        yield (one.name, one.label, "", "")
        for value, meaning in one.values.items():
            yield (one.name, one.label, str(value), meaning)
