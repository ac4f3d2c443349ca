"""Wire forms of rounds: results, questions, borders, decisions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.schemas.scorecards import CardRow
from survey_models.campaigns.tables import Campaign
from survey_models.rounds.tables import Round, RoundBorders, RoundPublication, RoundResult
from survey_models.schemes.outcome import Border, Outcome, Question


class KindView(BaseModel):
    """A campaign of the round and its kind in the scheme."""

    kind: str
    id: str
    title: str
    state: str


class StateOfResult(BaseModel):
    """The newest result in a word: how much is open, and whether it is public. ``stale``: to be scored anew."""

    no: int
    at: datetime
    stale: bool
    questions: int
    borders: int
    borders_confirmed_by: str | None
    published_at: datetime | None
    published_no: int | None


class RoundName(BaseModel):
    """A round that runs a scheme, for those who send something in for it. ``published``: its result is public."""

    id: str
    title: str
    period: str | None
    published: bool


class RoundView(BaseModel):
    """A round (评议周期). ``scheme_id`` null: a stand-alone poll. ``result`` null: never computed."""

    id: str
    title: str
    level: str | None
    period: str | None
    period_from: date | None
    period_to: date | None
    purpose: str | None
    scheme_id: str | None
    scheme_version: int | None
    scheme_digest: str | None
    units: int
    campaigns: list[KindView]
    result: StateOfResult | None

    @classmethod
    def of(
        cls,
        found: Round,
        *,
        scheme_digest: str | None,
        units: int,
        campaigns: dict[str, Campaign],
        result: StateOfResult | None,
    ) -> RoundView:
        """The round with its campaigns."""
        same = ("id", "title", "level", "period", "period_from", "period_to", "purpose", "scheme_id", "scheme_version")
        return cls(
            **{name: getattr(found, name) for name in same},
            scheme_digest=scheme_digest,
            units=units,
            campaigns=[
                KindView(kind=kind, id=one.id, title=one.title, state=one.state) for kind, one in campaigns.items()
            ],
            result=result,
        )


def state_of(
    result: RoundResult | None,
    outcome: Outcome | None,
    borders: RoundBorders | None,
    published: tuple[RoundResult, RoundPublication] | None,
    *,
    stale: bool,
) -> StateOfResult | None:
    """The newest result in a word."""
    if result is None or outcome is None:
        return None
    return StateOfResult(
        no=result.no,
        at=result.made_at,
        stale=stale,
        questions=len(outcome.questions),
        borders=len(outcome.borders),
        borders_confirmed_by=borders.confirmed_by if borders else None,
        published_at=published[1].made_at if published else None,
        published_no=published[0].no if published else None,
    )


class QuestionView(BaseModel):
    """What must be decided (待定事项): an exact tie at a border (``tie``), or a missing component (``missing``)."""

    kind: str
    about: str
    category: str
    units: list[str]
    places: int
    text: str
    text_en: str

    @classmethod
    def of(cls, one: Question) -> QuestionView:
        """The question."""
        same = ("kind", "about", "category", "places")
        words = {"text": one.text[0], "text_en": one.text[1], "units": list(one.units)}
        return cls(**{name: getattr(one, name) for name in same}, **words)


class BorderView(BaseModel):
    """A border that the data do not settle (临界名次)."""

    about: str
    category: str
    units: list[str]

    @classmethod
    def of(cls, one: Border) -> BorderView:
        """The border."""
        return cls(about=one.about, category=one.category, units=list(one.units))


class NamedView(BaseModel):
    """An id of the scheme (a consequence, a grade, a part) with its words."""

    id: str
    title: str
    title_en: str
    kind: str


class ScorecardsView(BaseModel):
    """A whole result: digests, every unit, what is open, and every default that the document does not state."""

    round_id: str
    no: int
    at: datetime
    by: str
    scheme: str
    scheme_version: int
    scheme_digest: str
    inputs_digest: str
    result_digest: str
    code: str
    result_id: uuid.UUID
    sources: dict[str, Any]
    names: list[NamedView]
    rows: list[CardRow]
    questions: list[QuestionView]
    borders: list[BorderView]
    assumed: list[str]
    assumed_en: list[str]

    @classmethod
    def of(cls, row: RoundResult, outcome: Outcome, names: Iterable[NamedView]) -> ScorecardsView:
        """The result as it is shown."""
        same = (
            "round_id",
            "no",
            "scheme_version",
            "scheme_digest",
            "inputs_digest",
            "result_digest",
            "code",
            "sources",
        )
        return cls(
            **{name: getattr(row, name) for name in same},
            at=row.made_at,
            by=row.made_by,
            scheme=row.scheme_id,
            result_id=row.id,
            names=list(names),
            rows=[CardRow.of(card) for card in outcome.cards],
            questions=[QuestionView.of(one) for one in outcome.questions],
            borders=[BorderView.of(one) for one in outcome.borders],
            assumed=[line[0] for line in outcome.assumed],
            assumed_en=[line[1] for line in outcome.assumed],
        )


class DecisionView(BaseModel):
    """A recorded way out. ``share``: the house's part of a draw; ``result_no``: whose question it answers."""

    model_config = ConfigDict(from_attributes=True)

    no: int
    about: str
    category: str
    way: str
    units: list[str]
    seed: str
    share: str
    result_no: int | None
    witnesses: list[str]
    reason: str
    act_number: int
    made_at: datetime


class QuestionsView(BaseModel):
    """What is open in the newest result, and what was decided so far."""

    round_id: str
    no: int
    questions: list[QuestionView]
    borders: list[BorderView]
    borders_confirmed_by: str | None
    decisions: list[DecisionView]
