"""Rounds (评议周期): list, scorecards with their traces, questions, decisions, standings, publishing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, status
from sqlalchemy.orm import Session

from api import acts
from api.auth.guards import AnyActor, Asker, OfficeActor, ReleaseActor, SetupActor, second_person
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.comparing import CompareBody, ComparisonView
from api.schemas.round_acts import (
    AskedView,
    ChangeView,
    DecisionBody,
    HistoryView,
    KeyUnitsBody,
    KeyUnitsView,
    PlanBody,
    PublishBody,
    StandingBody,
    TermView,
)
from api.schemas.rounds import (
    BorderView,
    DecisionView,
    NamedView,
    QuestionsView,
    QuestionView,
    RoundName,
    RoundView,
    ScorecardsView,
    state_of,
)
from api.schemas.scorecards import CardView
from api.settings import Settings
from survey_models.core import clock
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.rounds import (
    averages,
    comparing,
    deciding,
    freshness,
    history,
    key_units,
    made_up,
    outcomes,
    plans,
    publishing,
    scoring,
    service,
)
from survey_models.rounds.hiding import hidden_lines
from survey_models.rounds.plans import Wish
from survey_models.rounds.streams import Stage
from survey_models.rounds.tables import Round
from survey_models.schemes import service as schemes
from survey_models.schemes.count_labels import english
from survey_models.schemes.fitting import lines
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.language import Scheme

router = APIRouter(prefix="/api/rounds", tags=["rounds"], responses=RESPONSES)
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="of an earlier result; none: the newest")]


@router.get("", operation_id="list_rounds")
def list_rounds(_actor: OfficeActor, db: ReadDb) -> list[RoundView]:
    """Every round, the newest period first."""
    return [_view(db, found) for found in service.listed(db)]


@router.get("/names", operation_id="list_round_names")
def list_round_names(_actor: AnyActor, db: ReadDb) -> list[RoundName]:
    """The rounds by name, the newest first: assessors and rated units choose from them what they send in for."""
    return [
        RoundName(id=one.id, title=one.title, period=one.period, published=publishing.is_published(db, one.id))
        for one in service.listed(db)
        if one.scheme_id is not None
    ]


@router.get("/plan", operation_id="read_plan")
def read_plan(
    _actor: OfficeActor,
    db: ReadDb,
    preset: Annotated[str, Query(max_length=60)],
    period: Annotated[str, Query(max_length=20)],
    like: Annotated[str, Query(max_length=60)] = "",
) -> list[AskedView]:
    """What has to be answered before a round can be made, with defaults; ``like`` gives those of another round."""
    return [AskedView.of(one) for one in plans.ask(db, Wish(preset, period, like=like))]


@router.post("", operation_id="plan_round", status_code=status.HTTP_201_CREATED)
def plan_round(actor: SetupActor, body: PlanBody, db: Db) -> RoundView:
    """Make a round with everything it needs, campaigns in draft. The same again gives it back unchanged."""
    wish = body.wish()
    answers = made_up.complete(db, wish, body.answers) if body.made_up else body.answers
    planned = plans.plan(db, wish, answers, by=actor.name, at=clock.now())
    return _view(db, planned.round)


@router.get("/{round_id}", operation_id="read_round")
def read_round(_actor: OfficeActor, round_id: str, db: ReadDb) -> RoundView:
    """One round with its campaigns and the state of its newest result."""
    return _view(db, service.get(db, round_id))


@router.get("/{round_id}/key-units", operation_id="read_key_units")
def read_key_units(_actor: OfficeActor, round_id: str, db: ReadDb) -> list[KeyUnitsView]:
    """What may be named while the round runs (重点评议单位), and what was; empty where the scheme leaves none open."""
    return [KeyUnitsView.of(one) for one in key_units.standing(db, round_id)]


@router.post("/{round_id}/key-units", operation_id="name_key_units", status_code=status.HTTP_201_CREATED)
def name_key_units(actor: SetupActor, round_id: str, body: KeyUnitsBody, db: Db) -> KeyUnitsView:
    """Name the key units after the opinion wave: the test of their rectification is made with it, in draft.

    The same again changes nothing; others, or any once the round is scored, are refused.
    """
    return KeyUnitsView.of(key_units.name(db, round_id, body.naming(), by=actor.name, at=clock.now()))


@router.post("/{round_id}/results", operation_id="run_round", status_code=status.HTTP_201_CREATED)
def run_round(actor: SetupActor, round_id: str, request: Request, db: Db) -> ScorecardsView:
    """Score the round. 409 with the campaigns that it waits for, as long as one is open or uncounted, for everybody."""
    settings: Settings = request.app.state.settings
    at = clock.now()
    stage = Stage(at, settings.timezone, settings.counting)
    row = scoring.run(db, round_id, by=actor.name, at=at, stage=stage)
    scheme = schemes.document_of(schemes.get(db, row.scheme_id, row.scheme_version))
    return ScorecardsView.of(row, outcomes.outcome_of(row), _names(scheme))


@router.post("/{round_id}/compare", operation_id="compare_round")
def compare_round(
    _actor: OfficeActor, round_id: str, body: CompareBody, request: Request, db: ReadDb
) -> ComparisonView:
    """What other settings, option numbers or another scheme would have made of the newest result. Nothing is stored.

    What another scheme asks for and the round has not is listed, and left to that scheme's rule for missing data.
    """
    settings: Settings = request.app.state.settings
    stage = Stage(clock.now(), settings.timezone, settings.counting)
    return ComparisonView.of(comparing.compared(db, round_id, body.other(), stage))


@router.get("/{round_id}/scorecards", operation_id="read_scorecards")
def read_scorecards(_actor: OfficeActor, round_id: str, db: ReadDb, no: Number = None) -> ScorecardsView:
    """A result of the round with every unit; the newest unless ``no`` is given."""
    row = outcomes.latest(db, round_id, no)
    scheme = schemes.document_of(schemes.get(db, row.scheme_id, row.scheme_version))
    return ScorecardsView.of(row, outcomes.outcome_of(row), _names(scheme))


@router.get("/{round_id}/scorecards/{unit_code}", operation_id="read_scorecard")
def read_scorecard(_actor: OfficeActor, round_id: str, unit_code: str, db: ReadDb, no: Number = None) -> CardView:
    """One unit from its total down to counts and articles.

    Where a line rests on few people no line of the unit is shown alone, here and among the means: from the total and
    the others it would follow.
    """
    row, card = outcomes.scorecard(db, round_id, unit_code, no)
    inputs = outcomes.inputs_of(db, row)
    scheme = schemes.document_of(schemes.get(db, row.scheme_id, row.scheme_version))
    cards = [one for one in outcomes.outcome_of(row).cards if one.unit.category == card.unit.category]
    few = {one.unit.code for one in cards if isinstance(inputs, Inputs) and hidden_lines(scheme, inputs, one.unit.code)}
    if unit_code in few:
        return CardView.bare(row, card)
    means = averages.means(averages.by_round(one) for one in cards if one.unit.code not in few)
    card = averages.by_round(card)
    return CardView.whole(row, card, averages.beside(card, means), english=english(scheme))


@router.get("/{round_id}/questions", operation_id="read_round_questions")
def read_round_questions(_actor: OfficeActor, round_id: str, db: ReadDb) -> QuestionsView:
    """What must be decided before the newest result can be published, and what was."""
    row, open_ones = outcomes.questions(db, round_id)
    confirmed = deciding.borders_confirmed(db, row.id)
    return QuestionsView(
        round_id=round_id,
        no=row.no,
        questions=[QuestionView.of(one) for one in open_ones],
        borders=[BorderView.of(one) for one in outcomes.outcome_of(row).borders],
        borders_confirmed_by=confirmed.confirmed_by if confirmed else None,
        decisions=[DecisionView.model_validate(one) for one in service.decisions_of(db, round_id)],
    )


@router.get("/{round_id}/history", operation_id="read_round_history")
def read_round_history(_actor: OfficeActor, round_id: str, request: Request, db: ReadDb) -> HistoryView:
    """Every unit beside the round before, and the yellow cards that run."""
    found, scheme_id, _ = service.with_scheme(db, round_id)
    before, changes = history.changes(db, round_id)
    zone = request.app.state.settings.timezone
    return HistoryView(
        round_id=found.id,
        before=before,
        changes=[ChangeView.of(one) for one in changes],
        terms=[TermView.of(one) for one in history.terms(db, scheme_id, zone=zone)],
    )


@router.post("/{round_id}/decisions", operation_id="ask_to_decide", status_code=status.HTTP_202_ACCEPTED)
def ask_to_decide(
    asker: Annotated[Asker, second_person(acts.DECIDE_ROUND)], round_id: str, body: DecisionBody, db: Db
) -> ActView:
    """Ask for a way out of a tie; another person confirms, and the next run follows it."""
    params = {"round": round_id, **body.model_dump(mode="json")}
    return ActView.of(asker.ask(db, SYSTEM_LOG, params), at=clock.now())


@router.post("/{round_id}/standings", operation_id="ask_for_standing", status_code=status.HTTP_202_ACCEPTED)
def ask_for_standing(
    asker: Annotated[Asker, second_person(acts.SET_STANDING)], round_id: str, body: StandingBody, db: Db
) -> ActView:
    """Ask to cancel, withhold or put back a unit's result; another person confirms."""
    params = {"round": round_id, **body.model_dump(mode="json")}
    return ActView.of(asker.ask(db, SYSTEM_LOG, params), at=clock.now())


