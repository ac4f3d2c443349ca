"""Wire form of what a campaign states about its estimation (评估方法)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from survey_models.campaigns.estimation import Estimation
from survey_models.campaigns.statements import Choices
from survey_models.questionnaires.rules import Form, Item

People = Annotated[int, Field(ge=0, le=10**10)]
Key = Annotated[str, Field(min_length=1, max_length=60)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NonresponseClasses(_Closed):
    """Classes whose silent people are spoken for by those who answered; small ones are joined with a neighbour."""

    by: Annotated[list[Literal["kind", "area"]], Field(min_length=1, max_length=2)]
    min_returned: Annotated[int, Field(ge=1, le=10000)] = 20


class KnownTotals(_Closed):
    """People by option code of a background item."""

    item: Key
    totals: dict[Annotated[str, Field(min_length=1, max_length=1)], People]


class Trimming(_Closed):
    """Cap of the calibrated weights as a multiple of their median, decimal text above 1."""

    cap_ratio: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3})?$")]


class FiniteStages(_Closed):
    """Test points that exist by area code, and people who live at each drawn point, by its number."""

    points: dict[Key, People]
    people: dict[Annotated[str, Field(pattern=r"^\d{1,6}$")], People]


class EstimationDocument(_Closed):
    """The statement that ``PUT`` takes whole. What is left out has its usual value."""

    estimator: Literal["domain", "stratified_mean"] = "domain"
    errors: Literal["linearised", "rao_wu", "jackknife"] = "linearised"
    replicates: Annotated[int, Field(ge=100, le=10000)] = 1000
    finite: bool = False
    points_as_psu: bool = False
    lonely: Literal["refuse", "collapse", "adjust"] = "collapse"
    nonresponse: NonresponseClasses | None = None
    margins: Annotated[list[KnownTotals], Field(max_length=3)] = []
    trim: Trimming | None = None
    min_cell: Annotated[int, Field(ge=0, le=1000)] = 10
    confidence: Annotated[str, Field(pattern=r"^0\.\d{1,4}$")] = "0.95"
    borders: Annotated[
        dict[Key, dict[Literal["first", "last"], Annotated[int, Field(ge=1, le=1000)]]], Field(max_length=40)
    ] = {}
    stages: FiniteStages | None = None

    def statement(self) -> Estimation:
        """As the service asks for it; numbers in one spelling, so that one method has one digest."""
        document = self.model_dump()
        document["confidence"] = _plain(self.confidence)
        if self.trim is not None:
            document["trim"] = {"cap_ratio": _plain(self.trim.cap_ratio)}
        return Estimation.of(document)


class OptionChoice(BaseModel):
    """An option of a background item."""

    code: str
    label: str
    label_en: str


class ItemChoice(BaseModel):
    """A background item that weights can be calibrated to."""

    key: str
    label: str
    label_en: str
    options: list[OptionChoice]

    @classmethod
    def of(cls, form: Form, item: Item) -> ItemChoice:
        """The item with the options of its scale."""
        options = [
            OptionChoice(code=option.code, label=option.label, label_en=option.label_en)
            for option in form.scales[item.scale]
        ]
        return cls(key=item.key, label=item.label, label_en=item.label_en, options=options)


class CategoryChoice(BaseModel):
    """A category of the round and how many of its units this questionnaire asks about."""

    name: str
    units: int


class EstimationView(EstimationDocument):
    """The statement, its digest, whether it can still be changed, and what it can be made from."""

    digest: str
    editable: bool
    items: list[ItemChoice]
    categories: list[CategoryChoice]

    @classmethod
    def whole(cls, stated: Estimation, choices: Choices) -> EstimationView:
        """As the form shows it."""
        return cls(
            **stated.as_dict(),
            digest=stated.digest,
            editable=choices.editable,
            items=[ItemChoice.of(choices.form, item) for item in choices.items],
            categories=[CategoryChoice(name=name, units=number) for name, number in choices.categories.items()],
        )


def _plain(number: str) -> str:
    return f"{Decimal(number).normalize():f}"
