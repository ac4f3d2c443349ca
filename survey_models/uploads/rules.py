"""Checking a contractor's file (上传的检查): every fault with row, column and what to do. Pure decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey_models.core.errors import Problem
from survey_models.spreadsheets.read import Sheet, folded
from survey_models.tickets.codes import looks_like_code
from survey_models.uploads.tables import UploadState

MAX_FAULTS = 5_000
SHOWN = 40
HEADER_ROW = 1
_WITHDRAWABLE = frozenset({UploadState.RECEIVED, UploadState.CHECKED, UploadState.ENTERING, UploadState.ACCEPTED})
_CODE_TAIL = re.compile(r"#\s*(\S.*)$")


@dataclass(frozen=True)
class Fault:
    """One fault. ``row`` is the row number of the spreadsheet program, ``column`` the heading; None: the whole file."""

    row: int | None
    column: str | None
    code: str
    params: Mapping[str, Any]

    def problem(self) -> Problem:
        """The fault with its sentences."""
        return Problem(self.code, **self.params)


@dataclass(frozen=True)
class Heading:
    """A column that a template has: the heading it prints and other spellings that are accepted."""

    name: str
    also: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Choice:
    """What may stand in the cells of a column: spelling → code, and the spellings named in the remedy."""

    codes: Mapping[str, str]
    shown: tuple[str, ...]

    def read(self, text: str) -> str | None:
        """The code of a cell, None if it is none."""
        return self.codes.get(folded(text))


def heading_key(text: str) -> str:
    """A heading for comparing: width, case and all spaces aside."""
    return "".join(folded(text).split())


def place_columns(header: Sequence[str], headings: Sequence[Heading], used: Sequence[bool]) -> list[int | None]:
    """For each of ``headings`` the index of its column in the file, None if it may be absent and is.

    ``used`` tells for each column of the file whether any cell below has text; nameless empty columns are passed over.

    Raises:
        Problem: ``upload_columns_unknown`` or ``upload_columns_missing``, with all their names.
    """
    wanted = {heading_key(name): place for place, item in enumerate(headings) for name in (item.name, *item.also)}
    found: list[int | None] = [None] * len(headings)
    unknown: list[str] = []
    for index, title in enumerate(header):
        place = wanted.get(heading_key(title))
        if place is not None and found[place] is None:
            found[place] = index
        elif title or used[index]:
            unknown.append(title[:SHOWN] or column_letters(index))
    if unknown:
        raise Problem("upload_columns_unknown", columns="、".join(unknown))
    missing = [item.name for item, index in zip(headings, found, strict=True) if item.required and index is None]
    if missing:
        raise Problem("upload_columns_missing", columns="、".join(missing))
    return found


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA, as the spreadsheet program names columns."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_column(cells: Sequence[str], choice: Choice) -> tuple[list[str | None], list[int]]:
    """The codes of a column and the places of cells that are none. Every spelling is looked up once."""
    codes = {text: choice.read(text) for text in set(cells)}
    read = [codes[text] for text in cells]
    bad = [place for place, code in enumerate(read) if code is None] if None in codes.values() else []
    return read, bad


def refuse_codes(sheet: Sheet) -> None:
    """Raise ``upload_holds_codes`` if any cell has the shape of a ticket code, alone or behind a # as in a link."""
    suspects = {text for text in _distinct(sheet) if _is_code(text)}
    if not suspects:
        return
    numbered = [(HEADER_ROW, sheet.header), *sheet.rows]
    raise Problem("upload_holds_codes", row=next(n for n, cells in numbered if not suspects.isdisjoint(cells)))


def _distinct(sheet: Sheet) -> set[str]:
    texts = set(sheet.header)
    for _, cells in sheet.rows:
        texts.update(cells)
    return texts


def _is_code(text: str) -> bool:
    """A number of sixteen digits is a sheet's number: no code in a hundred million has digits only."""
    narrow = folded(text)
    tail = _CODE_TAIL.search(narrow)
    return any(looks_like_code(part) and not part.isdigit() for part in (narrow, tail[1] if tail else ""))


def after_accepting(state: str) -> UploadState:
    """Only a checked file can be accepted; one being entered is entered on. Raises ``upload_state_wrong``."""
    if state not in {UploadState.CHECKED, UploadState.ENTERING}:
        raise Problem("upload_state_wrong", state=state)
    return UploadState.ENTERING


def after_withdrawing(state: str) -> UploadState:
    """A file can be withdrawn unless it was rejected or withdrawn before. Raises ``upload_state_wrong``."""
    if state not in _WITHDRAWABLE:
        raise Problem("upload_state_wrong", state=state)
    return UploadState.WITHDRAWN
