"""Alarms about codes (评议码告警): numbers by campaign and day. They warn the office and refuse nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_models.core.upsert import add_to
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.tickets.tables import AlarmKind, Ticket, TicketAlarm, TicketState


@dataclass(frozen=True)
class AlarmView:
    """An alarm of one day."""

    day: date
    kind: str
    number: int


def add(
    session: Session, campaign_id: str, kind: AlarmKind, number: int, *, threshold: int, day: date, at: datetime
) -> bool:
    """Count ``number`` more of ``kind``; True when this raises the day's alarm, which the ledger then holds, once."""
    row = {"campaign_id": campaign_id, "day": day, "kind": kind.value, "number": number, "raised": False}
    add_to(session.connection(), TicketAlarm, [row], key=("campaign_id", "day", "kind"), counters=("number",))
    mine = (TicketAlarm.campaign_id == campaign_id, TicketAlarm.day == day, TicketAlarm.kind == kind)
    # Two processes may pass the threshold together: whose update finds the row not yet raised tells the ledger.
    raised = session.execute(
        update(TicketAlarm)
        .where(*mine, TicketAlarm.raised.is_(False), TicketAlarm.number >= threshold)
        .values(raised=True)
        .returning(TicketAlarm.number)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if raised is None:
        return False
    body = {"day": day.isoformat(), "kind": kind.value, "number": raised}
    record(session, campaign_id, Event.TICKETS_ALARM, body, at=at)
    return True


def raised_in(session: Session, campaign_id: str) -> list[AlarmView]:
    """The alarms of a campaign, newest day first, with the number as it stands now."""
    query = (
        select(TicketAlarm)
        .where(TicketAlarm.campaign_id == campaign_id, TicketAlarm.raised.is_(True))
        .order_by(TicketAlarm.day.desc(), TicketAlarm.kind)
    )
    return [AlarmView(row.day, row.kind, row.number) for row in session.scalars(query)]


def followed(session: Session, campaign_id: str, digests: Collection[bytes]) -> set[bytes]:
    """Which of these tickets have brought a ballot."""
    query = select(Ticket.digest).where(
        Ticket.campaign_id == campaign_id, Ticket.digest.in_(sorted(digests)), Ticket.state == TicketState.SPENT
    )
    return {bytes(digest) for digest in session.scalars(query)}
