"""Draws of places in stages (两阶段实地考评抽取): the list that the office gives, and the plans made from it.

The scheme says how many of each kind an area gives; the office alone knows which places there are. A row names the
area (the code of a rated unit), the kind, the place, and for the second stage the branch in which it lies. The row of
a one-stage kind has no branch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from sampling.selection import FrameEntry
from survey_models.core.errors import Problem
from survey_models.inspections import service
from survey_models.inspections.tables import InspectionPlan, PlanKind
from survey_models.rounds import running
from survey_models.rounds.asking import SITES, SITES_FORM, refuse
from survey_models.rounds.running import Member
from survey_models.rounds.tables import Round
from survey_models.schemes.language import Scheme, SiteDraw, SiteKind

MOST, LONGEST_ID, LONGEST_NAME, LONGEST_PATH = 20_000, 40, 80, 40


@dataclass(frozen=True)
class Site:
    """A place to draw from. ``unit``: the rated unit it speaks for; ``within``: the branch of the first stage."""

    id: str
    name: str
    unit: str
    kind: str
    within: str

    @property
    def path(self) -> str:
        """Its stratum: area, kind, branch."""
        return "/".join(filter(None, (self.unit, self.kind, self.within)))


def read(draw: SiteDraw, rows: Any, members: Sequence[Member]) -> tuple[list[Site], list[dict[str, str]]]:
    """The places of a draw's answer, and every fault in it; ``members``: the rated units of the round.

    An area may stand by its name as by its code, a kind by its Chinese words as by its id.
    """
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST:
        return [], [_fault(draw, "", SITES_FORM, f"rows of {', '.join(SITES)}")]
    listed = _areas(draw, members)
    kinds, areas = {one.id: one for one in draw.kinds}, {one.code for one in listed}
    words = {one.name: one.code for one in listed}, {one.title.zh: one.id for one in draw.kinds}
    found: dict[str, Site] = {}
    faults = []
    for no, row in enumerate(rows, start=1):
        site = _site(row, *words)
        fault = _wrong(draw, site, kinds, areas)
        if fault is None and site is not None and site.id in found:
            fault = f"编号 {site.id} 重复", f"the id {site.id} stands twice"
        if site is None or fault is not None:
            zh, en = fault or (f"第 {no} 行应写 {', '.join(SITES)}", f"row {no}: {', '.join(SITES)}")
            faults.append(_fault(draw, f".{no}", zh, en))
        else:
            found[site.id] = site
    if not faults:
        there = {(site.unit, site.kind) for site in found.values()}
        for area in sorted(areas):
            missing = [kind.title.zh for kind in draw.kinds if (area, kind.id) not in there]
            if missing:
                said = f"{area} 没有列出{'、'.join(missing)}", f"{area} has no places of: {', '.join(missing)}"
                faults.append(_fault(draw, "", *said))
    return list(found.values()), faults


def takes_of(draw: SiteDraw, members: Sequence[Member]) -> dict[str, list[int]]:
    """How many of each stage, by area and kind: ``{"LH-01/villages": [2, 3]}``."""
    return {
        f"{one.code}/{kind.id}": list(kind.fewer if kind.fewer and one.category in draw.fewer_in else kind.take)
        for one in _areas(draw, members)
        for kind in draw.kinds
    }


def make(
    session: Session, found: Round, scheme: Scheme, answers: Mapping[str, Any], *, by: str, at: datetime
) -> list[InspectionPlan]:
    """The plan of each draw whose places are among the answers to a round; the others can be given later.

    Raises ``plan_answers_faulty`` with every fault.
    """
    members, given = running.members_of(session, found.id), answers.get("draws") or {}
    read_all = [(draw, *read(draw, given[draw.id], members)) for draw in scheme.draws if given.get(draw.id)]
    faults = [fault for _, _, wrong in read_all for fault in wrong]
    faults += _strange([draw for draw, _, _ in read_all], answers.get("campaigns") or {}, members)
    if faults:
        refuse(faults)
    return [_planned(session, found, draw, sites, members, by=by, at=at) for draw, sites, _ in read_all]


def _strange(
    given: Sequence[SiteDraw], campaigns: Mapping[str, Any], members: Sequence[Member]
) -> list[dict[str, str]]:
    """Strata of people to visit in areas where no place is drawn: nobody could be met there."""
    met: dict[str, set[str]] = {}
    for draw in given:
        for name in {one for kind in draw.kinds for one in kind.visits}:
            met.setdefault(name, set()).update(one.code for one in _areas(draw, members))
    faults = []
    for name, areas in met.items():
        strata = (campaigns.get(name) or {}).get("strata")
        rows = strata if isinstance(strata, list) else ()
        for area in sorted({str(row.get("area")) for row in rows if isinstance(row, Mapping)} - areas):
            zh = f"地区 {area} 应写抽取地点的县区或功能区的单位代码"
            en = f"{area} is no area in which places are drawn"
            faults.append({"key": f"campaigns.{name}.strata", "zh": zh, "en": en})
    return faults


def add(session: Session, round_id: str, draw_id: str, rows: Any, *, by: str, at: datetime) -> InspectionPlan:
    """The plan of one draw, after the round was planned without its places.

    Raises ``round_unknown``, ``round_without_scheme``, ``inspection_unknown`` for a draw that the scheme does not have,
    ``draw_exists``, ``plan_answers_faulty``.
    """
    found, scheme = running.scheme_of(session, round_id)
    if draw_id not in {one.id for one in scheme.draws}:
        raise Problem("inspection_unknown", plan=draw_id)
    answers = {"draws": {draw_id: rows or [None]}, "campaigns": (found.answers or {}).get("campaigns")}
    made = make(session, found, scheme, answers, by=by, at=at)
    return made[0]


def _planned(
    session: Session,
    found: Round,
    draw: SiteDraw,
    sites: Sequence[Site],
    members: Sequence[Member],
    *,
    by: str,
    at: datetime,
) -> InspectionPlan:
    takes = takes_of(draw, members)
    name = service.name_of(found.id, draw.id)
    title = f"{found.title} {draw.title.zh}"
    period = found.period or "once"
    made = service.new_plan(found, PlanKind.SITE_CHECK, period, plan_id=name, title=title, by=by, at=at)
    made.sites = [vars(site) for site in sites]
    more = {path: math.prod(stages) for path, stages in takes.items()}
    made.rules = {"draw": draw.id, "takes": takes, "more": more, "places": len(sites)}
    entries = [FrameEntry(site.id, site.path, 1) for site in sites]
    service.store(session, made, entries, takes, made_up=found.purpose == "demo")
    return made


def _areas(draw: SiteDraw, members: Sequence[Member]) -> list[Member]:
    """The rated units whose places are drawn."""
    return [one for one in members if one.category in draw.areas and (not draw.flag or draw.flag in one.flags)]


def _site(row: Any, areas: Mapping[str, str], kinds: Mapping[str, str]) -> Site | None:
    """A row as it is stored; ``areas``, ``kinds``: what leads from words to codes."""
    if not isinstance(row, Mapping) or set(row) - set(SITES):
        return None
    if not all(isinstance(cell, str | int) and not isinstance(cell, bool) for cell in row.values()):
        return None
    cells = {name: str(row.get(name, "")).strip() for name in SITES}
    unit, kind = areas.get(cells["area"], cells["area"]), kinds.get(cells["kind"], cells["kind"])
    site = Site(cells["id"], cells["name"], unit, kind, cells["within"])
    fits = 0 < len(site.id) <= LONGEST_ID and 0 < len(site.name) <= LONGEST_NAME and len(site.path) <= LONGEST_PATH
    plain = "/" not in site.unit + site.within and (site.id + site.path).isprintable()
    return site if fits and plain else None


def _wrong(draw: SiteDraw, site: Site | None, kinds: Mapping[str, SiteKind], areas: set[str]) -> tuple[str, str] | None:
    if site is None:
        return None
    if site.unit not in areas:
        return f"{site.unit} 不是{draw.title.zh}的县区或功能区", f"{site.unit} is no area of this draw"
    if site.kind not in kinds:
        named = "、".join(f"{one.title.zh}（{name}）" for name, one in kinds.items())
        return f"类别 {site.kind} 应为 {named}", f"the kind {site.kind} is none of {', '.join(kinds)}"
    if (len(kinds[site.kind].take) > 1) != bool(site.within):
        return f"{site.name}：within 只写两阶段的上一级", f"{site.name}: within is the branch of a draw in two stages"
    return None


def _fault(draw: SiteDraw, where: str, zh: str, en: str) -> dict[str, str]:
    return {"key": f"draws.{draw.id}{where}", "zh": zh, "en": en}
