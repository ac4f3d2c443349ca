"""Wire forms of findings (问题处置)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from survey_models.core.clock import local_day
from survey_models.findings.bad_ratings import BadRatingFinding
from survey_models.findings.files import until
from survey_models.findings.machines import Kind, machine_of
from survey_models.findings.moves import Words
from survey_models.findings.rules import NOTE_LENGTH, Given, NewFinding, Price, points_of
from survey_models.findings.tables import Finding, FindingFile, FindingStep
from survey_models.ratings.rules import LEVELS, REASONS

Short = Annotated[str, Field(min_length=1, max_length=60)]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Long = Annotated[str, Field(min_length=1, max_length=NOTE_LENGTH)]


class WordsView(BaseModel):
    """A name in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, words: Words) -> WordsView:
        """Chinese, English."""
        return cls(zh=words[0], en=words[1])


class BadRatingView(BaseModel):
    """A bad rating for the complaint desk: the day, never the minute. ``mark``: why it is not counted, or null."""

    id: uuid.UUID
    state: str
    state_words: WordsView
    day: date
    window_id: str
    window: str
    number: str
    unit: str | None
    level: str
    level_label: str
    level_label_en: str
    reasons: list[str]
    reason_labels: list[str]
    reason_labels_en: list[str]
    mark: str | None

    @classmethod
    def of(cls, found: BadRatingFinding) -> BadRatingView:
        """The finding in both languages."""
        zh, en = LEVELS[found.level]
        words = [REASONS[reason] for reason in found.reasons]
        return cls(
            id=found.id,
            state=found.state,
            state_words=WordsView.of(machine_of(Kind.RATING).states[found.state].words),
            day=found.day,
            window_id=found.window.id,
            window=found.window.name,
            number=found.window.number,
            unit=found.unit.name if found.unit else None,
            level=found.level,
            level_label=zh,
            level_label_en=en,
            reasons=found.reasons,
            reason_labels=[pair[0] for pair in words],
            reason_labels_en=[pair[1] for pair in words],
            mark=found.mark,
        )


class PriceWish(BaseModel):
    """What a finding costs: a rule of a line of the round's scheme; ``points`` is decimal text, empty: as it says."""

    round_id: Short
    component: Name
    rule: Name
    period: Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}|Q[1-4]|H[12])?)?$")] = ""
    matter: Annotated[str, Field(max_length=120)] = ""
    points: Annotated[str, Field(max_length=24)] = ""
    article: Annotated[str, Field(max_length=200)] = ""

    def price(self) -> Price:
        """As the program knows it. Raises ``finding_points_unfit``."""
        return Price(**{**self.model_dump(), "points": points_of(self.points)})


class FindingWish(BaseModel):
    """What was found (明查, 暗访, 季度自查), or a supervision notice (督办) with its ``limit``."""

    kind: Kind
    unit_code: Annotated[str, Field(min_length=1, max_length=20)]
    text: Long
    place: Annotated[str, Field(max_length=200)] = ""
    person: Annotated[str, Field(max_length=80)] = ""
    plan: Annotated[str, Field(max_length=60)] = ""
    matter: Annotated[str, Field(max_length=120)] = ""
    limit: date | None = None

    def new(self) -> NewFinding:
        """As the program knows it."""
        return NewFinding(**self.model_dump())


class MoveWish(BaseModel):
    """A step to take, by name, with what it needs: words, files handed in before, limit, unit, price, told."""

    move: Name
    note: Annotated[str, Field(max_length=NOTE_LENGTH)] = ""
    limit: date | None = None
    unit_code: Annotated[str, Field(max_length=20)] = ""
    matter: Annotated[str, Field(max_length=120)] = ""
    told: bool = False
    files: Annotated[list[uuid.UUID], Field(max_length=20)] = []
    price: PriceWish | None = None

    def given(self) -> Given:
        """As the program knows it. Raises ``finding_points_unfit``."""
        return Given(
            note=self.note,
            limit=self.limit,
            unit_code=self.unit_code,
            matter=self.matter,
            told=self.told,
            price=self.price.price() if self.price else None,
            files=tuple(self.files),
        )


