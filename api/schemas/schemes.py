"""Wire forms of schemes (评分办法)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from survey_models.schemes.reading import LONGEST
from survey_models.schemes.tables import Scheme


class SchemeView(BaseModel):
    """A stored version of a scheme; ``digest`` is printed on every result. ``locked_at``: since a round runs on it."""

    id: str
    version: int
    title: str
    digest: str
    settings: dict[str, Any]
    stored_by: str
    stored_at: datetime | None
    locked_at: datetime | None

    @classmethod
    def of(cls, row: Scheme) -> SchemeView:
        """The version without its document."""
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields})


class SchemeDetail(SchemeView):
    """A stored version with its document: as it was written, and as it is in force."""

    text: str
    doc: dict[str, Any]


class SchemesView(BaseModel):
    """Every stored version, and the names of the presets that come with the program."""

    stored: list[SchemeView]
    presets: list[str]


class PlannableView(BaseModel):
    """A scheme of which rounds can be planned: a preset, or the newest stored version of another.

    ``each``: its cadence, by which periods are written; ``period``: one of them, for instance ``2015H1``.
    """

    id: str
    title: str
    title_en: str
    each: str
    period: str


class PresetView(BaseModel):
    """A preset as it comes with the program."""

    name: str
    text: str


class SchemeBody(BaseModel):
    """A YAML document, and settings that are to stand in place of its own."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST)
    settings: dict[str, Any] = Field(default_factory=dict)


class FaultView(BaseModel):
    """What is wrong with a document, with its line."""

    line: int
    where: str
    code: str
    zh: str
    en: str


class ProofView(BaseModel):
    """Everything that is wrong with a document, by line; nothing: it can be stored."""

    faults: list[FaultView]
