"""Issuing, checking, withdrawing and replacing tickets (票)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Campaign, State
from survey_models.core.bulk import take_stock
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.tickets import codes, counters, rules
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
    """What a person may learn about a code without spending it; ``digest`` stays in the house."""

    state: str
    variant: str
    digest: bytes = field(repr=False)


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
    """Make the tickets of a campaign, once. Counts and root of each batch go to the ledger before opening.

    A cell whose batches two people voided (作废整批) may be issued anew: from ``ready`` on at most as many tickets as
    were voided. Raises ``ticket_batch_exists``, ``act_not_allowed``.
    """
    state = _hold(session, campaign_id)
    batches = list(session.scalars(select(TicketBatch).where(TicketBatch.campaign_id == campaign_id)))
    _refuse_second_issue(batches, orders, frozen=state != State.DRAFT)
    issued: list[IssuedCode] = []
    last_serial = session.scalar(select(func.max(Ticket.serial)).where(Ticket.campaign_id == campaign_id)) or 0
    for no, order in enumerate(orders, start=1 + max((batch.no for batch in batches), default=0)):
        first = last_serial + len(issued) + 1
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
    take_stock(session.connection(), Ticket)
    return issued


def _hold(session: Session, campaign_id: str) -> str:
    """The campaign's state, held against counting until this transaction ends; refuses where tickets are settled."""
    query = select(Campaign.state).where(Campaign.id == campaign_id).with_for_update(read=True)
    state = session.scalar(query)
    if state is None:
        raise Problem("campaign_unknown")
    after(state, Act.CHANGE_TICKETS)
    return state


def _refuse_second_issue(batches: Sequence[TicketBatch], orders: Sequence[CellOrder], *, frozen: bool) -> None:
    """Tickets of a cell are made once; what two people voided may be made again, and once frozen nothing beyond it."""
    for order in orders:
        same = [batch for batch in batches if _cell(batch) == _cell(order)]
        voided = sum(batch.withdrawn + batch.reserve for batch in same)
        if any(batch.voided_at is None for batch in same) or (frozen and order.count + order.reserve > voided):
            raise Problem("ticket_batch_exists")


def _cell(of: TicketBatch | CellOrder) -> tuple[int, int, str]:
    return of.stratum_no, of.point_no, of.variant


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
    return Checked(state, row.variant, digest)


def void(session: Session, campaign_id: str, serial: int, *, reason: str, by: str, at: datetime) -> None:
    """Withdraw a ticket by the serial number of its card; a spent one stays spent.

    Raises ``ticket_unknown``, ``ticket_used``, ``ticket_void``, ``act_not_allowed``, ``reason_unfit``.
    """
    said = rules.fit_reason(reason)
    _hold(session, campaign_id)
    _withdraw(session, campaign_id, serial, (TicketState.LIVE, TicketState.RESERVE))
    record(session, campaign_id, Event.TICKET_VOIDED, {"serial": serial, "reason": said}, at=at, by=by)


