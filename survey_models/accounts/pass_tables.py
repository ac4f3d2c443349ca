"""Tables of second factors (动态验证码), recovery codes (备用码) and access tokens (访问令牌) of accounts."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference


class AccountTotp(Base):
    """The authenticator app (TOTP) of an account. ``asked_at``: when the account was first told to set one up.

    ``sealed``: the secret under a key of the data folder. It counts from ``proven_at`` on, when the first code was
    right. ``last_step``: the last step whose code was accepted. ``failures``, ``blocked_until``: wrong codes in a row
    and the rest that they brought; wrong passwords, which strangers can send, count elsewhere.
    """

    __tablename__ = "account_totp"
    __table_args__ = ({"info": reference()},)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code that stands in for the app once: only its keyed digest is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = ({"info": reference()},)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StrongSession(Base):
    """A session that a sign-in provider (统一身份认证) began with a second factor: it needs no app of ours."""

    __tablename__ = "strong_sessions"
    __table_args__ = ({"info": reference()},)

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProviderLink(Base):
    """Who at a sign-in provider an account belongs to: the provider's own name of the person (``sub``), for ever.

    Made at the first sign-in there. A claim such as the account's name may be given to somebody else later.
    """

    __tablename__ = "provider_links"
    __table_args__ = (UniqueConstraint("issuer", "account_id"), {"info": reference()})

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccessToken(Base):
    """A token by which a program acts for an account, within ``scopes``: its digest, and the day of its last use."""

    __tablename__ = "access_tokens"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(Json)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
