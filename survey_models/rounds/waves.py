"""Waves beside what is scored (问卷活动): a template's questionnaire to people of a frozen counts frame.

The 2,500 sheets of 漯河 with opinions, nominations of units and 知晓率 are one: no scheme counts them, and they are
issued, sealed and counted like any other campaign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from sampling.allocation import largest_remainder, nested
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Campaign, Purpose
from survey_models.core.errors import Problem
from survey_models.frames.tables import FrameCell
from survey_models.questionnaires import making, variants
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import EVERYTHING
from survey_models.rounds import lists, service
from survey_models.schemes.added import area_of
from survey_models.tickets.service import CellOrder

OPINIONS = "luohe-opinions"
SHEETS = 2_500


@dataclass(frozen=True)
class Wave:
    """What is asked, of whom, in which round; ``titles`` in Chinese and English, empty for those of the template.

    ``purpose`` None: as of the round; real where the round has none.
    """

    id: str
    round_id: str
    frame_id: str
    template: str = OPINIONS
    sheets: int = SHEETS
    titles: tuple[str, str] = ("", "")
    purpose: Purpose | None = None


def draft(session: Session, wave: Wave, *, by: str, at: datetime) -> Campaign:
    """Make the campaign, in draft: the round's units on the template, strata of the frame, areas allocated first.

    The one that was made before is given back. Raises ``round_unknown``, ``frame_unknown``, ``template_unknown``,
    ``template_units``, ``round_planned_otherwise`` where the id stands for something else.
    """
    found = service.get(session, wave.round_id)
    there = session.get(Campaign, wave.id)
    if there is not None:
        _refuse_other(session, there, wave)
        return there
    rates = making.rates_units(wave.template)
    listed = [(link, name, area_of(link.flags or ())) for link, name in service.units_of(session, found.id)]
    rows = [
        {"code": link.unit_code, "name": name, "category": link.category}
        for link, name, area in listed
        if rates or area is None
    ]
    doc = making.make(wave.template, rows, any_number=True)
    own: dict[str, list[str]] = {}
    for link, _, area in listed:
        if area is not None and rates:
            own.setdefault(area, []).append(link.unit_code)
    if own:
        doc["variants"] = variants.areas(doc, own)
    title = wave.titles[0] or doc["title"]["zh"]
    title_en = wave.titles[1] or doc["title"].get("en") or title
    doc["title"] = {"zh": title, "en": title_en}
    questionnaires.store(session, wave.id, version=1, doc=doc, at=at)
    plan = CampaignPlan(
        id=wave.id,
        round_id=found.id,
        title=title[:120],
        title_en=title_en[:160],
        purpose=wave.purpose or Purpose(found.purpose or Purpose.REAL),
        questionnaire=(wave.id, 1),
        strata=_strata(lists.cells_of(session, wave.frame_id), wave.sheets),
    )
    return campaigns.create(session, plan, by=by, at=at)


def _refuse_other(session: Session, there: Campaign, wave: Wave) -> None:
    cites = making.template_of(wave.template)["cites"]
    _, doc = questionnaires.load(session, there.questionnaire_id, there.questionnaire_version)
    same = {
        "round": there.round_id == wave.round_id,
        "template": doc.get("cites") == cites,
        "sheets": sum(row.sample_size or 0 for row in campaigns.strata_of(session, there.id)) == wave.sheets,
    }
    differs = [name for name, is_same in same.items() if not is_same]
    if differs:
        raise Problem("round_planned_otherwise", round=wave.id, differs="、".join(differs))


def _strata(cells: Sequence[FrameCell], sheets: int) -> list[StratumPlan]:
    """Cells stand in the order of their areas, as the frame was frozen."""
    areas = [list(group) for _, group in groupby(cells, key=lambda cell: cell.area_code)]
    numbers = nested(sheets, [[cell.population for cell in area] for area in areas])
    return [
        StratumPlan(
            area=(cell.area_code, cell.area_name),
            kind=(cell.kind_code, cell.kind_name),
            population=cell.population,
            sample_size=number,
            made_up=cell.made_up,
        )
        for area, shares in zip(areas, numbers, strict=True)
        for cell, number in zip(area, shares, strict=True)
    ]


def orders(session: Session, campaign_id: str, *, reserve: int = 0) -> list[CellOrder]:
    """The tickets of a wave: what each stratum was allocated, the sealed reserve shared in proportion."""
    layers = [row for row in campaigns.strata_of(session, campaign_id) if row.sample_size]
    spare = largest_remainder(reserve, [row.sample_size for row in layers])
    known = campaigns.form_of(session, campaigns.get(session, campaign_id)).variants
    own = {row.area_code: variants.of_area(row.area_code) for row in layers}
    return [
        CellOrder(row.no, 0, row.sample_size, extra, own[row.area_code] if own[row.area_code] in known else EVERYTHING)
        for row, extra in zip(layers, spare, strict=True)
    ]
