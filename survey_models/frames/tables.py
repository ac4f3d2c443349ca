"""Tables of frames (抽样框)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, distributed, reference
from survey_models.core.columns import SLUG, one_of


class FrameKind(StrEnum):
    """``counts``: populations of areas and kinds; ``list``: one row for each person or site."""

    COUNTS = "counts"
    LIST = "list"


class Frame(Base):
    """A frozen frame. ``digest`` is the SHA-256 of its canonical lines, published before any seed."""

    __tablename__ = "frames"
    __table_args__ = (one_of("kind", FrameKind), {"info": reference()})

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(400))
    made_up: Mapped[bool]
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FrameCell(Base):
    """Population of one kind of people in one area; ``made_up`` marks a figure that is not official."""

    __tablename__ = "frame_cells"
    __table_args__ = ({"info": reference()},)

    frame_id: Mapped[str] = mapped_column(ForeignKey("frames.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area_code: Mapped[str] = mapped_column(String(20))
    area_name: Mapped[str] = mapped_column(String(60))
    kind_code: Mapped[str] = mapped_column(String(20))
    kind_name: Mapped[str] = mapped_column(String(40))
    population: Mapped[int]
    made_up: Mapped[bool]
    source: Mapped[str] = mapped_column(String(400))


class FramePoint(Base):
    """A candidate test point (候选测评点) of an area."""

    __tablename__ = "frame_points"
    __table_args__ = ({"info": reference()},)

    frame_id: Mapped[str] = mapped_column(ForeignKey("frames.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))


class FrameRow(Base):
    """One entry of a list frame. It holds no name and no number: the office keeps those elsewhere."""

    __tablename__ = "frame_rows"
    __table_args__ = ({"info": distributed("frame_id")},)

    frame_id: Mapped[str] = mapped_column(ForeignKey("frames.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
