"""What a set-up states (新建测评的内容), and which of its steps is whole; without a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from sampling.allocation import largest_remainder, nested
from sampling.errors import SamplingError
from survey_models.campaigns.notices import LONGEST_CONTACT, LONGEST_TEXT
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.questionnaires import making
from survey_models.questionnaires.rules import ASPECT, UNIT

MOST_UNITS, MOST_STRATA, MOST_PEOPLE, MOST_SHEETS = 1_000, 1_000, 100_000_000, 1_000_000
# The scales that a template's own may be exchanged for: all rate a unit (满意度等次).
RATING_SCALES = ("satisfaction3", "satisfaction4", "satisfaction5")
USUAL_TEMPLATE, USUAL_SHEETS, USUAL_RESERVE = "luohe-80", 1_000, 5
FEW_TICKETS = 50
# The steps before the campaign is made, in order.
STEPS = ("about", "units", "areas", "form", "sample", "words")

Text = Annotated[str, Field(max_length=120)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class About(_Part):
    """What the campaign is called, why it is made, and when it is to be open (含首尾)."""

    title: Annotated[str, Field(max_length=100)] = ""
    title_en: Annotated[str, Field(max_length=140)] = ""
    purpose: Purpose = Purpose.REAL
    opens_on: date | None = None
    closes_on: date | None = None


class UnitLine(_Part):
    """A rated unit (被评议单位)."""

    code: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    category: Annotated[str, Field(min_length=1, max_length=60)]


class CellLine(_Part):
    """Population of one kind of people in one area (各区域各类人数): a stratum to come."""

    area: Annotated[str, Field(min_length=1, max_length=20)]
    area_name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Annotated[str, Field(min_length=1, max_length=20)]
    kind_name: Annotated[str, Field(min_length=1, max_length=40)]
    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)]


class Areas(_Part):
    """The strata with where their figures come from; ``made_up``: they are for trying out alone."""

    cells: Annotated[list[CellLine], Field(max_length=MOST_STRATA)] = []
    source: Annotated[str, Field(max_length=200)] = ""
    made_up: bool = False


class AskedForm(_Part):
    """The questionnaire: a template, and a scale in the place of the template's own (empty: its own)."""

    template: Annotated[str, Field(max_length=60)] = ""
    scale: Annotated[str, Field(max_length=40)] = ""


class Sample(_Part):
    """How many sheets are given out, how few to a stratum at least, and sealed reserve cards in percent."""

    sheets: Annotated[int, Field(ge=0, le=MOST_SHEETS)] = 0
    minimum: Annotated[int, Field(ge=0, le=10_000)] = FEW_TICKETS
    reserve: Annotated[int, Field(ge=0, le=100)] = USUAL_RESERVE


class Words(_Part):
    """Contact and text of the notice of privacy (隐私告知)."""

    contact: Annotated[str, Field(max_length=LONGEST_CONTACT)] = ""
    zh: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    hant: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    en: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""


class SetupDoc(_Part):
    """Everything that was stated so far; each part may still be empty."""

    about: About = About()
    units: Annotated[list[UnitLine], Field(max_length=MOST_UNITS)] = []
    areas: Areas = Areas()
    form: AskedForm = AskedForm()
    sample: Sample = Sample()
    words: Words = Words()


def refuse_twice(doc: SetupDoc) -> None:
    """No unit and no stratum stands there twice. Raises ``setup_rows_twice``."""
    for what, keys in (
        ("units", [one.code for one in doc.units]),
        ("units", [one.name for one in doc.units]),
        ("areas", [f"{one.area}/{one.kind}" for one in doc.areas.cells]),
    ):
        twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
        if twice:
            raise Problem("setup_rows_twice", what=what, first=twice[0])


def shares(doc: SetupDoc) -> list[int]:
    """Sheets of each stratum, in the order of the cells: areas first, then kinds (先区域, 后类别).

    Raises ``setup_sample_unfit`` with the reason.
    """
    cells = doc.areas.cells
    if not cells:
        return []
    areas = [list(group) for _, group in groupby(cells, key=lambda cell: cell.area)]
    sizes = [[cell.people for cell in area] for area in areas]
    try:
        return [number for area in nested(doc.sample.sheets, sizes, minimum=doc.sample.minimum) for number in area]
    except SamplingError as error:
        raise Problem("setup_sample_unfit", why=str(error)) from error


def reserve_of(doc: SetupDoc) -> list[int]:
    """Sealed reserve cards of each stratum, shared in proportion to its sheets."""
    numbers = shares(doc)
    spare = -(-doc.sample.sheets * doc.sample.reserve // 100)
    return largest_remainder(spare, numbers) if sum(numbers) else [0] * len(numbers)


def document_of(doc: SetupDoc) -> dict[str, Any]:
    """The questionnaire that the set-up asks for.

    Raises ``template_unknown``, ``template_units``, ``scale_unknown``.
    """
    rows = [one.model_dump() for one in doc.units]
    title = {"zh": doc.about.title, "en": doc.about.title_en or doc.about.title} if doc.about.title else None
    made = making.make(doc.form.template or USUAL_TEMPLATE, rows, title=title, any_number=True)
    return _rescaled(made, doc.form.scale) if doc.form.scale else made


def _rescaled(made: dict[str, Any], scale: str) -> dict[str, Any]:
    if scale not in RATING_SCALES:
        raise Problem("scale_unknown", scale=scale, known="、".join(RATING_SCALES))
    items = [
        {**item, "scale": scale} if item["kind"] in {UNIT, ASPECT} and item["scale"] in RATING_SCALES else item
        for item in made["items"]
    ]
    used = {item["scale"] for item in items}
    scales: Mapping[str, Any] = {**made["scales"], scale: making.scales()[scale]}
    return {**made, "items": items, "scales": {name: one for name, one in scales.items() if name in used}}


def whole(doc: SetupDoc) -> dict[str, bool]:
    """Whether each step is stated so that a campaign can be made of it."""
    return {
        "about": bool(doc.about.title) and _in_order(doc.about),
        "units": bool(doc.units),
        "areas": bool(doc.areas.cells),
        "form": bool(doc.form.template),
        "sample": doc.sample.sheets > 0 and _fits(doc),
        "words": bool(doc.words.contact),
    }


def _in_order(about: About) -> bool:
    return about.opens_on is None or about.closes_on is None or about.opens_on <= about.closes_on


def _fits(doc: SetupDoc) -> bool:
    try:
        return sum(shares(doc)) > 0
    except Problem:
        return False
