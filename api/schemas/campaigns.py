"""Wire forms of campaigns, progress and tallies."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from survey_models.campaigns.items import ItemTally
from survey_models.campaigns.notices import LONGEST_CONTACT, LONGEST_TEXT
from survey_models.campaigns.rules import RULES, Act, Level, level, possible
from survey_models.campaigns.tables import Campaign, CellJoin, Point, Stratum
from survey_models.questionnaires.rules import TEXT, Form


class AllowedAct(BaseModel):
    """What may be done now; ``needs_second``: another person has to confirm it."""

    act: str
    needs_second: bool


class CampaignView(BaseModel):
    """A campaign in a list."""

    id: str
    round_id: str
    title: str
    title_en: str
    state: str
    purpose: str
    level: Level = Field(description="what stands between a ballot and whoever reads the database")
    small_group: bool
    issued: int
    done: int
    opened_at: datetime | None
    closed_at: datetime | None
    accept_until: datetime | None
    counted_at: datetime | None
    acts: list[AllowedAct]

    @classmethod
    def of(cls, campaign: Campaign, *, issued: int, done: int) -> CampaignView:
        """The campaign with its numbers of tickets."""
        return cls.model_validate(_fields(campaign, issued, done))


class StratumView(BaseModel):
    """A stratum (层)."""

    no: int
    area: str
    area_code: str
    kind: str
    kind_code: str
    population: int
    sample_size: int
    made_up: bool


class PointView(BaseModel):
    """A drawn test point (测评点)."""

    no: int
    area_code: str
    name: str


class CampaignDetail(CampaignView):
    """A campaign with its design."""

    strata: list[StratumView]
    points: list[PointView]
    estimator: str
    points_as_psu: bool
    min_cell: int
    cell_tickets: int
    questionnaire_id: str
    questionnaire_version: int

    @classmethod
    def whole(
        cls, campaign: Campaign, *, issued: int, done: int, strata: list[Stratum], points: list[Point]
    ) -> CampaignDetail:
        """The campaign with strata and points."""
        return cls(
            **_fields(campaign, issued, done),
            strata=[
                StratumView(
                    no=row.no,
                    area=row.area_name,
                    area_code=row.area_code,
                    kind=row.kind_name,
                    kind_code=row.kind_code,
                    population=row.population,
                    sample_size=row.sample_size,
                    made_up=row.made_up,
                )
                for row in strata
            ],
            points=[PointView(no=row.no, area_code=row.area_code, name=row.name) for row in points],
            estimator=campaign.estimator,
            points_as_psu=campaign.points_as_psu,
            min_cell=campaign.min_cell,
            cell_tickets=campaign.cell_tickets,
            questionnaire_id=campaign.questionnaire_id,
            questionnaire_version=campaign.questionnaire_version,
        )


def _fields(campaign: Campaign, issued: int, done: int) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "round_id": campaign.round_id,
        "title": campaign.title,
        "title_en": campaign.title_en,
        "state": campaign.state,
        "purpose": campaign.purpose,
        "level": level(campaign.key_kept),
        "small_group": campaign.small_group,
        "issued": issued,
        "done": done,
        "opened_at": campaign.opened_at,
        "closed_at": campaign.closed_at,
        "accept_until": campaign.accept_until,
        "counted_at": campaign.counted_at,
        "acts": [allowed(act) for act in possible(campaign.state)],
    }


def allowed(act: Act) -> AllowedAct:
    """An act and whether two people do it."""
    return AllowedAct(act=act.value, needs_second=RULES[act].two_people)


class NoticeTexts(BaseModel):
    """One paragraph in each language; an empty one falls back to simplified Chinese."""

    zh: str = Field("", max_length=LONGEST_TEXT)
    hant: str = Field("", max_length=LONGEST_TEXT)
    en: str = Field("", max_length=LONGEST_TEXT)


class NoticeBody(BaseModel):
    """The office's own words in the notice of privacy (隐私告知); an empty one is left out of it."""

    contact: str = Field("", max_length=LONGEST_CONTACT, description="an office and its telephone")
    text: NoticeTexts = Field(default_factory=NoticeTexts)


class CampaignForm(BaseModel):
    """The questionnaire that a campaign asks; the same for everybody."""

    campaign: dict[str, Any]
    questionnaire: dict[str, Any]
    version: int
    variants: list[str]


