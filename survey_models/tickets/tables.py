"""Tables of tickets (票). A ticket holds no time and no person; its code is kept only as a keyed digest."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, distributed, reference
from survey_models.core.columns import one_of

# The open QR (开放扫码) is one cell of its own in no stratum: point 0 for browsers with a device cookie, 1 for others
# (未验证, unverified), which are counted apart.
OPEN_STRATUM = 0
OPEN_VERIFIED, OPEN_UNVERIFIED = 0, 1


class TicketState(StrEnum):
    """``reserve`` tickets lie sealed until one replaces a lost card."""

    LIVE = "live"
    SPENT = "spent"
    VOID = "void"
    RESERVE = "reserve"


class AlarmKind(StrEnum):
    """``wrong``: well-formed codes that no ticket has; ``looked_up``: right codes asked about without a ballot."""

    WRONG = "wrong"
    LOOKED_UP = "looked_up"


class TicketBatch(Base):
    """Tickets of one stratum and point, issued together.

    ``root`` is the SHA-256 of their sorted digests; it and the counts go to the ledger before opening.
    ``withdrawn``: how many of ``count`` were live when two people voided the batch (作废整批), at ``voided_at``.
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
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn: Mapped[int]


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


class TicketAlarm(Base):
    """What happened too often to the codes of a campaign on a day (评议码告警): a number, never which code or whose.

    ``kind``: see ``AlarmKind``. ``raised``: the number passed its threshold, and the ledger says so, once.
    """

    __tablename__ = "ticket_alarms"
    __table_args__ = (one_of("kind", AlarmKind), {"info": distributed("campaign_id")})

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int]
    raised: Mapped[bool]


class OpenTicketSpent(Base):
    """A one-visit ticket of the open QR (开放扫码) that was used; unused ones are stored nowhere."""

    __tablename__ = "open_tickets_spent"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class OpenDevice(Base):
    """A browser that has answered by the open QR: a keyed digest of its cookie and the campaign, beside no ballot."""

    __tablename__ = "open_devices"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
