"""Printing (印制): what a printer needs to know of a campaign, posters, and what the ledger keeps of a print."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.printing.making import How, Printed
from survey_models.printing.orders import OrderedBatch, PrintOrder
from survey_models.printing.posters import PLACE, WINDOW, Poster
from survey_models.tickets.tables import Ticket, TicketBatch
from survey_models.units import service as units

_MARKS = {Purpose.REHEARSAL: "演练", Purpose.DEMO: "演示"}


def order_of(session: Session, campaign_id: str, *, address: str) -> PrintOrder:
    """The print order of a campaign as it stands now. ``address``: of the installation (``https://host``).

    Raises ``campaign_unknown``, ``print_nothing_issued``.
    """
    campaign = campaigns.get(session, campaign_id)
    ends = select(Ticket.batch_no, func.min(Ticket.serial), func.max(Ticket.serial))
    query = ends.where(Ticket.campaign_id == campaign_id).group_by(Ticket.batch_no)
    runs = {number: (first, last) for number, first, last in session.execute(query)}
    rows = select(TicketBatch).where(TicketBatch.campaign_id == campaign_id).order_by(TicketBatch.no)
    batches = tuple(
        OrderedBatch(
            row.no, row.count, row.reserve, *runs.get(row.no, (0, 0)), root=row.root, void=row.voided_at is not None
        )
        for row in session.scalars(rows)
    )
    if not batches:
        raise Problem("print_nothing_issued", campaign=campaign_id)
    return PrintOrder(campaign.id, campaign.title, campaign.purpose, address.rstrip("/"), batches)


def digest_of(order: PrintOrder) -> str:
    """SHA-256 of the order's file."""
    return hashlib.sha256(order.to_json()).hexdigest()


def record_printed(session: Session, campaign_id: str, made: Printed, how: How, *, by: str, at: datetime) -> None:
    """Write down that cards were set for print: how many, on what, from which sealed file; never which codes."""
    body = {
        "paper": how.paper.name,
        "cards": made.cards,
        "reserve": made.reserve,
        "area": how.area,
        "file": how.file,
        "order": how.order,
    }
    record(session, campaign_id, Event.TICKETS_PRINTED, body, at=at, by=by)


def window_posters(session: Session, *, address: str, only: Iterable[str] | None = None) -> list[Poster]:
    """A standing poster for each window (``only``: of these), that leads to its page. Raises ``window_unknown``."""
    wanted = None if only is None else set(only)
    found = [one for one in units.all_windows(session) if wanted is None or one.id in wanted]
    if wanted is not None and (unknown := wanted - {one.id for one in found}):
        raise Problem("window_unknown", window=min(unknown))
    call, how = WINDOW
    return [
        Poster(one.name, f"{one.hall} · {one.number} 号窗口", call, how, f"{address.rstrip('/')}/w/{one.id}", one.id)
        for one in found
        if not one.canary
    ]


def campaign_posters(session: Session, campaign_id: str, *, address: str) -> list[Poster]:
    """A poster for each test point, or each area where there are none: the code stays on the card.

    Raises ``campaign_unknown``.
    """
    campaign = campaigns.get(session, campaign_id)
    call, how = PLACE
    areas = {row.area_code: row.area_name for row in campaigns.strata_of(session, campaign_id)}
    points = campaigns.points_of(session, campaign_id)
    places = [f"{areas.get(one.area_code, '')} · {one.name}" for one in points] or list(areas.values())
    link, mark = f"{address.rstrip('/')}/b/{campaign.id}", _MARKS.get(Purpose(campaign.purpose), "")
    return [
        Poster(campaign.title, place, call, how, link, f"{campaign.id}-{number}", mark)
        for number, place in enumerate(places, 1)
    ]
