"""Rosters (名册): imported whole or not at all, checked against what the scheme asks, people removed one by one.

No column leads to a ticket: of a removed person it is known whether the card came back, never which card it was.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rosters import queries, rules
from survey_models.rosters.rules import Known
from survey_models.rosters.sealing import Person, Sealer
from survey_models.rosters.tables import Roster, RosterEntry
from survey_models.rounds import running
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import RoundCampaign
from survey_models.schemes.language import RosterRules
from survey_models.spreadsheets.read import Sheet
from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.tickets import service as tickets
from survey_models.tickets.rules import fit_reason
from survey_models.uploads.refusing import refuse
from survey_models.uploads.rules import HEADER_ROW, Fault


@dataclass(frozen=True)
class Counts:
    """What is printed of a roster (名册人数): nobody's name stands in it."""

    people: int
    new: int
    waived: int
    removed: int
    cards_not_handed_in: int


@dataclass(frozen=True)
class Card:
    """A card that was handed in: its campaign and the serial number on its back."""

    campaign_id: str
    serial: int


def get(session: Session, roster_id: str) -> Roster:
    """A roster. Raises ``roster_unknown``."""
    found = session.get(Roster, roster_id)
    if found is None:
        raise Problem("roster_unknown")
    return found


def of_round(session: Session, round_id: str) -> Sequence[Roster]:
    """The rosters of a round. Raises ``round_unknown``."""
    rounds.get(session, round_id)
    return session.scalars(select(Roster).where(Roster.round_id == round_id).order_by(Roster.id)).all()


def make(session: Session, roster_id: str, *, round_id: str, kind: str, title: str) -> Roster:
    """A further roster of a round: of another locality, another hirer. Raises ``round_unknown``, ``roster_exists``."""
    rounds.get(session, round_id)
    if session.get(Roster, roster_id) is not None:
        raise Problem("roster_exists")
    made = Roster(id=roster_id, round_id=round_id, kind=kind, title=title, opens_on=None)
    session.add(made)
    session.flush()
    return made


def rules_of(session: Session, roster: Roster) -> RosterRules | None:
    """What the scheme of the round asks of a roster of this kind; None where it asks nothing."""
    if rounds.get(session, roster.round_id).scheme_id is None:
        return None
    _, scheme = running.scheme_of(session, roster.round_id)
    return next((kind.roster for kind in scheme.campaigns if kind.roster and roster.kind in kind.raters), None)


def template(session: Session, roster_id: str) -> bytes:
    """The workbook to fill in. Raises ``roster_unknown``."""
    roster = get(session, roster_id)
    asked = rules_of(session, roster)
    notes = [
        ["名册 Roster", roster.title],
        ["本轮新聘 New", "是 或 否 yes or no"],
        ["日期 Dates", "2026-07-30"],
        [
            "身份证号或工号 Identity",
            "只保存加密摘要，用于查重 kept as a keyed digest alone, to find people hired twice",
        ],
        ["专项评议 Review", "、".join(asked.shared) if asked and asked.shared else "—"],
    ]
    header = [heading.name for heading in rules.HEADINGS]
    return xlsx_bytes([Table("名册", header, [], [16] * len(header)), Table("说明 Notes", ["", ""], notes, [26, 80])])


def import_sheet(
    session: Session,
    roster_id: str,
    sheet: Sheet,
    content: bytes,
    *,
    sealer: Sealer,
    opens_on: date | None,
    by: str,
    at: datetime,
    zone: str,
) -> Counts:
    """Replace the people of a roster by those of a file; those removed before stay, and cannot come back.

    Raises:
        Problem: ``roster_unknown``, ``roster_in_use`` from the opening day on, ``file_faulty`` with every fault.
    """
    roster = get(session, roster_id)
    rules.refuse_open(roster.opens_on, local_day(at, zone))
    asked = rules_of(session, roster)
    try:
        reading = rules.read_rows(sheet, asked)
    except Problem as problem:
        refuse([Fault(HEADER_ROW, None, problem.code, problem.params)])
        raise
    digests = {row.identity: sealer.identity(row.identity) for row in reading.rows}
    before = queries.entries(session, roster_id)
    wanted = frozenset(digests.values())
    known = Known(
        queries.hired_elsewhere(session, roster, wanted),
        queries.earlier(session, roster, wanted),
        frozenset(entry.identity for entry in before if entry.removed_on is not None),
    )
    rules.check(reading, digests, known, asked, opens_on or roster.opens_on)
    if not reading.rows and not reading.faults:
        raise Problem("upload_empty")
    refuse(reading.faults)
    roster.opens_on = opens_on or roster.opens_on
    _replace(session, roster_id, reading.rows, digests, before, sealer=sealer)
    counts = counts_of(session, roster_id)
    body = {
        "roster": roster_id,
        "round": roster.round_id,
        "entries": counts.people,
        "new": counts.new,
        "waived": counts.waived,
        "digest": hashlib.sha256(content).hexdigest(),
    }
    record(session, SYSTEM_LOG, Event.ROSTER_IMPORTED, body, at=at, by=by)
    return counts


