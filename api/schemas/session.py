"""Wire shapes of sign-in."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from survey_models.accounts.rules import LONGEST_PASSWORD, Role


class Credentials(BaseModel):
    """Name and password as typed."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class HalfSession(BaseModel):
    """The password was right; ``ticket`` goes back with a one-time code (动态验证码) within five minutes."""

    ticket: str


class SecondStep(BaseModel):
    """The ticket of the first step, and a code of the app or a recovery code (备用码)."""

    ticket: Annotated[str, Field(min_length=1, max_length=1000)]
    code: Annotated[str, Field(min_length=1, max_length=40)]


class SessionView(BaseModel):
    """Who is signed in. ``csrf`` goes into the header ``X-CSRF-Token`` of every request that changes something.

    ``totp_due``: until when the account needs an authenticator app; once it has passed, nothing else is answered.
    ``choose_password``: the password is a first one (首个密码); nothing else is answered before an own one is chosen.
    """

    name: str
    roles: list[Role]
    csrf: str
    totp_due: datetime | None = None
    choose_password: bool = False
