"""Table of field-work targets (现场进度): how many sheets each cell should bring."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, reference


class Target(Base):
    """Target of one cell of a campaign."""

    __tablename__ = "fieldwork_targets"
    __table_args__ = ({"info": reference()},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    stratum_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    target: Mapped[int]
