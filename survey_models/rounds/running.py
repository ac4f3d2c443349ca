"""What a round runs on (评议所依据的办法): its scheme as a document, and its units with their flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.rounds import service
from survey_models.rounds.tables import Level, Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes.fitting import leaves_of
from survey_models.schemes.language import Part, Scheme
from survey_models.units.tables import Unit


@dataclass(frozen=True)
class Member:
    """A unit of a round. ``flags``: as frozen with the round, else as the office has set them by now."""

    code: str
    name: str
    category: str
    flags: frozenset[str]

    def parts_in(self, scheme: Scheme) -> dict[str, Part]:
        """The lines with a source that this unit has, by id."""
        return leaves_of(scheme, category=self.category, flags=self.flags)


def scheme_of(session: Session, round_id: str, *, lock: bool = False) -> tuple[Round, Scheme]:
    """A round and the document it runs. Raises ``round_unknown``, ``round_without_scheme``."""
    found, scheme_id, version = service.with_scheme(session, round_id, lock=lock)
    return found, schemes.document_of(schemes.get(session, scheme_id, version))


def members_of(session: Session, round_id: str) -> list[Member]:
    """The units of a round, in order."""
    query = select(RoundUnit, Unit).join(Unit, Unit.code == RoundUnit.unit_code)
    rows = session.execute(query.where(RoundUnit.round_id == round_id).order_by(RoundUnit.position, Unit.code))
    return [Member(unit.code, unit.name, link.category, _flags(link, unit)) for link, unit in rows]


def days_of(found: Round, zone: str) -> tuple[date, date]:
    """The first and the last day of a round; one held once, without a period, has the year it was planned in."""
    if found.period_from is not None and found.period_to is not None:
        return found.period_from, found.period_to
    year = local_day(found.made_at, zone).year
    return date(year, 1, 1), date(year, 12, 31)


def is_year(found: Round) -> bool:
    """Whether it is a year's result (年度结果), made of rounds: nothing is marked or handed in for it."""
    return found.level == Level.YEAR


def refuse_published(session: Session, round_id: str) -> None:
    """What was published stays as it was published. Raises ``round_locked``."""
    if service.published(session, round_id) is not None:
        raise Problem("round_locked", round=round_id)


def _flags(link: RoundUnit, unit: Unit) -> frozenset[str]:
    if link.flags is not None:
        return frozenset(link.flags)
    named = {
        "has_window": unit.has_window,
        "serves_enterprises": unit.serves_enterprises,
        "superior_led": unit.superior_led,
    }
    return frozenset(name for name, value in named.items() if value)
