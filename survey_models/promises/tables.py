"""Tables of promised time limits (服务承诺、限时办结) and notices of leave (离岗告示)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class Promise(Base):
    """What a unit promised for one item (事项), in working days; a change ends the old row and makes a new one.

    ``legal_days``: the limit that the law or a rule names (``basis``), None where there is none.
    """

    __tablename__ = "promises"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), index=True)
    item: Mapped[str] = mapped_column(String(80))
    promised_days: Mapped[int]
    legal_days: Mapped[int | None]
    basis: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LeaveNotice(Base):
    """Somebody is away from a post: since when, why, back when, how to be reached, who stands in (B岗)."""

    __tablename__ = "leave_notices"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), index=True)
    post: Mapped[str] = mapped_column(String(80))
    left_at: Mapped[datetime] = mapped_column(UtcDateTime)
    back_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(80))
    deputy: Mapped[str] = mapped_column(String(40))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
