"""The application: routes, limits, headers, and what lives as long as the process does."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache, partial
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from api import apart, logs, problems, security
from api.db import make_engine, serving_alone, unit_of_work
from api.jobs.sequencer import Sequencer
from api.jobs.worker import Worker
from api.keys import load_pepper, load_signer
from api.lane import Laned
from api.limits import BodyLimit, CheckLimit
from api.measuring import Measured, Measures
from api.pages import complaint as complaint_pages
from api.pages import deeds as deed_pages
from api.pages import ledger as ledger_pages
from api.pages import onsite as onsite_pages
from api.pages import open_qr as open_pages
from api.pages import printing
from api.pages import report as report_pages
from api.pages import results as result_pages
from api.pages import routes as pages
from api.pages import windows as window_pages
from api.pages import work as work_pages
from api.pages.assets import ASSETS
from api.published import Shelf
from api.routes import (
    accounts,
    acts,
    audit,
    ballots,
    bundles,
    calendar,
    campaigns,
    cards,
    cases,
    charts,
    complaints,
    departments,
    devices,
    draws,
    duties,
    estimation,
    exports,
    field_work,
    finding_files,
    findings,
    flags,
    frames,
    gate,
    health,
    hotline,
    inspections,
    ledger,
    marks,
    metrics,
    open_qr,
    own_account,
    paper,
    prints,
    promises,
    provider,
    publications,
    rates,
    ratings,
    results,
    retention,
    rosters,
    round_cards,
    rounds,
    schemes,
    session,
    setups,
    staff,
    surfaces,
    tablets,
    terminal,
    tickets,
    tiles,
    units,
    uploads,
    voids,
    windows,
)
from api.settings import Settings
from api.slowing import Slowing
from api.watch import CodeWatch
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.open_door import OpenDoor
from survey_models.ballots.storing import Storing
from survey_models.ballots.write_back import LOG_PAGES
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.walls import raise_walls
from survey_models.exports import scratch

log = structlog.get_logger("app")

ROUTERS: tuple[APIRouter, ...] = (
    ballots.router,
    open_qr.router,
    tickets.router,
    cards.router,
    ratings.router,
    rates.router,
    devices.router,
    tablets.router,
    terminal.router,
    session.router,
    accounts.router,
    own_account.router,
    provider.router,
    acts.router,
    calendar.router,
    campaigns.router,
    charts.router,
    estimation.router,
    results.router,
    bundles.router,
    exports.router,
    prints.router,
    uploads.router,
    paper.router,
    field_work.router,
    gate.router,
    windows.router,
    staff.router,
    cases.router,
    finding_files.router,
    findings.router,
    complaints.router,
    flags.router,
    voids.router,
    retention.router,
    rounds.router,
    round_cards.router,
    setups.router,
    schemes.router,
    promises.router,
    publications.router,
    units.router,
    frames.router,
    draws.router,
    inspections.router,
    ledger.router,
    audit.router,
    tiles.router,
    hotline.router,
    marks.router,
    duties.router,
    departments.router,
    rosters.router,
    health.router,
    metrics.router,
    security.router,
    pages.router,
    printing.router,
    open_pages.router,
    onsite_pages.router,
    report_pages.router,
    complaint_pages.router,
    work_pages.router,
    result_pages.router,
    window_pages.router,
    deed_pages.router,
    ledger_pages.router,
    surfaces.router,
)


_SWITCH_SECONDS = 0.0005


def create_app(settings: Settings, *, writes_apart: bool = False) -> Laned:
    """The application for ``settings``. Nothing is opened before it starts: its description needs no database.

    ``writes_apart``: served, it begins a process beside itself that stores the ballots.
    """
    logs.configure(settings.log_level)
    app = Laned(
        title="评议 Pingyi",
        version="0.1.0",
        summary="Draw, ask, weigh, prove and publish how a city's offices serve its people.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=_lifespan,
        # Exporters would carry addresses and the messages of errors out of the house.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.settings, app.state.writes_apart = settings, writes_apart
    # Routes do not know pages: the ballot door's answer to a form is handed to it.
    app.state.answer_form = pages.answer_form
    app.state.published = Shelf()
    app.router.routes.extend(_routes())
    problems.install(app)
    app.state.measures = Measures()
    app.add_middleware(Measured, measures=app.state.measures)
    app.add_middleware(problems.Unforeseen)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(security.SecurityHeaders, https=settings.https, style_hashes=[ASSETS.style_hash])
    app.open_lane(headers=security.data_headers(https=settings.https))
    return app


@cache
def _routes() -> list[BaseRoute]:
    """All routes; a second application in this process takes those of the first.

    They know nothing of the application that they answer for, and what a signature asks for is worked out at the first
    request of each router that is included, for all its routes: the tests make some thousand applications.
    """
    whole = APIRouter()
    for router in ROUTERS:
        whole.include_router(router)
    return whole.routes


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Before there are threads: the process beside this one begins as a copy of it.
    beside = apart.begun(partial(storing, app.state.settings)) if app.state.writes_apart else None
    with serving_alone(app.state.settings.database):
        await run_in_threadpool(start, app, threaded=beside is None)
        if beside is not None:
            await app.state.intake.start_apart(beside, broken=_give_up)
        try:
            yield
        finally:
            # Sheets that were handed in are written before the process ends.
            await run_in_threadpool(stop, app)


def _give_up() -> None:
    """Nothing can be stored any more: whoever watches over this process is to begin another one."""
    log.critical("the writer process broke down")
    signal.raise_signal(signal.SIGTERM)


def storing(settings: Settings) -> Storing:
    """What a writer process stores with: an engine and a key of its own."""
    engine = make_engine(settings.database, allow_unsafe=settings.allow_unsafe_database, log_pages=LOG_PAGES)
    return Storing(engine, zone=settings.timezone, signer=load_signer(settings.data_dir), counting=settings.counting)


def start(app: FastAPI, *, threaded: bool = True) -> None:
    """Open the database, load the key, and start the writer where it is a thread."""
    settings: Settings = app.state.settings
    state: Any = app.state
    state.engine = make_engine(settings.database, allow_unsafe=settings.allow_unsafe_database)
    _raise_walls(state.engine)
    scratch.sweep()
    state.pepper = load_pepper(settings.data_dir)
    state.signer = load_signer(settings.data_dir)
    state.check_limit, state.refusal_limit = CheckLimit(), CheckLimit()
    state.slowing = Slowing()
    state.watch = CodeWatch(state.engine, settings)
    state.watch.start()
    state.intake = IntakeWriter(
        state.engine,
        zone=settings.timezone,
        capacity=settings.intake_queue,
        signer=state.signer,
        counting=settings.counting,
    )
    if threaded:
        state.intake.start()
    else:
        # The threads that wait for the database get the interpreter back soon, and not after whole requests.
        sys.setswitchinterval(_SWITCH_SECONDS)
    state.door = BallotDoor(state.intake, pepper=state.pepper)
    state.open_door = OpenDoor(state.intake, pepper=state.pepper)
    state.worker = Worker(state.engine, state.intake, settings)
    state.worker.start()
    state.sequencer = Sequencer(state.engine, state.signer, settings)
    if settings.inline_sequencer:
        state.sequencer.start()
    # What was loaded at start stays: the collector need not look at it again, and looks at the rest less often.
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def _raise_walls(engine: Engine) -> None:
    """An extra guard only: a role that may not make triggers serves without them, and says so."""
    try:
        with unit_of_work(engine) as session:
            made = raise_walls(session.connection())
    except DBAPIError as error:
        log.warning("walls not raised", error=type(error).__name__)
    else:
        if made:
            log.info("walls raised", number=made)


def stop(app: FastAPI) -> None:
    """Write what waits, then let go of the database."""
    app.state.sequencer.stop()
    app.state.worker.stop()
    app.state.intake.stop()
    app.state.watch.stop()
    app.state.engine.dispose()


@contextmanager
def running(app: FastAPI) -> Iterator[FastAPI]:
    """The application started, for callers that speak to it without a server."""
    start(app)
    try:
        yield app
    finally:
        stop(app)
