"""Proofs about the tree of a log (证明), read from its stored tiles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_models.core.clock import day_ends
from survey_models.core.errors import Problem
from survey_models.ledger import queries
from survey_models.ledger.events import Event
from survey_models.ledger.merkle import consistency_proof, inclusion_proof
from survey_models.ledger.tables import LedgerEntry, LedgerHead
from survey_models.ledger.tiles import HEIGHT, WIDTH, Forest, TileName, bundle_of, leaf_data


@dataclass(frozen=True)
class ReceiptProof:
    """What answers to a receipt: the entry as it is in the log, its place and path once it has them (hex).

    ``head`` is the newest one; the path leads to its root. Both are missing as long as the entry is only promised.
    """

    entry: str
    digest: str
    seq: int | None
    proof: tuple[str, ...]
    head: LedgerHead | None


def newest_head(session: Session, log: str) -> LedgerHead:
    """The newest head. Raises ``ledger_unknown``."""
    head = queries.head(session, log=log)
    if head is None:
        raise Problem("ledger_unknown")
    return head


def head_of_day(session: Session, log: str, day: date, *, zone: str) -> LedgerHead:
    """The last head of a local day (每日根): the newest one made before the day was over. Raises ``ledger_unknown``."""
    head = queries.head(session, log=log, before=day_ends(day, zone))
    if head is None:
        raise Problem("ledger_unknown")
    return head


def forest_of(session: Session, log: str) -> Forest:
    """The stored tree of ``log``."""
    return Forest(lambda level, index: queries.tile(session, log=log, level=level, index=index))


def inclusion(session: Session, log: str, *, seq: int, size: int | None = None) -> tuple[int, list[bytes]]:
    """Tree size (the newest, unless given) and proof of the entry at place ``seq``.

    Raises ``ledger_unknown``, ``proof_out_of_range``.
    """
    newest = newest_head(session, log).size
    size = newest if size is None else size
    if not 0 <= seq < size <= newest:
        raise Problem("proof_out_of_range", size=newest)
    return size, inclusion_proof(seq, size, forest_of(session, log).node)


def placed_of(session: Session, log: str, event: Event, *, size: int) -> Sequence[LedgerEntry]:
    """Entries of one kind among the first ``size`` places of the tree, the newest place first."""
    return queries.placed_of(session, log=log, event=event, size=size)


def consistency(session: Session, log: str, *, old: int, new: int | None = None) -> tuple[int, list[bytes]]:
    """Tree size (the newest, unless given) and proof that the first ``old`` entries are its beginning.

    Raises ``ledger_unknown``, ``proof_out_of_range``.
    """
    newest = newest_head(session, log).size
    new = newest if new is None else new
    if not 0 < old <= new <= newest:
        raise Problem("proof_out_of_range", size=newest)
    return new, consistency_proof(old, new, forest_of(session, log).node)


def of_receipt(session: Session, log: str, receipt: str) -> ReceiptProof:
    """What the log holds for a receipt code (回执号). Raises ``receipt_unknown``."""
    # The head is read first: an entry that is found placed then may lie behind it, and counts as promised.
    head = queries.head(session, log=log)
    entry = queries.by_receipt(session, log=log, receipt=receipt)
    if entry is None:
        raise Problem("receipt_unknown")
    return _placed(session, entry, head)


def of_entry(session: Session, log: str, entry_id: uuid.UUID) -> ReceiptProof:
    """The same for an act by the id of its entry. Raises ``ledger_entry_unknown``, also for a sheet's."""
    head = queries.head(session, log=log)
    entry = session.get(LedgerEntry, (log, entry_id))
    # A sheet is found by its receipt alone.
    if entry is None or entry.event == Event.BALLOT_CAST.value:
        raise Problem("ledger_entry_unknown")
    return _placed(session, entry, head)


def _placed(session: Session, entry: LedgerEntry, head: LedgerHead | None) -> ReceiptProof:
    text = entry.body.decode()
    if entry.seq is None or head is None or entry.seq >= head.size:
        return ReceiptProof(text, entry.digest, None, (), None)
    path = inclusion_proof(entry.seq, head.size, forest_of(session, entry.log).node)
    return ReceiptProof(text, entry.digest, entry.seq, tuple(value.hex() for value in path), head)


def tile(session: Session, log: str, name: TileName) -> bytes:
    """A tile of hashes or a bundle of entries, as far as a published head covers it.

    Raises ``ledger_unknown``, ``proof_out_of_range``.
    """
    head = newest_head(session, log)
    if name.index * WIDTH + name.width > head.size >> HEIGHT * (name.level or 0):
        raise Problem("proof_out_of_range", size=head.size)
    if name.level is not None:
        return queries.tile(session, log=log, level=name.level, index=name.index)[: name.width * 32]
    start = name.index * WIDTH
    return bundle_of(map(leaf_data, queries.placed(session, log=log, start=start, end=start + name.width)))
