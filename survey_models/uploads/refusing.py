"""Refusing a small file (拒收): every fault with row, column and remedy in one answer, and nothing stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survey_models.core.errors import Problem
from survey_models.uploads.rules import MAX_FAULTS, Fault


class Faulty(Problem):
    """``file_faulty`` with the faults as they were found, for the file that is given back with marked cells."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        ordered = sorted(faults, key=lambda fault: (fault.row is not None, fault.row or 0))
        super().__init__("file_faulty", count=len(faults), faults=[as_dict(fault) for fault in ordered[:MAX_FAULTS]])
        self.found = tuple(ordered[:MAX_FAULTS])


def refuse(faults: Sequence[Fault]) -> None:
    """Raise ``file_faulty`` with all of ``faults`` (at most 5,000), in the order of the file; nothing without one."""
    if faults:
        raise Faulty(faults)


def as_dict(fault: Fault) -> dict[str, Any]:
    """A fault with its sentences, as it goes over the wire: the same fields as a fault of an upload."""
    problem = fault.problem()
    return {
        "row": fault.row,
        "column": fault.column,
        "cell": fault.params.get("cell"),
        "code": fault.code,
        "message": problem.sentence("zh"),
        "message_en": problem.sentence("en"),
        "remedy": problem.remedy("zh"),
        "remedy_en": problem.remedy("en"),
    }
