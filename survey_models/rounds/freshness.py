"""Whether a result still rests on what is true now (得分是否过时): what changed since has to be scored anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from survey_models.ballots.tables import BallotVoid
from survey_models.core.canonical import digest
from survey_models.findings import service as findings
from survey_models.ratings.tables import RatingVoid
from survey_models.rounds import gathering, history, service, streams
from survey_models.rounds.records import to_json
from survey_models.rounds.sources import reads_ratings
from survey_models.rounds.tables import Level, Round, RoundResult, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes.language import Scheme
from survey_models.units.tables import Window

_FINDINGS = "findings/"
# Days are those of the office, the instants of a correction are UTC: a day more on both sides misses nothing.
_DAY = timedelta(days=1)


def is_stale(session: Session, row: RoundResult) -> bool:
    """Whether anything that a result read is different by now.

    A decision, standing, approved mark or submission after it; sheets or window ratings that two people set aside after
    it; other findings that count; a round that it reads with another result, or one that is stale itself; other
    consequences of earlier rounds.
    """
    found, scheme_id, version = service.with_scheme(session, row.round_id)
    changed = service.changed_at(session, found.id)
    if (changed is not None and changed > row.made_at) or _set_aside(session, row):
        return True
    scheme = schemes.document_of(schemes.get(session, scheme_id, version))
    if found.level != Level.YEAR and (_cases_differ(session, row) or _ratings_aside(session, row, found, scheme)):
        return True
    return _rounds_differ(session, row, found, scheme) or _history_differs(session, row, found, scheme)


def _set_aside(session: Session, row: RoundResult) -> bool:
    """Sheets of a campaign that was read (剔除问卷)."""
    read = [one["campaign"] for one in row.sources.get("campaigns", {}).values()]
    last = session.scalar(select(func.max(BallotVoid.made_at)).where(BallotVoid.campaign_id.in_(read)))
    return last is not None and last > row.made_at


def _ratings_aside(session: Session, row: RoundResult, found: Round, scheme: Scheme) -> bool:
    """Window ratings of the period at a window of a rated unit (作废窗口评价)."""
    if not reads_ratings(scheme) or found.period_from is None or found.period_to is None:
        return False
    rated = select(RoundUnit.unit_code).where(RoundUnit.round_id == found.id)
    windows = select(Window.id).where(or_(Window.id.in_(rated), Window.unit_code.in_(rated)))
    since, until = (datetime.combine(day, time(), UTC) for day in (found.period_from, found.period_to))
    inside = RatingVoid.begins < until + 2 * _DAY, RatingVoid.ends > since - _DAY
    last = session.scalar(select(func.max(RatingVoid.made_at)).where(RatingVoid.window_id.in_(windows), *inside))
    return last is not None and last > row.made_at


def marks_of(read: Mapping[str, Any]) -> dict[str, str]:
    """Digests of what is compared later, so that nobody has to load all that a run read; ``read``: inputs as JSON."""
    cases = [one for one in read.get("booked", []) if one["ref"].startswith(_FINDINGS)]
    return {"cases": _digest(cases), "earlier": digest(read.get("earlier", []))}


def _digest(cases: Iterable[Mapping[str, Any]]) -> str:
    """By the id of the finding alone: what stands before it in a reference is longer than it was in older results."""
    same = ({**one, "ref": str(one["ref"]).rpartition("/")[2]} for one in cases)
    return digest(sorted(same, key=lambda one: str(one["ref"])))


def _kept(row: RoundResult, name: str) -> str:
    return str(row.sources.get(name) or marks_of(row.inputs)[name])


def _cases_differ(session: Session, row: RoundResult) -> bool:
    """Findings that count: a step that costs nothing and gives nothing back leaves the result as it is."""
    now = to_json(streams.findings_of(findings.deductions_of(session, row.round_id)))
    return _digest(now) != _kept(row, "cases")


def _rounds_differ(session: Session, row: RoundResult, found: Round, scheme: Scheme) -> bool:
    """The rounds of the year, or those of other schemes."""
    now = gathering.rounds_read(session, found, scheme)
    if now != row.sources.get("rounds", {}):
        return True
    newest = (service.latest(session, name) for name in now)
    return any(one is not None and is_stale(session, one) for one in newest)


def _history_differs(session: Session, row: RoundResult, found: Round, scheme: Scheme) -> bool:
    """Consequences of earlier rounds, where the scheme asks for two running."""
    if all(rule.consecutive is None for rule in scheme.consequences):
        return False
    return digest(to_json(history.earlier_of(session, found))) != _kept(row, "earlier")
