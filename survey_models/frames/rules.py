"""What is known of a frame without a database (抽样框)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StratumSize:
    """How many entries a stratum has, how many of a size above 0, and the sum of their sizes."""

    entries: int
    positive: int
    total: int
