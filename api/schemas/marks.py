"""Wire shapes of marks that other offices send in (部门评分)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from survey_models.marks.rules import WITHDRAWN, Entry
from survey_models.marks.service import Sent
from survey_models.marks.standing import Standing, State
from survey_models.marks.tables import Mark, MarkSending, MarkState


class MarkEntry(BaseModel):
    """One mark. ``value``: decimal text, null takes a mark back; ``member`` of a panel; ``reason`` of a correction."""

    unit: Annotated[str, Field(min_length=1, max_length=20)]
    value: Annotated[str | None, Field(max_length=40)]
    member: Annotated[str, Field(max_length=40)] = ""
    reason: Annotated[str, Field(max_length=200)] = ""

    def entry(self, row: int) -> Entry:
        """The mark as the service takes it; ``row``: its place in the list, from 1."""
        value = WITHDRAWN if self.value is None else (self.value.strip() or " ")
        return Entry(self.unit, value, self.member.strip(), self.reason.strip(), row)


class MarkList(BaseModel):
    """Marks of one part, of one unit or of many."""

    marks: Annotated[list[MarkEntry], Field(min_length=1, max_length=5_000)]


class SentView(BaseModel):
    """What a sending came to; ``sending`` is null where everything was known already, or nothing was to be kept."""

    sending: uuid.UUID | None
    entered: int
    corrected: int
    unchanged: int

    @classmethod
    def of(cls, sent: Sent) -> SentView:
        """The same on the wire."""
        return cls(sending=sent.sending, entered=sent.entered, corrected=sent.corrected, unchanged=sent.unchanged)


class Approval(BaseModel):
    """Which units' marks are approved; null: all that wait and that one did not send oneself."""

    units: Annotated[list[str] | None, Field(max_length=5_000)] = None


class ApprovalView(BaseModel):
    """How many marks were approved."""

    approved: int


class MarkView(BaseModel):
    """One version of a mark; ``value`` null: taken back."""

    unit: str
    member: str
    version: int
    value: str | None
    state: MarkState
    reason: str
    sending: uuid.UUID | None
    sent_by: str
    sent_at: datetime
    approved_by: str | None
    approved_at: datetime | None

    @classmethod
    def of(cls, mark: Mark) -> MarkView:
        """The row on the wire."""
        return cls(
            unit=mark.unit_code,
            member=mark.member,
            version=mark.version,
            value=mark.value or None,
            state=MarkState(mark.state),
            reason=mark.reason,
            sending=mark.sending_id,
            sent_by=mark.sent_by,
            sent_at=mark.sent_at,
            approved_by=mark.approved_by,
            approved_at=mark.approved_at,
        )


class SendingView(BaseModel):
    """One act of sending, with the digests of its files."""

    id: uuid.UUID
    part: str
    office: str
    filename: str
    sha256: str | None
    attachment_name: str
    attachment: str | None
    sent_by: str
    sent_at: datetime

    @classmethod
    def of(cls, row: MarkSending) -> SendingView:
        """The row on the wire."""
        return cls(
            id=row.id,
            part=row.component,
            office=row.office,
            filename=row.filename,
            sha256=row.sha256,
            attachment_name=row.attachment_name,
            attachment=row.attachment,
            sent_by=row.sent_by,
            sent_at=row.sent_at,
        )


class PartMarks(BaseModel):
    """Every version of every mark of a part, and what was sent for it, newest first."""

    marks: list[MarkView]
    sendings: list[SendingView]

    @classmethod
    def of(cls, marks: Sequence[Mark], sendings: Sequence[MarkSending]) -> PartMarks:
        """The rows on the wire."""
        return cls(marks=[MarkView.of(one) for one in marks], sendings=[SendingView.of(one) for one in sendings])


class StandingView(BaseModel):
    """How one unit's mark for one part stands; no value. ``late``: came after ``due``, or has not come."""

    part: str
    title: str
    title_en: str
    office: str
    unit: str
    name: str
    state: State
    due: date
    sent_on: date | None
    late: bool

    @classmethod
    def of(cls, one: Standing, today: date) -> StandingView:
        """The same on the wire, as of ``today``."""
        return cls(
            part=one.part,
            title=one.title[0],
            title_en=one.title[1],
            office=one.office,
            unit=one.unit,
            name=one.name,
            state=one.state,
            due=one.due,
            sent_on=one.sent_on,
            late=one.late(today),
        )
