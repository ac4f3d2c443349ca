"""Wire shapes of accounts."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from survey_models.accounts.rules import LONGEST_OFFICE, LONGEST_PASSWORD, Role


class NewAccount(BaseModel):
    """An account to make: an ``assessor`` with its ``office``, a ``unit`` with the ``unit_code`` it speaks for."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
    roles: Annotated[list[str], Field(min_length=1, max_length=len(Role))]
    office: Annotated[str | None, Field(max_length=LONGEST_OFFICE)] = None
    unit_code: Annotated[str | None, Field(max_length=20)] = None


class AccountView(BaseModel):
    """An account. ``renewed_at``: made or password reset; it cannot confirm for 24 hours (demo excepted)."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    roles: list[Role]
    demo: bool
    disabled: bool
    office: str | None
    unit_code: str | None
    renewed_at: datetime
