"""Tables of rated units (被评议单位) and service windows (窗口)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, reference
from survey_models.core.columns import SLUG, one_of


class Unit(Base):
    """A rated unit with the flags that rules ask for; ``flags_source`` says who set them.

    ``area_code``: the area (区县) whose district office follows the unit; None, the city's own.
    """

    __tablename__ = "units"
    __table_args__ = ({"info": reference()},)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    superior_led: Mapped[bool]
    has_window: Mapped[bool | None]
    serves_enterprises: Mapped[bool | None]
    flags_source: Mapped[str] = mapped_column(String(120))
    area_code: Mapped[str | None] = mapped_column(String(20))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class UnitLink(Base):
    """A unit's predecessor through a rename, merger or split."""

    __tablename__ = "unit_links"
    __table_args__ = ({"info": reference()},)

    code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    predecessor: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    since: Mapped[date]


class Mode(StrEnum):
    """How a window is rated: one rating for each finished case, or for each visit."""

    CASE = "case"
    COUNTER = "counter"


class Window(Base):
    """A service window (服务窗口) of a unit in a hall.

    ``canary``: no window at all, but where the daily probe of the ratings' door goes; only the probe reads it.
    ``mode``: ``case``, each rating belongs to a finished case (一事一评), or ``counter``, it needs none (一次一评).
    """

    __tablename__ = "windows"
    __table_args__ = (one_of("mode", Mode), {"info": reference()})

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    number: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    hall: Mapped[str] = mapped_column(String(80))
    business: Mapped[str] = mapped_column(String(200))
    made_up: Mapped[bool]
    canary: Mapped[bool] = mapped_column(default=False)
    mode: Mapped[str] = mapped_column(String(8), default="counter", server_default="counter")
    supervision_phone: Mapped[str] = mapped_column(String(40), default="", server_default="")
