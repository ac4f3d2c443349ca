"""What the board (现场进度) says beyond the counters: how far the days have gone, and where that leads."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Campaign, State
from survey_models.core.clock import local_day
from survey_models.setups.service import doc_of
from survey_models.setups.tables import Setup
from survey_models.tickets.tables import TicketBatch


def elapsed(session: Session, campaign: Campaign, *, at: datetime, zone: str) -> Fraction | None:
    """Share of the open days gone by, today among them; None where it is not open or no last day is known.

    The last day is the planned one of its set-up, else that on which the last of its tickets expires.
    """
    if campaign.state != State.OPEN or campaign.opened_at is None:
        return None
    setup = session.scalars(select(Setup).where(Setup.campaign_id == campaign.id)).first()
    last = doc_of(setup).about.closes_on if setup else None
    if last is None:
        query = select(func.max(TicketBatch.expires_at)).where(TicketBatch.campaign_id == campaign.id)
        expires = session.scalar(query)
        last = local_day(expires, zone) if expires else None
    return None if last is None else share(local_day(campaign.opened_at, zone), last, local_day(at, zone))


def share(first: date, last: date, today: date) -> Fraction:
    """Days gone of the days from ``first`` to ``last``, both and ``today`` counted; 1 at most."""
    whole = max((last - first).days + 1, 1)
    return min(Fraction(max((today - first).days + 1, 1), whole), Fraction(1))


def forecast(done: int, gone: Fraction | None) -> int | None:
    """Sheets to be expected at the end (预计): done so far over the share of the days gone, rounded down."""
    return None if gone is None else int(done / gone)


def is_behind(done: int, target: int, gone: Fraction | None) -> bool:
    """Whether a cell has less than its share of the target (配额告警)."""
    return gone is not None and done < target * gone
