"""Computing results (计算结果): from counted ballots to an immutable result with the digests it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from sampling.errors import SamplingError
from survey_models.ballots import voids
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import stated
from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import blinded, new_blind
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.questionnaires.rules import BLANK, INVALID, Form, Option
from survey_models.results import aside, methods, queries
from survey_models.results.design import Design, designed, lines_of
from survey_models.results.failures import problem_of
from survey_models.results.open_column import OpenColumn, open_column
from survey_models.results.open_column import lines as open_lines
from survey_models.results.open_column import step as open_step
from survey_models.results.places import Place, borders, places
from survey_models.results.rules import UnitScore, score_units
from survey_models.results.sentences import sentence
from survey_models.results.sheets import Sheets, read_sheets, variants_by_cell
from survey_models.results.steps import steps
from survey_models.results.tables import Result, ResultRow
from survey_models.results.weights import Layer
from survey_models.rounds.service import units_of
from survey_models.rounds.tables import RoundUnit
from survey_models.tickets import service as tickets


def run(session: Session, campaign_id: str, *, by: str, at: datetime) -> Result:
    """Compute the scores of a counted campaign as it stated. A second run is a second result; nothing is overwritten.

    Raises what ``failures.problem_of`` names when the statistics refuse; nothing is stored then.
    """
    campaign = campaigns.get(session, campaign_id, lock=True)
    campaigns.refuse_before_counted(session, campaign)
    form = campaigns.form_of(session, campaign)
    cells = campaigns.cells_of(session, campaign_id)
    inputs = campaigns.tally_digest(tallies.count_cells(form, cells), campaign.tally_blind)
    design = design_of(session, campaign, cells)
    categories = {link.unit_code: link for link, _ in units_of(session, campaign.round_id)}
    sheets = read_sheets(form, cells, variants_of(session, campaign_id, cells)) if cells and form.units else None
    try:
        computed = _compute(form, sheets, design, categories, seed=inputs)
        left_out = _left_out(session, campaign, form, cells, seed=inputs)
    except SamplingError as error:
        raise problem_of(error) from error
    beside = open_column(form, campaigns.open_cells_of(session, campaign_id), computed.units, design.stated)
    blind = new_blind()
    result = Result(
        id=new_id(),
        round_id=campaign.round_id,
        campaign_id=campaign_id,
        no=queries.count_of(session, campaign_id) + 1,
        estimator=design.stated.estimator,
        ballots=sum(cell.sheets for cell in cells),
        inputs_digest=inputs,
        result_digest=blinded([[row.unit, _text(row.score), _text(row.se)] for row in computed.units], blind),
        blind=blind,
        method=_with_lines(computed.method, left_out, beside),
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
        "estimation": design.stated.digest,
        "set_aside": left_out["sheets"] if left_out else 0,
        "beside": blinded({"set_aside": left_out, "open": beside.as_dict() if beside else None}, blind),
    }
    record(session, campaign_id, Event.RESULT_COMPUTED, body, at=at, by=by)
    return result


OUTSIDE = ""
UNMARKED = (Option(BLANK, "未填", "Blank", None, False), Option(INVALID, "无效", "Invalid", None, False))  # noqa: FBT003 - as the table reads


@dataclass(frozen=True)
class _Computed:
    units: list[UnitScore]
    places: list[Place]
    method: dict[str, Any]


def _compute(
    form: Form, sheets: Sheets | None, design: Design, categories: Mapping[str, RoundUnit], *, seed: str
) -> _Computed:
    """Scores, places and method; without a single sheet every score is withheld."""
    keys = [form.items[place].key for place in form.units]
    if sheets is None:
        nothing = [UnitScore(key, 0, 0) for key in keys if key in categories]
        method = {**methods.lines(design, None, []), "steps": steps(design, None, [], [], returned=0, seed=seed)}
        return _Computed(nothing, [Place(None, None, None)] * len(nothing), method)
    scores = score_units(sheets, form, design, seed=seed)
    # A unit that is asked about and not in the round has a score here and no place among the others.
    ranked_in = [categories[key].category if key in categories else OUTSIDE for key in keys]
    found = borders(scores, ranked_in, asked=design.stated.borders, seed=seed)
    inside = [
        (unit, place)
        for unit, place in zip(scores.units, places(scores, ranked_in, seed=seed), strict=True)
        if unit.unit in categories
    ]
    placed = [place for _, place in inside]
    told = steps(design, scores, placed, found, returned=sheets.n, seed=seed)
    return _Computed([unit for unit, _ in inside], placed, {**methods.lines(design, scores, found), "steps": told})


def _left_out(
    session: Session, campaign: Campaign, form: Form, cells: Sequence[CellAnswers], *, seed: str
) -> dict[str, Any] | None:
    """What was set aside, by which correction, and the scores with it."""
    corrections = [
        {"act": row.void.act_number, "scope": row.void.scope, "reason": row.void.reason, "sheets": row.sheets}
        for row in voids.listed(session, campaign.id)
    ]
    if not corrections:
        return None

    def score(whole: Sequence[CellAnswers]) -> dict[str, Decimal | None]:
        if not form.units:
            return {}
        sheets = read_sheets(form, whole, variants_of(session, campaign.id, whole))
        scores = score_units(sheets, form, design_of(session, campaign, whole), seed=seed)
        return {unit.unit: unit.score for unit in scores.units}

    whole = campaigns.cells_with_aside(session, campaign.id)
    return aside.with_aside(form, cells, whole, voids=corrections, score=score)


def _with_lines(method: dict[str, Any], left_out: dict[str, Any] | None, beside: OpenColumn | None) -> dict[str, Any]:
    """The method with what it says about sheets set aside and about those of the open QR."""
    told = [*aside.lines(left_out), *open_lines(beside)]
    zh, en = [line[0] for line in told], [line[1] for line in told]
    whole = {**method, "zh": [*method["zh"], *zh], "en": [*method["en"], *en], "set_aside": left_out}
    if beside is None:
        return whole
    return {**whole, "steps": [*method["steps"], open_step(beside)], "open": beside.as_dict()}


def design_of(session: Session, campaign: Campaign, cells: Sequence[CellAnswers] = ()) -> Design:
    """How a campaign is estimated. ``cells``: its counted answers, for the lines of files that had no ticket."""
    asked = tickets.asked_of(session, campaign.id)
    layers = [
        Layer(row.no, row.area_code, row.population, row.kind_code, asked.get(row.no, 0))
        for row in campaigns.strata_of(session, campaign.id)
    ]
    joined = campaigns.joined_strata_of(session, campaign.id)
    return designed(layers, lines_of(cells), joined=joined, stated=stated(campaign))


def variants_of(session: Session, campaign_id: str, cells: Sequence[CellAnswers]) -> dict[tuple[int, int], set[str]]:
    """Questionnaire variants of the tickets of each published cell: those of every cell that was joined to it."""
    channels = {cell.channel for cell in cells}
    issued = tickets.variants_of(session, campaign_id)
    return variants_by_cell(issued, channels, *campaigns.moves_of(session, campaign_id))


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


@dataclass(frozen=True)
class UnitSteps:
    """One unit of the newest result with the way to its score; ``options`` of the scale, then blank and invalid."""

    result: Result
    row: ResultRow
    name: str
    options: Sequence[Option]
    ranked_of: int
    confidence: str
    sentence: tuple[str, str]


def unit_steps(session: Session, campaign_id: str, unit_code: str) -> UnitSteps:
    """How the score of one unit came about.

    Raises as ``latest``, ``result_unit_unknown``, and ``result_steps_missing`` for a result without them.
    """
    result = latest(session, campaign_id)
    found = {row.unit_code: (row, name) for row, name in rows(session, result)}
    if unit_code not in found:
        raise Problem("result_unit_unknown", unit=unit_code)
    row, name = found[unit_code]
    if row.score is not None and row.trace is None:
        raise Problem("result_steps_missing")
    form = campaigns.form_of(session, campaigns.get(session, campaign_id))
    scale = form.scales[form.items[form.place[unit_code]].scale]
    ranked = sum(other.category == row.category and other.rank is not None for other, _ in found.values())
    confidence = result.method["confidence"]
    return UnitSteps(
        result=result,
        row=row,
        name=name,
        options=(*scale, *UNMARKED),
        ranked_of=ranked,
        confidence=confidence,
        sentence=sentence(row, level=methods.percent(confidence), ranked_of=ranked),
    )


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
        trace=score.trace and score.trace.as_dict(),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
