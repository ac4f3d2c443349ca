"""Rehearsals (演练): a copy of a campaign under its own id, smaller, with codes, ledger and round of its own.

A rehearsal passes every state by the ordinary doors, counting among them. Its round has no scheme, so that nothing of
it is ever scored or published in one; it is kept and marked, and there is no way to delete it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sampling.allocation import largest_remainder
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Campaign, Purpose, Stratum
from survey_models.core.columns import SLUG
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import EVERYTHING
from survey_models.questionnaires.variants import of_area
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import Round
from survey_models.tickets.service import CellOrder
from survey_models.tickets.tables import TicketBatch

MARK, MARK_EN = "演练：", "Rehearsal: "


@dataclass(frozen=True)
class _Rated:
    code: str
    category: str
    position: int


def rehearse(
    session: Session, campaign_id: str, sheets: int, *, by: str, at: datetime
) -> tuple[Campaign, list[CellOrder]]:
    """Make the copy, in draft, and say which tickets it gets: ``sheets`` shared over the cells as in the original.

    Questionnaire version, strata, points, settings and notice are those of the original as it stands now. Raises
    ``rehearsal_of_rehearsal``, ``rehearsal_size`` outside 10 (3 for a small group) to the original's own number.
    """
    found = campaigns.get(session, campaign_id)
    if found.purpose == Purpose.REHEARSAL:
        raise Problem("rehearsal_of_rehearsal")
    orders = _scaled(session, found, sheets)
    own = Counter[int]()
    for order in orders:
        own[order.stratum_no] += order.count
    copy_id = _next_id(session, campaign_id)
    title = f"{MARK}{found.title}"[:120]
    rated = [_Rated(one.unit_code, one.category, one.position) for one, _ in rounds.units_of(session, found.round_id)]
    rounds.create(session, copy_id, title=title, units=rated, at=at).purpose = Purpose.REHEARSAL.value
    strata = [_stratum(row, own[row.no]) for row in campaigns.strata_of(session, campaign_id)]
    plan = CampaignPlan(
        id=copy_id,
        round_id=copy_id,
        title=title,
        title_en=f"{MARK_EN}{found.title_en or found.title}"[:160],
        purpose=Purpose.REHEARSAL,
        questionnaire=(found.questionnaire_id, found.questionnaire_version),
        strata=strata,
        points=[(one.area_code, one.name) for one in campaigns.points_of(session, campaign_id)],
        points_as_psu=found.points_as_psu,
        estimator=found.estimator,
        min_cell=found.min_cell,
        notice=found.notice,
        margins=[(one["item"], one["totals"]) for one in found.margins or ()],
        borders=found.borders,
        open_channel=found.open_channel,
        cell_tickets=found.cell_tickets,
        small_group=found.small_group,
    )
    made = campaigns.create(session, plan, by=by, at=at)
    made.estimation = found.estimation
    if not found.small_group:
        cells = Counter[tuple[int, int]]()
        for order in orders:
            cells[order.stratum_no, order.point_no] += order.count
        campaigns.set_targets(session, copy_id, cells)
    return made, orders


def _stratum(row: Stratum, sheets: int) -> StratumPlan:
    area, kind = (row.area_code, row.area_name), (row.kind_code, row.kind_name)
    return StratumPlan(area, kind, row.population, sheets, row.made_up)


def _next_id(session: Session, campaign_id: str) -> str:
    taken = {*session.scalars(select(Campaign.id)), *session.scalars(select(Round.id))}
    number = 1
    while f"{campaign_id}-yl{number}" in taken:
        number += 1
    ending = f"-yl{number}"
    if len(campaign_id + ending) > SLUG:
        raise Problem("rehearsal_id_long", most=SLUG - len(ending))
    return campaign_id + ending


def _scaled(session: Session, found: Campaign, sheets: int) -> list[CellOrder]:
    """The original's cells with their share of ``sheets``; each gets one as long as there are enough."""
    cells = _cells(session, found)
    whole = sum(one.count for one in cells)
    least = min(whole, 3 if found.small_group else SMALLEST)
    if not whole or not least <= sheets <= whole:
        raise Problem("rehearsal_size", least=least, most=whole)
    first = 1 if sheets >= len(cells) else 0
    rest = [one.count - first for one in cells]
    left = sheets - first * len(cells)
    shares = largest_remainder(left, rest) if left else [0] * len(cells)
    scaled = zip(cells, shares, strict=True)
    return [CellOrder(one.stratum_no, one.point_no, first + n, 0, one.variant) for one, n in scaled if first + n]


def _cells(session: Session, found: Campaign) -> Sequence[CellOrder]:
    """Cells as they were issued; before that as they are planned, each stratum by the variant of its area."""
    key = (TicketBatch.stratum_no, TicketBatch.point_no, TicketBatch.variant)
    issued = session.execute(
        select(*key, func.sum(TicketBatch.count))
        .where(TicketBatch.campaign_id == found.id, TicketBatch.voided_at.is_(None))
        .group_by(*key)
        .order_by(*key)
    ).all()
    if issued:
        return [CellOrder(stratum, point, int(n), 0, variant) for stratum, point, variant, n in issued if n]
    known = campaigns.form_of(session, found).variants
    sole = next(iter(known)) if len(known) == 1 else EVERYTHING
    return [
        CellOrder(row.no, 0, row.sample_size, 0, of_area(row.area_code) if of_area(row.area_code) in known else sole)
        for row in campaigns.strata_of(session, found.id)
        if row.sample_size
    ]
