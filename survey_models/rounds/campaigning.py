"""The campaigns of a round (评议活动): questionnaire, strata, frozen frame and rosters of one kind of its scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan
from survey_models.campaigns.tables import Purpose
from survey_models.frames import service as frames
from survey_models.frames.service import CountCell, FrameTitle
from survey_models.frames.tables import FrameCell
from survey_models.questionnaires import service as questionnaires
from survey_models.rosters.tables import Roster
from survey_models.rounds import lists
from survey_models.rounds.designs import Layer, document_of, layers_of
from survey_models.rounds.gathering import units_of
from survey_models.rounds.sources import surveys_of
from survey_models.rounds.tables import Round, RoundCampaign
from survey_models.schemes import raters
from survey_models.schemes.language import CampaignKind, Scheme

SMALLEST_CELL, USUAL_CELL = 10, 50
STATED = "建立评议周期时填写"


def make(
    session: Session,
    found: Round,
    kind: CampaignKind,
    stated: tuple[Scheme, Mapping[str, Any]],
    *,
    by: str,
    at: datetime,
) -> str:
    """Make the campaign of a kind, in draft, and give its id; ``stated``: the scheme, and the answers to the plan.

    The units of the round stand with their flags. Raises ``plan_answers_faulty``, ``frame_unknown``,
    ``template_unknown``.
    """
    scheme, given = stated
    rated = units_of(session, found.id)
    campaign_id = f"{found.id}-{kind.id}"
    made_up = found.purpose == Purpose.DEMO
    answers = dict((given.get("campaigns") or {}).get(kind.id) or {})
    strata = answers.get("strata")
    answers = with_frame(session, answers)
    layers = layers_of(kind, answers, rated, made_up=made_up)
    if isinstance(strata, list):
        _freeze(session, campaign_id, kind, strata, made_up=made_up, by=by, at=at)
    title = f"{found.title} {kind.title.zh}"[:120]
    doc = document_of(kind, scheme, rated, title=title)
    questionnaires.store(session, campaign_id, version=1, doc=doc, at=at)
    wanted = CampaignPlan(
        id=campaign_id,
        round_id=found.id,
        title=title,
        title_en=f"{scheme.title.en} {found.period}: {kind.title.en}"[:160],
        purpose=Purpose(str(found.purpose)),
        questionnaire=(campaign_id, 1),
        strata=[layer.plan for layer in layers],
        estimator=_estimator(scheme, kind),
        open_channel=kind.frame == "open",
        cell_tickets=_cell(kind, layers),
        small_group=kind.small_group or sum(layer.plan.sample_size for layer in layers) < SMALLEST_CELL,
    )
    campaigns.create(session, wanted, by=by, at=at)
    session.add(RoundCampaign(round_id=found.id, kind=kind.id, campaign_id=campaign_id))
    if kind.frame == "roster":
        for rater in kind.raters:
            called = f"{title} {raters.called(rater)}"[:120] if len(kind.raters) > 1 else title
            session.add(Roster(id=f"{campaign_id}-{rater}"[:60], round_id=found.id, kind=rater[:40], title=called))
    session.flush()
    return campaign_id


def _estimator(scheme: Scheme, kind: CampaignKind) -> str:
    named = (one.estimator for one in surveys_of(scheme) if kind.id in {share.campaign for share in one.campaigns})
    return next(iter(named), "domain")


def _cell(kind: CampaignKind, layers: Sequence[Layer]) -> int:
    """Cells of one unit's people each must not be joined: their sheets carry different units."""
    if kind.variant != "own_unit":
        return USUAL_CELL
    return max(SMALLEST_CELL, min([USUAL_CELL, *(layer.plan.sample_size for layer in layers)]))


def with_frame(session: Session, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers with the cells of a counts frame that was frozen before, where one is named."""
    frame = answers.get("strata")
    if not isinstance(frame, str):
        return answers
    return {**answers, "strata": [_row(cell) for cell in lists.cells_of(session, frame)]}


def _freeze(
    session: Session,
    campaign_id: str,
    kind: CampaignKind,
    rows: Sequence[Mapping[str, Any]],
    *,
    made_up: bool,
    by: str,
    at: datetime,
) -> None:
    """Populations that were stated are a frame, frozen before any seed."""
    cells = [
        CountCell(
            (str(row["area"]), str(row["area_name"])),
            (str(row["kind"]), str(row["kind_name"])),
            int(row["people"]),
            made_up=made_up,
            source=STATED,
        )
        for row in rows
    ]
    title = FrameTitle(campaign_id, kind.title.zh[:120], STATED, made_up)
    frames.freeze_counts(session, title, cells=cells, candidates=(), by=by, at=at)


def _row(cell: FrameCell) -> dict[str, Any]:
    return {
        "area": cell.area_code,
        "area_name": cell.area_name,
        "kind": cell.kind_code,
        "kind_name": cell.kind_name,
        "people": cell.population,
        "made_up": cell.made_up,
    }
