"""Computing results (计算结果): from counted ballots to an immutable result with the digests it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.questionnaires.rules import Form
from survey_models.results import methods, queries
from survey_models.results.places import Place, borders, places
from survey_models.results.rules import Design, UnitScore, score_units
from survey_models.results.sheets import Sheets, read_sheets
from survey_models.results.tables import Result, ResultRow
from survey_models.results.weights import KnownMargin, Layer
from survey_models.rounds.service import units_of
from survey_models.rounds.tables import RoundUnit
from survey_models.tickets import service as tickets


def run(session: Session, campaign_id: str, *, by: str, at: datetime) -> Result:
    """Compute the scores of a counted campaign. A second run is a second result; nothing is overwritten."""
    campaign = campaigns.get(session, campaign_id, lock=True)
    campaigns.refuse_before_counted(session, campaign)
    form = campaigns.form_of(session, campaign)
    cells = campaigns.cells_of(session, campaign_id)
    inputs = campaigns.tally_digest(tallies.count_cells(form, cells))
    design = design_of(session, campaign)
    categories = {link.unit_code: link for link, _ in units_of(session, campaign.round_id)}
    sheets = read_sheets(form, cells, tickets.variants_of(session, campaign_id)) if cells else None
    computed = _compute(form, sheets, design, categories, asked=campaign.borders or {}, seed=inputs)
    result = Result(
        id=new_id(),
        round_id=campaign.round_id,
        campaign_id=campaign_id,
        no=queries.count_of(session, campaign_id) + 1,
        estimator=campaign.estimator,
        ballots=sum(cell.sheets for cell in cells),
        inputs_digest=inputs,
        result_digest=digest([[row.unit, _text(row.score), _text(row.se)] for row in computed.units]),
        method=computed.method,
        made_by=by,
        made_at=at,
    )
    session.add(result)
    session.flush()
    for score, place in zip(computed.units, computed.places, strict=True):
        session.add(_row(result, categories[score.unit], score, place))
    session.flush()
    body = {
        "result": str(result.id),
        "no": result.no,
        "ballots": result.ballots,
        "inputs": result.inputs_digest,
        "digest": result.result_digest,
    }
    record(session, campaign_id, Event.RESULT_COMPUTED, body, at=at, by=by)
    return result


OUTSIDE = ""


@dataclass(frozen=True)
class _Computed:
    units: list[UnitScore]
    places: list[Place]
    method: dict[str, Any]


def _compute(
    form: Form,
    sheets: Sheets | None,
    design: Design,
    categories: Mapping[str, RoundUnit],
    *,
    asked: Mapping[str, Mapping[str, int]],
    seed: str,
) -> _Computed:
    """Scores, places and method; without a single sheet every score is withheld."""
    keys = [form.items[place].key for place in form.units]
    if sheets is None:
        nothing = [UnitScore(key, 0, 0) for key in keys if key in categories]
        return _Computed(nothing, [Place(None, None, None)] * len(nothing), methods.lines(design, None, []))
    scores = score_units(sheets, form, design)
    # A unit that is asked about and not in the round has a score here and no place among the others.
    ranked_in = [categories[key].category if key in categories else OUTSIDE for key in keys]
    found = borders(scores, ranked_in, asked=asked, seed=seed)
    placed = list(zip(scores.units, places(scores, ranked_in, seed=seed), strict=True))
    inside = [(unit, place) for unit, place in placed if unit.unit in categories]
    method = methods.lines(design, scores, found)
    return _Computed([unit for unit, _ in inside], [place for _, place in inside], method)


def design_of(session: Session, campaign: Campaign) -> Design:
    """How a campaign is estimated."""
    return Design(
        estimator=campaign.estimator,
        points_as_psu=campaign.points_as_psu,
        min_cell=campaign.min_cell,
        layers=tuple(Layer(row.no, row.area_code, row.population) for row in campaigns.strata_of(session, campaign.id)),
        margins=tuple(KnownMargin(margin["item"], margin["totals"]) for margin in campaign.margins or []),
    )


def latest(session: Session, campaign_id: str) -> Result:
    """The newest result. Raises 409 before counting and ``result_missing`` before the first run."""
    campaign = campaigns.get(session, campaign_id)
    campaigns.refuse_before_counted(session, campaign)
    found = queries.latest(session, campaign_id)
    if found is None:
        raise Problem("result_missing")
    return found


def rows(session: Session, result: Result) -> list[tuple[ResultRow, str]]:
    """Rows of a result with the units' names."""
    return queries.rows_of(session, result.id)


def _row(result: Result, link: RoundUnit, score: UnitScore, place: Place) -> ResultRow:
    return ResultRow(
        result_id=result.id,
        unit_code=score.unit,
        category=link.category,
        position=link.position,
        n=score.n,
        n_judging=score.n_judging,
        score=_text(score.score),
        se=_text(score.se),
        ci_low=_text(score.ci_low),
        ci_high=_text(score.ci_high),
        n_eff=_text(score.n_eff),
        satisfied_rate=_text(score.satisfied_rate),
        dont_know_rate=_text(score.dont_know_rate),
        unweighted=_text(score.unweighted),
        rank=place.rank,
        rank_low=place.low,
        rank_high=place.high,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
