"""Issuing a voided batch anew (重新生成评议码): as many tickets as were withdrawn, same cell, new codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import record, recorded
from survey_models.tickets import service
from survey_models.tickets.service import CellOrder, IssuedCode
from survey_models.tickets.tables import TicketBatch


@dataclass(frozen=True)
class Reissue:
    """The new batch, the voided one that it stands for, and its codes, which are in memory only."""

    batch: int
    instead_of: int
    count: int
    reserve: int
    codes: list[IssuedCode] = field(repr=False)


def reissue(session: Session, campaign_id: str, batch_no: int, *, pepper: bytes, by: str, at: datetime) -> Reissue:
    """Make the tickets of a voided batch anew; its root and counts go to the ledger as at the first issue.

    The caller seals the codes and says so with ``handed_over`` in the same transaction.
    Raises ``campaign_unknown``, ``act_not_allowed``, ``batch_unknown``, ``batch_not_voided``, ``nothing_to_reissue``,
    ``reissue_too_small``, and ``ticket_batch_exists`` for a batch that was issued anew before.
    """
    campaign = campaigns.get(session, campaign_id)
    after(campaign.state, Act.REISSUE_TICKETS)
    # Held: of two clerks who do this at once the second finds the cell issued.
    query = select(TicketBatch).where(TicketBatch.campaign_id == campaign_id, TicketBatch.no == batch_no)
    old = session.scalars(query.with_for_update()).one_or_none()
    if old is None:
        raise Problem("batch_unknown", batch=batch_no)
    if old.voided_at is None:
        raise Problem("batch_not_voided", batch=batch_no)
    newest = _newest_of_cell(session, old)
    if newest != old.no:
        raise Problem("ticket_batch_exists")
    count, reserve = _withdrawn(session, old)
    if not count + reserve:
        raise Problem("nothing_to_reissue", batch=batch_no)
    if count + reserve < SMALLEST and campaign.purpose == Purpose.REAL:
        # Beside each sealed sheet stands its batch: one of a handful would say nearly whose it is.
        raise Problem("reissue_too_small", batch=batch_no, tickets=count + reserve, smallest=SMALLEST)
    order = CellOrder(old.stratum_no, old.point_no, count, reserve, old.variant)
    codes = service.issue(session, campaign_id, [order], pepper=pepper, by=by, at=at, expires_at=old.expires_at)
    return Reissue(_newest_of_cell(session, old), old.no, count, reserve, codes)


def handed_over(session: Session, campaign_id: str, made: Reissue, *, file: str, by: str, at: datetime) -> None:
    """Write down which batch stands for which, and the SHA-256 of the sealed hand-over file (64 hex digits)."""
    body = {
        "batch": made.batch,
        "instead_of": made.instead_of,
        "count": made.count,
        "reserve": made.reserve,
        "file": file,
    }
    record(session, campaign_id, Event.TICKETS_REISSUED, body, at=at, by=by)


def _newest_of_cell(session: Session, batch: TicketBatch) -> int:
    query = select(TicketBatch.no).where(
        TicketBatch.campaign_id == batch.campaign_id,
        TicketBatch.stratum_no == batch.stratum_no,
        TicketBatch.point_no == batch.point_no,
        TicketBatch.variant == batch.variant,
    )
    return max(session.scalars(query))


def _withdrawn(session: Session, batch: TicketBatch) -> tuple[int, int]:
    """Tickets that were out and unused, and cards that lay in reserve, when two people voided the batch."""
    bodies = recorded(session, batch.campaign_id, Event.TICKET_BATCH_VOIDED)
    (body,) = [body for body in bodies if body["batch"] == batch.no]
    return int(body["withdrawn"]), int(body["reserve"])
