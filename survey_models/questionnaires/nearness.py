"""Near-identical names (相近名称): 太平洋人寿保险 and 太平洋财产保险 are told apart by two characters in the middle."""

from __future__ import annotations

SHARED = 2
LONGEST_DIFFERENCE = 3


def shared_ends(left: str, right: str) -> tuple[int, int] | None:
    """How many characters two near names share at the beginning and at the end; None where they are not near.

    Near: they begin and end alike (two characters or more at each end) and at most three characters between differ.
    """
    shorter = min(len(left), len(right))
    front = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    room = shorter - front
    back = next((n for n in range(room) if left[-1 - n] != right[-1 - n]), room)
    longer = max(len(left), len(right)) - front - back
    return (front, back) if front >= SHARED and back >= SHARED and longer <= LONGEST_DIFFERENCE else None
