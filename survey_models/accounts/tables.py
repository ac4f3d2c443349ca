"""Tables of accounts (账号) and their sessions."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference


class Account(Base):
    """A person of the office. ``renewed_at``: when it was made, reset, given a role or its own password.

    ``office``: the office an assessor (考评单位) sends marks for. ``unit_code``: the unit that is spoken for.
    ``area_code``: the area a district office (区县评议办) sees. ``trained_on`` and ``undertaking_on``: the days of a
    clerk's training and signed undertaking (培训日期, 承诺书日期); without both a clerk does nothing.
    ``first_password``: somebody else gave the password (首个密码); it serves for choosing an own one alone.
    """

    __tablename__ = "accounts"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    first_password: Mapped[bool]
    roles: Mapped[list[Any]] = mapped_column(Json)
    demo: Mapped[bool]
    disabled: Mapped[bool]
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    office: Mapped[str | None] = mapped_column(String(80))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    area_code: Mapped[str | None] = mapped_column(String(20))
    trained_on: Mapped[date | None]
    undertaking_on: Mapped[date | None]

    @property
    def speaks_for(self) -> str:
        """The office, unit or area it acts for; empty for the city's own office."""
        return self.office or self.unit_code or self.area_code or ""

    @property
    def sworn(self) -> bool:
        """Whether a clerk may act: trained and under a signed undertaking."""
        return self.trained_on is not None and self.undertaking_on is not None


EVERY_STRATUM = 0


class Assignment(Base):
    """A campaign that a contractor (承办单位) works on: all of it (``stratum_no`` 0), or one stratum (层)."""

    __tablename__ = "assignments"
    __table_args__ = ({"info": reference()},)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    stratum_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


EVERY_POINT = 0


class ClerkPoint(Base):
    """A campaign in which a clerk works (测评点工作人员): at all its test points (``point_no`` 0), or at one."""

    __tablename__ = "clerk_points"
    __table_args__ = ({"info": reference()},)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    point_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountSession(Base):
    """A signed-in browser or command line; only the digest of its token is kept."""

    __tablename__ = "account_sessions"
    __table_args__ = ({"info": reference()},)

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    csrf: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