@router.post("/{round_id}/borders", operation_id="confirm_round_borders")
def confirm_round_borders(actor: ReleaseActor, round_id: str, db: Db) -> RoundView:
    """The person who releases confirms the uncertain borders of the newest result."""
    deciding.confirm_borders(db, round_id, by=actor.name, at=clock.now())
    return _view(db, service.get(db, round_id))


@router.post("/{round_id}/publish", operation_id="ask_to_publish_round", status_code=status.HTTP_202_ACCEPTED)
def ask_to_publish_round(
    asker: Annotated[Asker, second_person(acts.PUBLISH_ROUND)], round_id: str, body: PublishBody, db: Db
) -> ActView:
    """Ask to publish the newest result; another person confirms, and marks are locked."""
    return ActView.of(asker.ask(db, SYSTEM_LOG, {"round": round_id, "no": body.no}), at=clock.now())


def _view(db: Session, found: Round) -> RoundView:
    row = service.latest(db, found.id)
    digest = None
    if found.scheme_id is not None:
        digest = schemes.get(db, found.scheme_id, found.scheme_version).digest
    state = state_of(
        row,
        outcomes.outcome_of(row) if row else None,
        deciding.borders_confirmed(db, row.id) if row else None,
        service.published(db, found.id),
        stale=row is not None and freshness.is_stale(db, row),
    )
    return RoundView.of(
        found,
        scheme_digest=digest,
        units=len(service.units_of(db, found.id)),
        campaigns=service.campaigns_of(db, found.id),
        result=state,
    )


def _names(scheme: Scheme) -> Iterator[NamedView]:
    """Words of every id that a card, a question or a border may name; ``rank``: that no two units share a place."""
    yield NamedView(id="rank", title="名次（不得并列）", title_en="Places (no two alike)", kind="ranking")
    for kind, several in (
        ("part", lines(scheme)),
        ("adjustment", scheme.adjustments),
        ("grade", scheme.grades),
    ):
        for one in several:
            yield NamedView(id=one.id, title=one.title.zh, title_en=one.title.en, kind=kind)
    for rule in scheme.consequences:
        yield NamedView(id=rule.id, title=rule.title.zh, title_en=rule.title.en, kind=rule.kind)
