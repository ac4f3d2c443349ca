"""Wire shapes of sign-in."""

from typing import Annotated

from pydantic import BaseModel, Field

from survey_models.accounts.rules import LONGEST_PASSWORD, Role


class Credentials(BaseModel):
    """Name and password as typed."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class SessionView(BaseModel):
    """Who is signed in. ``csrf`` goes into the header ``X-CSRF-Token`` of every request that changes something."""

    name: str
    roles: list[Role]
    csrf: str
