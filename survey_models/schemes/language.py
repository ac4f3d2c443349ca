"""The scheme language (评分办法): a policy document as data, from the rated units to awards and sanctions.

A document is YAML. ``{setting: name}`` in place of a value takes it from ``settings``; see ``loading``. What is said
here is only the shape; what must hold between parts (weights that add up, known ids, cycles) is proved by ``proving``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from survey_models.schemes.added import Additions
from survey_models.schemes.sources import Rounding, Rule, Source
from survey_models.schemes.words import Amount, Cited, Id, Model, Slug, Text, When, plain

Missing = Literal["block", "reweight", "zero", "category_mean", "withhold"]
FLAGS = {
    "has_window": ("设有派出窗口", "Has windows in the hall"),
    "serves_enterprises": ("涉及服务企业经济发展", "Serves enterprises"),
    "superior_led": ("中央、省直属或垂直管理", "Led by a superior body"),
}
"""Flags that every list of units has, in Chinese and English."""
Border = Literal["stop", "expand", "shrink", "break_ties"]
Value = Annotated[Any, BeforeValidator(plain)]


class Case(Model):
    """One way to make up a line, for the units it fits; without ``when``: for all that are left."""

    when: When | None = None
    parts: tuple[Part, ...] = Field(min_length=1)


class Part(Cited):
    """One line of the tree (指标): the most it can reach (``points``) and how it gets there.

    Exactly one of: ``parts`` (their sum), ``mean`` (the plain mean of those that apply to the unit), ``choose`` (the
    first case that fits the unit), ``source``. ``factor`` multiplies the points on the way up (120 points become 12
    by 0.1). ``when``: other units do not have this line. ``missing``: what happens without data; None: as the line
    above, at last the scheme; ``withhold``: the unit gets no total and no place. ``adjust``: bonuses and penalties
    inside this line (a board's bonus), after which the line stays between 0 and ``points``.
    """

    id: Id
    title: Text
    points: Amount
    factor: Amount = Decimal(1)
    when: When | None = None
    missing: Missing | None = None
    parts: tuple[Part, ...] = ()
    mean: tuple[Part, ...] = ()
    choose: tuple[Case, ...] = ()
    source: Source | None = None
    adjust: Adjustment | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Part:
        if sum((bool(self.parts), bool(self.mean), bool(self.choose), self.source is not None)) != 1:
            raise ValueError("a part has exactly one of: parts, mean, choose, source")
        return self

    @property
    def below(self) -> tuple[Part, ...]:
        """The lines right under this one, of every case of a choice."""
        return (*self.parts, *self.mean, *(one for case in self.choose for one in case.parts))


class Adjustment(Cited):
    """Bonus and penalty outside the total (加减分): bonuses add up to ``high`` at most, penalties to ``low``."""

    id: Id
    title: Text
    low: Amount
    high: Amount
    office: str | None = None
    bonuses: tuple[Rule, ...] = ()
    penalties: tuple[Rule, ...] = ()


class Cap(Cited):
    """The total, adjustments included, is held within these limits."""

    low: Amount
    high: Amount


class OptionMap(Cited):
    """The number of each option (选项分值); null: not counted (不了解)."""

    options: dict[str, Amount | None] = Field(min_length=2)

    @field_validator("options")
    @classmethod
    def _best_first(cls, options: dict[str, Decimal | None]) -> dict[str, Decimal | None]:
        # JSON keeps no order of names; a scheme that was stored must tell a score in the same words.
        return dict(sorted(options.items(), key=lambda one: (one[1] is None, -(one[1] or 0), one[0])))


class Units(Cited):
    """The rated units: the stated number in each category, and the list that comes with a preset (a CSV, or none).

    ``added``: who may add units to those of the document; None: nobody.
    """

    stated: dict[str, int]
    file: str | None = None
    added: Additions | None = None


class Cadence(Cited):
    """How often a round is held, and how rounds become a year (评议周期)."""

    each: Literal["month", "quarter", "half_year", "year", "two_years", "once"]
    year: Literal["mean", "none"] = "none"


class Ranking(Cited):
    """Places (排名). ``chain``: what separates equals, in order: ids of parts, ``satisfied`` (满意 share), ``draw``."""

    within: Literal["category", "all"] = "category"
    when: When | None = None
    on: Literal["printed", "exact"] = "printed"
    decimals: int = Field(default=2, ge=0, le=6)
    ties: Literal["competition", "dense", "no_tie"] = "competition"
    chain: tuple[str, ...] = ("satisfied", "draw")


class Grade(Cited):
    """A grade (等次), given in the order of the list: the first that fits a unit is its grade.

    Exactly one of ``first`` (top N, by category or of all), ``share`` (percent of the ranked) and ``least`` (a band's
    lower limit, itself included). ``when``: for these units alone. ``border``: what an exact tie at the last place of
    ``first`` or ``share`` does, as in a consequence.
    """

    id: Id
    title: Text
    when: When | None = None
    first: int | dict[str, int] | None = None
    share: Amount | None = None
    least: Amount | None = None
    rounding: Rounding = "floor"
    border: Border = "stop"


class Pass(Cited):
    """A threshold to pass (达标): the total must reach ``least``; itself included."""

    when: When | None = None
    least: Amount


class Consecutive(Model):
    """The same consequence in so many rounds (or years) one after the other."""

    of: Id
    rounds: int = Field(ge=2)


class Consequence(Cited):
    """An award, a sanction or a flag (奖惩). Exactly one of the ways to pick units.

    ``at``: when it falls due, after each round or at the end of the year; ``article`` is what ``at`` is elsewhere.
    ``first``/``last``: a number of places, by category or of all; ``first_percent``: a share of the units, rounded by
    ``rounding``; ``base``: the ranked units or all stated ones; ``grade``; ``failed``: who did not pass; ``lost``: who
    lost a right by a case; ``consecutive``; ``listed``: units with a flag. ``border``: what an exact tie at the last
    place does; ``stop`` asks. ``after``: goes on behind another one (second prize behind the first). ``months``: how
    long it lasts. ``bars``: consequences that a unit with this one cannot have. ``persons``: how many of its people a
    unit with it may name (先进个人).
    """

    id: Id
    title: Text
    kind: Literal["award", "sanction", "flag"]
    at: Literal["round", "year"] = "round"
    article: str = ""
    when: When | None = None
    within: Literal["category", "all"] = "category"
    first: int | dict[str, int] | None = None
    last: int | None = None
    first_percent: Amount | None = None
    rounding: Rounding = "floor"
    base: Literal["ranked", "stated"] = "ranked"
    after: Id | None = None
    grade: Id | None = None
    failed: bool = False
    lost: Id | None = None
    consecutive: Consecutive | None = None
    listed: str | None = None
    border: Border = "stop"
    months: int | None = Field(default=None, ge=1)
    bars: tuple[Id, ...] = ()
    persons: int | None = Field(default=None, ge=1)


class KeyRaters(Cited):
    """People who must be among those asked about units with ``flag`` (重点参评对象); ``stated``: how many there are."""

    id: Id
    title: Text
    flag: str
    stated: int | None = Field(default=None, ge=1)


class RosterRules(Model):
    """What the roster of a campaign must meet (名册要求).

    ``new_one_in``: of so many people at least one is new this round (3: a third). ``one_hirer``: nobody is hired by two
    offices, except for the reviews named in ``shared``, with a reason. ``trained``, ``undertaking``: on a day before
    the point opens.
    """

    new_one_in: int | None = Field(default=None, ge=1)
    one_hirer: bool = False
    shared: tuple[str, ...] = ()
    trained: bool = False
    undertaking: bool = False


class CampaignKind(Cited):
    """A campaign that each round needs (评议活动): whom it asks, about which units, from which frame.

    ``variant``: the units on a sheet: all, all but one's own, one's own alone, those with a flag. ``frame``: from
    where people come. ``needs``: what a preset cannot know and the office must give: ``population`` or ``list``.
    ``tickets``: how many people are asked; None: the office says. ``feeds``: no component, asked for its texts.
    """

    id: Slug
    title: Text
    raters: tuple[str, ...] = Field(min_length=1)
    map: Id | None = None
    questionnaire: str = "units"
    variant: Literal["all", "all_but_own", "own_unit", "flagged"] = "all"
    flag: str | None = None
    frame: Literal["counts", "list", "roster", "units", "open"]
    tickets: int | None = Field(default=None, ge=1)
    per_unit: int | None = Field(default=None, ge=1)
    needs: tuple[Literal["population", "list", "sizes", "units"], ...] = ()
    small_group: bool = False
    key_raters: tuple[KeyRaters, ...] = ()
    roster: RosterRules | None = None


class Duty(Cited):
    """What somebody owes by a date (报送任务).

    ``due``: ``MM-DD`` of the round's (first) year, ``+1 MM-DD`` of the next, ``end`` of the period, or ``day N`` of the
    month after it; ``working``: a day off moves to the next working day. ``who``: ``units``, each rated unit that
    ``when`` fits, or the name of another debtor; ``names``: several of them (counties). ``characters``: the most that
    are sent; ``least`` to ``most`` deeds promised in public; ``checklist``: the parts of which none may lack.
    ``feeds``: the part and rule that a late or missing one books. ``reports``: it tells its receivers the result (汇报
    评议情况), so they get the report of the round; the others receive what they asked for and no result.
    """

    id: Id
    title: Text
    who: str
    names: tuple[str, ...] = ()
    when: When | None = None
    receivers: tuple[str, ...] = ()
    per: Literal["round", "month", "quarter", "half_year", "year"] = "round"
    due: str
    working: bool = False
    characters: int | None = Field(default=None, ge=1)
    least: int | None = None
    most: int | None = None
    checklist: tuple[str, ...] = ()
    feeds: tuple[Id, Id] | None = None
    reports: bool = False


class Method(Cited):
    """How something is done, in the words of the document. ``receivers``: to whom it has the result reported."""

    receivers: tuple[str, ...] = ()


class Organiser(Cited):
    """A rated unit that also has a hand in the rating (利益冲突): printed beside its result."""

    unit: str
    does: Text


class NoticeKind(Cited):
    """A notice that the office sends to a unit about a finding (整改通知书, 督办通知): printed with its quotations.

    ``kind``: ``rectification`` after an inspection, ``supervision`` for what the office saw in a unit's papers.
    ``document``: the policy as the notice names it, with its number; ``objection``: how the unit objects.
    """

    kind: Literal["rectification", "supervision"]
    title: Text
    office: str = Field(min_length=1)
    document: str = Field(min_length=1)
    objection: Cited


class SiteKind(Model):
    """One kind of places in each area (实地考评点).

    ``take``: how many of each stage, ``[2, 3]``: two townships, three villages in each; ``fewer``: in the areas that
    take fewer. ``visits``: the campaigns whose people are met there (走访群众).
    """

    id: Id
    title: Text
    take: tuple[int, ...] = Field(min_length=1, max_length=2)
    fewer: tuple[int, ...] = Field(default=(), max_length=2)
    visits: tuple[Slug, ...] = ()


class SiteDraw(Cited):
    """A draw of places that the document asks for (实地考评抽取): its kinds in each rated unit that is an area.

    ``areas``: the categories of those units; ``fewer_in``: of them those that take fewer; ``flag``: units it is for.
    """

    id: Id
    title: Text
    flag: str | None = None
    areas: tuple[str, ...] = Field(min_length=1)
    fewer_in: tuple[str, ...] = ()
    kinds: tuple[SiteKind, ...] = Field(min_length=1)


class Setting(Cited):
    """A value that the office may set before the round opens; ``choices`` or ``low`` to ``high`` limit it."""

    title: Text
    value: Value
    choices: tuple[Value, ...] = ()
    low: Amount | None = None
    high: Amount | None = None


class Scheme(Model):
    """A whole document.

    ``text``: the file of the policy's text in which quotations are looked up; ``policy``: that text itself,
    whole, where it does not come with the program. ``flags``: marks of units that the office sets, beside `FLAGS`,
    which every list of units has.
    """

    scheme: Slug
    version: int = Field(ge=1)
    title: Text
    text: str
    policy: str = ""
    settings: dict[Id, Setting] = Field(default_factory=dict)
    flags: dict[Id, Text] = Field(default_factory=dict)
    units: Units
    cadence: Cadence
    maps: dict[Id, OptionMap] = Field(default_factory=dict)
    total: Part
    missing: Missing = "block"
    adjustments: tuple[Adjustment, ...] = ()
    cap: Cap | None = None
    ranking: Ranking | None = None
    grades: tuple[Grade, ...] = ()
    passes: Pass | None = None
    consequences: tuple[Consequence, ...] = ()
    campaigns: tuple[CampaignKind, ...] = ()
    duties: tuple[Duty, ...] = ()
    organisers: tuple[Organiser, ...] = ()
    methods: tuple[Method, ...] = ()
    draws: tuple[SiteDraw, ...] = ()
    notices: tuple[NoticeKind, ...] = ()
