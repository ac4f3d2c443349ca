"""The answers of one cell, as they come out of the database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CellAnswers:
    """All answers of one cell and channel, sheet after sheet in no order that means anything."""

    stratum_no: int
    point_no: int
    channel: str
    sheets: int
    answers: str
