"""Wire shapes of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from survey_models.accounts.managing import LONGEST_REASON
from survey_models.accounts.rules import LONGEST_AREA, LONGEST_OFFICE, LONGEST_PASSWORD, Role
from survey_models.accounts.service import Place
from survey_models.accounts.tables import EVERY_POINT, EVERY_STRATUM, Account


class PlaceBody(BaseModel):
    """What an account may do and where.

    An ``assessor`` names its ``office``, a ``unit`` or ``organiser`` its ``unit_code``, a ``district`` its
    ``area_code``; clerks (``point``, ``paper``) have the days of training and undertaking.
    """

    roles: Annotated[list[str], Field(min_length=1, max_length=len(Role))]
    office: Annotated[str | None, Field(max_length=LONGEST_OFFICE)] = None
    unit_code: Annotated[str | None, Field(max_length=20)] = None
    area_code: Annotated[str | None, Field(max_length=LONGEST_AREA)] = None
    trained_on: date | None = None
    undertaking_on: date | None = None

    def place(self) -> Place:
        """As the service takes it."""
        return Place(
            tuple(self.roles), self.office, self.unit_code, self.area_code, self.trained_on, self.undertaking_on
        )


class NewAccount(PlaceBody):
    """An account to make, with a first password: it is good for choosing an own one and for nothing else."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class Disabling(BaseModel):
    """Why an account is closed."""

    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]


class AssignmentBody(BaseModel):
    """Which strata (层) of a campaign a contractor works on, or at which test points (测评点) a clerk; null: all."""

    strata: Annotated[list[Annotated[int, Field(ge=1)]] | None, Field(min_length=1, max_length=2_000)] = None
    points: Annotated[list[Annotated[int, Field(ge=1)]] | None, Field(min_length=1, max_length=2_000)] = None


class AssignmentView(BaseModel):
    """A campaign that a contractor works on; ``strata`` null: all of it."""

    campaign: str
    strata: list[int] | None

    @classmethod
    def by_account(cls, rows: Iterable[tuple[str, str, int]]) -> dict[str, list[AssignmentView]]:
        """Assignments of every contractor from rows of account, campaign and stratum (0: all), in that order."""
        found: dict[str, list[AssignmentView]] = {}
        for (name, campaign), group in groupby(rows, key=itemgetter(0, 1)):
            numbers = [number for _, _, number in group]
            strata = None if EVERY_STRATUM in numbers else numbers
            found.setdefault(name, []).append(cls(campaign=campaign, strata=strata))
        return found


class PostView(BaseModel):
    """A campaign in which a clerk works; ``points`` null: at all its test points."""

    campaign: str
    points: list[int] | None

    @classmethod
    def by_account(cls, rows: Iterable[tuple[str, str, int]]) -> dict[str, list[PostView]]:
        """Posts of every clerk from rows of account, campaign and point (0: all), in that order."""
        found: dict[str, list[PostView]] = {}
        for (name, campaign), group in groupby(rows, key=itemgetter(0, 1)):
            numbers = [number for _, _, number in group]
            points = None if EVERY_POINT in numbers else numbers
            found.setdefault(name, []).append(cls(campaign=campaign, points=points))
        return found


class NewPassword(BaseModel):
    """A first password, shown once; the person has to choose an own one after signing in."""

    password: str


class AccountView(BaseModel):
    """An account. ``renewed_at``: since when it is as it is; for 24 hours from then it cannot confirm (demo excepted).

    ``first_password``: nobody has chosen an own password yet.
    """

    model_config = ConfigDict(from_attributes=True)

    name: str
    roles: list[Role]
    demo: bool
    disabled: bool
    first_password: bool
    office: str | None
    unit_code: str | None
    area_code: str | None
    trained_on: date | None
    undertaking_on: date | None
    renewed_at: datetime
    assignments: list[AssignmentView] = []
    posts: list[PostView] = []

    @classmethod
    def of(cls, account: Account, assigned: list[AssignmentView], posts: list[PostView]) -> AccountView:
        """The account with the campaigns assigned to it, and a clerk's posts."""
        return cls.model_validate(account).model_copy(update={"assignments": assigned, "posts": posts})
