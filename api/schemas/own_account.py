"""Wire shapes of what a person does with the own account (我的账号)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from survey_models.accounts.rules import LONGEST_PASSWORD, Role
from survey_models.accounts.tokens import LONGEST_DAYS, LONGEST_LABEL, Scope

Password = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
Code = Annotated[str, Field(min_length=1, max_length=40)]


class TotpView(BaseModel):
    """The authenticator app of an account: ``on`` since when, how many recovery codes are left, or until when due."""

    on: bool
    since: datetime | None
    due: datetime | None
    recovery_codes_left: int


class OwnSessionView(BaseModel):
    """A session of the account; ``current``: this one."""

    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    current: bool


class TokenView(BaseModel):
    """An access token (访问令牌) without its text. ``used_on``: the day of its last use."""

    id: uuid.UUID
    label: str
    scopes: list[Scope]
    made_at: datetime
    ends_at: datetime
    used_on: date | None
    revoked_at: datetime | None
    alive: bool


class OwnAccountView(BaseModel):
    """The own account: what may be changed here, and ``scopes``: what its tokens may be let do."""

    name: str
    roles: list[Role]
    totp: TotpView
    sessions: list[OwnSessionView]
    tokens: list[TokenView]
    scopes: list[Scope]


class PasswordChange(BaseModel):
    """The present password and the new one."""

    old: Password
    new: Password


class PasswordAgain(BaseModel):
    """The present password: whoever finds an open browser cannot go on from here."""

    password: Password


class CodeAgain(BaseModel):
    """A code of the app, or a recovery code where one will do."""

    code: Code


class TotpSecret(BaseModel):
    """A secret to set up: text to type, address, and its QR code as the path of an SVG of ``side`` squares."""

    secret: str
    address: str
    side: int
    path: str


class RecoveryCodes(BaseModel):
    """Ten codes, shown once."""

    codes: list[str]


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int


class NewToken(BaseModel):
    """A token to make: what it is for, what it may do, for how many days; the present password again."""

    label: Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    password: Password


class MadeToken(TokenView):
    """A token just made. ``token`` is shown once and kept nowhere."""

    token: str
