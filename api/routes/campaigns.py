"""Campaigns (评议活动): list, board, acts, progress, tallies."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from sqlalchemy.orm import Session

from api import acts
from api.auth.guards import (
    Asker,
    BoardActor,
    OfficeActor,
    Public,
    SetupActor,
    TextReader,
    own_points,
    own_strata,
    second_person,
    sees_of,
)
from api.bodies import XLSX, download, downloads
from api.deps import Db, ReadDb
from api.etag import with_etag
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.campaigns import (
    AlarmView,
    CampaignDetail,
    CampaignForm,
    CampaignView,
    ItemsView,
    JoinView,
    NoticeBody,
    OpenView,
    ProgressRow,
    ProgressView,
    TalliesView,
    TallyCell,
    TextsView,
)
from survey_models.accounts import scope
from survey_models.ballots.queries import text_counts, texts
from survey_models.campaigns import items, notices, queries, service, tallies
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.notices import OfficeNotice
from survey_models.campaigns.tables import Campaign
from survey_models.core import clock
from survey_models.fieldwork import board
from survey_models.questionnaires.service import load
from survey_models.tickets import alarms, open_qr

TEXTS_AT_ONCE = 200

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"], responses=RESPONSES)


@router.get("", operation_id="list_campaigns")
def list_campaigns(actor: BoardActor, db: ReadDb) -> list[CampaignView]:
    """Every campaign that the person sees anything of, newest first."""
    found = []
    seen = scope.campaigns_seen(db, sees_of(actor))
    for campaign in queries.all_campaigns(db):
        if seen is not None and campaign.id not in seen:
            continue
        own, points = own_strata(db, actor, campaign.id), own_points(db, actor, campaign.id)
        issued, done = _totals(db, campaign.id, own, points)
        found.append(CampaignView.of(campaign, issued=issued, done=done))
    return found


@router.get("/{campaign_id}", operation_id="read_campaign")
def read_campaign(actor: BoardActor, campaign_id: str, db: ReadDb) -> CampaignDetail:
    """One campaign with strata, points and what may be done now; of them, those that the person sees."""
    campaign = service.get(db, campaign_id)
    return _detail(db, campaign, own_strata(db, actor, campaign_id), own_points(db, actor, campaign_id))


@router.get("/{campaign_id}/form", operation_id="read_form")
def read_form(_guard: Annotated[None, Public], campaign_id: str, db: ReadDb) -> CampaignForm:
    """The questionnaire.

    The place of an item in ``answers`` is its place among the items of one choice: all but ``multiple``, ``nomination``
    and ``text``, which go into ``more`` under their keys.
    """
    campaign = service.get(db, campaign_id)
    form, doc = load(db, campaign.questionnaire_id, campaign.questionnaire_version)
    about = {key: getattr(campaign, key) for key in ("id", "title", "title_en", "state", "purpose", "notice")}
    return CampaignForm(campaign=about, questionnaire=doc, version=form.version, variants=sorted(form.variants))


@router.put("/{campaign_id}/notice", operation_id="set_notice")
def set_notice(actor: SetupActor, campaign_id: str, said: NoticeBody, db: Db) -> NoticeBody:
    """State or change contact and text of the notice of privacy, until the campaign is closed."""
    notice = OfficeNotice(said.contact, said.text.model_dump())
    changed = notices.set_notice(db, campaign_id, notice, by=actor.name, at=clock.now())
    return NoticeBody.model_validate(changed.notice)


@router.post("/{campaign_id}/open", operation_id="ask_to_open", status_code=status.HTTP_202_ACCEPTED)
def ask_to_open(asker: Annotated[Asker, second_person(acts.OPEN)], campaign_id: str, db: Db) -> ActView:
    """Ask to open a prepared campaign; another person confirms.

    Whoever stands on its roster has been trained and has signed the undertaking.
    """
    return ActView.of(asker.ask(db, campaign_id), at=clock.now())


@router.post("/{campaign_id}/close", operation_id="close_campaign")
def close_campaign(actor: SetupActor, campaign_id: str, db: Db) -> CampaignDetail:
    """Close an open campaign: no new answer from a person."""
    return _detail(db, service.close(db, campaign_id, by=actor.name, at=clock.now()))


@router.post("/{campaign_id}/reopen", operation_id="ask_to_reopen", status_code=status.HTTP_202_ACCEPTED)
def ask_to_reopen(asker: Annotated[Asker, second_person(acts.REOPEN)], campaign_id: str, db: Db) -> ActView:
    """Ask to open a closed campaign again; another person confirms."""
    return ActView.of(asker.ask(db, campaign_id), at=clock.now())


@router.post("/{campaign_id}/count", operation_id="ask_to_count", status_code=status.HTTP_202_ACCEPTED)
def ask_to_count(asker: Annotated[Asker, second_person(acts.COUNT)], campaign_id: str, db: Db) -> ActView:
    """Ask to count a closed campaign; another person confirms, and the counting is done."""
    return ActView.of(asker.ask(db, campaign_id), at=clock.now())


@router.get("/{campaign_id}/progress", operation_id="read_progress", response_model=ProgressView)
def read_progress(actor: BoardActor, campaign_id: str, request: Request, db: ReadDb) -> Response:
    """How many sheets each cell brought so far, of the cells that the person sees. An unchanged answer is 304."""
    campaign = service.get(db, campaign_id)
    own, points = own_strata(db, actor, campaign_id), own_points(db, actor, campaign_id)
    zone = request.app.state.settings.timezone
    return with_etag(request, _progress(db, campaign, (own, points), zone).model_dump_json().encode())


@router.get("/{campaign_id}/progress.xlsx", operation_id="progress_xlsx", responses=downloads(XLSX))
def progress_xlsx(actor: BoardActor, campaign_id: str, request: Request, db: ReadDb) -> Response:
    """The board as a workbook, of the cells that the person sees; counters, never a sheet."""
    campaign = service.get(db, campaign_id)
    zone, at = request.app.state.settings.timezone, clock.now()
    own, points = own_strata(db, actor, campaign_id), own_points(db, actor, campaign_id)
    found = board.rows(db, campaign, at=at, zone=zone, own=own, own_points=points)
    content = board.sheet(campaign, found, at=clock.local_text(at, zone))
    return download(content, media=XLSX, name=f"{campaign_id}-board.xlsx")


@router.get("/{campaign_id}/tallies", operation_id="read_tallies")
def read_tallies(
    _actor: OfficeActor,
    campaign_id: str,
    db: ReadDb,
    by: Annotated[str, Query(max_length=40, description="unit, stratum, kind, channel, joined by commas")] = "unit",
) -> TalliesView:
    """Counts of every option. Refused for everybody before counting, and for cuts with small cells."""
    campaign = service.get(db, campaign_id)
    service.refuse_before_counted(db, campaign)
    whole = tallies.tally(db, service.form_of(db, campaign), campaign_id)
    dimensions = [name for name in by.split(",") if name]
    cells = tallies.cut(
        whole,
        by=dimensions,
        strata=queries.strata(db, campaign_id),
        threshold=campaign.min_cell,
        joined=service.joined_strata_of(db, campaign_id),
    )
    return TalliesView(
        campaign=campaign_id,
        by=dimensions,
        ballots=int(whole.sheets.sum()),
        smallest=campaign.min_cell,
        cells=[TallyCell(**cell.labels, n=cell.n, counts=cell.counts) for cell in cells],
    )


@router.get("/{campaign_id}/items", operation_id="read_items")
def read_items(_actor: OfficeActor, campaign_id: str, db: ReadDb) -> ItemsView:
    """Counts of every item that is no unit, 知晓率 and nominations among them. Refused before counting."""
    campaign = service.get(db, campaign_id)
    service.refuse_before_counted(db, campaign)
    form = service.form_of(db, campaign)
    found = items.item_tallies(db, campaign, form)
    written = text_counts(db, campaign_id)
    return ItemsView.of(form, found, written, smallest=max(campaign.min_cell, SMALLEST))


@router.get("/{campaign_id}/texts/{item}", operation_id="read_texts")
def read_texts(
    _actor: TextReader, campaign_id: str, item: str, db: ReadDb, after: uuid.UUID | None = None
) -> TextsView:
    """What people wrote under an item, 200 at a time, after counting. No ballot belongs to it.

    Personal data that somebody wrote all the same is removed before anything of it is published.
    """
    service.refuse_before_counted(db, service.get(db, campaign_id))
    rows = texts(db, campaign_id, item, after=after, limit=TEXTS_AT_ONCE)
    more = rows[-1].id if len(rows) == TEXTS_AT_ONCE else None
    return TextsView(item=item, texts=[row.words for row in rows], after=more)


def _totals(
    db: Session, campaign_id: str, own: frozenset[int] | None, at_points: frozenset[int] | None
) -> tuple[int, int]:
    """Tickets issued and done: of the whole campaign, or of the strata and test points that somebody sees."""
    if own is None:
        return queries.ticket_totals(db, campaign_id)
    cells = [cell for cell in queries.cell_progress(db, campaign_id) if cell.stratum_no in own]
    cells = [cell for cell in cells if at_points is None or cell.point_no in at_points]
    return sum(cell.issued for cell in cells), sum(cell.done for cell in cells)


def _detail(
    db: Session, campaign: Campaign, own: frozenset[int] | None = None, at_points: frozenset[int] | None = None
) -> CampaignDetail:
    issued, done = _totals(db, campaign.id, own, at_points)
    strata = [row for row in queries.strata(db, campaign.id) if own is None or row.no in own]
    areas = {row.area_code for row in strata}
    points = [row for row in queries.points(db, campaign.id) if own is None or row.area_code in areas]
    points = [row for row in points if at_points is None or row.no in at_points]
    return CampaignDetail.whole(campaign, issued=issued, done=done, strata=strata, points=points)


def _progress(
    db: Session, campaign: Campaign, seen: tuple[frozenset[int] | None, frozenset[int] | None], zone: str
) -> ProgressView:
    """``seen``: the strata and the test points that the person sees; None: all."""
    own, points = seen
    found = board.rows(db, campaign, at=clock.now(), zone=zone, own=own, own_points=points)
    rows = [ProgressRow(**vars(row)) for row in found]
    # Totals by channel, joined cells, the open QR and alarms are the whole campaign's and tell of others' strata.
    whole = own is None
    return ProgressView(
        state=campaign.state,
        issued=sum(row.issued for row in rows),
        opened=sum(row.opened for row in rows),
        done=sum(row.done for row in rows),
        invalid=sum(row.invalid for row in rows),
        channels=queries.channel_totals(db, campaign.id) if whole else {},
        rows=rows,
        joins=[JoinView.of(row) for row in queries.cell_joins(db, campaign.id)] if whole else [],
        open=_open(db, campaign) if whole else None,
        alarms=[AlarmView.model_validate(asdict(alarm)) for alarm in alarms.raised_in(db, campaign.id)]
        if whole
        else [],
    )


def _open(db: Session, campaign: Campaign) -> OpenView | None:
    if not campaign.open_channel:
        return None
    verified, unverified = open_qr.sheets(db, campaign.id)
    return OpenView(verified=verified, unverified=unverified)
