"""Stating how a campaign is estimated (声明评估方法): checked whole, frozen at opening, its digest in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_models.campaigns import service
from survey_models.campaigns.estimation import Estimation, stated
from survey_models.campaigns.possible import Ground, check
from survey_models.campaigns.rules import RULES, Act, after
from survey_models.campaigns.tables import Campaign, State
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.questionnaires.rules import BACKGROUND, Form, Item
from survey_models.rounds.service import units_of


@dataclass(frozen=True)
class Choices:
    """What a statement can be made from: background items, categories with their number of units; and until when."""

    editable: bool
    form: Form
    items: tuple[Item, ...]
    categories: Mapping[str, int]


def read(session: Session, campaign_id: str) -> Estimation:
    """The statement as it stands. Raises ``campaign_unknown``."""
    return stated(service.get(session, campaign_id))


def choices(session: Session, campaign_id: str) -> Choices:
    """What the statement of a campaign can be made from."""
    campaign = service.get(session, campaign_id)
    form = service.form_of(session, campaign)
    asked = {form.items[place].key for place in form.units}
    categories: dict[str, int] = {}
    for link, _ in units_of(session, campaign.round_id):
        if link.unit_code in asked:
            categories[link.category] = categories.get(link.category, 0) + 1
    return Choices(
        editable=State(campaign.state) in RULES[Act.STATE_ESTIMATION].allowed_in,
        form=form,
        items=tuple(item for item in form.items if item.kind == BACKGROUND),
        categories=categories,
    )


def state(session: Session, campaign_id: str, wanted: Estimation, *, by: str, at: datetime) -> Campaign:
    """Replace the statement of a campaign that has not opened. Raises ``act_not_allowed`` and what ``check`` raises."""
    campaign = service.get(session, campaign_id, lock=True)
    after(campaign.state, Act.STATE_ESTIMATION)
    check(wanted, _ground(session, campaign))
    campaign.estimation = wanted.as_dict()
    # What is read elsewhere stands in columns of its own and follows the statement.
    campaign.estimator = wanted.estimator
    campaign.points_as_psu = wanted.points_as_psu
    campaign.min_cell = wanted.min_cell
    campaign.margins = campaign.estimation["margins"]
    campaign.borders = campaign.estimation["borders"]
    body = {"estimation": wanted.digest}
    record(session, campaign_id, Event.ESTIMATION_SET, body, at=at, by=by)
    return campaign


def _ground(session: Session, campaign: Campaign) -> Ground:
    found = choices(session, campaign.id)
    points: dict[str, list[int]] = {}
    for point in service.points_of(session, campaign.id):
        points.setdefault(point.area_code, []).append(point.no)
    return Ground(
        options={item.key: tuple(option.code for option in found.form.scales[item.scale]) for item in found.items},
        categories=found.categories,
        areas=tuple(dict.fromkeys(row.area_code for row in service.strata_of(session, campaign.id))),
        points=points,
    )
