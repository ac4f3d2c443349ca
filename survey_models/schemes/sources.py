"""Where the points of a line come from (得分来源): one class for each kind, told apart by ``kind``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from survey_models.schemes.words import Amount, Cited, Code, Id, Model, Slug, Text

Rounding = Literal["floor", "half_up", "ceil", "largest_remainder"]
Period = Literal["month", "quarter"]


class Share(Model):
    """One campaign of a survey component and its share of the score, in percent (份额)."""

    campaign: Slug
    share: Amount


class Survey(Model):
    """The score of people's answers (问卷评议): weighted estimates of the named campaigns, 0 to 100.

    ``combine``: ``shares``, each campaign's score by its share, or ``pooled``, all judging answers as one heap.
    ``aspects``: codes of aspects whose plain mean is the score; none: the one question about the unit. ``least``:
    with fewer judging answers the component is missing (see ``missing``).
    """

    kind: Literal["survey"]
    campaigns: tuple[Share, ...] = Field(min_length=1)
    combine: Literal["shares", "pooled"] = "shares"
    map: Id
    estimator: Literal["domain", "stratified_mean"] = "domain"
    aspects: tuple[Code, ...] = ()
    least: int = Field(default=10, ge=1)


class Ratings(Model):
    """The score of window ratings (服务窗口评议), 0 to 100: months, then windows of the unit.

    A month under ``least`` ratings is dropped and printed.
    """

    kind: Literal["ratings"]
    map: Id
    least: int = Field(default=30, ge=1)
    months: Literal["mean", "by_ratings"] = "mean"
    windows: Literal["mean", "by_ratings"] = "mean"


class Reference(Model):
    """The unit's scores in another scheme's rounds inside the period (引用), 0 to 100; their plain mean."""

    kind: Literal["reference"]
    scheme: Slug


class Marks(Model):
    """A mark that one office alone may enter (部门评分), out of ``scale``; ``panel``: the mean of at least so many.

    ``due``: the day on which the office owes it, as in a duty; None: the last day of the round.
    """

    kind: Literal["marks"]
    office: str = Field(min_length=1)
    scale: Amount
    panel: int | None = Field(default=None, ge=2)
    due: str | None = None


class Range(Model):
    """Points of a case that are set within limits, with a reason (酌情)."""

    low: Amount
    high: Amount


class Rule(Cited):
    """One ground for a deduction or a bonus (扣分项, 加分项).

    ``points``: for each case, always positive; several: one of them, a ``Range``: within it. ``after``: charged on top
    of that rule's points in the same matter (a chain). ``zero``: the whole component is 0 for that period.
    ``second_person``: a discretionary amount that another person must approve. ``lost``: an award right that is lost.
    """

    id: Id
    title: Text
    points: Amount | tuple[Amount, ...] | Range | None = None
    after: Id | None = None
    zero: bool = False
    second_person: bool = False
    lost: Id | None = None


class Cases(Model):
    """Points that start full and are deducted case by case (扣分制), never below ``floor``.

    ``start``: None starts at the line's points. ``same_matter``: ``largest``, a matter is charged once, by its
    largest chain (不重复扣分), or ``sum``. ``per``: every period starts full, and the mean of the periods counts.
    ``office``: who books the cases; None: the inspectors and the complaint desk.
    """

    kind: Literal["cases"]
    start: Amount | None = None
    floor: Amount = Decimal(0)
    same_matter: Literal["largest", "sum"] = "sum"
    per: Period | None = None
    office: str | None = None
    rules: tuple[Rule, ...] = Field(min_length=1)


class Decay(Model):
    """Points by place (排名赋分): the first gets all, each lower place ``step`` percent less.

    ``linear``: of the full points, down to ``floor``; ``geometric``: of the place before. Units with the same mark
    share the better place. ``enter``: the office enters marks (higher is better) or the places themselves.
    """

    kind: Literal["decay"]
    office: str = Field(min_length=1)
    enter: Literal["marks", "places"] = "marks"
    shape: Literal["linear", "geometric"] = "linear"
    step: Amount
    floor: Amount = Decimal(0)
    within: Literal["category", "all"] = "category"
    due: str | None = None


class Tier(Model):
    """A tier (档): its share of the units in percent, and its points."""

    title: Text
    share: Amount
    points: Amount


class Tiers(Model):
    """Points by tiers of fixed size (按比例分档), best first; the order of the office's marks fills the tiers."""

    kind: Literal["tiers"]
    office: str = Field(min_length=1)
    tiers: tuple[Tier, ...] = Field(min_length=2)
    rounding: Rounding = "largest_remainder"
    within: Literal["category", "all"] = "all"
    due: str | None = None


Source = Annotated[Survey | Ratings | Reference | Marks | Cases | Decay | Tiers, Field(discriminator="kind")]
