"""Writing the public's and the auditor's bundle of a counted campaign (公布包, 审计包)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.core.archives import archive
from survey_models.core.errors import Problem
from survey_models.evidence import documents, queries
from survey_models.evidence.beside import beside
from survey_models.evidence.beside import printed as printed_beside
from survey_models.evidence.documents import Ballot, Ground, as_json
from survey_models.evidence.kinds import Kind
from survey_models.evidence.recounts import rested_on
from survey_models.evidence.releases import NOTHING, Release, release, tallies_csv
from survey_models.ledger import rotation
from survey_models.ledger import service as ledger
from survey_models.ledger.cosigning import with_witnesses
from survey_models.ledger.events import Event
from survey_models.ledger.notes import Checkpoint, vkey_of
from survey_models.ledger.tables import LedgerHead
from survey_models.results import service as results
from survey_models.results.tables import Result


@dataclass(frozen=True)
class Bundle:
    """An archive to hand over. ``manifest``: SHA-256 of its manifest, by which the ledger names it."""

    kind: Kind
    content: bytes
    manifest: str


def bundle(session: Session, campaign_id: str, kind: Kind, *, public: bytes) -> Bundle:
    """Put a bundle together; only reads. ``public``: the key that the ledger's heads are signed with now (32 bytes).

    Raises ``campaign_unknown``, 409 before counting, ``result_missing``; ``bundle_ledger_waiting`` while an entry of
    the campaign has no place in its tree yet.
    """
    result = results.latest(session, campaign_id)
    head = queries.head(session, campaign_id)
    if head is None or queries.waiting(session, campaign_id):
        raise Problem("bundle_ledger_waiting")
    entries = queries.entries(session, campaign_id, size=head.size)
    campaign = campaigns.get(session, campaign_id)
    about = queries.campaign_document(session, campaign, threshold=campaign.min_cell)
    ground = Ground(about, queries.tickets_document(session, campaign_id))
    box = queries.box(session, campaign_id)
    scores = queries.result_rows(session, result)
    voids, inputs = _voids(session, campaign_id), result.inputs_digest
    printed = release(ground, rested_on(ground, box, voids, inputs, blind=campaign.tally_blind), scores)
    origin = _checkpoint(head).origin
    content = {
        documents.CAMPAIGN: as_json(about),
        documents.TICKETS: as_json(ground.tickets),
        documents.RESULT: as_json(_printed(result, printed)),
        documents.TALLIES: tallies_csv(printed),
        documents.README: files("survey_models.evidence").joinpath("readme_of_bundles.txt").read_bytes(),
        documents.ENTRIES: b"".join(bytes(body) + b"\n" for body in entries),
        documents.CHECKPOINT: with_witnesses(session, head).note.encode(),
        documents.VKEY: f"{vkey_of(origin, rotation.signed_with(session, head.note, public=public))}\n".encode(),
        documents.KEYS: as_json(rotation.announced(session).as_dict()),
    }
    if kind is Kind.AUDITOR:
        content |= _for_auditors(session, campaign_id, box, scores)
        content[documents.BESIDE] = as_json(beside(result.method))
        content[documents.BLINDS] = as_json({"tally": campaign.tally_blind, "result": result.blind})
    manifest = as_json(_manifest(campaign_id, kind, head, content))
    whole = archive({documents.MANIFEST: manifest, **content})
    return Bundle(kind, whole, hashlib.sha256(manifest).hexdigest())


def record_written(session: Session, campaign_id: str, made: Bundle, *, by: str, at: datetime) -> None:
    """Write to the ledger that a bundle left the house, and which."""
    body = {"kind": made.kind.value, "manifest": made.manifest}
    ledger.record(session, campaign_id, Event.BUNDLE_WRITTEN, body, at=at, by=by)


def _voids(session: Session, campaign_id: str) -> list[Mapping[str, Any]]:
    """Scopes of all corrections, from the ledger, as whoever checks the bundle has them."""
    return [body["scope"] for body in ledger.recorded(session, campaign_id, Event.BALLOTS_VOIDED)]


def _for_auditors(
    session: Session, campaign_id: str, box: list[Ballot], scores: list[dict[str, Any]]
) -> dict[str, bytes]:
    uploads = queries.uploads(session, campaign_id)
    listed = [
        {
            "upload": str(one.id),
            "sha256": one.sha256,
            "filename": one.filename,
            "rows": one.rows,
            "columns": one.columns,
        }
        for one, _ in uploads
    ]
    return {
        documents.BOX: documents.box_csv(box),
        documents.SEALED: documents.sealed_csv(queries.sealed_sheets(session, campaign_id)),
        documents.TEXTS: documents.texts_csv(queries.texts(session, campaign_id)),
        documents.TICKET_ROWS: documents.tickets_csv(queries.ticket_rows(session, campaign_id)),
        documents.SCORES: as_json(scores),
        documents.UPLOADS: as_json(listed),
        **{f"uploads/{one.sha256}": raw for one, raw in uploads},
    }


def _about(result: Result) -> dict[str, Any]:
    return {
        "result": str(result.id),
        "no": result.no,
        "ballots": result.ballots,
        "inputs": result.inputs_digest,
        "digest": result.result_digest,
        "confidence": result.method.get("confidence"),
    }


def _printed(result: Result, printed: Release) -> dict[str, Any]:
    """The result as it is published, with its blinding value where nothing hidden could be tried out with it."""
    stated = beside(result.method)
    # One value hides what stands beside the scores, too, and of that two decimals are printed at most.
    shown = all(row["masked"] == NOTHING for row in printed.units) and not any(stated.values())
    return {
        **_about(result),
        **printed_beside(stated, printed.units),
        "blind": result.blind if shown else None,
        "returned": printed.returned,
        "lines": printed.lines,
        "units": printed.units,
    }


def _checkpoint(head: LedgerHead) -> Checkpoint:
    lines = head.note.split("\n")
    return Checkpoint(lines[0], head.size, bytes.fromhex(head.root))


def _manifest(campaign_id: str, kind: Kind, head: LedgerHead, content: Mapping[str, bytes]) -> dict[str, Any]:
    checkpoint = _checkpoint(head)
    return {
        "format": documents.FORMAT,
        "kind": kind.value,
        "campaign": campaign_id,
        "log": {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "files": {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(content.items())},
    }
