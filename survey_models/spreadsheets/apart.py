"""Parsers of binary files run in a process of their own (单独进程读表), with limits that only that process can hit.

A cell far out makes a parser ask for memory beyond all measure; only a process of its own can die of that.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from survey_models.core.errors import Problem

MAX_ROWS = 200_000
MAX_COLUMNS = 300
MAX_CELLS = 2_000_000
MAX_TEXT = 96 * 1024 * 1024
MEMORY = 240 * 1024 * 1024
CPU_SECONDS, WALL_SECONDS = 20, 60
UNREADABLE, TOO_LARGE = 3, 4
# What may not stand in a file, found before its first row was told.
FORMULAS, PROGRAMS, LOCKED = 5, 6, 7
_REFUSED = {FORMULAS: "upload_holds_formulas", PROGRAMS: "upload_active_content", LOCKED: "upload_has_password"}
# How JSON spells it: PostgreSQL could not even store the fault that names such a cell.
_NUL = rb"\u0000"
# Its own module, no variables of ours; a library of numbers may not start threads with stacks of their own.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}


def rows_of(module: str, content: bytes) -> list[list[str]]:
    """The rows that a parser finds in ``content``; equal texts are one object.

    Raises:
        Problem: ``upload_not_readable``, ``upload_too_large``; ``upload_holds_formulas``, ``upload_active_content`` and
            ``upload_has_password`` where the parser looks for them.
    """
    command = [sys.executable, "-m", f"survey_models.spreadsheets.{module}"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False, env=_ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        raise Problem("upload_not_readable") from None
    if done.returncode == TOO_LARGE:
        raise Problem("upload_too_large")
    if (code := _REFUSED.get(done.returncode)) is not None:
        cell = {"cell": done.stdout.decode("ascii", "replace")[:12]} if done.returncode == FORMULAS else {}
        raise Problem(code, **cell)
    if done.returncode or _NUL in done.stdout:
        raise Problem("upload_not_readable")
    known: dict[str, str] = {}
    return [[known.setdefault(cell, cell) for cell in json.loads(line)] for line in done.stdout.splitlines()]


def limited(parse: Callable[[bytes], Iterable[Sequence[str]]]) -> int:
    """The main program of a parser: bytes on standard input, a JSON line for each row on standard output.

    Exit status 0, or UNREADABLE, TOO_LARGE, FORMULAS, PROGRAMS, LOCKED; killed by its limits it is as unreadable.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for line in _lines(parse(sys.stdin.buffer.read())):
            sys.stdout.buffer.write(line)
    except TooLargeError:
        return TOO_LARGE
    except RefusedError as refused:
        sys.stdout.write(refused.cell)
        return refused.status
    except MemoryError:
        return UNREADABLE
    return 0


class TooLargeError(Exception):
    """More rows, columns, cells or text than a table of a survey has."""


class RefusedError(Exception):
    """Something that may not stand in a file; ``cell``: where the formula is."""

    def __init__(self, status: int, cell: str = "") -> None:
        super().__init__(status)
        self.status, self.cell = status, cell


def check_size(rows: int, columns: int) -> None:
    """Raise TooLargeError. ``rows`` without the heading."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise TooLargeError


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    left = MAX_TEXT
    for row in rows:
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        left -= len(line)
        if left < 0:
            raise TooLargeError
        yield line
