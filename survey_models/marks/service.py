"""Marks of other offices (部门评分): entered by the office that the scheme names, approved by a second person.

A mark is never changed: a correction is a new version with its reason. Only approved versions count.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.marks import queries, rules
from survey_models.marks.rules import Entry, Field, Taken
from survey_models.marks.tables import Mark, MarkSending, MarkState
from survey_models.rounds import running
from survey_models.schemes.inputs import Mark as ReadMark
from survey_models.uploads import blobs
from survey_models.uploads.refusing import refuse
from survey_models.uploads.rules import Fault, column_letters


@dataclass(frozen=True)
class Papers:
    """The files of a sending: the workbook that was read, and the signed paper beside it; empty for none."""

    filename: str = ""
    content: bytes = b""
    attachment_name: str = ""
    attachment: bytes = b""


@dataclass(frozen=True)
class Sent:
    """What a sending came to; ``sending`` is None where everything was known already."""

    sending: uuid.UUID | None
    entered: int
    corrected: int
    unchanged: int


def field_of(session: Session, round_id: str, part_id: str, *, lock: bool = False) -> Field:
    """What may be entered for a part. Raises as ``enter``, and ``round_unknown``, ``round_without_scheme``."""
    found, scheme = running.scheme_of(session, round_id, lock=lock)
    part = rules.markable(scheme, part_id)
    if running.is_year(found):
        raise Problem("round_of_year", round=round_id)
    members = running.members_of(session, round_id)
    having = {one.code: one.name for one in members if part_id in one.parts_in(scheme)}
    others = frozenset(one.code for one in members) - having.keys()
    newest = queries.newest(queries.versions(session, round_id, part_id))
    known = {(code, member): mark.value for (_, code, member), mark in newest.items()}
    return Field(part, rules.source_of(part), having, known, others)


def enter(
    session: Session,
    round_id: str,
    part_id: str,
    entries: Sequence[Entry],
    *,
    office: str | None,
    by: str,
    at: datetime,
    papers: Papers | None = None,
    columns: Mapping[str, tuple[int, str]] | None = None,
) -> Sent:
    """Enter marks of one part: all of them, or none where one has a fault.

    ``columns``: of a file, the index and heading of each field, for the places of faults.

    Raises:
        Problem: ``mark_not_for_component``, ``mark_not_your_office``, ``round_locked``; the fault of a single mark;
            ``file_faulty`` with every fault of several.
    """
    of = field_of(session, round_id, part_id, lock=True)
    rules.check_office(of.part, office)
    running.refuse_published(session, round_id)
    taken, faults = rules.take(entries, of)
    if len(faults) == 1 and len(entries) == 1 and columns is None:
        raise faults[0].problem
    refuse([_placed(fault, columns) for fault in faults])
    if not taken.new and not taken.corrected:
        return Sent(None, 0, 0, taken.unchanged)
    sending = _store(session, round_id, part_id, taken, office=office or "", papers=papers or Papers(), by=by, at=at)
    _record(session, sending, taken, by=by, at=at)
    return Sent(sending.id, len(taken.new), len(taken.corrected), taken.unchanged)


def _placed(fault: rules.MarkFault, columns: Mapping[str, tuple[int, str]] | None) -> Fault:
    row = fault.entry.row
    index, heading = (columns or {}).get(fault.column, (None, fault.column))
    cell = {} if index is None or row is None else {"cell": f"{column_letters(index)}{row}"}
    return Fault(row, heading, fault.problem.code, {**fault.problem.params, **cell})


def _store(
    session: Session, round_id: str, part_id: str, taken: Taken, *, office: str, papers: Papers, by: str, at: datetime
) -> MarkSending:
    last = {
        (code, member): mark.version
        for (_, code, member), mark in queries.newest(queries.versions(session, round_id, part_id)).items()
    }
    numbered = [(one, last.get((one.unit, one.member), 0) + 1) for one in (*taken.new, *taken.corrected)]
    sending = MarkSending(
        id=new_id(),
        round_id=round_id,
        component=part_id,
        office=office,
        digest=rules.digest_of(round_id, part_id, [(e.unit, e.member, version, e.value) for e, version in numbered]),
        filename=blobs.plain_name(papers.filename) if papers.content else "",
        sha256=blobs.keep(session, papers.content) if papers.content else None,
        attachment_name=blobs.plain_name(papers.attachment_name) if papers.attachment else "",
        attachment=blobs.keep(session, papers.attachment) if papers.attachment else None,
        sent_by=by,
        sent_at=at,
    )
    session.add(sending)
    session.flush()
    session.add_all(
        Mark(
            round_id=round_id,
            component=part_id,
            unit_code=entry.unit,
            member=entry.member,
            version=version,
            value=entry.value,
            state=MarkState.ENTERED.value,
            reason=entry.reason,
            sending_id=sending.id,
            sent_by=by,
            sent_at=at,
        )
        for entry, version in numbered
    )
    session.flush()
    return sending


def _record(session: Session, sending: MarkSending, taken: Taken, *, by: str, at: datetime) -> None:
    """Figures and digests alone: a value before publication stands nowhere but in its row."""
    body = {
        "round": sending.round_id,
        "part": sending.component,
        "office": sending.office,
        "sending": str(sending.id),
        "digest": sending.digest,
        "file": sending.sha256,
        "attachment": sending.attachment,
    }
    if taken.new:
        record(session, SYSTEM_LOG, Event.MARKS_ENTERED, {**body, "marks": len(taken.new)}, at=at, by=by)
    if taken.corrected:
        record(session, SYSTEM_LOG, Event.MARKS_CORRECTED, {**body, "marks": len(taken.corrected)}, at=at, by=by)


def approve(
    session: Session,
    round_id: str,
    part_id: str,
    *,
    units: Iterable[str] | None = None,
    office: str | None,
    release: bool = False,
    by: str,
    at: datetime,
) -> int:
    """Approve the newest marks of a part, of all units or of those named; how many.

    The second of two people: another account of the office, or one with the role release. What a person sent is not
    theirs to approve.

    Raises:
        Problem: ``mark_not_for_component``, ``mark_not_your_office``, ``round_locked``, ``act_same_person`` where only
            marks of one's own wait or one of those named is, ``marks_none_waiting``.
    """
    of = field_of(session, round_id, part_id, lock=True)
    if not release:
        rules.check_office(of.part, office)
    running.refuse_published(session, round_id)
    named = None if units is None else set(units)
    newest = queries.newest(queries.versions(session, round_id, part_id)).values()
    waiting = [m for m in newest if m.state == MarkState.ENTERED and (named is None or m.unit_code in named)]
    mine = [mark for mark in waiting if mark.sent_by == by]
    if mine and (named is not None or len(mine) == len(waiting)):
        raise Problem("act_same_person")
    chosen = [mark for mark in waiting if mark.sent_by != by]
    if not chosen:
        raise Problem("marks_none_waiting", part=part_id)
    for mark in chosen:
        mark.state, mark.approved_by, mark.approved_at = MarkState.APPROVED.value, by, at
    session.flush()
    rows = [(mark.unit_code, mark.member, mark.version, mark.value) for mark in chosen]
    body = {
        "round": round_id,
        "part": part_id,
        "marks": len(rows),
        "digest": rules.digest_of(round_id, part_id, rows),
    }
    record(session, SYSTEM_LOG, Event.MARKS_APPROVED, body, at=at, by=by)
    return len(chosen)


def versions_of(session: Session, round_id: str, part_id: str) -> Sequence[Mark]:
    """Every version of every mark of a part, for those who may see values."""
    running.scheme_of(session, round_id)
    return queries.versions(session, round_id, part_id)


def sendings_of(session: Session, round_id: str, part_id: str) -> Sequence[MarkSending]:
    """What was sent for a part, the newest first."""
    return queries.sendings(session, round_id, part_id)


def sending(session: Session, sending_id: uuid.UUID) -> MarkSending:
    """One sending. Raises ``mark_sending_unknown``."""
    found = session.get(MarkSending, sending_id)
    if found is None:
        raise Problem("mark_sending_unknown")
    return found


def of_round(session: Session, round_id: str) -> dict[tuple[str, str], tuple[ReadMark, ...]]:
    """The marks that count, by part and unit: approved, the newest version of each, members in order of their names."""
    offices: dict[uuid.UUID | None, str] = {}
    found: dict[tuple[str, str], list[ReadMark]] = defaultdict(list)
    for (part, unit, member), mark in queries.counting(queries.versions(session, round_id)).items():
        if mark.value == rules.WITHDRAWN:
            continue
        if mark.sending_id not in offices:
            row = session.get(MarkSending, mark.sending_id) if mark.sending_id else None
            offices[mark.sending_id] = row.office if row else mark.sent_by
        who = member or offices[mark.sending_id]
        found[part, unit].append(ReadMark(Decimal(mark.value), who, mark.version))
    return {key: tuple(marks) for key, marks in found.items()}