class PriceForTwo(BaseModel):
    """A discretionary price (酌情扣分): the step it is set with (``confirm``, ``uphold``), the reason, the points."""

    move: Name
    note: Long
    price: PriceWish


class FindingView(BaseModel):
    """One line of the list. ``day``: it was opened; null to a unit for a bad rating, whose rater is protected."""

    id: uuid.UUID
    kind: Kind
    unit_code: str | None
    window_id: str | None
    state: str
    state_words: WordsView
    day: date | None
    due_on: date | None
    waits_for: str | None
    counts: bool
    signature: str
    outcome: str
    flags: list[str]
    text: str

    @classmethod
    def of(cls, found: Finding, *, zone: str, due_on: date | None = None, unit: bool = False) -> FindingView:
        """A finding as the list shows it; ``unit``: to its unit's own account."""
        state = machine_of(found.kind).states[found.state]
        hidden = unit and found.kind == Kind.RATING
        return cls(
            id=found.id,
            kind=Kind(found.kind),
            unit_code=found.unit_code,
            window_id=found.window_id,
            state=found.state,
            state_words=WordsView.of(state.words),
            day=None if hidden else local_day(found.made_at, zone),
            due_on=due_on or found.due_on,
            waits_for=state.waits_for,
            counts=state.counts and bool(found.rule),
            signature=found.signature,
            outcome=found.outcome,
            flags=found.flags.split(),
            text=str(found.body.get("text", "")) or _rated(found),
        )


def _rated(found: Finding) -> str:
    """What a bad rating said: its level and reasons."""
    if "level" not in found.body:
        return ""
    reasons = "、".join(REASONS[one][0] for one in found.body["reasons"])
    return LEVELS[found.body["level"]][0] + (f"：{reasons}" if reasons else "")


class StepView(BaseModel):
    """One step that was taken."""

    no: int
    move: str
    words: WordsView
    state_to: str
    by: str
    at: datetime
    note: str
    files: list[uuid.UUID]
    asked_by: str | None

    @classmethod
    def of(cls, kind: str, step: FindingStep) -> StepView:
        """A step; the first one is the opening."""
        known = machine_of(kind).moves.get(step.move)
        words = known.words if known else ("登记", "opened")
        return cls(
            no=step.no,
            move=step.move,
            words=WordsView.of(words),
            state_to=step.state_to,
            by=step.by,
            at=step.at,
            note=step.note,
            files=step.body.get("files", []),
            asked_by=step.body.get("asked_by"),
        )


class FileView(BaseModel):
    """A photo, video or paper; ``late``: handed in after the day it was made; ``kept_until``: never erased before."""

    id: uuid.UUID
    sha256: str
    media: str
    filename: str
    size: int
    taken_on: date
    late: bool
    made_by: str
    made_at: datetime
    kept_until: datetime
    erased: bool

    @classmethod
    def of(cls, kept: FindingFile, *, years: int, zone: str) -> FileView:
        """A file with the end of its time."""
        names = ("id", "sha256", "media", "filename", "size", "taken_on", "late", "made_by", "made_at")
        ends = until(kept, years=years, zone=zone)
        return cls(**{name: getattr(kept, name) for name in names}, kept_until=ends, erased=bool(kept.erased_at))


class MoveView(BaseModel):
    """A step that may be taken now, and what it needs."""

    name: str
    words: WordsView
    needs: list[str]


class FindingDetail(FindingView):
    """A finding whole: what it costs, its clocks, steps, files, and the steps that may be taken now.

    ``notice``: whether a notice was sent and stands (整改通知书, 督办通知), to be fetched as a file.
    """

    place: str
    person: str
    plan: str
    round_id: str | None
    component: str
    rule: str
    period: str
    matter: str
    points: str
    article: str
    lost: str
    clocks: dict[str, Any]
    steps: list[StepView]
    files: list[FileView]
    moves: list[MoveView]
    notice: bool


class WaitingView(FindingView):
    """A finding on which somebody has to act."""

    overdue: bool


class LoopView(BaseModel):
    """The 差评 loop of a window; both rates in percent: of all ratings, and without the excluded ones."""

    ratings: int
    bad: int
    verified: int
    excluded: int
    unreachable: int
    bad_rate: str | None
    bad_rate_kept: str | None
