"""Table of findings (明查暗访, 投诉, 差评, 督办)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference

RATING, NEW = "rating", "new"


class Finding(Base):
    """One finding about one unit. ``points`` is decimal text; ``due_on`` is in working days of the city.

    One of kind ``rating`` (差评) was opened by a bad window rating: ``rating_id`` is that rating, ``body`` holds its
    level and reasons. Round, article and points come when it is dealt with.
    """

    __tablename__ = "findings"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[str | None] = mapped_column(ForeignKey("rounds.id"))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    window_id: Mapped[str | None] = mapped_column(ForeignKey("windows.id"))
    rating_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    article: Mapped[str] = mapped_column(String(200))
    points: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
