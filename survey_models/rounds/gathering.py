"""Everything that a score run reads (汇集得分的输入), frozen, exact and hashable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns.tables import BOX_FILLED, Campaign, Purpose, State
from survey_models.core.errors import Problem
from survey_models.marks import service as marks
from survey_models.results import service as results
from survey_models.results.shares import UnitShares, current, shares_of
from survey_models.rounds import history, service, streams
from survey_models.rounds.kept import outcome_of
from survey_models.rounds.periods import parts_of
from survey_models.rounds.sources import reads_ratings, references, referred, scored_kinds
from survey_models.rounds.streams import Stage
from survey_models.rounds.tables import Round
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import Answers, Earlier, Inputs, RatedUnit, Standing
from survey_models.schemes.language import Scheme
from survey_models.schemes.outcome import Outcome

# Nothing was asked of people here, or it feeds no line: such a campaign keeps nobody waiting.
_UNTOUCHED = frozenset({State.DRAFT, State.READY})


@dataclass(frozen=True)
class YearInputs:
    """What a year's result reads: the outcomes of its rounds, by their periods in order.

    ``successors``: units of the rounds that are another one by the end of the year (renamed, merged). ``year`` False: a
    half-year or quarter summed up (半年汇总), which has places and neither awards nor sanctions. ``absent``: periods in
    which nobody was rated: the mean is taken without them, and the result says so.
    """

    units: tuple[RatedUnit, ...]
    rounds: tuple[tuple[str, Outcome], ...]
    earlier: tuple[Earlier, ...] = ()
    decided: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    successors: Mapping[str, str] = field(default_factory=dict)
    year: bool = True
    absent: tuple[str, ...] = ()


def units_of(session: Session, round_id: str) -> tuple[RatedUnit, ...]:
    """The rated units of a round with their flags as frozen and their standing as two people set it."""
    standings = service.standings_of(session, round_id)
    found = []
    for link, name in service.units_of(session, round_id):
        set_to = standings.get(link.unit_code)
        found.append(
            RatedUnit(
                code=link.unit_code,
                name=name,
                category=link.category,
                flags=frozenset(link.flags or ()),
                standing=Standing(set_to.standing) if set_to else Standing.RATED,
                reason=set_to.reason if set_to else "",
            )
        )
    return tuple(found)


def decided_of(session: Session, round_id: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The recorded ways out by what they are about; of several about the same thing the newest."""
    return {(one.about, one.category): tuple(one.units) for one in service.decisions_of(session, round_id)}


def uncounted(session: Session, round_id: str, scheme: Scheme) -> list[Campaign]:
    """Campaigns that a score must wait for: those that feed a line and are not counted, and whatever runs."""
    fed = scored_kinds(scheme)
    return [
        campaign
        for kind, campaign in service.campaigns_of(session, round_id).items()
        if State(campaign.state) not in BOX_FILLED and (kind in fed or State(campaign.state) not in _UNTOUCHED)
    ]


def refuse_before_counted(session: Session, round_id: str, scheme: Scheme) -> None:
    """Raise ``round_not_counted`` with the progress of each campaign that the round waits for.

    Before that ``rehearsal_apart``, where a rehearsal (演练) was put into a round that is none.
    """
    if service.get(session, round_id).purpose != Purpose.REHEARSAL:
        for one in service.campaigns_of(session, round_id).values():
            if one.purpose == Purpose.REHEARSAL:
                raise Problem("rehearsal_apart", id=one.id)
    waiting = uncounted(session, round_id, scheme)
    if waiting:
        listed = [{"campaign": one.id, "title": one.title, "state": one.state} for one in waiting]
        raise Problem("round_not_counted", round=round_id, count=len(waiting), campaigns=listed)


def refresh(session: Session, round_id: str, scheme: Scheme, *, by: str, at: datetime) -> None:
    """Compute the result of every campaign that has none, or from which sheets were set aside since."""
    campaigns = service.campaigns_of(session, round_id)
    for kind in scored_kinds(scheme):
        if kind in campaigns:
            current(session, campaigns[kind].id, by=by, at=at)


def gather(session: Session, round_id: str, stage: Stage) -> Inputs:
    """The inputs of a round.

    Raises ``round_not_counted``, ``result_missing`` for a campaign without a result, ``month_not_counted``.
    """
    found, scheme_id, version = service.with_scheme(session, round_id)
    scheme = schemes.document_of(schemes.get(session, scheme_id, version))
    refuse_before_counted(session, round_id, scheme)
    units, period = units_of(session, round_id), service.period_of(found)
    answers, aspects = _answers(session, round_id, scheme, {unit.code for unit in units})
    return Inputs(
        units=units,
        answers=answers,
        aspects=aspects,
        ratings=streams.ratings_of(session, units, period, stage) if reads_ratings(scheme) else {},
        references=references_of(session, found, scheme, units),
        marks=marks.of_round(session, round_id),
        booked=streams.booked_of(session, round_id, stage),
        months=period.months,
        quarters=period.quarters,
        earlier=history.earlier_of(session, found),
        decided=decided_of(session, round_id),
    )


