"""Wire forms of finished cases (办件) and of the business systems that post them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from survey_models.cases.rules import NUMBER_LENGTH, SERVICE_LENGTH
from survey_models.cases.tables import Case, Machine


class CaseIn(BaseModel):
    """A finished case. ``case_no`` is kept as a keyed digest, in clear only where numbers are not personal."""

    model_config = ConfigDict(extra="forbid")

    case_no: str = Field(min_length=1, max_length=NUMBER_LENGTH)
    service: str = Field(default="", max_length=SERVICE_LENGTH)


class CaseView(BaseModel):
    """What the business system hears: the window and until when the case can be rated."""

    window_id: str
    finished_on: date
    expires_at: datetime | None

    @classmethod
    def of(cls, case: Case) -> CaseView:
        """The case."""
        return cls(window_id=case.window_id, finished_on=case.finished_on, expires_at=case.expires_at)


class NextCase(BaseModel):
    """What the terminal may ask about now; ``case`` null: nothing. It is the token that goes into the rating."""

    case: str | None = None
    service: str = ""
    until: datetime | None = None


class MachineIn(BaseModel):
    """A credential to make: for one hall or for one window."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00]+$")
    hall: str | None = Field(default=None, max_length=80)
    window: str | None = Field(default=None, max_length=60, pattern=r"^[^\x00]+$")
    personal: bool = True


class MachineView(BaseModel):
    """A business system as the office sees it."""

    id: uuid.UUID
    name: str
    hall: str | None
    window: str | None
    personal: bool
    made_by: str
    made_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, machine: Machine) -> MachineView:
        """The credential without its token."""
        return cls.model_validate({**cls._shown(machine)})

    @staticmethod
    def _shown(machine: Machine) -> dict[str, object]:
        names = ("id", "name", "hall", "personal", "made_by", "made_at", "revoked_at")
        return {**{name: getattr(machine, name) for name in names}, "window": machine.window_id}


class MachineMade(MachineView):
    """The same with the token, given once."""

    token: str = Field(repr=False)

    @classmethod
    def made(cls, machine: Machine, token: str) -> MachineMade:
        """The credential with its token."""
        return cls.model_validate({**cls._shown(machine), "token": token})
