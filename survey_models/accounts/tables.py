"""Tables of accounts (账号) and their sessions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference


class Account(Base):
    """A person of the office. ``renewed_at`` is when it was made or its password last reset.

    ``office``: the office an assessor (考评单位) sends marks for. ``unit_code``: the unit a unit's account speaks for.
    """

    __tablename__ = "accounts"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[Any]] = mapped_column(Json)
    demo: Mapped[bool]
    disabled: Mapped[bool]
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    office: Mapped[str | None] = mapped_column(String(80))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))


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
