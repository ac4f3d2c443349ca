"""Wire forms of a unit's rating of its own departments (评机关科室)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.schemas.round_acts import PeriodName, shallow
from survey_models.campaigns.tables import Campaign
from survey_models.rounds.tables import Round


class OwnPlan(BaseModel):
    """The period to rate, and the answers that the template cannot know: departments, persons, numbers of raters."""

    model_config = ConfigDict(extra="forbid")

    period: PeriodName
    answers: Annotated[dict[str, Any], AfterValidator(shallow)] = Field(default_factory=dict)


class OwnCampaign(BaseModel):
    """A campaign of it: counters, never who."""

    id: str
    title: str
    state: str
    issued: int
    done: int

    @classmethod
    def of(cls, campaign: Campaign, *, issued: int, done: int) -> OwnCampaign:
        """The campaign with its numbers of tickets."""
        return cls(id=campaign.id, title=campaign.title, state=campaign.state, issued=issued, done=done)


class OwnRound(BaseModel):
    """A round that the unit runs itself; ``published``: its results stand on its public page."""

    id: str
    title: str
    period: str
    published: bool
    keys_here: bool = Field(description="the server may make and keep the keys of the sheets")
    campaigns: list[OwnCampaign]

    @classmethod
    def whole(cls, found: Round, campaigns: list[OwnCampaign], *, published: bool, keys_here: bool) -> OwnRound:
        """The round with its campaigns."""
        named = {"id": found.id, "title": found.title, "period": found.period or ""}
        return cls(**named, published=published, keys_here=keys_here, campaigns=campaigns)
