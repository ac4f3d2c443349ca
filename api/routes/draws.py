"""Draws (抽样): planned by one person, run and extended by two, read, replayed and published by the office."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from api import acts
from api.auth.guards import Asker, OfficeActor, SetupActor, second_person
from api.deps import Db, ReadDb
from api.problems import RESPONSES
from api.schemas.acts import ActView
from api.schemas.design import (
    DrawRowsView,
    DrawRowView,
    DrawView,
    DrawWish,
    ExtensionWish,
    ReplayView,
    SeedWish,
)
from survey_models.core import clock
from survey_models.core.archives import archive
from survey_models.draws import bundles, queries, service
from survey_models.frames import service as frames

router = APIRouter(prefix="/api/draws", tags=["draws"], responses=RESPONSES)


@router.get("", operation_id="list_draws")
def list_draws(_actor: OfficeActor, db: ReadDb) -> list[DrawView]:
    """Every draw, newest first."""
    return [DrawView.model_validate(draw) for draw in service.all_draws(db)]


@router.post("", operation_id="plan_draw", status_code=status.HTTP_201_CREATED)
def plan_draw(actor: SetupActor, wanted: DrawWish, db: Db) -> DrawView:
    """Fix the plan before the seed exists. It is in the ledger with the digest of the frame."""
    return DrawView.model_validate(service.plan(db, wanted.plan(), by=actor.name, at=clock.now()))


@router.get("/{draw_id}", operation_id="read_draw")
def read_draw(_actor: OfficeActor, draw_id: str, db: ReadDb) -> DrawView:
    """One draw."""
    return DrawView.model_validate(service.get(db, draw_id))


@router.post("/{draw_id}/run", operation_id="ask_to_run_draw", status_code=status.HTTP_202_ACCEPTED)
def ask_to_run_draw(
    asker: Annotated[Asker, second_person(acts.RUN_DRAW)], draw_id: str, wanted: SeedWish, db: Db
) -> ActView:
    """Enter the public seed; another person confirms it, and the draw is made."""
    draw = service.get(db, draw_id)
    return ActView.of(asker.ask(db, draw.campaign_id, {"draw": draw.id, "seed": wanted.seed}), at=clock.now())


@router.post("/{draw_id}/extend", operation_id="ask_to_extend_draw", status_code=status.HTTP_202_ACCEPTED)
def ask_to_extend_draw(
    asker: Annotated[Asker, second_person(acts.EXTEND_DRAW)], draw_id: str, wanted: ExtensionWish, db: Db
) -> ActView:
    """Ask for the next lots of a stratum; another person confirms, and they are in the sample."""
    draw = service.get(db, draw_id)
    return ActView.of(asker.ask(db, draw.campaign_id, {"draw": draw.id, **wanted.model_dump()}), at=clock.now())


@router.get("/{draw_id}/rows", operation_id="read_draw_rows")
def read_draw_rows(
    _actor: OfficeActor,
    draw_id: str,
    db: ReadDb,
    stratum: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> DrawRowsView:
    """What was drawn, page by page: lot numbers, probabilities and design weights."""
    draw = service.get(db, draw_id)
    names = frames.point_names(db, draw.frame_id) if draw.what == "points" else {}
    rows = queries.rows(db, draw.id, stratum=stratum, limit=limit, offset=offset)
    return DrawRowsView(
        draw=draw.id,
        total=queries.row_count(db, draw.id, stratum=stratum),
        limit=limit,
        offset=offset,
        rows=[DrawRowView.of(row, names=names) for row in rows],
    )


@router.get("/{draw_id}/replay", operation_id="replay_draw")
def replay_draw(_actor: OfficeActor, draw_id: str, db: ReadDb) -> ReplayView:
    """Draw again from the stored frame, plan and seed, and compare."""
    found = service.replay(db, draw_id)
    return ReplayView(equal=found.equal, drawn=found.drawn, difference=found.difference)


@router.get("/{draw_id}/bundle.zip", operation_id="export_draw", response_class=Response)
def export_draw(actor: OfficeActor, draw_id: str, db: Db, *, frame: bool = False) -> Response:
    """Plan, seed, drawn lots and the verifier, to publish; ``frame`` adds the frame's lines. It is in the ledger."""
    content = bundles.bundle(db, draw_id, with_frame=frame)
    bundles.record_export(db, draw_id, content, by=actor.name, at=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{draw_id}.zip"', "Cache-Control": "no-store"}
    return Response(archive(content), media_type="application/zip", headers=headers)