def _withdraw(session: Session, campaign_id: str, serial: int, states: Sequence[TicketState]) -> None:
    found = session.execute(
        update(Ticket)
        .where(Ticket.campaign_id == campaign_id, Ticket.serial == serial, Ticket.state.in_(states))
        .values(state=TicketState.VOID.value)
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        state = session.scalar(select(Ticket.state).where(Ticket.campaign_id == campaign_id, Ticket.serial == serial))
        raise Problem(rules.why_not_withdrawn(state))


def replace(session: Session, campaign_id: str, serial: int, *, reason: str, by: str, at: datetime) -> int:
    """Replace a lost card (补卡): its ticket becomes void, the next one of the cell's sealed reserve becomes live.

    The serial number of the reserve card is told; the clerk hands that card over unopened. Nothing is printed anew and
    nobody learns a code. Raises ``ticket_unknown``, ``ticket_used``, ``ticket_void``, ``ticket_in_reserve``,
    ``reserve_empty``, ``act_not_allowed``, ``reason_unfit``.
    """
    said = rules.fit_reason(reason)
    _hold(session, campaign_id)
    batch = session.scalars(
        select(TicketBatch)
        .join(Ticket, (Ticket.campaign_id == TicketBatch.campaign_id) & (Ticket.batch_no == TicketBatch.no))
        .where(Ticket.campaign_id == campaign_id, Ticket.serial == serial)
    ).one_or_none()
    if batch is None:
        raise Problem("ticket_unknown")
    numbers = _lock_cell(session, batch)
    _withdraw(session, campaign_id, serial, (TicketState.LIVE,))
    fresh = session.scalar(
        select(func.min(Ticket.serial)).where(
            Ticket.campaign_id == campaign_id, Ticket.batch_no.in_(numbers), Ticket.state == TicketState.RESERVE
        )
    )
    if fresh is None:
        raise Problem("reserve_empty")
    session.execute(
        update(Ticket)
        .where(Ticket.campaign_id == campaign_id, Ticket.serial == fresh)
        .values(state=TicketState.LIVE.value)
    )
    body = {"serial": serial, "replacement": fresh, "reason": said}
    record(session, campaign_id, Event.TICKET_REPLACED, body, at=at, by=by)
    return fresh


def _lock_cell(session: Session, batch: TicketBatch) -> list[int]:
    """Numbers of the batches of the same cell, held so that two clerks never take the same reserve card."""
    query = select(TicketBatch.no).where(
        TicketBatch.campaign_id == batch.campaign_id,
        TicketBatch.stratum_no == batch.stratum_no,
        TicketBatch.point_no == batch.point_no,
        TicketBatch.variant == batch.variant,
    )
    return list(session.scalars(query.order_by(TicketBatch.no).with_for_update()))


def check_batch_voidable(session: Session, campaign_id: str, batch_no: int, reason: str) -> TicketBatch:
    """Refuse a batch that cannot be voided: ``batch_unknown``, ``ticket_void``, ``act_not_allowed``."""
    rules.fit_reason(reason)
    _hold(session, campaign_id)
    query = select(TicketBatch).where(TicketBatch.campaign_id == campaign_id, TicketBatch.no == batch_no)
    batch = session.scalars(query.with_for_update()).one_or_none()
    if batch is None:
        raise Problem("batch_unknown", batch=batch_no)
    if batch.voided_at is not None:
        raise Problem("ticket_void")
    return batch


def void_batch(
    session: Session, campaign_id: str, batch_no: int, *, reason: str, asked_by: str, by: str, at: datetime
) -> None:
    """Withdraw every unused ticket of a batch (作废整批), an act of two people; what was cast with it stays cast.

    The cell may be issued anew afterwards. Raises as ``check_batch_voidable``.
    """
    batch = check_batch_voidable(session, campaign_id, batch_no, reason)
    gone = {state: _withdraw_all(session, batch, state) for state in (TicketState.LIVE, TicketState.RESERVE)}
    batch.voided_at = at
    batch.withdrawn = gone[TicketState.LIVE]
    session.flush()
    body = {
        "batch": batch_no,
        "withdrawn": gone[TicketState.LIVE],
        "reserve": gone[TicketState.RESERVE],
        "reason": rules.fit_reason(reason),
        "asked_by": asked_by,
    }
    record(session, campaign_id, Event.TICKET_BATCH_VOIDED, body, at=at, by=by)


def _withdraw_all(session: Session, batch: TicketBatch, state: TicketState) -> int:
    found = session.execute(
        update(Ticket)
        .where(Ticket.campaign_id == batch.campaign_id, Ticket.batch_no == batch.no, Ticket.state == state)
        .values(state=TicketState.VOID.value)
    )
    return int(found.rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class BatchView:
    """A batch as the office may see it: how many cards, how many still sealed; never which, and no code."""

    no: int
    stratum_no: int
    point_no: int
    variant: str
    count: int
    reserve: int
    reserve_left: int
    voided_at: datetime | None


def batches_of(session: Session, campaign_id: str) -> list[BatchView]:
    """The batches of a campaign in their order."""
    sealed = {
        row.batch_no: int(row.number)
        for row in session.execute(
            select(Ticket.batch_no, func.count().label("number"))
            .where(Ticket.campaign_id == campaign_id, Ticket.state == TicketState.RESERVE)
            .group_by(Ticket.batch_no)
        )
    }
    query = select(TicketBatch).where(TicketBatch.campaign_id == campaign_id).order_by(TicketBatch.no)
    return [
        BatchView(
            no=row.no,
            stratum_no=row.stratum_no,
            point_no=row.point_no,
            variant=row.variant,
            count=row.count,
            reserve=row.reserve,
            reserve_left=sealed.get(row.no, 0),
            voided_at=row.voided_at,
        )
        for row in session.scalars(query)
    ]


def variants_of(session: Session, campaign_id: str) -> dict[tuple[int, int], set[str]]:
    """Questionnaire variants of the tickets of each cell (stratum, point)."""
    found: dict[tuple[int, int], set[str]] = {}
    query = select(TicketBatch.stratum_no, TicketBatch.point_no, TicketBatch.variant).where(
        TicketBatch.campaign_id == campaign_id
    )
    for row in session.execute(query):
        found.setdefault((row.stratum_no, row.point_no), set()).add(row.variant)
    return found


def asked_of(session: Session, campaign_id: str) -> dict[int, int]:
    """People of each stratum who were given a ticket: used or not, without sealed reserves and withdrawn cards."""
    query = (
        select(TicketBatch.stratum_no, func.count().label("number"))
        .join(Ticket, (Ticket.campaign_id == TicketBatch.campaign_id) & (Ticket.batch_no == TicketBatch.no))
        .where(Ticket.campaign_id == campaign_id, Ticket.state.in_((TicketState.LIVE, TicketState.SPENT)))
        .group_by(TicketBatch.stratum_no)
    )
    return {row.stratum_no: int(row.number) for row in session.execute(query)}
