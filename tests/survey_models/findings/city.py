"""A small city to find things in: three units, the calendar of 2019 to 2021, and a round of 宣直〔2019〕48号."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.calendar import queries as calendar
from survey_models.calendar import statutory
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.findings import files, service
from survey_models.findings.files import Handed
from survey_models.findings.machines import Kind
from survey_models.findings.rules import Given, Limits, NewFinding, Price, Terms
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding
from survey_models.rounds.tables import Round, RoundPublication, RoundResult, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from survey_models.units.tables import Unit

ZONE = "Asia/Shanghai"
TERMS = Terms(ZONE, Limits())
ROUND = "xc-2019"
OFFICE = Who("li.wei", ("setup",))
INSPECTOR = Who("zhao.min", ("inspector",))
DESK = Who("qian.ru", ("desk",))
RELEASE = Who("sun.hong", ("release",))
UNIT = Who("a.unit", ("unit",), "U-1")
OTHER = Who("b.unit", ("unit",), "U-2")
JPEG = b"\xff\xd8\xff\xe0 made up"


def day(text: str, hour: int = 2) -> datetime:
    """An instant of a day of the city."""
    found = date.fromisoformat(text)
    return datetime(found.year, found.month, found.day, hour, tzinfo=UTC)


def price(rule: str, **more: Any) -> Price:
    return Price(ROUND, "inspection", rule, **more)


@dataclass(frozen=True)
class City:
    """One database of it."""

    session: Session

    def open(self, kind: Kind = Kind.INSPECTION, at: str = "2019-09-20", unit: str = "U-1", **more: Any) -> Finding:
        who = more.pop("who", INSPECTOR if kind in {Kind.INSPECTION, Kind.SECRET_VISIT} else OFFICE)
        new = NewFinding(kind, unit, more.pop("text", "门厅未设提示牌"), **more)
        return service.open_(self.session, new, who=who, at=day(at), terms=TERMS)

    def take(self, finding: Finding, name: str, who: Who, at: str, **given: Any) -> Finding:
        given.setdefault("note", "见附件")
        return service.move(self.session, finding.id, name, Given(**given), who=who, at=day(at), terms=TERMS)

    def refused(self, finding: Finding, name: str, who: Who, at: str, **given: Any) -> str:
        try:
            with self.session.begin_nested():
                self.take(finding, name, who, at, **given)
        except Problem as problem:
            return problem.code
        return ""

    def file(self, finding: Finding, who: Who, at: str, content: bytes = JPEG, **more: Any) -> uuid.UUID:
        handed = Handed(content, "现场.jpg", **more)
        return files.attach(self.session, finding.id, handed, who=who, at=day(at), zone=ZONE, limit=1_000_000).id

    def publish(self, at: str = "2019-12-01") -> None:
        """A result of the round, as two people published it."""
        none = "0" * 64
        row = RoundResult(id=new_id(), round_id=ROUND, no=1, scheme_id="xuancheng-2019-48", scheme_version=1)
        row.inputs, row.sources, row.outcome, row.made_by, row.made_at = {}, {}, {}, "li.wei", day(at)
        row.scheme_digest = row.inputs_digest = row.code = row.result_digest = row.blind = none
        told = RoundPublication(result_id=row.id, round_id=ROUND, act_number=1, asked_by="li.wei")
        told.confirmed_by, told.made_at = "sun.hong", day(at)
        for one in (row, told):
            self.session.add(one)
            self.session.flush()

    def noticed(self, at: str = "2019-09-27", limit: str = "2019-10-20", rule: str = "item_06") -> Finding:
        """A finding with its notice sent on a day."""
        finding = self.open()
        self.take(finding, "confirm", OFFICE, at, price=price(rule))
        return self.take(finding, "notify", OFFICE, at, limit=date.fromisoformat(limit))


@contextmanager
def city(database_url: str) -> Iterator[City]:
    """The city in a migrated database."""
    engine = make_engine(database_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        calendar.write(session, (one for year in (2019, 2020, 2021) for one in statutory.days_of(year)))
        scheme = schemes.store(session, shelf.preset("xuancheng-2019-48"), by="test", at=day("2019-01-02"))
        made = Round(id=ROUND, title="2019", scheme_id=scheme.id, scheme_version=scheme.version)
        made.made_at = day("2019-01-02")
        session.add(made)
        for no in (1, 2, 3):
            unit = Unit(code=f"U-{no}", name=f"单位{no}", category="市直单位", position=no, superior_led=False)
            unit.flags_source = "made up"
            session.add(unit)
            session.flush()
            session.add(RoundUnit(round_id=ROUND, unit_code=unit.code, category=unit.category, position=no))
        session.flush()
        yield City(session)
    engine.dispose()
