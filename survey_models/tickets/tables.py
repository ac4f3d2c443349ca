"""Tables of tickets (票). A ticket holds no time and no person; its code is kept only as a keyed digest."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, distributed, reference
from survey_models.core.columns import one_of


class TicketState(StrEnum):
    """``reserve`` tickets lie sealed until one replaces a lost card."""

    LIVE = "live"
    SPENT = "spent"
    VOID = "void"
    RESERVE = "reserve"


class TicketBatch(Base):
    """Tickets of one stratum and point, issued together.

    ``root`` is the SHA-256 of their sorted digests; it and the counts go to the ledger before opening.
    """

    __tablename__ = "ticket_batches"
    __table_args__ = ({"info": reference()},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stratum_no: Mapped[int]
    point_no: Mapped[int]
    variant: Mapped[str] = mapped_column(String(40))
    count: Mapped[int]
    reserve: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Ticket(Base):
    """One ticket. ``digest`` is HMAC-SHA-256 of campaign and code under a key outside the database."""

    __tablename__ = "tickets"
    __table_args__ = (
        ForeignKeyConstraint(["campaign_id", "batch_no"], ["ticket_batches.campaign_id", "ticket_batches.no"]),
        one_of("state", TicketState),
        Index("ix_tickets_campaign_id_serial", "campaign_id", "serial", unique=True),
        {"info": distributed("campaign_id")},
    )

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    batch_no: Mapped[int]
    serial: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))


class TicketCounter(Base):
    """How many tickets of a cell were issued, opened and done on a day; never which."""

    __tablename__ = "ticket_counters"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    stratum_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    issued: Mapped[int]
    opened: Mapped[int]
    done: Mapped[int]
