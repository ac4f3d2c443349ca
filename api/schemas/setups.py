"""Wire forms of set-ups (新建测评): what is stated, what was read, what comes with the program, the cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from survey_models.accounts.rules import Role
from survey_models.core.errors import Problem
from survey_models.setups import rules
from survey_models.setups.lists import Population, UnitList
from survey_models.setups.rules import CellLine, SetupDoc, UnitLine
from survey_models.setups.tables import Setup
from survey_models.uploads.rules import Fault


class SetupView(BaseModel):
    """A set-up in the list; ``campaign_id`` and ``state`` are null until the campaign is made of it."""

    id: str
    title: str
    campaign_id: str | None
    state: str | None
    steps_left: int
    made_by: str
    changed_at: datetime

    @classmethod
    def of(cls, found: Setup, state: str | None) -> SetupView:
        """The set-up with the state of its campaign."""
        doc = SetupDoc.model_validate(found.doc)
        return cls(
            id=found.id,
            title=doc.about.title,
            campaign_id=found.campaign_id,
            state=state,
            steps_left=sum(not is_whole for is_whole in rules.whole(doc).values()),
            made_by=found.made_by,
            changed_at=found.changed_at,
        )


class StepView(BaseModel):
    """A step, and whether it is stated so that a campaign can be made of it."""

    name: str
    whole: bool


class ShareView(BaseModel):
    """A stratum with its people, its sheets and its sealed reserve cards."""

    area: str
    kind: str
    people: int
    sheets: int
    reserve: int


class PeopleView(BaseModel):
    """Who is there for the campaign.

    ``seconds``: names of accounts that can confirm the opening now; ``seconds_later``: of those that were made or
    reset within 24 hours; ``contractors``: of those that work on the campaign.
    """

    seconds: list[str]
    seconds_later: list[str]
    contractors: list[str]


class SetupDetail(BaseModel):
    """A set-up with everything that its page shows.

    ``sample_fault``: why the sample cannot be shared over the strata, in Chinese and English; null: it can.
    ``keys_here``: this server may make and keep the key of the sheets. ``opening_asked``: the number of the act that
    waits for a second person.
    """

    id: str
    revision: int
    campaign_id: str | None
    state: str | None
    doc: SetupDoc
    steps: list[StepView]
    shares: list[ShareView]
    sample_fault: list[str] | None
    people: PeopleView
    cards: int
    sealed: bool
    keys_here: bool
    opening_asked: int | None

    @classmethod
    def of(cls, found: Setup, **beside: Any) -> SetupDetail:
        """The set-up; ``beside``: what the database knows beside it."""
        doc = SetupDoc.model_validate(found.doc)
        fault = None
        try:
            shared = list(_shares(doc))
        except Problem as problem:
            shared, fault = [], [problem.sentence("zh"), problem.sentence("en")]
        return cls(
            id=found.id,
            revision=found.revision,
            campaign_id=found.campaign_id,
            doc=doc,
            steps=[StepView(name=name, whole=is_whole) for name, is_whole in rules.whole(doc).items()],
            shares=shared,
            sample_fault=fault,
            **beside,
        )


def _shares(doc: SetupDoc) -> Iterator[ShareView]:
    if not doc.sample.sheets:
        return
    for cell, sheets, spare in zip(doc.areas.cells, rules.shares(doc), rules.reserve_of(doc), strict=True):
        yield ShareView(area=cell.area_name, kind=cell.kind_name, people=cell.people, sheets=sheets, reserve=spare)


class SavedSetup(BaseModel):
    """What is stated now; ``revision``: the one that was looked at."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1, le=2**31 - 1)
    doc: SetupDoc


