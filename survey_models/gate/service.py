"""The gate (质量关口): everything about a contractor's file on one page, and the office's signature under it."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.flags import service as flags
from survey_models.gate import back_checks, lots, queries, rules
from survey_models.gate.lots import LotStanding
from survey_models.gate.tables import GateAcceptance
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.tickets.rules import fit_reason
from survey_models.uploads import service as uploads
from survey_models.uploads.tables import Upload, UploadState


@dataclass(frozen=True)
class Review:
    """What stands before whoever signs: the accounts, the tests, the back-check, and what is in the way.

    ``tests``: open flags by rule, numbers only; ``interviewers``: see ``gate.interviewers``, None where the file does
    not say who asked; ``blockers``: why it cannot be signed now, the first one is what ``accept`` raises.
    """

    upload: Upload
    lots: list[LotStanding]
    tests: dict[str, int]
    interviewers: dict[str, Any] | None
    back_check: back_checks.Standing | None
    acceptance: GateAcceptance | None
    blockers: list[Problem]


def review(session: Session, upload_id: uuid.UUID) -> Review:
    """Look at a file before signing for it; only reads. Raises ``upload_unknown``."""
    upload = uploads.get(session, upload_id)
    touched, blockers = _accounts(session, upload)
    if upload.state != UploadState.CHECKED:
        blockers.insert(0, Problem("upload_state_wrong", state=upload.state))
    checked = back_checks.standing(session, upload_id)
    asked = max((one.lot.back_check for one in touched), default=0)
    if asked and (checked is None or not checked.complete or checked.per_cent < asked):
        done = 0 if checked is None else sum(line.outcome is not None for line in checked.lines)
        drawn = 0 if checked is None else len(checked.lines)
        blockers.append(Problem("gate_back_check_missing", per_cent=asked, done=done, drawn=drawn))
    open_flags = Counter(flag.rule for flag in flags.of_upload(session, upload_id))
    return Review(
        upload=upload,
        lots=touched,
        tests=dict(sorted(open_flags.items())),
        interviewers=upload.summary.get("interviewers"),
        back_check=checked,
        acceptance=session.get(GateAcceptance, upload_id),
        blockers=blockers,
    )


def _accounts(session: Session, upload: Upload) -> tuple[list[LotStanding], list[Problem]]:
    """The lots that the file's lines belong to, as if it were in, and what is wrong with them."""
    campaign_id, contractor = upload.campaign_id, upload.sent_by
    found = queries.lots(session, campaign_id, contractor=contractor)
    cells = queries.cells_of(session, campaign_id, [upload])
    mine, strange = rules.returned_of(cells, lots.places(found, contractor))
    strata = queries.names_of_strata(session, campaign_id)
    blockers = [Problem("gate_nothing_issued", stratum=strata[stratum]) for stratum, _ in strange[:1]]
    standing = lots.standing(session, campaign_id, contractor=contractor, besides=upload.id)
    touched = [one for one in standing if one.lot.no in mine]
    for one in touched:
        try:
            rules.check_sums(one.lot.no, one.sums)
        except Problem as problem:
            blockers.append(problem)
    return touched, blockers


def accept(session: Session, upload_id: uuid.UUID, *, statement: str, by: str, at: datetime) -> GateAcceptance:
    """Sign for a file (签收): its rows are entered by a job. The words and the numbers go to the ledger.

    Raises what stands in the way (``Review.blockers``), ``reason_unfit``, ``gate_own_file``, ``act_not_allowed``.
    """
    said = fit_reason(statement)
    upload = uploads.get(session, upload_id, lock=True)
    if upload.sent_by == by:
        raise Problem("gate_own_file")
    # Held: of two files signed for at once the second one sees the lines of the first.
    for lot in queries.lots(session, upload.campaign_id, contractor=upload.sent_by):
        queries.lot(session, upload.campaign_id, lot.no, lock=True)
    found = review(session, upload_id)
    if found.blockers:
        raise found.blockers[0]
    facts = facts_of(found)
    made = GateAcceptance(upload_id=upload_id, statement=said, facts=facts, signed_by=by, signed_at=at)
    session.add(made)
    session.flush()
    body = {"upload": str(upload_id), "sha256": upload.sha256, "rows": upload.rows, "statement": said, **facts}
    record(session, upload.campaign_id, Event.GATE_ACCEPTED, body, at=at, by=by)
    uploads.accept(session, upload_id, by=by, at=at, signed=True)
    return made


def facts_of(found: Review) -> dict[str, Any]:
    """The numbers before the eyes of whoever signs."""
    effects = found.interviewers
    return {
        "lots": [
            [one.lot.no, one.sums.issued, one.sums.returned, one.sums.refused, one.sums.open] for one in found.lots
        ],
        "tests": found.tests,
        "interviewers": None if effects is None else {"tests": effects["tests"], "found": len(effects["found"])},
        "back_check": None if found.back_check is None else found.back_check.outcomes,
    }
