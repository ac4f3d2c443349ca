"""Wire forms of a comparison (换一种办法): other settings, option numbers or another scheme over a round's data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.rounds import NamedView
from survey_models.rounds.comparing import Compared, Other
from survey_models.schemes.feeding import Unfed
from survey_models.schemes.language import Scheme
from survey_models.schemes.sensitivity import Shift, alike

EXAMPLE: JsonDict = {"scheme": "nanyang-2014-27", "settings": {"window_points": "15"}}


class CompareBody(BaseModel):
    """Other rules over the same data: ``settings`` by name, ``maps`` with other numbers, or another stored version.

    ``scheme``: another scheme, a preset or a stored one (with ``version``: stored). Settings and maps are then its.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    settings: dict[str, Any] = Field(default_factory=dict)
    maps: dict[str, dict[str, Any]] = Field(default_factory=dict)
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    scheme: Annotated[str, Field(max_length=60, pattern=r"^([a-z0-9][a-z0-9-]*)?$")] = ""

    def other(self) -> Other:
        """For the service."""
        return Other(self.settings, self.maps, self.version, self.scheme)


class ShiftView(BaseModel):
    """One unit under the rules of the result and under the others; ``moves``: place, grade or a consequence differ."""

    unit: str
    name: str
    category: str
    printed: str | None
    printed_other: str | None
    rank: int | None
    rank_other: int | None
    grade: str | None
    grade_other: str | None
    gained: list[str]
    gone: list[str]
    moves: bool

    @classmethod
    def of(cls, one: Shift) -> ShiftView:
        """The unit under both rules."""
        printed = [None if value is None else f"{value:f}" for value in one.printed]
        return cls(
            unit=one.unit,
            name=one.name,
            category=one.category,
            printed=printed[0],
            printed_other=printed[1],
            rank=one.rank[0],
            rank_other=one.rank[1],
            grade=one.grade[0],
            grade_other=one.grade[1],
            gained=list(one.gained),
            gone=list(one.gone),
            moves=one.moves,
        )


class UnfedView(BaseModel):
    """What the other scheme asks for in one line and the round has not.

    ``policy``: what that scheme does with missing data; empty: the line has points all the same, of what else it reads.
    """

    part: str
    title: str
    title_en: str
    wants: str
    wants_en: str
    why: str
    why_en: str
    units: list[str]
    policy: Literal["", "block", "reweight", "zero", "category_mean", "withhold"]

    @classmethod
    def of(cls, one: Unfed) -> UnfedView:
        """The line."""
        words = {name: getattr(one, name)[0] for name in ("title", "wants", "why")}
        english = {f"{name}_en": getattr(one, name)[1] for name in ("title", "wants", "why")}
        return cls.model_validate(
            {"part": one.part, **words, **english, "units": list(one.units), "policy": one.policy}
        )


class NoteView(BaseModel):
    """One sentence in both languages."""

    zh: str
    en: str


class OtherSchemeView(BaseModel):
    """Another scheme as it was run."""

    id: str
    version: int
    title: str
    title_en: str
    digest: str


class ComparisonView(BaseModel):
    """What other rules would have made of a result. ``flips``: pairs of units whose order turns round.

    ``scheme``: of another scheme; null: the round's own, with other settings. ``unfed``: what it asks for and the round
    has not. ``names``: words of the grades and consequences of both; ids of the other one's own begin with ``other.``.
    """

    round_id: str
    no: int
    shifts: list[ShiftView]
    flips: list[tuple[str, str]]
    questions: int
    scheme: OtherSchemeView | None
    unfed: list[UnfedView]
    notes: list[NoteView]
    names: list[NamedView]

    @classmethod
    def of(cls, given: Compared) -> ComparisonView:
        """A comparison."""
        title = given.other.title
        return cls(
            round_id=given.row.round_id,
            no=given.row.no,
            shifts=[ShiftView.of(one) for one in given.found.shifts],
            flips=list(given.found.flips),
            questions=len(given.found.other.questions),
            scheme=None
            if given.fed is None
            else OtherSchemeView(
                id=given.other.scheme,
                version=given.other.version,
                title=title.zh,
                title_en=title.en,
                digest=given.digest,
            ),
            unfed=[UnfedView.of(one) for one in given.fed.unfed] if given.fed else [],
            notes=[NoteView(zh=zh, en=en) for zh, en in given.fed.notes] if given.fed else [],
            names=list(_names(given.own, given.other)),
        )


def _names(own: Scheme, other: Scheme) -> Iterator[NamedView]:
    """Words of every grade and consequence that a shift may name, each once."""
    found: dict[str, NamedView] = {}
    ids = alike(own, other)
    for scheme, named in ((own, {}), (other, ids)):
        for one in scheme.grades:
            name = named.get(one.id, one.id)
            found.setdefault(name, NamedView(id=name, title=one.title.zh, title_en=one.title.en, kind="grade"))
        for rule in scheme.consequences:
            name = named.get(rule.id, rule.id)
            found.setdefault(name, NamedView(id=name, title=rule.title.zh, title_en=rule.title.en, kind=rule.kind))
    yield from found.values()
