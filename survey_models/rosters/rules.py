"""What a roster (名册) must meet, row by row and as a whole: every fault at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from survey_models.core.errors import Problem
from survey_models.rosters.sealing import plain_identity
from survey_models.schemes.language import RosterRules
from survey_models.spreadsheets.read import Sheet, folded
from survey_models.uploads.rules import Fault, Heading, column_letters, place_columns

NAME = Heading("姓名", ("Name",))
IDENTITY = Heading("身份证号或工号", ("身份证号", "工号", "Identity"))
PHONE = Heading("手机", ("电话", "Phone"), required=False)
HIRER = Heading("聘用单位", ("Hired by",))
NEW = Heading("本轮新聘", ("New",))
TRAINED = Heading("培训日期", ("Trained on",), required=False)
UNDERTAKING = Heading("承诺书日期", ("Undertaking on",), required=False)
REVIEW = Heading("专项评议", ("Review",), required=False)
WAIVER = Heading("重复聘用理由", ("Reason", "理由"), required=False)
HEADINGS = (NAME, IDENTITY, PHONE, HIRER, NEW, TRAINED, UNDERTAKING, REVIEW, WAIVER)

LONGEST_NAME, LONGEST_HIRER, LONGEST_REASON = 40, 80, 160
SHORTEST_IDENTITY, LONGEST_IDENTITY = 4, 40
_YES_NO = {
    folded(word): value for value, words in ((True, "是 新 yes 1"), (False, "否 续 no 0")) for word in words.split()
}
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_FILLING = re.compile(r"[\s()/.-]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")


@dataclass(frozen=True)
class Row:
    """One person as the file has them; dates None where the cell is empty."""

    line: int
    name: str = field(repr=False)
    identity: str = field(repr=False)
    phone: str = field(repr=False)
    hirer: str
    new: bool
    trained_on: date | None
    undertaking_on: date | None
    waiver: str


@dataclass(frozen=True)
class Known:
    """What other rosters say of the identities: who else hires them, who was there before, who was removed."""

    hired_by: Mapping[str, str] = field(default_factory=dict)
    earlier: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


class Reading:
    """A file being read: its rows, and its faults in the order of their finding."""

    def __init__(self, sheet: Sheet, rules: RosterRules | None) -> None:
        used = [any(cells[place] for _, cells in sheet.rows) for place in range(len(sheet.header))]
        self._places = dict(zip(HEADINGS, place_columns(sheet.header, HEADINGS, used), strict=True))
        self._shared = rules.shared if rules else ()
        self.faults: list[Fault] = []
        self.rows: list[Row] = []
        for line, cells in sheet.rows:
            self._read(line, cells)

    def fault(self, line: int | None, heading: Heading | None, code: str, **params: object) -> None:
        """Note a fault at a cell, a row or the whole file."""
        place = self._places.get(heading) if heading else None
        cell = {} if place is None or line is None else {"cell": f"{column_letters(place)}{line}"}
        self.faults.append(Fault(line, heading.name if heading else None, code, {**params, **cell}))

    def _cell(self, cells: Sequence[str], heading: Heading) -> str:
        place = self._places[heading]
        return "" if place is None else cells[place]

    def _read(self, line: int, cells: Sequence[str]) -> None:
        before = len(self.faults)
        name, hirer = self._cell(cells, NAME), self._cell(cells, HIRER)
        if not 0 < len(name) <= LONGEST_NAME:
            self.fault(line, NAME, "roster_name_unfit", limit=LONGEST_NAME)
        if not 0 < len(hirer) <= LONGEST_HIRER:
            self.fault(line, HIRER, "roster_hirer_unfit", limit=LONGEST_HIRER)
        identity = plain_identity(self._cell(cells, IDENTITY))
        if not SHORTEST_IDENTITY <= len(identity) <= LONGEST_IDENTITY:
            self.fault(line, IDENTITY, "roster_identity_unfit")
        phone = _FILLING.sub("", self._cell(cells, PHONE))
        if phone and not _PHONE.fullmatch(phone):
            self.fault(line, PHONE, "roster_phone_unfit")
        new = _YES_NO.get(folded(self._cell(cells, NEW)))
        if new is None:
            self.fault(line, NEW, "roster_new_unfit")
        days = [self._day(line, cells, heading) for heading in (TRAINED, UNDERTAKING)]
        waiver = self._waiver(line, cells)
        if len(self.faults) == before:
            self.rows.append(Row(line, name, identity, phone, hirer, bool(new), days[0], days[1], waiver))

    def _day(self, line: int, cells: Sequence[str], heading: Heading) -> date | None:
        text = self._cell(cells, heading)
        if not text:
            return None
        found = _DAY.fullmatch(text)
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            found = None
        self.fault(line, heading, "roster_date_unfit")
        return None

    def _waiver(self, line: int, cells: Sequence[str]) -> str:
        """``学校：reason`` where a second office may hire; empty where nothing is claimed."""
        review, reason = self._cell(cells, REVIEW), self._cell(cells, WAIVER)
        if not review and not reason:
            return ""
        if review not in self._shared or not 0 < len(reason) <= LONGEST_REASON:
            self.fault(
                line, REVIEW, "roster_waiver_unfit", reviews="、".join(self._shared) or "—", limit=LONGEST_REASON
            )
            return ""
        return f"{review}：{reason}"


def read_rows(sheet: Sheet, rules: RosterRules | None) -> Reading:
    """Read a file. Raises ``upload_columns_unknown``, ``upload_columns_missing``."""
    return Reading(sheet, rules)


def check(
    reading: Reading, digests: Mapping[str, str], known: Known, rules: RosterRules | None, opens_on: date | None
) -> None:
    """Note what the rows are together, and beside other rosters; ``digests``: by identity."""
    first: dict[str, int] = {}
    for row in reading.rows:
        digest = digests[row.identity]
        if row.identity in first:
            reading.fault(row.line, IDENTITY, "roster_identity_repeated", first=first[row.identity])
        first.setdefault(row.identity, row.line)
        if digest in known.removed:
            reading.fault(row.line, IDENTITY, "roster_removed_before")
        if row.new and digest in known.earlier:
            reading.fault(row.line, NEW, "roster_not_new")
        other = known.hired_by.get(digest)
        if rules and rules.one_hirer and other and other != row.hirer and not row.waiver:
            reading.fault(row.line, HIRER, "roster_hired_twice", other=other)
        if rules and opens_on:
            _check_days(reading, row, rules, opens_on)
    _check_share(reading, rules)


def _check_days(reading: Reading, row: Row, rules: RosterRules, opens_on: date) -> None:
    headings = {"roster_not_trained": TRAINED, "roster_not_bound": UNDERTAKING}
    for code in lacking(rules, row.trained_on, row.undertaking_on, opens_on):
        reading.fault(row.line, headings[code], code, opens=opens_on.isoformat())


def lacking(
    rules: RosterRules, trained_on: date | None, undertaking_on: date | None, opens_on: date | None
) -> list[str]:
    """What a person lacks before the point opens: ``roster_not_trained``, ``roster_not_bound``."""
    asked = (
        (rules.trained, trained_on, "roster_not_trained"),
        (rules.undertaking, undertaking_on, "roster_not_bound"),
    )
    return [code for wanted, day, code in asked if wanted and (day is None or (opens_on and day >= opens_on))]


def _check_share(reading: Reading, rules: RosterRules | None) -> None:
    if rules is None or rules.new_one_in is None or not reading.rows:
        return
    total, new = len(reading.rows), sum(row.new for row in reading.rows)
    if new * rules.new_one_in < total:
        needed = -(-total // rules.new_one_in)
        reading.fault(None, None, "roster_too_few_new", new=new, total=total, needed=needed)


def refuse_open(opens_on: date | None, today: date) -> None:
    """From the day on which the point opens a roster is not replaced. Raises ``roster_in_use``."""
    if opens_on is not None and today >= opens_on:
        raise Problem("roster_in_use", opens=opens_on.isoformat())
