"""Tables of finished cases (办件) and of the business systems that post them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, distributed, reference


class Case(Base):
    """A finished case of a window: a keyed digest of its number, so that it is rated once (一事一评).

    Which rating rated it is not kept, and of when only the day: a case number leads to a person. ``number`` is in clear
    only where the business system said that its numbers are not personal. ``token`` is what the terminal sends;
    ``opened_at`` is forgotten once the case has expired.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_window_id_token", "window_id", "token", unique=True),
        Index("ix_cases_window_id_opened_at", "window_id", "opened_at"),
        {"info": distributed("window_id")},
    )

    window_id: Mapped[str] = mapped_column(ForeignKey("windows.id"), primary_key=True)
    number_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    finished_on: Mapped[date]
    number: Mapped[str | None] = mapped_column(String(80))
    service: Mapped[str] = mapped_column(String(120), default="", server_default="")
    token: Mapped[str | None] = mapped_column(String(36))
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rated_on: Mapped[date | None]


class Machine(Base):
    """A business system (业务系统) that may post cases of one hall or one window; only its token's digest is kept.

    ``personal``: its case numbers lead to persons and are kept as keyed digests alone.
    """

    __tablename__ = "machines"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    hall: Mapped[str | None] = mapped_column(String(80))
    window_id: Mapped[str | None] = mapped_column(ForeignKey("windows.id"))
    personal: Mapped[bool]
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
