"""Wire forms of complaints (效能投诉)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.findings import WordsView
from survey_models.findings.complaints import Draft, Progress


class ComplaintWish(BaseModel):
    """A complaint that came by telephone, letter or visit, as the desk writes it down."""

    about: Annotated[str, Field(max_length=20)]
    unit_code: Annotated[str, Field(max_length=20)]
    matter: Annotated[str, Field(max_length=120)]
    reason: Annotated[str, Field(max_length=1_800)]
    person: Annotated[str, Field(max_length=80)] = ""
    name: Annotated[str, Field(max_length=40)] = ""
    contact: Annotated[str, Field(max_length=80)] = ""
    concerned: bool = True
    share: bool = False
    channel: Annotated[str, Field(max_length=12)] = "phone"

    def draft(self) -> Draft:
        """As the program knows it."""
        return Draft(**self.model_dump())


class Receipt(BaseModel):
    """The stored complaint and its receipt code (受理码), shown this once."""

    id: uuid.UUID
    code: str
    state: str


class ReceiptCode(BaseModel):
    """A receipt code as typed."""

    code: Annotated[str, Field(max_length=40)]


class ContactView(BaseModel):
    """Who complained."""

    name: str
    contact: str


class ProgressStep(BaseModel):
    """On which day the complaint came into which state."""

    day: date
    words: WordsView


class ProgressView(BaseModel):
    """How far a complaint is; ``answer``: the unit's, once the office has checked it."""

    state: WordsView
    final: bool
    due_on: date | None
    steps: list[ProgressStep]
    answer: str

    @classmethod
    def of(cls, seen: Progress) -> ProgressView:
        """In both languages."""
        return cls(
            state=WordsView.of(seen.state),
            final=seen.final,
            due_on=seen.due_on,
            steps=[ProgressStep(day=day, words=WordsView.of(words)) for day, words in seen.steps],
            answer=seen.answer,
        )
