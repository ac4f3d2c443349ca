"""Wire forms of paper entry (纸质问卷双人录入)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from survey_models.core.errors import Problem
from survey_models.paper.rules import Difference
from survey_models.paper.service import Blank, Typed
from survey_models.paper.standing import Pair, Standing
from survey_models.paper.tables import PaperSheet
from survey_models.questionnaires.rules import BACKGROUND, BLANK, Form, Item

# A code, several codes, words, or nothing.
Value = Annotated[str, Field(max_length=4000)] | Annotated[list[str], Field(max_length=400)] | None
Values = Annotated[dict[str, Value], Field(max_length=1000, repr=False)]


class SerialRequest(BaseModel):
    """The serial number as it was typed; in a body, so that a code typed by mistake stands in no address."""

    model_config = ConfigDict(extra="forbid")

    serial: str = Field(min_length=1, max_length=80, repr=False)


class EntryRequest(SerialRequest):
    """A typed sheet: item key to option code (``!`` invalid), to codes, or to words; what is missing is blank."""

    values: Values

    def typed(self, form: Form) -> Typed:
        """As the service takes it. Raises ``request_malformed``, ``option_outside_scale``."""
        return typed_of(form, self.values)


def typed_of(form: Form, values: Mapping[str, Any]) -> Typed:
    """Values by item, as answers in the order of the form and ``more``."""
    if unknown := set(values) - {item.key for item in form.listing}:
        raise Problem("request_malformed", where=f"values.{min(unknown)[:40]}")
    answers = []
    for item in form.items:
        value = values.get(item.key) or BLANK
        if not isinstance(value, str) or len(value) != 1:
            raise Problem("option_outside_scale", item=item.label)
        answers.append(value)
    more = {item.key: values[item.key] for item in form.extras if values.get(item.key)}
    return Typed("".join(answers), more)


class SettleRequest(BaseModel):
    """The differing places as the third person reads them on the paper."""

    model_config = ConfigDict(extra="forbid")

    values: Values


class OptionView(BaseModel):
    """One option: the key that types it, and its words."""

    code: str
    label: str


class PlaceView(BaseModel):
    """One place of the paper: ``no`` as it is printed."""

    no: int
    key: str
    kind: str
    group: str
    label: str
    options: list[OptionView]
    most: int = Field(description="options or characters that it takes; 0: one option")


def places(form: Form, variant: str) -> list[PlaceView]:
    """The places of a sheet in the order in which they are printed, the background last."""
    listed = [*form.asked, *(item for item in form.listing if item.kind == BACKGROUND)]
    carried = [item for item in listed if form.carries(variant, item)]
    return [_place(form, no, item) for no, item in enumerate(carried, start=1)]


def _place(form: Form, no: int, item: Item) -> PlaceView:
    options = [OptionView(code=option.code, label=option.label) for option in form.scales.get(item.scale, ())]
    return PlaceView(
        no=no, key=item.key, kind=item.kind, group=item.group, label=item.label, options=options, most=item.most
    )


class BlankView(BaseModel):
    """An empty sheet to type."""

    serial: int
    variant: str
    places: list[PlaceView]

    @classmethod
    def of(cls, blank: Blank) -> BlankView:
        """The sheet with its places."""
        return cls(serial=blank.serial, variant=blank.variant, places=places(blank.form, blank.variant))


class KeptView(BaseModel):
    """An entry is kept; whether it agrees with the other clerk's is not told."""

    serial: int
    typed: int = Field(description="sheets of this campaign that this clerk has typed")


class PaperCampaignView(BaseModel):
    """A campaign whose sheets can be typed now."""

    id: str
    title: str
    typed: int
    to_settle: int


class DifferenceView(BaseModel):
    """One place in which the entries differ, side by side; whose is whose is not told."""

    key: str
    kind: str
    label: str
    options: list[OptionView]
    most: int
    first: Value
    second: Value

    @classmethod
    def of(cls, form: Form, found: Difference) -> DifferenceView:
        """The place and what was typed there."""
        place = _place(form, 0, found.item)
        return cls(
            key=place.key,
            kind=place.kind,
            label=place.label,
            options=place.options,
            most=place.most,
            first=found.first,
            second=found.second,
        )


class PairView(BaseModel):
    """Two clerks and how often they differed; ``rate``: differing places in a thousand, two decimals."""

    clerks: list[str]
    sheets: int
    differed: int
    places: int
    differing: int
    rate: str

    @classmethod
    def of(cls, pair: Pair) -> PairView:
        """The pair with its rate."""
        return cls(
            clerks=[name for name in pair.clerks if name],
            sheets=pair.sheets,
            differed=pair.differed,
            places=pair.places,
            differing=pair.differing,
            rate=f"{float(pair.rate * 1000):.2f}",
        )


class PaperSheetView(BaseModel):
    """A sheet that somebody has to see to."""

    serial: int
    state: str
    first_by: str
    second_by: str | None
    refused: str | None

    @classmethod
    def of(cls, sheet: PaperSheet) -> PaperSheetView:
        """The sheet without what was typed."""
        return cls(
            serial=sheet.serial,
            state=sheet.state,
            first_by=sheet.first_by,
            second_by=sheet.second_by,
            refused=sheet.refused,
        )


class PaperStanding(BaseModel):
    """How paper entry stands: sheets by state, differences by pair of clerks, up to 1,000 sheets not entered.

    ``more``: further ones are asked for with ``after``, the last number of these.
    """

    states: dict[str, int]
    pairs: list[PairView]
    whole: PairView
    unfinished: list[PaperSheetView]
    more: bool

    @classmethod
    def of(cls, found: Standing) -> PaperStanding:
        """The numbers for the office."""
        return cls(
            states=found.states,
            pairs=[PairView.of(pair) for pair in found.pairs],
            whole=PairView.of(found.whole),
            unfinished=[PaperSheetView.of(sheet) for sheet in found.unfinished],
            more=found.more,
        )


class SetAsideRequest(BaseModel):
    """Sheets to take out, all unfinished ones where none is named; the reason stays in the ledger."""

    model_config = ConfigDict(extra="forbid")

    serials: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] | None = Field(None, min_length=1, max_length=1000)
    reason: str = Field(min_length=1, max_length=400)


class SetAsideView(BaseModel):
    """Numbers of the sheets that were taken out."""

    serials: list[int]


class SentView(BaseModel):
    """How many agreed sheets are on their way in."""

    agreed: int
