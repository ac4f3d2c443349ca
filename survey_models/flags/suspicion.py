"""What a detector (检测) hands back: where, how unlikely, and the numbers it saw."""

from __future__ import annotations

from dataclasses import dataclass

Evidence = dict[str, int | float | list[int]]


@dataclass(frozen=True)
class Suspicion:
    """One place that stands out.

    ``place``: its position in the arrays that were handed in; ``p``: the chance of it in an honest campaign, all places
    looked at taken together (None where a score takes its place); ``evidence``: the numbers, for people to judge.
    """

    place: int
    p: float | None
    evidence: Evidence
