"""Issuing, checking and withdrawing tickets (票)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.tickets import codes, counters
from survey_models.tickets.tables import Ticket, TicketBatch, TicketState


@dataclass(frozen=True)
class CellOrder:
    """How many tickets a cell gets, and how many lie sealed in reserve besides."""

    stratum_no: int
    point_no: int
    count: int
    reserve: int
    variant: str = "all"


@dataclass(frozen=True)
class IssuedCode:
    """One code in plain text: it exists in memory and in the hand-over file, never in the database."""

    serial: int
    code: str = field(repr=False)
    stratum_no: int
    point_no: int
    reserve: bool


@dataclass(frozen=True)
class Checked:
    """What a person may learn about a code without spending it."""

    state: str
    variant: str


def issue(
    session: Session,
    campaign_id: str,
    orders: Sequence[CellOrder],
    *,
    pepper: bytes,
    by: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> list[IssuedCode]:
    """Make the tickets of a campaign, once. Counts and root of each batch go to the ledger before opening."""
    if session.scalar(select(func.count()).where(TicketBatch.campaign_id == campaign_id)):
        raise Problem("ticket_batch_exists")
    issued: list[IssuedCode] = []
    for no, order in enumerate(orders, start=1):
        first = len(issued) + 1
        fresh = [
            IssuedCode(first + place, codes.new_code(), order.stratum_no, order.point_no, place >= order.count)
            for place in range(order.count + order.reserve)
        ]
        rows = _rows(campaign_id, no, fresh, pepper)
        root = hashlib.sha256(b"".join(row["digest"] for row in rows)).hexdigest()
        session.add(
            TicketBatch(
                campaign_id=campaign_id,
                no=no,
                stratum_no=order.stratum_no,
                point_no=order.point_no,
                variant=order.variant,
                count=order.count,
                reserve=order.reserve,
                root=root,
                issued_at=at,
                expires_at=expires_at,
                voided_at=None,
                withdrawn=0,
            )
        )
        session.flush()
        session.execute(insert(Ticket), rows)
        body = {
            "batch": no,
            "stratum": order.stratum_no,
            "point": order.point_no,
            "count": order.count,
            "reserve": order.reserve,
            "root": root,
        }
        record(session, campaign_id, Event.TICKETS_ISSUED, body, at=at, by=by)
        issued += fresh
    return issued


def _rows(campaign_id: str, batch_no: int, fresh: Sequence[IssuedCode], pepper: bytes) -> list[dict[str, Any]]:
    """The database rows, in the order of their digests: the order of making must not show."""
    rows = [
        {
            "campaign_id": campaign_id,
            "digest": codes.digest(item.code, campaign_id=campaign_id, pepper=pepper),
            "batch_no": batch_no,
            "serial": item.serial,
            "state": (TicketState.RESERVE if item.reserve else TicketState.LIVE).value,
        }
        for item in fresh
    ]
    return sorted(rows, key=lambda row: bytes(row["digest"]))


def check(session: Session, campaign_id: str, code: str, *, pepper: bytes, at: datetime, zone: str) -> Checked:
    """Look at a code and count the form as opened. Nothing is spent."""
    digest = codes.digest(codes.normalise(code), campaign_id=campaign_id, pepper=pepper)
    query = (
        select(Ticket.state, TicketBatch.stratum_no, TicketBatch.point_no, TicketBatch.variant, TicketBatch.expires_at)
        .join(TicketBatch, (TicketBatch.campaign_id == Ticket.campaign_id) & (TicketBatch.no == Ticket.batch_no))
        .where(Ticket.campaign_id == campaign_id, Ticket.digest == digest)
    )
    row = session.execute(query).one_or_none()
    if row is None or row.state == TicketState.RESERVE:
        raise Problem("ticket_unknown")
    state = row.state
    if state == TicketState.LIVE and row.expires_at is not None and row.expires_at <= at:
        state = "expired"
    if state == TicketState.LIVE:
        cell = (campaign_id, row.stratum_no, row.point_no)
        counters.count(session.connection(), [cell], day=local_day(at, zone), column="opened")
    return Checked(state, row.variant)


def void(session: Session, campaign_id: str, serial: int, *, reason: str, by: str, at: datetime) -> None:
    """Withdraw a ticket by the serial number of its card; a spent one stays spent."""
    found = session.execute(
        update(Ticket)
        .where(Ticket.campaign_id == campaign_id, Ticket.serial == serial)
        .where(Ticket.state.in_([TicketState.LIVE, TicketState.RESERVE]))
        .values(state=TicketState.VOID.value)
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        state = session.scalar(select(Ticket.state).where(Ticket.campaign_id == campaign_id, Ticket.serial == serial))
        if state is None:
            raise Problem("ticket_unknown")
        raise Problem("ticket_used" if state == TicketState.SPENT else "ticket_void")
    record(session, campaign_id, Event.TICKET_VOIDED, {"serial": serial, "reason": reason}, at=at, by=by)


def variants_of(session: Session, campaign_id: str) -> dict[tuple[int, int], set[str]]:
    """Questionnaire variants of the tickets of each cell (stratum, point)."""
    found: dict[tuple[int, int], set[str]] = {}
    query = select(TicketBatch.stratum_no, TicketBatch.point_no, TicketBatch.variant).where(
        TicketBatch.campaign_id == campaign_id
    )
    for row in session.execute(query):
        found.setdefault((row.stratum_no, row.point_no), set()).add(row.variant)
    return found
