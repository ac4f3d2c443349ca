"""The ground that the three demo campaigns stand on: accounts, units, windows, round, questionnaire, frame, points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.passwords import new_hash, random_password
from api.demo import hall, sources
from sampling.allocation import largest_remainder, nested
from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role
from survey_models.calendar import service as calendar
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.draws import service as draws
from survey_models.draws.designs import Plan
from survey_models.frames import service as frames
from survey_models.frames.service import FrameTitle
from survey_models.frames.tables import FramePoint
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import Round
from survey_models.units import service as units

ROUND, QUESTIONNAIRE, COUNTS_FRAME, POINTS_DRAW = "luohe-demo", "luohe", "luohe-counts", "luohe-points"
POINTS_PER_AREA = 2
# The document praises the first 20 of the 53 and the first 10 of the 27 (漯河民主评议政风行风, 评议结果的运用).
BORDERS = {"政府部门及其它机构": {"first": 20}, "公共服务行业": {"first": 10}}
# A real seed is thrown in public after the frame is frozen. This one stands here for all to see: the digits of π.
SEED = "31415926535897932384"
ACCOUNTS = {"setup": Role.SETUP, "release": Role.RELEASE, "desk": Role.DESK}


@dataclass(frozen=True)
class Cell:
    """A cell of field work: stratum, test point, and its number of tickets."""

    stratum_no: int
    point_no: int
    tickets: int


def is_laid(session: Session) -> bool:
    """Whether the ground was laid before."""
    return session.get(Round, ROUND) is not None


def lay(session: Session, *, at: datetime) -> dict[str, str]:
    """Lay it and return the first passwords by account name. Nothing of it is repeated later."""
    passwords = {name: random_password() for name in ACCOUNTS}
    for name, role in ACCOUNTS.items():
        hashed = new_hash(passwords[name], name=name)
        accounts.create(session, name, password_hash=hashed, roles=[role], at=at, demo=True)
    calendar.seed(session, at=at)
    rated = units.import_units(session, sources.unit_rows(), stated=sources.UNITS_STATED, by="setup", at=at)
    hall.lay(session, at=at)
    rounds.create(session, ROUND, title="漯河市民主评议政风行风（演示）", units=rated, at=at)
    doc = unit_questionnaire(
        title={
            "zh": "漯河市民主评议政风行风问卷测评",
            "en": "Luohe public appraisal of offices and services: questionnaire",
        },
        units=[{"code": unit.code, "name": unit.name, "category": unit.category} for unit in rated],
    )
    questionnaires.store(session, QUESTIONNAIRE, version=1, doc=doc, at=at)
    _frame_and_points(session, at=at)
    return passwords


def _frame_and_points(session: Session, *, at: datetime) -> None:
    """Freeze the counts frame, plan the draw of test points, and only then draw with the seed."""
    cells = sources.count_cells()
    title = FrameTitle(
        COUNTS_FRAME,
        "漯河市 2020 年人口,六个地区、城镇与农村",
        "第七次全国人口普查;经济技术开发区人口、城乡各半、候选测评点为演示而编造",
        made_up=True,
    )
    frames.freeze_counts(session, title, cells=cells, candidates=sources.candidates(), by="setup", at=at)
    sizes = dict.fromkeys((cell.area[0] for cell in cells), POINTS_PER_AREA)
    plan = Plan(POINTS_DRAW, "luohe", COUNTS_FRAME, "points", sizes=sizes, reserve={})
    draws.plan(session, plan, by="setup", at=at)
    draws.run(session, POINTS_DRAW, seed=SEED, asked_by="setup", by="release", at=at)


def drawn_points(session: Session) -> list[tuple[str, str]]:
    """Area and name of the drawn test points, in the order of areas, then of lots."""
    names = {
        point.id: point.name for point in session.scalars(select(FramePoint).where(FramePoint.frame_id == COUNTS_FRAME))
    }
    lots: dict[str, list[str]] = {}
    for row in draws.drawn_rows(session, POINTS_DRAW):
        lots.setdefault(row.stratum, []).append(names[row.entry])
    areas = dict.fromkeys(cell.area[0] for cell in sources.count_cells())
    return [(area, name) for area in areas for name in lots[area]]


def allocated(total: int) -> list[int]:
    """Tickets of each stratum: areas first, by their people, then the kinds inside each area (先区域, 后类别)."""
    return [number for area in nested(total, sources.by_area(sources.count_cells())) for number in area]


def split_over_points(tickets: Sequence[int], points: Sequence[tuple[str, str]]) -> list[Cell]:
    """Share the tickets of each stratum between the points of its area; the odd one goes to the first."""
    cells: list[Cell] = []
    for no, (frame_cell, number) in enumerate(zip(sources.count_cells(), tickets, strict=True), start=1):
        here = [place for place, (area, _) in enumerate(points, start=1) if area == frame_cell.area[0]]
        shares = largest_remainder(number, [1] * len(here))
        cells += [Cell(no, point, share) for point, share in zip(here, shares, strict=True)]
    return cells


def plan_of(
    campaign_id: str,
    title: tuple[str, str],
    *,
    tickets: Sequence[int],
    points: Sequence[tuple[str, str]],
    people: Mapping[str, int] | None = None,
) -> CampaignPlan:
    """A demo campaign over the twelve strata; ``people`` replaces their populations by key."""
    strata = [
        StratumPlan(
            area=cell.area,
            kind=cell.kind,
            population=cell.population if people is None else people[sources.stratum_key(cell)],
            sample_size=number,
            made_up=True,
        )
        for cell, number in zip(sources.count_cells(), tickets, strict=True)
    ]
    return CampaignPlan(
        id=campaign_id,
        round_id=ROUND,
        title=title[0],
        title_en=title[1],
        purpose=Purpose.DEMO,
        questionnaire=(QUESTIONNAIRE, 1),
        strata=strata,
        points=points,
        points_as_psu=bool(points),
        borders=BORDERS,
        open_channel=True,
    )