def gather_year(session: Session, round_id: str) -> YearInputs:
    """The outcomes that a year's result rests on. Raises ``round_part_missing``."""
    found, scheme_id, _ = service.with_scheme(session, round_id)
    year = service.period_of(found)
    parts = [
        one
        for one, period in service.of_scheme(session, scheme_id, level="round", of=service.run_by(found))
        if year.holds(period)
    ]
    rows = [(one, service.latest(session, one.id)) for one in parts]
    missing = [one.id for one, row in rows if row is None]
    if missing or not rows:
        raise Problem("round_part_missing", round=round_id, missing="、".join(missing) or year.name)
    units, there = units_of(session, round_id), {str(one.period) for one in parts}
    whole = parts_of(year, service.period_of(parts[0]).each)
    return YearInputs(
        units=units,
        rounds=tuple((str(one.period), outcome_of(row)) for one, row in rows if row is not None),
        earlier=history.earlier_of(session, found),
        decided=decided_of(session, round_id),
        successors=history.successors(session, [unit.code for unit in units], year.last),
        year=year.each == "year",
        absent=tuple(name for name in whole if name not in there),
    )


def sources_of(session: Session, found: Round, scheme: Scheme) -> dict[str, Any]:
    """On which results a run rests: campaigns by kind and rounds that are referred to, with their digests."""
    read: dict[str, Any] = {"campaigns": {}}
    campaigns = service.campaigns_of(session, found.id)
    for kind in scored_kinds(scheme):
        if kind in campaigns:
            row = results.latest(session, campaigns[kind].id)
            read["campaigns"][kind] = {
                "campaign": campaigns[kind].id,
                "no": row.no,
                "inputs": row.inputs_digest,
                "result": row.result_digest,
            }
    read["rounds"] = rounds_read(session, found, scheme)
    return read


def rounds_read(session: Session, found: Round, scheme: Scheme) -> dict[str, Any]:
    """The newest results of the rounds that are read, of the year or of other schemes: number and digest by round."""
    period = service.period_of(found)
    read: dict[str, Any] = {}
    for name in (scheme.scheme,) if found.level == "year" else referred(scheme):
        for one, other in service.of_scheme(session, name, level="round"):
            row_of = service.latest(session, one.id)
            if period.holds(other) and row_of is not None and one.id != found.id:
                read[one.id] = {"no": row_of.no, "result": row_of.result_digest}
    return read


def _answers(
    session: Session, round_id: str, scheme: Scheme, rated: set[str]
) -> tuple[dict[tuple[str, str], Answers], dict[tuple[str, str, str], Answers]]:
    campaigns = service.campaigns_of(session, round_id)
    whole: dict[tuple[str, str], Answers] = {}
    by_aspect: dict[tuple[str, str, str], Answers] = {}
    for kind, aspects in scored_kinds(scheme).items():
        if kind not in campaigns:
            continue
        campaign_id = campaigns[kind].id
        if not aspects:
            found = shares_of(session, campaign_id)
            whole |= {(kind, unit): as_input(one) for unit, one in found.items() if unit in rated}
        for aspect in aspects:
            found = shares_of(session, campaign_id, aspect=aspect)
            by_aspect |= {(kind, unit, aspect): as_input(one) for unit, one in found.items() if unit in rated}
    return whole, by_aspect


def as_input(one: UnitShares) -> Answers:
    """A unit's answers as a scheme reads them."""
    return Answers(one.n, one.judging, dict(one.counts), one.score, one.se, one.shares and dict(one.shares))


def references_of(
    session: Session, found: Round, scheme: Scheme, units: tuple[RatedUnit, ...]
) -> dict[tuple[str, str], tuple[tuple[str, Fraction], ...]]:
    """Scores in other schemes' rounds inside the period, by the line that takes them over and by unit."""
    period = service.period_of(found)
    read: dict[tuple[str, str], list[tuple[str, Fraction]]] = {}
    for part, name in references(scheme).items():
        for one, other in service.of_scheme(session, name, level="round"):
            row = service.latest(session, one.id) if period.holds(other) else None
            if row is None:
                continue
            scores = streams.by_unit(session, outcome_of(row))
            for unit in units:
                if unit.code in scores:
                    read.setdefault((part, unit.code), []).append((other.name, scores[unit.code]))
    return {key: tuple(several) for key, several in read.items()}
