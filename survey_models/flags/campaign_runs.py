"""Looking at a campaign: at counters and channels while its sheets are sealed, at answers once they are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from survey_models.ballots.tables import Channel
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.tables import Campaign
from survey_models.core.clock import local_day
from survey_models.flags import queries
from survey_models.flags.detectors_answers import Codes, history_shifts, share_excess, straight_sheets, unit_shifts
from survey_models.flags.detectors_counts import cell_bursts, channel_mix
from survey_models.flags.near_duplicates import near_duplicates
from survey_models.flags.rules import RuleSet
from survey_models.flags.sightings import Sighting, evidence_of
from survey_models.flags.suspicion import Suspicion
from survey_models.flags.tables import Rule
from survey_models.flags.tails import IntArray
from survey_models.questionnaires.rules import BLANK, INVALID, Form

# A server that was down over a weekend looks at the days it missed.
DAYS_BACK = 3
# Above this, copies are looked for area by area: who copies sheets carries them no further.
_TOGETHER = 50_000
_CHANNELS = tuple(channel.value for channel in Channel)


@dataclass(frozen=True)
class Places:
    """Names of the strata and points of a campaign."""

    areas: Mapping[int, tuple[str, str]]
    kinds: Mapping[int, tuple[str, str]]
    points: Mapping[int, str]

    @classmethod
    def of(cls, session: Session, campaign_id: str) -> Places:
        """As they stand in the database."""
        strata = campaigns.strata_of(session, campaign_id)
        return cls(
            {row.no: (row.area_code, row.area_name) for row in strata},
            {row.no: (row.kind_code, row.kind_name) for row in strata},
            {row.no: row.name for row in campaigns.points_of(session, campaign_id)},
        )

    def scope(self, stratum_no: int, point_no: int, **more: Any) -> dict[str, Any]:
        """A cell as numbers and as a label."""
        words = [self.areas[stratum_no][1], self.kinds[stratum_no][1], self.points.get(point_no, "")]
        return {"stratum_no": stratum_no, "point_no": point_no, **more, "label": "·".join(filter(None, words))}


@dataclass(frozen=True)
class Look:
    """One look at one campaign: what is looked at, the names of its places, the rules."""

    campaign: Campaign
    places: Places
    rules: RuleSet

    def sighting(self, rule: Rule, one: Suspicion, scope: dict[str, Any], *, without: tuple[str, ...] = ()) -> Sighting:
        """A finding of this campaign."""
        return Sighting(rule, scope, evidence_of(one, without=without), campaign_id=self.campaign.id)


def sealed_sightings(session: Session, campaign: Campaign, rules: RuleSet, *, today: date, zone: str) -> list[Sighting]:
    """What counters and channels show of a campaign that was opened; no sheet is opened for it."""
    look = Look(campaign, Places.of(session, campaign.id), rules)
    issued = queries.issued_by_cell(session, campaign.id)
    cells = sorted(issued)
    if campaign.opened_at is None or not cells:
        return []
    first = local_day(campaign.opened_at, zone)
    last = today - timedelta(days=1) if campaign.closed_at is None else local_day(campaign.closed_at, zone)
    returns = Returns(
        cells=cells,
        first=first,
        done=_done_matrix(session, campaign.id, cells, first, last),
        issued=np.array([issued[cell] for cell in cells], dtype=np.int64),
        # Codes that people keep, and test points that are visited on their day, have days of their own each.
        cohort=np.array([int(point != 0) for _, point in cells], dtype=np.int64),
    )
    found = _bursts(look, returns)
    if campaign.closed_at is not None:
        found += _late(look, returns)
    return found + _channels(session, look)


@dataclass(frozen=True, eq=False)
class Returns:
    """Returned sheets: ``done`` (cells, days) from the day ``first`` on; ``issued`` and ``cohort`` (cells,)."""

    cells: Sequence[tuple[int, int]]
    first: date
    done: IntArray
    issued: IntArray
    cohort: IntArray


def _done_matrix(
    session: Session, campaign_id: str, cells: Sequence[tuple[int, int]], first: date, last: date
) -> IntArray:
    """Sheets (cells, days) from the first day to the last."""
    row = {cell: number for number, cell in enumerate(cells)}
    done = np.zeros((len(cells), max(0, (last - first).days + 1)), dtype=np.int64)
    for stratum, point, day, number in queries.done_by_day(session, campaign_id):
        if first <= day <= last and (stratum, point) in row:
            done[row[stratum, point], (day - first).days] += number
    return done


def _bursts(look: Look, returns: Returns) -> list[Sighting]:
    rule, days = look.rules.rule(Rule.CELL_BURST), returns.done.shape[1]
    found = []
    for day in range(max(0, days - DAYS_BACK), days):
        when = (returns.first + timedelta(days=day)).isoformat()
        hits = cell_bursts(returns.done[:, : day + 1], returns.issued, returns.cohort, rule)
        cells = [(one, returns.cells[one.place]) for one in hits]
        found += [look.sighting(rule.id, one, look.places.scope(*cell, day=when)) for one, cell in cells]
    return found


def _late(look: Look, returns: Returns) -> list[Sighting]:
    rule = look.rules.rule(Rule.LATE_SURGE)
    hits = cell_bursts(returns.done, returns.issued, returns.cohort, rule, spans=rule.several("last_days"))
    return [look.sighting(rule.id, one, look.places.scope(*returns.cells[one.place])) for one in hits]


def _channels(session: Session, look: Look) -> list[Sighting]:
    counted = queries.channels_by_cell(session, look.campaign.id)
    cells = sorted(cell for cell in counted if cell[0] in look.places.kinds)
    counts = np.array([[counted[cell].get(channel, 0) for channel in _CHANNELS] for cell in cells], dtype=np.int64)
    cohort = _numbered([(look.places.kinds[stratum][0], point != 0) for stratum, point in cells])
    rule, found = look.rules.rule(Rule.CHANNEL_MIX), []
    for one in channel_mix(counts.reshape(len(cells), len(_CHANNELS)), cohort, rule):
        number = one.evidence["channel"]
        channel = _CHANNELS[number] if isinstance(number, int) else ""
        scope = look.places.scope(*cells[one.place], channel=channel)
        found.append(look.sighting(rule.id, one, scope, without=("channel",)))
    return found


def _numbered(values: Sequence[Any]) -> IntArray:
    """Equal values get equal numbers."""
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.array([numbers[value] for value in values], dtype=np.int64)


def counted_sightings(session: Session, campaign: Campaign, rules: RuleSet) -> list[Sighting]:
    """What the answers show of a counted campaign; the open QR is not among them, it is counted apart."""
    form = campaigns.form_of(session, campaign)
    look = Look(campaign, Places.of(session, campaign.id), rules)
    cells = [cell for cell in campaigns.cells_of(session, campaign.id) if cell.stratum_no in look.places.areas]
    if not cells or not form.units:
        return []
    sheets = [_codes(form, cell) for cell in cells]
    return [*_straight(look, cells, sheets), *_shifts(session, look, cells, form), *_copies(look, cells, sheets)]


def _codes(form: Form, cell: CellAnswers) -> Codes:
    whole = np.frombuffer(cell.answers.encode("ascii"), dtype=np.uint8).reshape(cell.sheets, len(form.items))
    return whole[:, list(form.units)]


def _straight(look: Look, cells: Sequence[CellAnswers], sheets: Sequence[Codes]) -> list[Sighting]:
    rule = look.rules.rule(Rule.STRAIGHT_LINING)
    alike = np.array([straight_sheets(codes, rule).sum() for codes in sheets], dtype=np.int64)
    sizes = np.array([len(codes) for codes in sheets], dtype=np.int64)
    cohort = _numbered([look.places.kinds[cell.stratum_no][0] for cell in cells])
    hits = share_excess(alike, sizes, cohort, rule)
    return [look.sighting(rule.id, one, _cell_scope(look.places, cells[one.place])) for one in hits]


def _cell_scope(places: Places, cell: CellAnswers) -> dict[str, Any]:
    return places.scope(cell.stratum_no, cell.point_no, channel=cell.channel)


def _shifts(session: Session, look: Look, cells: Sequence[CellAnswers], form: Form) -> list[Sighting]:
    """Each unit in each area, beside its peers and beside its own past."""
    rule, names = look.rules.rule(Rule.UNIT_SHIFT), dict(look.places.areas.values())
    areas = list(names)
    best, judged = by_area(form, cells, look.places, areas)
    found = [(one, "peers") for one in unit_shifts(best, judged, rule)]
    before = queries.campaign_before(session, look.campaign)
    if before is not None and [form.items[place].key for place in form.units] == _unit_keys(session, before):
        places = Places.of(session, before.id)
        past = [cell for cell in campaigns.cells_of(session, before.id) if cell.stratum_no in places.areas]
        then = by_area(campaigns.form_of(session, before), past, places, areas)
        found += [(one, "history") for one in history_shifts(best, judged, *then, rule)]
    sightings = []
    for one, beside in found:
        unit, area = form.items[form.units[one.place // len(areas)]], areas[one.place % len(areas)]
        scope = {"unit": unit.key, "area": area, "beside": beside, "label": f"{unit.label}·{names[area]}"}
        sightings.append(look.sighting(rule.id, one, scope))
    return sightings


def _unit_keys(session: Session, campaign: Campaign) -> list[str]:
    form = campaigns.form_of(session, campaign)
    return [form.items[place].key for place in form.units]


def by_area(
    form: Form, cells: Sequence[CellAnswers], places: Places, areas: Sequence[str]
) -> tuple[IntArray, IntArray]:
    """Best answers and judging sheets of each unit in each area, both (units, areas)."""
    best = np.zeros((len(form.units), len(areas)), dtype=np.int64)
    judged = np.zeros_like(best)
    column = {code: number for number, code in enumerate(areas)}
    top, scored = _scale_codes(form)
    for cell in cells:
        area = column.get(places.areas[cell.stratum_no][0])
        if area is not None:
            codes = _codes(form, cell)
            best[:, area] += (codes == top).sum(axis=0)
            judged[:, area] += (scored[np.arange(codes.shape[1])[None, :], codes]).sum(axis=0)
    return best, judged


def _scale_codes(form: Form) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """The best code of each unit's scale (units,), and which bytes are scored answers (units, 256)."""
    top = np.zeros(len(form.units), dtype=np.uint8)
    scored = np.zeros((len(form.units), 256), dtype=np.bool_)
    for row, place in enumerate(form.units):
        options = [option for option in form.scales[form.items[place].scale] if option.score is not None]
        top[row] = ord(max(options, key=lambda option: option.score or 0).code)
        scored[row, [ord(option.code) for option in options if option.code not in {BLANK, INVALID}]] = True
    return top, scored


def _copies(look: Look, cells: Sequence[CellAnswers], sheets: Sequence[Codes]) -> list[Sighting]:
    """Clusters of copies by the cells that they lie in: after counting a sheet has no other address."""
    rule = look.rules.rule(Rule.NEAR_DUPLICATES)
    groups = [list(range(len(cells)))]
    if sum(len(codes) for codes in sheets) > _TOGETHER:
        area = [look.places.areas[cell.stratum_no][0] for cell in cells]
        groups = [[at for at, code in enumerate(area) if code == one] for one in dict.fromkeys(area)]
    found = []
    for group in groups:
        owners = [at for at in group for _ in range(len(sheets[at]))]
        for one in near_duplicates(np.concatenate([sheets[at] for at in group]), rule):
            members = one.evidence["sheets"]
            counts = Counter(owners[sheet] for sheet in members) if isinstance(members, list) else Counter()
            inside = [{**_cell_scope(look.places, cells[at]), "sheets": n} for at, n in counts.most_common()]
            label = "、".join(f"{cell['label']} {cell['sheets']}" for cell in inside[:5])
            found.append(look.sighting(rule.id, one, {"cells": inside, "label": label}, without=("sheets",)))
    return found
