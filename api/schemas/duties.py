"""Wire shapes of duties (报送任务)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from survey_models.core.clock import local_day
from survey_models.duties.rules import State
from survey_models.duties.service import Paper, Place, Promise, Standing, days_over
from survey_models.duties.tables import DeedUpdate, DutyFile, DutySubmission


class PlaceBody(BaseModel):
    """Which duty of whom: ``debtor``, a unit's code or a name; ``period``, empty for the round."""

    round: Annotated[str, Field(max_length=60)]
    duty: Annotated[str, Field(max_length=40)]
    debtor: Annotated[str, Field(max_length=80)]
    period: Annotated[str, Field(max_length=10)] = ""

    @property
    def place(self) -> Place:
        """As the service takes it."""
        return Place(self.round, self.duty, self.debtor, self.period)


class SubmissionBody(PlaceBody):
    """What is submitted; ``files``: ids of files that were uploaded for this duty."""

    text: Annotated[str, Field(max_length=100_000)] = ""
    deeds: Annotated[list[str], Field(max_length=20)] = []
    files: Annotated[list[uuid.UUID], Field(max_length=200)] = []

    @property
    def paper(self) -> Paper:
        """As the service takes it."""
        return Paper(self.text, tuple(self.deeds), tuple(self.files))


class ProgressBody(PlaceBody):
    """How a deed goes on; ``deed``: its number, from 1."""

    deed: Annotated[int, Field(ge=1, le=20)]
    percent: Annotated[int, Field(ge=0, le=100)]
    text: Annotated[str, Field(min_length=1, max_length=400)]


class ReturnBody(BaseModel):
    """Why a submission is sent back."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class DutyFileView(BaseModel):
    """A file; ``characters`` null: not counted."""

    id: uuid.UUID
    part: str
    filename: str
    sha256: str
    size: int
    characters: int | None
    sent_at: datetime

    @classmethod
    def of(cls, row: DutyFile) -> DutyFileView:
        """The row on the wire."""
        names = ("id", "part", "filename", "sha256", "size", "characters", "sent_at")
        return cls(**{name: getattr(row, name) for name in names})


class ReceiptView(BaseModel):
    """The receipt (回执): its number and time."""

    receipt: str
    version: int
    sent_at: datetime
    characters: int | None

    @classmethod
    def of(cls, row: DutySubmission) -> ReceiptView:
        """The row on the wire."""
        return cls(receipt=row.receipt, version=row.version, sent_at=row.sent_at, characters=row.characters)


class SubmissionView(ReceiptView):
    """A submission as it was sent."""

    round: str
    duty: str
    debtor: str
    period: str
    text: str
    deeds: list[str]
    files: list[DutyFileView]
    sent_by: str
    returned_at: datetime | None
    return_reason: str | None

    @classmethod
    def whole(cls, row: DutySubmission, files: Sequence[DutyFile]) -> SubmissionView:
        """The row and its files on the wire."""
        return cls(
            **ReceiptView.of(row).model_dump(),
            round=row.round_id,
            duty=row.duty,
            debtor=row.debtor,
            period=row.period,
            text=row.text,
            deeds=row.deeds,
            files=[DutyFileView.of(file) for file in files],
            sent_by=row.sent_by,
            returned_at=row.returned_at,
            return_reason=row.return_reason,
        )


class OwedView(BaseModel):
    """One thing that is owed, how it stands, and what it must hold (``characters`` to ``checklist``)."""

    duty: str
    title: str
    title_en: str
    debtor: str
    name: str
    period: str
    due: date
    state: State
    days_over: int
    receivers: list[str]
    characters: int | None
    least: int | None
    most: int | None
    checklist: list[str]
    receipt: str | None
    sent_at: datetime | None
    returned: bool
    return_reason: str | None

    @classmethod
    def of(cls, one: Standing, today: date) -> OwedView:
        """The same on the wire, as of ``today``."""
        duty, newest = one.owed.duty, one.newest
        return cls(
            duty=duty.id,
            title=duty.title.zh,
            title_en=duty.title.en,
            debtor=one.owed.debtor.id,
            name=one.owed.debtor.name,
            period=one.owed.span.label,
            due=one.owed.due,
            state=one.state,
            days_over=days_over(one, today),
            receivers=list(duty.receivers),
            characters=duty.characters,
            least=duty.least,
            most=duty.most,
            checklist=list(duty.checklist),
            receipt=newest.receipt if newest else None,
            sent_at=newest.sent_at if newest else None,
            returned=bool(newest and newest.returned_at),
            return_reason=newest.return_reason if newest else None,
        )


class DeedUpdateView(BaseModel):
    """One word on a deed's progress."""

    deed: int
    no: int
    percent: int
    text: str
    day: date

    @classmethod
    def of(cls, row: DeedUpdate, day: date) -> DeedUpdateView:
        """The row on the wire: the day, no person."""
        return cls(deed=row.deed, no=row.no, percent=row.percent, text=row.text, day=day)


class DeedsView(BaseModel):
    """What one debtor promised in public, and how it goes on; ``version``: how often the promise was stated."""

    duty: str
    debtor: str
    name: str
    period: str
    version: int
    deeds: list[str]
    progress: list[DeedUpdateView]

    @classmethod
    def of(cls, one: Promise, zone: str) -> DeedsView:
        """The promise on the wire; days in the city's ``zone``."""
        row = one.submission
        return cls(
            duty=row.duty,
            debtor=row.debtor,
            name=one.name,
            period=row.period,
            version=row.version,
            deeds=row.deeds,
            progress=[DeedUpdateView.of(said, local_day(said.made_at, zone)) for said in one.progress],
        )