def _replace(
    session: Session,
    roster_id: str,
    rows: Sequence[rules.Row],
    digests: dict[str, str],
    before: Sequence[RosterEntry],
    *,
    sealer: Sealer,
) -> None:
    """Write the people of a file; who stays keeps the id."""
    ids = {entry.identity: entry.id for entry in before}
    for entry in before:
        if entry.removed_on is None:
            session.delete(entry)
    session.flush()
    for row in rows:
        digest = digests[row.identity]
        id_ = ids.get(digest) or new_id()
        session.add(
            RosterEntry(
                roster_id=roster_id,
                id=id_,
                identity=digest,
                sealed=sealer.seal(Person(row.name, row.phone), roster_id, id_),
                hired_by=row.hirer,
                new_this_round=row.new,
                trained_on=row.trained_on,
                undertaking_on=row.undertaking_on,
                removed_on=None,
                waiver=row.waiver,
            )
        )
    session.flush()


def counts_of(session: Session, roster_id: str) -> Counts:
    """The printed counts of a roster. Raises ``roster_unknown``."""
    get(session, roster_id)
    rows = queries.entries(session, roster_id)
    here = [row for row in rows if row.removed_on is None]
    gone = [row for row in rows if row.removed_on is not None]
    return Counts(
        people=len(here),
        new=sum(row.new_this_round for row in here),
        waived=sum(bool(row.waiver) for row in here),
        removed=len(gone),
        cards_not_handed_in=sum(not row.card_handed_in for row in gone),
    )


def unready(session: Session, roster_id: str) -> list[tuple[RosterEntry, list[str]]]:
    """Who may not take part yet: not trained, or no undertaking, before the point opens; with the codes of why."""
    roster = get(session, roster_id)
    asked = rules_of(session, roster)
    found = []
    for entry in queries.entries(session, roster_id):
        if asked is None or entry.removed_on is not None:
            continue
        lacking = rules.lacking(asked, entry.trained_on, entry.undertaking_on, roster.opens_on)
        if lacking:
            found.append((entry, lacking))
    return found


def refuse_unready(session: Session, campaign_id: str) -> None:
    """A campaign opens when everybody on its rosters is trained and bound. Raises ``roster_unready``."""
    query = (
        select(Roster.id)
        .join(RoundCampaign, (RoundCampaign.round_id == Roster.round_id) & (RoundCampaign.kind == Roster.kind))
        .where(RoundCampaign.campaign_id == campaign_id)
        .order_by(Roster.id)
    )
    for roster_id in session.scalars(query):
        waiting = len(unready(session, roster_id))
        if waiting:
            raise Problem("roster_unready", roster=roster_id, count=waiting)


def people(
    session: Session, roster_id: str, *, sealer: Sealer, by: str, at: datetime
) -> list[tuple[RosterEntry, Person]]:
    """Everybody by name; that somebody looked stands in the ledger. Raises ``roster_unknown``."""
    get(session, roster_id)
    rows = queries.entries(session, roster_id)
    found = [(row, sealer.opened(row.sealed, roster_id, row.id)) for row in rows if row.sealed]
    record(session, SYSTEM_LOG, Event.ROSTER_READ, {"roster": roster_id, "entries": len(found)}, at=at, by=by)
    return sorted(found, key=lambda pair: (pair[0].hired_by, pair[1].name, pair[0].id))


def forget(session: Session, roster_id: str, *, by: str, at: datetime) -> int:
    """Erase names and numbers of everybody, once the round needs them no more; of how many.

    Digests of identities stay, by which the next round knows who is new; so do all dates and counts.
    """
    get(session, roster_id)
    known = [row for row in queries.entries(session, roster_id) if row.sealed]
    for row in known:
        row.sealed = b""
    session.flush()
    record(session, SYSTEM_LOG, Event.ROSTER_FORGOTTEN, {"roster": roster_id, "entries": len(known)}, at=at, by=by)
    return len(known)


def remove(
    session: Session,
    roster_id: str,
    entry_id: uuid.UUID,
    *,
    reason: str,
    handed_in: bool,
    card: Card | None = None,
    by: str,
    at: datetime,
    zone: str,
) -> RosterEntry:
    """Take somebody off the roster (取消代表资格), with the reason; the card that was handed in is voided.

    A card that was not handed in cannot be found, and a sheet already cast stays: both are counted, and printed.

    Raises:
        Problem: ``roster_unknown``, ``roster_entry_unknown``, ``roster_removed_before``, ``reason_unfit``; for the card
            ``ticket_unknown``, ``ticket_used``, ``ticket_void``, ``act_not_allowed``.
    """
    get(session, roster_id)
    entry = queries.entry(session, roster_id, entry_id)
    if entry is None:
        raise Problem("roster_entry_unknown")
    if entry.removed_on is not None:
        raise Problem("roster_removed_before")
    said = fit_reason(reason)
    if card is not None:
        tickets.void(session, card.campaign_id, card.serial, reason="代表已退出名册", by=by, at=at)
    entry.removed_on, entry.removal_reason = local_day(at, zone), said
    entry.card_handed_in = handed_in or card is not None
    session.flush()
    body = {"roster": roster_id, "entry": str(entry_id), "reason": said, "handed_in": entry.card_handed_in}
    record(session, SYSTEM_LOG, Event.ROSTER_REMOVED, body, at=at, by=by)
    return entry
