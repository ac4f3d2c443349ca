"""What the documents of a stored result are written from (文书底稿), put together from the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Purpose
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.reports.round_documents import Documents
from survey_models.reports.round_sheet import Asked, Listed, RoundSheet, small_units
from survey_models.results import service as results
from survey_models.rosters import service as rosters
from survey_models.rounds import outcomes, service
from survey_models.rounds.tables import RoundResult
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.language import Scheme

OFFICE = "评议工作办公室"


def documents_of(session: Session, row: RoundResult, *, zone: str, font: Path | None = None) -> Documents:
    """The documents of a result. ``zone``: the city's, for the day of publication; ``font``: the setting."""
    inputs = outcomes.inputs_of(session, row)
    rounds = inputs.rounds if not isinstance(inputs, Inputs) else ()
    read = inputs if isinstance(inputs, Inputs) else Inputs(units=inputs.units, earlier=inputs.earlier)
    return Documents(sheet_of(session, row, read, zone=zone), read, rounds=rounds, font=font)


def sheet_of(session: Session, row: RoundResult, inputs: Inputs, *, zone: str) -> RoundSheet:
    """The sheet of a result with what it read."""
    found = service.get(session, row.round_id)
    scheme = schemes.document_of(schemes.get(session, row.scheme_id, row.scheme_version))
    published = service.published(session, row.round_id)
    return RoundSheet(
        title=found.title,
        period=service.period_of(found).called or found.title,
        office=office_of(scheme),
        scheme=scheme,
        outcome=outcomes.outcome_of(row),
        result=row.result_digest,
        published=clock.local_day(published[1].made_at, zone) if published and published[0].id == row.id else None,
        asked=_asked(session, row.round_id, scheme),
        listed=_listed(session, row.round_id, scheme),
        small=small_units(inputs),
        made_up=found.purpose in {Purpose.DEMO, Purpose.REHEARSAL},
    )


def office_of(scheme: Scheme) -> str:
    """Who issues the documents: the office that books bonus and penalty, or to which duties are reported first."""
    booking = [one.office for one in scheme.adjustments if one.office]
    reported = [one for duty in scheme.duties for one in duty.receivers]
    return next(iter([*booking, *reported]), OFFICE)


def _asked(session: Session, round_id: str, scheme: Scheme) -> tuple[Asked, ...]:
    titles = {one.id: one.title.zh for one in scheme.campaigns}
    found = []
    for kind, campaign in service.campaigns_of(session, round_id).items():
        issued = sum(one.sample_size for one in campaigns.strata_of(session, campaign.id))
        found.append(Asked(kind, titles.get(kind, kind), _returned(session, campaign.id), issued or None))
    return tuple(found)


def _listed(session: Session, round_id: str, scheme: Scheme) -> tuple[Listed, ...]:
    """The rosters that hold or held somebody, added up by kind of people."""
    titles = {kind: one.title.zh for one in reversed(scheme.campaigns) if one.roster for kind in one.raters}
    found: dict[str, list[rosters.Counts]] = {}
    for one in rosters.of_round(session, round_id):
        counts = rosters.counts_of(session, one.id)
        if counts.people or counts.removed:
            found.setdefault(one.kind, []).append(counts)
    return tuple(
        Listed(
            kind,
            titles.get(kind, kind),
            rosters=len(several),
            people=sum(one.people for one in several),
            new=sum(one.new for one in several),
            waived=sum(one.waived for one in several),
            removed=sum(one.removed for one in several),
            cards_out=sum(one.cards_not_handed_in for one in several),
        )
        for kind, several in sorted(found.items())
    )


def _returned(session: Session, campaign_id: str) -> int | None:
    """Counted sheets; None before the campaign has a result."""
    try:
        return results.latest(session, campaign_id).ballots
    except Problem:
        return None
