"""Tables of inspection plans (检查计划)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG, one_of


class PlanKind(StrEnum):
    """``inspection`` 明查, ``secret_visit`` 暗访, ``site_check`` 实地考评: of drawn places, in stages."""

    INSPECTION = "inspection"
    SECRET_VISIT = "secret_visit"  # noqa: S105 - a kind of inspection
    SITE_CHECK = "site_check"


class InspectionPlan(Base):
    """An inspection plan of a round. Its draw (抽样) has the same id: design, seed, lots and replay stand there.

    ``period``: ``2019Q3``; ``previous``: the plan whose problems make units must-check. ``rules``: what the draw was
    made from, as it was known then: ``must`` (reasons by unit), ``more`` and ``waiting`` (numbers by stratum),
    ``periods_left``, ``by``. ``sites``: the places to draw from with their names, and the unit that each speaks for;
    None where units themselves are drawn.
    """

    __tablename__ = "inspection_plans"
    __table_args__ = (one_of("kind", PlanKind), {"info": reference()})

    id: Mapped[str] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(160))
    period: Mapped[str] = mapped_column(String(20))
    previous: Mapped[str | None] = mapped_column(String(SLUG))
    rules: Mapped[dict[str, Any]] = mapped_column(Json)
    sites: Mapped[list[Any] | None] = mapped_column(Json)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
