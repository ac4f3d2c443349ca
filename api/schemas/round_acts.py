"""Wire forms of what is asked of a round, and of how rounds follow each other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from survey_models.rounds.asking import Question
from survey_models.rounds.deciding import Decision
from survey_models.rounds.history import Change, Term
from survey_models.rounds.key_units import Naming, Standing
from survey_models.rounds.plans import Wish
from survey_models.rounds.tables import Way

Words = Annotated[str, Field(max_length=200)]


class DecisionBody(BaseModel):
    """A way out of a tie. ``order``: ``units``, the better first; ``draw``: a public ``seed`` and two witnesses."""

    model_config = ConfigDict(extra="forbid")

    about: str = Field(max_length=40)
    category: str = Field("", max_length=60)
    way: Way
    units: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, max_length=400)
    seed: Words = ""
    witnesses: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=2)
    reason: Words

    def decision(self) -> Decision:
        """For the service."""
        return Decision(
            self.about,
            self.category,
            self.way,
            tuple(self.units),
            seed=self.seed,
            witnesses=tuple(self.witnesses),
            reason=self.reason,
        )


class StandingBody(BaseModel):
    """A unit's standing: ``cancelled`` (取消评议成绩), ``withheld`` (暂不公布), ``rated`` (恢复)."""

    model_config = ConfigDict(extra="forbid")

    unit: str = Field(max_length=20)
    standing: Literal["rated", "withheld", "cancelled"]
    reason: Words


class PublishBody(BaseModel):
    """Which result is to be published: the number of the newest."""

    model_config = ConfigDict(extra="forbid")

    no: int = Field(ge=1)


class TermView(BaseModel):
    """A lasting consequence (黄牌警告期) and its last day."""

    round_id: str
    unit: str
    name: str
    consequence: str
    title: str
    title_en: str
    since: date
    until: date

    @classmethod
    def of(cls, one: Term) -> TermView:
        """The term."""
        same = ("round_id", "unit", "name", "consequence", "since", "until")
        return cls(**{name: getattr(one, name) for name in same}, title=one.title[0], title_en=one.title[1])


class ChangeView(BaseModel):
    """One unit now and in the round before; ``was``: its code then, or those it was made from."""

    unit: str
    name: str
    was: list[str]
    printed: str | None
    printed_before: str | None
    difference: str | None
    rank: int | None
    rank_before: int | None

    @classmethod
    def of(cls, one: Change) -> ChangeView:
        """The change."""

        def text(value: Decimal | None) -> str | None:
            return None if value is None else f"{value:f}"

        return cls(
            unit=one.unit,
            name=one.name,
            was=list(one.was),
            printed=text(one.printed),
            printed_before=text(one.printed_before),
            difference=text(one.difference),
            rank=one.rank,
            rank_before=one.rank_before,
        )


class HistoryView(BaseModel):
    """A round beside the one before it, and the clocks that run."""

    round_id: str
    before: str | None
    changes: list[ChangeView]
    terms: list[TermView]


class AskedView(BaseModel):
    """One question before a round is made. ``default`` null and ``required``: it must be answered."""

    key: str
    zh: str
    en: str
    default: Any
    required: bool
    form: str

    @classmethod
    def of(cls, one: Question) -> AskedView:
        """The question."""
        same = ("key", "zh", "en", "default", "required", "form")
        return cls(**{name: getattr(one, name) for name in same})


Preset = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")]
PeriodName = Annotated[str, Field(max_length=20)]
Code = Annotated[str, Field(max_length=20)]


DEEPEST = 12


def shallow(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers nested a few levels. Raises ValueError for more, before anything walks through them."""
    level: list[Any] = [answers]
    for _ in range(DEEPEST):
        level = [
            below
            for one in level
            if isinstance(one, dict | list)
            for below in (one.values() if isinstance(one, dict) else one)
        ]
    if level:
        raise ValueError(f"answers are nested deeper than {DEEPEST} levels")
    return answers


class PlanBody(BaseModel):
    """A round to make: scheme, period, and the answers that a preset cannot know, nested as their keys say.

    ``of``: the unit that runs the round itself; ``like``: a round whose answers are kept where none is given.
    ``made_up``: what is not answered is made up and marked so, for a demo.
    """

    model_config = ConfigDict(extra="forbid")

    preset: Preset
    period: PeriodName
    of: Code = ""
    like: str = Field("", max_length=60)
    answers: Annotated[dict[str, Any], AfterValidator(shallow)] = Field(default_factory=dict)
    made_up: bool = False

    def wish(self) -> Wish:
        """For the service."""
        return Wish(self.preset, self.period, of=self.of, like=self.like)


class KeyUnitsBody(BaseModel):
    """Key units (重点评议单位). ``flag`` empty: the first that the scheme leaves open.

    ``campaigns``: ``people`` and ``tickets`` of the campaigns that follow, by kind, over the answers to the plan.
    """

    model_config = ConfigDict(extra="forbid")

    units: list[Annotated[str, Field(max_length=20)]] = Field(min_length=1, max_length=400)
    flag: str = Field("", max_length=40)
    campaigns: dict[str, Any] = Field(default_factory=dict)

    def naming(self) -> Naming:
        """For the service."""
        return Naming(tuple(self.units), self.flag, self.campaigns)


class KeyKindView(BaseModel):
    """A kind of campaign that follows once key units are named."""

    kind: str
    title: str
    title_en: str


class KeyUnitView(BaseModel):
    """A unit of the round; ``named``: it is a key one."""

    code: str
    name: str
    named: bool


class KeyUnitsView(BaseModel):
    """A flag that can be named while the round runs. ``scored``: no longer; ``campaigns``: ids of those made."""

    flag: str
    title: str
    title_en: str
    kinds: list[KeyKindView]
    units: list[KeyUnitView]
    campaigns: list[str]
    scored: bool

    @classmethod
    def of(cls, one: Standing) -> KeyUnitsView:
        """As it stands."""
        return cls(
            flag=one.flag,
            title=one.title[0],
            title_en=one.title[1],
            kinds=[KeyKindView(kind=kind.id, title=kind.title.zh, title_en=kind.title.en) for kind in one.kinds],
            units=[KeyUnitView(code=code, name=name, named=code in one.named) for code, name in one.units],
            campaigns=list(one.campaigns),
            scored=one.scored,
        )
