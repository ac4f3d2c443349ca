"""Tables of field work (现场进度): how many sheets each cell should bring, and how many that came do not count."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, distributed, reference
from survey_models.core.columns import one_of


class Why(StrEnum):
    """Why sheets do not count: ``paper``: the door refused the typed sheet; ``aside``: two people set them aside."""

    PAPER = "paper"
    ASIDE = "aside"


class Target(Base):
    """Target of one cell of a campaign."""

    __tablename__ = "fieldwork_targets"
    __table_args__ = ({"info": reference()},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    stratum_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[int]


class Invalid(Base):
    """How many sheets of a cell came in and do not count (无效); never which."""

    __tablename__ = "fieldwork_invalid"
    __table_args__ = (one_of("why", Why), {"info": distributed("campaign_id")})

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    stratum_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    why: Mapped[str] = mapped_column(String(8), primary_key=True)
    sheets: Mapped[int]
