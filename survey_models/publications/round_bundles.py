"""The two bundles of a round (评议结果证据包): for everybody what reproduces the printed figures, for auditors all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.archives import archive
from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.evidence.kinds import Kind
from survey_models.evidence.service import Bundle
from survey_models.ledger import proofs, rotation
from survey_models.ledger import service as ledger
from survey_models.ledger.cosigning import with_witnesses
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.tables import LedgerEntry, LedgerHead
from survey_models.publications import recomputing as names
from survey_models.publications.masking import (
    masked_inputs,
    masked_outcome,
    masked_year,
    members,
    without_counts,
    without_named_lines,
    without_names,
)
from survey_models.reports.round_matters import unworded, without_matters
from survey_models.reports.round_sheet import small_units
from survey_models.reports.round_tables import inputs_tables
from survey_models.rounds import outcomes, service
from survey_models.rounds.gathering import YearInputs
from survey_models.rounds.records import to_json
from survey_models.rounds.tables import Level, RoundResult, Way
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.outcome import Outcome
from survey_models.spreadsheets.write import xlsx_bytes


def bundle(session: Session, round_id: str, kind: Kind, *, public: bytes) -> Bundle:
    """Put a bundle together; only reads. ``public``: the key that the ledger's heads are signed with now (32 bytes).

    The public's is of the published result, the auditor's of the newest one. Raises ``round_unknown``,
    ``round_result_missing``; ``round_not_published`` for the public's before publication.
    """
    row = _row(session, round_id, kind)
    scheme = schemes.get(session, row.scheme_id, row.scheme_version)
    inputs, outcome = outcomes.inputs_of(session, row), outcomes.outcome_of(row)
    small = frozenset[str]() if kind is Kind.AUDITOR else _small(session, row, inputs)
    shown, outcome = (inputs, outcome) if kind is Kind.AUDITOR else _public(inputs, outcome, small)
    hidden, inputs = shown != inputs, shown
    content = {
        names.ROUND: canonical_bytes(
            {**_about(session, row, small, hidden=hidden or bool(small)), "draws": _draws(session, row, kind)}
        ),
        names.SCHEME: canonical_bytes(scheme.doc),
        names.SCHEME_TEXT: scheme.text.encode(),
        names.INPUTS: canonical_bytes(to_json(inputs)),
        names.OUTCOME: canonical_bytes(to_json(outcome)),
        names.README: files("survey_models.publications").joinpath("readme_of_bundles.txt").read_bytes(),
        **_ledger(session, row, kind, public),
    }
    if isinstance(inputs, Inputs):
        content[names.TABLES] = xlsx_bytes(inputs_tables(inputs, small=small))
    listed = {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(content.items())}
    manifest = canonical_bytes({"format": names.FORMAT, "kind": kind.value, "round": round_id, "files": listed})
    whole = archive({names.MANIFEST: manifest, **content})
    return Bundle(kind, whole, hashlib.sha256(manifest).hexdigest())


def _public(
    inputs: Inputs | YearInputs, outcome: Outcome, small: frozenset[str]
) -> tuple[Inputs | YearInputs, Outcome]:
    """Inputs and scorecards as everybody may read them; the outcome still follows from the inputs."""
    if not isinstance(inputs, Inputs):
        return without_counts(masked_year(inputs, small), masked_outcome(outcome, small))
    numbers = members(inputs)
    shown = without_named_lines(unworded(masked_outcome(outcome, small), inputs), numbers)
    return without_matters(without_names(masked_inputs(inputs, small), numbers)), shown


def record_written(session: Session, round_id: str, made: Bundle, *, by: str, at: datetime) -> None:
    """Write to the ledger that a bundle left the house, and which."""
    body = {"round": round_id, "kind": made.kind.value, "manifest": made.manifest}
    ledger.record(session, SYSTEM_LOG, Event.ROUND_BUNDLE_WRITTEN, body, at=at, by=by)


def _row(session: Session, round_id: str, kind: Kind) -> RoundResult:
    newest = outcomes.latest(session, round_id)
    if kind is Kind.AUDITOR:
        return newest
    published = service.published(session, round_id)
    if published is None:
        raise Problem("round_not_published", round=round_id)
    return published[0]


def _small(session: Session, row: RoundResult, inputs: Inputs | YearInputs) -> frozenset[str]:
    """Units with a small cell, in the round or in any round of the year."""
    if isinstance(inputs, Inputs):
        return small_units(inputs)
    periods, found = {name for name, _ in inputs.rounds}, frozenset[str]()
    for one, period in service.of_scheme(session, row.scheme_id, level=Level.ROUND):
        scored = service.latest(session, one.id) if period.name in periods else None
        read = outcomes.inputs_of(session, scored) if scored is not None else None
        found |= small_units(read) if isinstance(read, Inputs) else frozenset()
    return found


def _about(session: Session, row: RoundResult, small: frozenset[str], *, hidden: bool) -> dict[str, Any]:
    found = service.get(session, row.round_id)
    return {
        "round": row.round_id,
        "title": found.title,
        "period": found.period,
        "level": found.level,
        "purpose": found.purpose,
        "no": row.no,
        "scheme": row.scheme_id,
        "version": row.scheme_version,
        "scheme_digest": row.scheme_digest,
        "inputs_digest": row.inputs_digest,
        "result_digest": row.result_digest,
        "code": row.code,
        # Where nothing is hidden the value hides nothing either: everybody has the figures.
        "blind": None if hidden else row.blind,
        "hidden": hidden,
        "masked": sorted(small),
    }


def _draws(session: Session, row: RoundResult, kind: Kind) -> list[dict[str, Any]]:
    """Draws between equals that stand when the result was made; for auditors what the house's share follows from."""
    blinds = {one.no: one.blind for one in service.results_of(session, row.round_id)}
    stands = {(one.about, one.category): one for one in service.decisions_of(session, row.round_id)}
    drawn = [one for one in stands.values() if one.way == Way.DRAW and one.share and one.made_at <= row.made_at]
    told = []
    for one in drawn:
        plain = {name: getattr(one, name) for name in ("about", "category", "units", "seed", "share", "result_no")}
        told.append(plain | ({"blind": blinds[one.result_no or 0]} if kind is Kind.AUDITOR else {}))
    return told


def _ledger(session: Session, row: RoundResult, kind: Kind, public: bytes) -> Mapping[str, bytes]:
    """The newest head of the system's log; for auditors the entry of the score run with its proof, once it is placed.

    Entries of that log name people of the office and are not public.
    """
    try:
        head = proofs.newest_head(session, SYSTEM_LOG)
    except Problem:
        return {}
    note = with_witnesses(session, head).note
    origin = note.split("\n", 1)[0]
    content = {
        names.CHECKPOINT: note.encode(),
        names.VKEY: f"{vkey_of(origin, rotation.signed_with(session, head.note, public=public))}\n".encode(),
    }
    entry = _entry(session, row, head) if kind is Kind.AUDITOR else None
    if entry is not None and entry.seq is not None:
        size, proof = proofs.inclusion(session, SYSTEM_LOG, seq=entry.seq, size=head.size)
        placed = {"seq": entry.seq, "size": size, "proof": [one.hex() for one in proof]}
        content |= {names.ENTRY: bytes(entry.body), names.PROOF: canonical_bytes(placed)}
    return content


def _entry(session: Session, row: RoundResult, head: LedgerHead) -> LedgerEntry | None:
    """The entry of the score run, if the head covers it."""
    for entry in proofs.placed_of(session, SYSTEM_LOG, Event.ROUND_SCORED, size=head.size):
        if row.result_digest.encode() in bytes(entry.body):
            return entry
    return None
