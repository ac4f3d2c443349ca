"""What a witness does (见证): it remembers the last head it saw, and believes only a head that continues it.

Pure: the proof comes from whoever asks the log for it. One witness outside the house is what turns a ledger that
its keeper could rewrite into one that he cannot rewrite unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from survey_models.core.errors import Problem
from survey_models.ledger.changes import Announced, keys_from
from survey_models.ledger.merkle import extends
from survey_models.ledger.notes import Checkpoint, open_note, read_vkey, vkey_of

FetchProof = Callable[[int, int], Sequence[bytes]]
"""``fetch(old, new)``: the log's consistency proof between two sizes."""

FetchKeys = Callable[[], Announced]
"""The changes of the ledger's key as the service announces them."""


def none_announced() -> Announced:
    """No change of the key is known."""
    return Announced()


@dataclass(frozen=True)
class Seen:
    """The last head believed: the key it was checked with, and the signed checkpoint as it was served."""

    vkey: str
    note: str

    @property
    def head(self) -> Checkpoint:
        """The checkpoint. Raises ValueError when the note is not signed by the key."""
        return open_note(self.note, self.vkey)


def believe(
    log: str, seen: Seen | None, note: str, vkey: str, fetch: FetchProof, *, announced: FetchKeys = none_announced
) -> Seen:
    """The head in ``note``, once it is proved to continue what was ``seen``; ``vkey`` serves for the first one only.

    Another key than the one known is believed only where ``announced`` leads from that one to it.
    Raises ``ledger_signature_wrong``, ``ledger_rollback`` (fewer entries than seen) or ``ledger_fork`` (the entries
    seen are not the beginning of these).
    """
    try:
        now = _signed(note, seen.vkey if seen else vkey, announced)
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


def _signed(note: str, vkey: str, announced: FetchKeys) -> Seen:
    """The head with the key that it is signed with. Raises ValueError unless that is the known one or follows."""
    origin, _, public = read_vkey(vkey)
    try:
        open_note(note, vkey)
    except ValueError:
        found, signer = keys_from(public, announced()).opened(note)
        if found.origin != origin:
            raise ValueError("the checkpoint of another log") from None
        return Seen(vkey_of(origin, signer), note)
    return Seen(vkey, note)
