"""Table of the ledger (台账)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, distributed


class LedgerEntry(Base):
    """One act. ``body`` is its canonical bytes, ``digest`` their SHA-256.

    ``at`` is empty for ballots: an entry must not tell when a sheet came in.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        Index("ix_ledger_entries_log_at", "log", "at"),
        {"info": distributed("log")},
    )

    log: Mapped[str] = mapped_column(String(60), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