class RowFaultView(BaseModel):
    """What is wrong in a row, from 1 (0: the list as a whole), in which column and cell, and what to do."""

    row: int
    column: str
    cell: str
    text: str
    zh: str
    en: str
    next_zh: str
    next_en: str

    @classmethod
    def of(cls, one: Fault) -> RowFaultView:
        """The fault with its sentences."""
        problem = one.problem()
        return cls(
            row=one.row or 0,
            column=one.column or "",
            cell=str(one.params.get("cell") or ""),
            text=str(one.params.get("text") or ""),
            zh=problem.sentence("zh"),
            en=problem.sentence("en"),
            next_zh=problem.remedy("zh"),
            next_en=problem.remedy("en"),
        )


class RowsView(BaseModel):
    """What was read from a list; nothing of it is stored yet. One of ``units`` and ``cells`` is empty."""

    units: list[UnitLine] = []
    cells: list[CellLine] = []
    faults: list[RowFaultView]


class UnitListView(BaseModel):
    """A list of units that comes with the program."""

    id: str
    title: str
    title_en: str
    units: list[UnitLine]

    @classmethod
    def of(cls, one: UnitList) -> UnitListView:
        """The list."""
        return cls(id=one.id, title=one.title[0], title_en=one.title[1], units=list(one.units))


class PopulationView(BaseModel):
    """A table of populations that comes with the program; ``made_up``: not official in every figure."""

    id: str
    title: str
    title_en: str
    source: str
    made_up: bool
    cells: list[CellLine]

    @classmethod
    def of(cls, one: Population) -> PopulationView:
        """The table."""
        title, title_en = one.title
        shown = {"source": one.source, "made_up": one.made_up, "cells": list(one.cells)}
        return cls(id=one.id, title=title, title_en=title_en, **shown)


class TemplateView(BaseModel):
    """A questionnaire template; ``units``: the number it was written for, null: any."""

    id: str
    about: str
    about_en: str
    cites: str
    units: int | None
    rates: bool

    @classmethod
    def of(cls, template: Mapping[str, Any]) -> TemplateView:
        """The template."""
        about = template["about"]
        return cls(
            id=template["id"],
            about=about["zh"],
            about_en=about.get("en") or about["zh"],
            cites=template["cites"],
            units=template.get("units_stated"),
            rates=any(item.get("scale") in rules.RATING_SCALES for item in template["items"]),
        )


class ScaleView(BaseModel):
    """A rating scale with its options as they are printed."""

    id: str
    options: list[str]
    options_en: list[str]


class ShelfView(BaseModel):
    """What comes with the program for a set-up."""

    units: list[UnitListView]
    populations: list[PopulationView]
    templates: list[TemplateView]
    scales: list[ScaleView]


class PersonRequest(BaseModel):
    """A contractor (承办单位) of the campaign, or a second person (发布). ``areas``: codes; null: all of them."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    role: Literal[Role.CONTRACTOR, Role.RELEASE]
    areas: list[str] | None = Field(default=None, min_length=1, max_length=rules.MOST_STRATA)


class PersonMade(BaseModel):
    """The account. ``password`` is told once and kept nowhere; null: the account was there before."""

    name: str
    password: str | None = Field(repr=False)


class CardsRequest(BaseModel):
    """How the hand-over file is sealed, a passphrase or a public key, and whose key the sheets are sealed to.

    ``office_key``: public half of the counting office's key (计票处公钥), 64 hex digits; null: the server makes one.
    """

    model_config = ConfigDict(extra="forbid")

    passphrase: str | None = Field(default=None, min_length=1, max_length=200, repr=False)
    public: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")
    office_key: str | None = Field(default=None, pattern=r"^[0-9a-fA-F]{64}$")

    @model_validator(mode="after")
    def _one_lock(self) -> CardsRequest:
        if (self.passphrase is None) == (self.public is None):
            raise ValueError("a passphrase or a public key")
        return self


class CardsView(BaseModel):
    """The cards that were issued, and the sealed hand-over file, which is told once and kept nowhere.

    ``file``: its bytes in base64; ``ready``: the campaign can be opened.
    """

    campaign_id: str
    cards: int
    ready: bool
    name: str
    sha256: str
    file: str = Field(repr=False)
