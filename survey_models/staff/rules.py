"""What may stand on a badge (胸牌) and on a unit's board, and a staff list by columns. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from survey_models.core.errors import Problem

COLUMNS = ("number", "name", "unit", "post", "political", "mobile", "window")
REQUIRED = ("number", "name")
BOARD_LENGTH = 4_000
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}")
_PHONE = re.compile(r"[0-9+][0-9 ()+-]{2,38}")
_WINDOW = re.compile(r"[0-9a-z][0-9a-z-]{0,59}")
_LENGTHS = {"name": 40, "post": 60, "political": 20}
_KEPT = frozenset("\n\t")


@dataclass(frozen=True)
class Person:
    """One person of a window as the office enters them."""

    number: str
    name: str
    unit: str | None = None
    post: str = ""
    political: str = ""
    mobile: str | None = None


def fit_person(person: Person) -> Person:
    """The person as stored. Raises ``staff_malformed`` with the field."""
    number = person.number.strip()
    if not _NUMBER.fullmatch(number):
        raise Problem("staff_malformed", field="工号 number")
    words = {name: fit_line(getattr(person, name), name, limit=limit) for name, limit in _LENGTHS.items()}
    if not words["name"]:
        raise Problem("staff_malformed", field="姓名 name")
    return Person(number, words["name"], person.unit or None, words["post"], words["political"], _mobile(person.mobile))


def _mobile(sent: str | None) -> str | None:
    return fit_phone(sent)[:20] or None if sent else None


def fit_phone(sent: str) -> str:
    """A telephone number as it is shown; empty: none. Raises ``staff_malformed``."""
    said = unicodedata.normalize("NFKC", sent).strip()
    if said and not _PHONE.fullmatch(said):
        raise Problem("staff_malformed", field="电话 telephone")
    return said


def check_window_id(window_id: str) -> None:
    """Refuse an id that has no place in an address. Raises ``staff_malformed``."""
    if not _WINDOW.fullmatch(window_id):
        raise Problem("staff_malformed", field="窗口标识 id")


def fit_line(sent: str, field: str, *, limit: int) -> str:
    """One line without control characters. Raises ``staff_malformed`` where it is too long."""
    said = "".join(char for char in sent if unicodedata.category(char) not in {"Cc", "Cf"}).strip()
    if len(said) > limit:
        raise Problem("staff_malformed", field=field)
    return said


def fit_board(sent: str) -> str:
    """Text of a board: lines, no control characters. Raises ``staff_malformed`` where it is too long."""
    whole = sent.replace("\r\n", "\n").replace("\r", "\n")
    said = "".join(char for char in whole if char in _KEPT or unicodedata.category(char) not in {"Cc", "Cf"}).strip()
    if len(said) > BOARD_LENGTH:
        raise Problem("staff_malformed", field="承诺、指南 promise, guide")
    return said


def staff_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[Person, str]]:
    """People of a staff list (CSV), each with the window at which they begin now, or an empty text.

    Raises ``upload_columns_missing``, ``upload_columns_unknown``, ``staff_malformed``.
    """
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise Problem("upload_columns_missing", columns=", ".join(missing))
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        raise Problem("upload_columns_unknown", columns=", ".join(unknown))
    found = []
    for cells in rows:
        row = dict.fromkeys(COLUMNS, "") | dict(zip(header, cells, strict=True))
        window = row.pop("window")
        found.append((fit_person(Person(**row)), window))
    return found