class ProgressRow(BaseModel):
    """Counters of one cell; never which ticket.

    ``invalid``: sheets that came in and count nowhere (refused when typed, set aside, over a full quota).
    ``forecast``: done so far over the share of the open days gone by; null where no last day is known. ``behind``: less
    than that share of the target is done (配额告警).
    """

    stratum_no: int
    area: str
    kind: str
    point_no: int
    point: str
    issued: int
    opened: int
    done: int
    invalid: int
    target: int
    forecast: int | None
    behind: bool


class AlarmView(BaseModel):
    """An alarm about codes (评议码告警) on one day: ``wrong`` ones tried, right ones ``looked_up`` without a ballot."""

    day: date
    kind: Literal["wrong", "looked_up"]
    number: int


class OpenView(BaseModel):
    """Sheets by the open QR (开放扫码), apart from the sample: with a device cookie, and without (未验证)."""

    verified: int
    unverified: int


class CellView(BaseModel):
    """A cell: stratum, test point where points are kept (else 0), channel (empty: whichever)."""

    stratum_no: int
    point_no: int
    channel: str


class JoinView(BaseModel):
    """A cell that is counted as part of another, because few had tickets or few answered."""

    cell: CellView
    into: CellView
    reason: str

    @classmethod
    def of(cls, row: CellJoin) -> JoinView:
        """A stored join."""
        return cls(
            cell=CellView(stratum_no=row.stratum_no, point_no=row.point_no, channel=row.channel),
            into=CellView(stratum_no=row.into_stratum, point_no=row.into_point, channel=row.into_channel),
            reason=row.reason,
        )


class ProgressView(BaseModel):
    """How field work goes (进度). ``open`` is null where the campaign has no open QR."""

    state: str
    issued: int
    opened: int
    done: int
    invalid: int
    channels: dict[str, int]
    rows: list[ProgressRow]
    joins: list[JoinView]
    open: OpenView | None
    alarms: list[AlarmView]


class TallyCell(BaseModel):
    """One cell of a cut; ``counts`` by option code, ``-`` blank, ``!`` invalid."""

    unit: str | None = None
    stratum: str | None = None
    kind: str | None = None
    channel: str | None = None
    n: int
    counts: dict[str, int]


class TalliesView(BaseModel):
    """Tallies of a counted campaign, cut by ``by``."""

    campaign: str
    by: list[str]
    ballots: int
    smallest: int
    cells: list[TallyCell]


class OptionCount(BaseModel):
    """An option and how often it was chosen."""

    code: str
    label: str
    label_en: str
    count: int


class ItemCounts(BaseModel):
    """Counts of one item: ``answered`` of ``sheets``. ``options`` is null where too few answered, or all alike.

    ``rate``: 知晓率, percent of those who answered. ``texts``: how many wrote something, for an item of words.
    """

    key: str
    kind: str
    label: str
    label_en: str
    group: str
    unit: str
    sheets: int
    answered: int
    options: list[OptionCount] | None
    rate: str | None
    texts: int | None = None


class ItemsView(BaseModel):
    """Counts of every item that is no unit, unweighted; ``smallest``: answers below which none are shown."""

    items: list[ItemCounts]
    smallest: int

    @classmethod
    def of(cls, form: Form, tallies: Sequence[ItemTally], texts: Mapping[str, int], *, smallest: int) -> ItemsView:
        """The tallies in the order of the questionnaire, items of words among them."""
        found = {one.item.key: _item_counts(form, one) for one in tallies}
        for item in form.extras:
            if item.kind == TEXT:
                written = texts.get(item.key, 0)
                bare = _item_counts(form, ItemTally(item, 0, written, None))
                found[item.key] = bare.model_copy(update={"texts": written})
        return cls(items=[found[item.key] for item in form.listing if item.key in found], smallest=smallest)


def _item_counts(form: Form, one: ItemTally) -> ItemCounts:
    item, counts = one.item, one.counts
    options = form.scales.get(item.scale, ())
    return ItemCounts(
        **{name: getattr(item, name) for name in ("key", "kind", "label", "label_en", "group", "unit")},
        sheets=one.sheets,
        answered=one.answered,
        options=None
        if counts is None
        else [
            OptionCount(code=option.code, label=option.label, label_en=option.label_en, count=counts[option.code])
            for option in options
        ],
        rate=None if one.rate is None else f"{one.rate:f}",
    )


class TextsView(BaseModel):
    """Words that people wrote under an item, in no order; ``after`` leads to the next page, null on the last."""

    item: str
    texts: list[str]
    after: uuid.UUID | None
