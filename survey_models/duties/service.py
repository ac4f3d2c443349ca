"""Duties (报送任务): files and submissions with receipts, what is sent back, deeds and their progress, what is late."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.calendar import service as calendar
from survey_models.core.canonical import digest
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed, grouped, new_id, random_text
from survey_models.duties import queries, rules, texts
from survey_models.duties.rules import Debtor, Draft, Owed, State
from survey_models.duties.tables import DeedUpdate, DutyFile, DutySubmission
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import running
from survey_models.schemes.inputs import Booked
from survey_models.tickets.rules import fit_reason
from survey_models.uploads import blobs
from survey_models.uploads.refusing import refuse
from survey_models.uploads.rules import Fault

RECEIPT_LENGTH = 12
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Place:
    """Which duty of whom: round, duty, debtor (code or name) and period (empty: the round)."""

    round_id: str
    duty: str
    debtor: str
    period: str = ""


@dataclass(frozen=True)
class Paper:
    """What is handed in besides files: text, and deeds that are promised in public."""

    text: str = ""
    deeds: tuple[str, ...] = ()
    files: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True)
class Standing:
    """One thing that is owed, how it stands today, and its newest submission."""

    owed: Owed
    state: State
    newest: DutySubmission | None


def owed_of(session: Session, round_id: str, *, lock: bool = False) -> list[Owed]:
    """Everything that is owed in a round.

    Raises ``round_unknown``, ``round_without_scheme``; ``calendar_ends`` where a day depends on a missing calendar.
    """
    found, scheme = running.scheme_of(session, round_id, lock=lock)
    if running.is_year(found):
        return []
    first, last = running.days_of(found, ZONE)
    units = [
        Debtor(one.code, one.name, unit=True, category=one.category, flags=one.flags)
        for one in running.members_of(session, round_id)
    ]
    is_working = calendar.load(session).is_working if any(duty.working for duty in scheme.duties) else None
    return rules.owed(scheme, units, first, last, is_working=is_working)


def owed_at(session: Session, place: Place, *, lock: bool = False) -> Owed:
    """The one thing that is owed there; ``lock``: versions are counted one by one. Raises ``duty_unknown``."""
    key = (place.duty, place.debtor, place.period)
    found = next((one for one in owed_of(session, place.round_id, lock=lock) if one.key == key), None)
    if found is None:
        raise Problem("duty_unknown")
    return found


def attach(
    session: Session, place: Place, filename: str, content: bytes, *, part: str = "", by: str, at: datetime
) -> DutyFile:
    """Keep a file for a submission to come; it counts once a submission names it.

    Raises ``duty_unknown``, ``duty_part_unknown``, ``upload_empty``, ``upload_not_readable``.
    """
    duty = owed_at(session, place).duty
    kept = rules.check_part(duty, part)
    if not content:
        raise Problem("upload_empty")
    name = blobs.plain_name(filename)
    row = DutyFile(
        id=new_id(),
        round_id=place.round_id,
        duty=place.duty,
        debtor=place.debtor,
        period=place.period,
        part=kept,
        filename=name,
        sha256=blobs.keep(session, content),
        size=len(content),
        characters=texts.characters_in(name, content),
        sent_by=by,
        sent_at=at,
    )
    session.add(row)
    session.flush()
    return row


def submit(session: Session, place: Place, paper: Paper, *, by: str, at: datetime) -> DutySubmission:
    """Submit: a new version with a receipt (回执). Everything that is wrong comes at once.

    Raises:
        Problem: ``duty_unknown``, ``duty_file_unknown``; the one fault, or ``file_faulty`` with all of them.
    """
    duty = owed_at(session, place, lock=True).duty
    files = [_own_file(session, place, id_) for id_ in dict.fromkeys(paper.files)]
    length = texts.characters(paper.text)
    draft = Draft(paper.text, length, paper.deeds, [(file.part, file.characters) for file in files])
    wrong = rules.faults(duty, draft)
    if len(wrong) == 1:
        raise wrong[0]
    refuse([Fault(None, None, problem.code, problem.params) for problem in wrong])
    row = DutySubmission(
        round_id=place.round_id,
        duty=place.duty,
        debtor=place.debtor,
        period=place.period,
        version=queries.last_version(session, place.round_id, *_key(place)) + 1,
        receipt=grouped(random_text(RECEIPT_LENGTH)),
        text=paper.text,
        characters=length + sum(file.characters or 0 for file in files if file.part == rules.MAIN) or None,
        deeds=[deed.strip() for deed in paper.deeds],
        files=[str(file.id) for file in files],
        sent_by=by,
        sent_at=at,
    )
    session.add(row)
    session.flush()
    body = {
        **_where(row),
        "receipt": row.receipt,
        "files": len(files),
        "digest": digest({"text": row.text, "deeds": row.deeds, "files": [file.sha256 for file in files]}),
    }
    record(session, SYSTEM_LOG, Event.DUTY_SUBMITTED, body, at=at, by=by)
    return row


def _own_file(session: Session, place: Place, file_id: uuid.UUID) -> DutyFile:
    found = session.get(DutyFile, file_id)
    if found is None or (found.round_id, found.duty, found.debtor, found.period) != (place.round_id, *_key(place)):
        raise Problem("duty_file_unknown")
    return found


def _key(place: Place) -> tuple[str, str, str]:
    return place.duty, place.debtor, place.period


def _where(row: DutySubmission) -> dict[str, object]:
    names = ("duty", "debtor", "period", "version")
    return {"round": row.round_id, **{name: getattr(row, name) for name in names}}


def by_receipt(session: Session, receipt: str) -> DutySubmission:
    """A submission by the number of its receipt, however typed. Raises ``duty_receipt_unknown``."""
    wanted = grouped(as_typed(receipt))
    found = session.scalars(select(DutySubmission).where(DutySubmission.receipt == wanted)).one_or_none()
    if found is None:
        raise Problem("duty_receipt_unknown")
    return found


def files_of(session: Session, submission: DutySubmission) -> list[DutyFile]:
    """The files of a submission, in the order in which they were named."""
    found = [session.get(DutyFile, uuid.UUID(id_)) for id_ in submission.files]
    return [file for file in found if file is not None]


def file_at(session: Session, file_id: uuid.UUID) -> tuple[DutyFile, bytes]:
    """A file and its bytes. Raises ``duty_file_unknown``."""
    found = session.get(DutyFile, file_id)
    if found is None:
        raise Problem("duty_file_unknown")
    return found, blobs.content_of(session, found.sha256)


def send_back(session: Session, receipt: str, *, reason: str, by: str, at: datetime) -> DutySubmission:
    """Send a submission back (退回): it stays, and counts as none. Raises ``duty_returned``, ``reason_unfit``."""
    row = by_receipt(session, receipt)
    if row.returned_at is not None:
        raise Problem("duty_returned")
    row.returned_by, row.returned_at, row.return_reason = by, at, fit_reason(reason)
    session.flush()
    record(session, SYSTEM_LOG, Event.DUTY_RETURNED, {**_where(row), "reason": row.return_reason}, at=at, by=by)
    return row


def update_deed(
    session: Session, place: Place, deed: int, *, percent: int, text: str, by: str, at: datetime
) -> DeedUpdate:
    """Say how a deed goes on (实事进展); earlier words stay. Raises ``duty_unknown``, ``duty_deed_unknown``."""
    owed_at(session, place, lock=True)
    newest = next(iter(queries.submissions(session, place.round_id, key=_key(place), kept=True)), None)
    if newest is None or not 1 <= deed <= len(newest.deeds):
        raise Problem("duty_deed_unknown")
    number = select(func.max(DeedUpdate.no)).where(*queries.at(DeedUpdate, place.round_id, _key(place)))
    no = (session.scalar(number.where(DeedUpdate.deed == deed)) or 0) + 1
    row = DeedUpdate(
        round_id=place.round_id,
        duty=place.duty,
        debtor=place.debtor,
        period=place.period,
        deed=deed,
        no=no,
        percent=percent,
        text=text.strip(),
        made_by=by,
        made_at=at,
    )
    session.add(row)
    session.flush()
    body = {"round": place.round_id, "duty": place.duty, "debtor": place.debtor, "period": place.period}
    more = {"deed": deed, "no": no, "percent": percent, "digest": digest(row.text)}
    record(session, SYSTEM_LOG, Event.DEED_UPDATED, {**body, **more}, at=at, by=by)
    return row


def listed(session: Session, round_id: str, *, at: datetime, zone: str, debtor: str | None = None) -> list[Standing]:
    """Everything that is owed (by one debtor) and how it stands."""
    today = local_day(at, zone)
    rows: dict[tuple[str, str, str], list[DutySubmission]] = {}
    for row in queries.submissions(session, round_id):
        rows.setdefault((row.duty, row.debtor, row.period), []).append(row)
    found = []
    for one in owed_of(session, round_id):
        if debtor is None or one.debtor.id == debtor:
            sent = rows.get(one.key, [])
            days = [local_day(row.sent_at, zone) for row in sent if row.returned_at is None]
            found.append(Standing(one, rules.state_of(one.due, days, today), sent[0] if sent else None))
    return found


def late(session: Session, round_id: str, *, at: datetime, zone: str) -> list[Standing]:
    """What came late or is missing, the longest overdue first."""
    found = [one for one in listed(session, round_id, at=at, zone=zone) if one.state in {State.LATE, State.MISSING}]
    return sorted(found, key=lambda one: (one.owed.due, one.owed.key))


def reminders(session: Session, round_id: str, *, days: int, at: datetime, zone: str) -> list[Standing]:
    """Whom to remind today: what is missing, and what is due within ``days`` days and has not come."""
    until = local_day(at, zone) + timedelta(days=days)
    waiting = {State.OPEN, State.MISSING}
    found = [one for one in listed(session, round_id, at=at, zone=zone) if one.state in waiting]
    return sorted((one for one in found if one.owed.due <= until), key=lambda one: (one.owed.due, one.owed.key))


def booked_of(session: Session, round_id: str, *, at: datetime, zone: str = ZONE) -> list[Booked]:
    """The cases that late and missing submissions of rated units book, where the document says which part and rule."""
    _, scheme = running.scheme_of(session, round_id)
    if not any(duty.feeds for duty in scheme.duties):
        return []
    having = {one.code: one.parts_in(scheme) for one in running.members_of(session, round_id)}
    leaves = {part for parts in having.values() for part in parts}
    found = []
    for one in late(session, round_id, at=at, zone=zone):
        feeds, unit = one.owed.duty.feeds, one.owed.debtor
        # A bonus or penalty outside the tree is for everybody; a line of the tree for those that have it.
        if feeds and unit.unit and (feeds[0] not in leaves or feeds[0] in having[unit.id]):
            period = one.owed.span.label
            matter = f"{one.owed.duty.id}:{period}"
            ref = f"duties/{one.owed.duty.id}/{unit.id}/{period or 'round'}"
            found.append(Booked(unit.id, feeds[0], feeds[1], matter, period, ref=ref))
    return sorted(found, key=lambda case: (case.unit, case.part, case.matter))


@dataclass(frozen=True)
class Promise:
    """The deeds that one debtor promised in public, and every word on their progress, oldest first."""

    submission: DutySubmission
    name: str
    progress: Sequence[DeedUpdate]


def progress(session: Session, round_id: str) -> list[Promise]:
    """The deeds promised in a round, of every debtor. Raises ``round_unknown``, ``round_without_scheme``."""
    running.scheme_of(session, round_id)
    names = {one.code: one.name for one in running.members_of(session, round_id)}
    newest: dict[tuple[str, str, str], DutySubmission] = {}
    for row in queries.submissions(session, round_id, kept=True):
        newest.setdefault((row.duty, row.debtor, row.period), row)
    return [
        Promise(row, names.get(row.debtor, row.debtor), queries.updates(session, round_id, key))
        for key, row in sorted(newest.items())
        if row.deeds
    ]


def days_over(standing: Standing, today: date) -> int:
    """How many days a missing thing is overdue; 0 for any other."""
    return (today - standing.owed.due).days if standing.state == State.MISSING else 0
