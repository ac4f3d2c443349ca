"""What a witness does (见证): it remembers the last head it saw, and believes only a head that continues it.

Pure: the proof comes from whoever asks the log for it. One witness outside the house is what turns a ledger that
its keeper could rewrite into one that he cannot rewrite unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from survey_models.core.errors import Problem
from survey_models.ledger.merkle import extends
from survey_models.ledger.notes import Checkpoint, open_note

FetchProof = Callable[[int, int], Sequence[bytes]]
"""``fetch(old, new)``: the log's consistency proof between two sizes."""


@dataclass(frozen=True)
class Seen:
    """The last head believed: the key it was checked with, and the signed checkpoint as it was served."""

    vkey: str
    note: str

    @property
    def head(self) -> Checkpoint:
        """The checkpoint. Raises ValueError when the note is not signed by the key."""
        return open_note(self.note, self.vkey)


def believe(log: str, seen: Seen | None, note: str, vkey: str, fetch: FetchProof) -> Seen:
    """The head in ``note``, once it is proved to continue what was ``seen``; ``vkey`` serves for the first one only.

    Raises ``ledger_signature_wrong``, ``ledger_rollback`` (fewer entries than seen) or ``ledger_fork`` (the entries
    seen are not the beginning of these).
    """
    now = Seen(seen.vkey if seen else vkey, note)
    try:
        head, before = now.head, seen.head if seen else None
    except ValueError:
        raise Problem("ledger_signature_wrong", log=log) from None
    if before is None:
        return now
    if head.size < before.size:
        raise Problem("ledger_rollback", log=log, seen=before.size, size=head.size)
    proof = fetch(before.size, head.size) if head.size > before.size > 0 else ()
    if not extends(before.root, before.size, head.root, head.size, proof):
        raise Problem("ledger_fork", log=log, seen=before.size, size=head.size)
    return now
