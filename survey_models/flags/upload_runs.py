"""Looking at a contractor's file before it is confirmed: counts and lines, never which option was chosen."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import numpy as np

from survey_models.flags.detectors_answers import share_excess, straight_sheets
from survey_models.flags.near_duplicates import near_duplicates
from survey_models.flags.rules import RuleSet
from survey_models.flags.sightings import Sighting, evidence_of
from survey_models.flags.suspicion import Suspicion
from survey_models.flags.tables import Rule
from survey_models.flags.tails import IntArray
from survey_models.uploads.kinds.ballots import Cell, Entry, Layout

# A person looks at a few sheets of a cluster, not at all of them.
_LINES = 50


def upload_sightings(
    campaign_id: str, upload_id: uuid.UUID, entries: Sequence[Entry], layout: Layout, rules: RuleSet
) -> list[Sighting]:
    """What stands out in the rows of one file, its cells beside each other.

    Shifts of a unit's answers are not looked for: their numbers would say how people answered.
    """
    if not entries or not layout.form.units:
        return []
    codes = np.frombuffer("".join(entry.answers for entry in entries).encode("ascii"), dtype=np.uint8)
    sheets = codes.reshape(len(entries), len(layout.form.items))[:, list(layout.form.units)]
    cells = sorted({(entry.stratum_no, entry.point_no) for entry in entries})
    number = {cell: at for at, cell in enumerate(cells)}
    of_row = np.array([number[entry.stratum_no, entry.point_no] for entry in entries], dtype=np.int64)
    target = _Target(campaign_id, upload_id, cells, layout)
    n = np.bincount(of_row, minlength=len(cells))
    straight = rules.rule(Rule.STRAIGHT_LINING)
    kinds = {cell.no: cell.kind_code for cell in layout.cells}
    cohort = _numbered([kinds[stratum] for stratum, _ in cells])
    alike = np.bincount(of_row[straight_sheets(sheets, straight)], minlength=len(cells))
    found = [target.cell(straight.id, one) for one in share_excess(alike, n, cohort, straight)]
    found += _speeding(entries, of_row, target, rules)
    return found + [
        target.lines(Rule.NEAR_DUPLICATES, one, entries)
        for one in near_duplicates(sheets, rules.rule(Rule.NEAR_DUPLICATES))
    ]


def _speeding(entries: Sequence[Entry], of_row: IntArray, target: _Target, rules: RuleSet) -> list[Sighting]:
    """Cells filled too fast, among the rows that say how long they took."""
    rule = rules.rule(Rule.SPEEDING)
    seconds = np.array([-1 if entry.seconds is None else entry.seconds for entry in entries], dtype=np.int64)
    judged = np.array([len(entry.answers) - entry.answers.count("-") for entry in entries], dtype=np.int64)
    timed = seconds >= 0
    fast = timed & (seconds < rule.whole("seconds_per_item") * judged)
    size = len(target.cells)
    n, k = (np.bincount(of_row[rows], minlength=size) for rows in (timed, fast))
    return [target.cell(rule.id, one) for one in share_excess(k, n, np.zeros(size, dtype=np.int64), rule)]


def _numbered(values: Sequence[str]) -> IntArray:
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return np.array([numbers[value] for value in values], dtype=np.int64)


class _Target:
    """The file that is looked at, and the words for its cells."""

    def __init__(
        self, campaign_id: str, upload_id: uuid.UUID, cells: Sequence[tuple[int, int]], layout: Layout
    ) -> None:
        self.campaign_id, self.upload_id, self.cells = campaign_id, upload_id, cells
        self._strata: dict[int, Cell] = {cell.no: cell for cell in layout.cells}
        self._points = {point.no: point.name for point in layout.points}

    def cell(self, rule: Rule, one: Suspicion) -> Sighting:
        """A cell of the file."""
        stratum, point = self.cells[one.place]
        words = [self._strata[stratum].area, self._strata[stratum].kind, self._points.get(point, "")]
        scope = {"stratum_no": stratum, "point_no": point, "label": "·".join(filter(None, words))}
        return Sighting(rule, scope, evidence_of(one), campaign_id=self.campaign_id, upload_id=self.upload_id)

    def lines(self, rule: Rule, one: Suspicion, entries: Sequence[Entry]) -> Sighting:
        """A cluster by the rows of the file."""
        sheets = one.evidence["sheets"]
        rows = [entries[row].line for row in sheets][:_LINES] if isinstance(sheets, list) else []
        scope = {"lines": rows, "label": "、".join(str(row) for row in rows[:10])}
        evidence = evidence_of(one, without=("sheets",))
        return Sighting(rule, scope, evidence, campaign_id=self.campaign_id, upload_id=self.upload_id)
