"""The demo: ``luohe``, ``luohe-opinions`` (open), ``luohe-closed`` (with results), ``luohe-list`` (a draw)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api import acts
from api.db import reading, unit_of_work
from api.demo import ground, sources
from api.demo.ground import Cell
from api.handover import DemoFolder, Line, lines_of, read_plain, set_aside, write_plain
from api.keys import load_pepper, make_sealing_key, write_private
from api.settings import Settings
from api.simulation.run import make_sheets, queue, read_model
from sampling.allocation import largest_remainder, nested
from survey_models.ballots import service as ballots
from survey_models.ballots.door import BallotDoor
from survey_models.ballots.intake import Receipt
from survey_models.ballots.tables import KeptBy
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import statements
from survey_models.campaigns.rules import Level
from survey_models.campaigns.tables import Campaign, Purpose, State
from survey_models.core import clock
from survey_models.draws import service as draws
from survey_models.draws.designs import Plan
from survey_models.frames import service as frames
from survey_models.frames.service import FrameTitle
from survey_models.results import service as results
from survey_models.rounds import waves
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder

OPEN, CLOSED, LIST, OPINIONS = "luohe", "luohe-closed", "luohe-list", "luohe-opinions"
TICKETS, RESERVE = 10_000, 500
CLOSED_PER_STRATUM, CLOSED_BALLOTS = 100, 1_140
LIST_SAMPLE = 10_000
TOUR_CODES = 5
SEED = 2026


def is_made(session: Session, campaign_id: str) -> bool:
    """Whether the campaign exists."""
    return session.get(Campaign, campaign_id) is not None


def make_open(session: Session, folder: DemoFolder, settings: Settings, *, at: datetime) -> None:
    """``luohe``: 10,000 tickets in 24 cells, 500 in sealed reserve besides, open.

    The reserve is shared over the cells by largest remainder. The first five codes are kept for people.
    """
    points = ground.drawn_points(session)
    amounts = ground.allocated(TICKETS)
    title = ("漯河市民主评议政风行风问卷测评（演示）", "Luohe public appraisal (demo)")
    cells = ground.split_over_points(amounts, points)
    spare = largest_remainder(RESERVE, [cell.tickets for cell in cells])
    plan = ground.plan_of(OPEN, title, tickets=amounts, points=points)
    lines = _issue(session, plan, cells, spare=spare, folder=folder, settings=settings, at=at)
    set_aside(folder.tour(OPEN))
    kept = [line.code for line in lines if not line.reserve][:TOUR_CODES]
    write_private(folder.tour(OPEN), "".join(f"{code}\n" for code in kept).encode())


def make_opinions(session: Session, folder: DemoFolder, settings: Settings, *, at: datetime) -> None:
    """``luohe-opinions``: the wave of 2,500 sheets with opinions, nominations and 知晓率, open. Nobody is rated."""
    titles = ("漯河市征求意见建议和推荐重点评议对象（演示）", "Luohe: opinions and nomination of key units (demo)")
    wanted = waves.Wave(OPINIONS, ground.ROUND, ground.COUNTS_FRAME, titles=titles, purpose=Purpose.DEMO)
    wave = waves.draft(session, wanted, by="setup", at=at)
    pepper = load_pepper(settings.data_dir)
    issued = tickets.issue(session, wave.id, waves.orders(session, wave.id), pepper=pepper, by="setup", at=at)
    strata = {row.no: (row.area_name, row.kind_name) for row in campaigns.strata_of(session, wave.id)}
    set_aside(folder.codes(wave.id))
    write_plain(folder.codes(wave.id), lines_of(issued, strata=strata, points={}), purpose=Purpose.DEMO)
    seal_here(session, wave.id, settings, at=at)
    campaigns.prepare(session, wave.id, by="setup", at=at)
    campaigns.open_campaign(session, wave.id, by="setup", at=at)


def make_closed(session: Session, folder: DemoFolder, settings: Settings, *, at: datetime) -> None:
    """``luohe-closed``, still open: 100 tickets for each of the twelve strata, 50 at each point."""
    points = ground.drawn_points(session)
    amounts = [CLOSED_PER_STRATUM] * len(sources.count_cells())
    title = ("漯河市民主评议政风行风问卷测评（演示，已计票）", "Luohe public appraisal (demo, counted)")
    cells = ground.split_over_points(amounts, points)
    plan = ground.plan_of(CLOSED, title, tickets=amounts, points=points)
    _issue(session, plan, cells, spare=[0] * len(cells), folder=folder, settings=settings, at=at)


def _issue(
    session: Session,
    plan: campaigns.CampaignPlan,
    cells: Sequence[Cell],
    *,
    spare: Sequence[int],
    folder: DemoFolder,
    settings: Settings,
    at: datetime,
) -> list[Line]:
    """Make the campaign, its targets and its tickets, write the hand-over file, open."""
    campaigns.create(session, plan, by="setup", at=at)
    # Age and sex are asked and not calibrated to: nobody has published how they are distributed in these strata.
    statements.state(session, plan.id, statements.read(session, plan.id), by="setup", at=at)
    campaigns.set_targets(session, plan.id, {(cell.stratum_no, cell.point_no): cell.tickets for cell in cells})
    orders = [
        CellOrder(cell.stratum_no, cell.point_no, cell.tickets, extra) for cell, extra in zip(cells, spare, strict=True)
    ]
    pepper = load_pepper(settings.data_dir)
    issued = tickets.issue(session, plan.id, orders, pepper=pepper, by="setup", at=at)
    lines = lines_of(
        issued,
        strata={no: (stratum.area[1], stratum.kind[1]) for no, stratum in enumerate(plan.strata, start=1)},
        points={no: name for no, (_, name) in enumerate(plan.points, start=1)},
    )
    set_aside(folder.codes(plan.id))
    write_plain(folder.codes(plan.id), lines, purpose=plan.purpose)
    seal_here(session, plan.id, settings, at=at)
    campaigns.prepare(session, plan.id, by="setup", at=at)
    campaigns.open_campaign(session, plan.id, by="setup", at=at)
    return lines


def seal_here(session: Session, campaign_id: str, settings: Settings, *, at: datetime) -> None:
    """A key that lies on this server, as the first screen of the demo says. One that is there stays."""
    if ballots.level_of(session, campaign_id) is Level.OPEN:
        public = make_sealing_key(settings.data_dir, campaign_id)
        ballots.register_key(session, campaign_id, public, kept=KeptBy.SERVER, by="setup", at=at)


def finish_closed(engine: Engine, folder: DemoFolder, settings: Settings) -> None:
    """Bring ``luohe-closed`` from where it stands to its result. An interrupted set-up is taken up again."""
    state = _state(engine)
    if state == State.OPEN:
        _cast_all(engine, folder, settings)
        with unit_of_work(engine) as session:
            campaigns.close(session, CLOSED, by="setup", at=clock.now())
        state = _state(engine)
    if state == State.CLOSED:
        with unit_of_work(engine) as session:
            number = acts.ask(session, acts.COUNT, target=CLOSED, by="setup", at=clock.now(), settings=settings).number
        with unit_of_work(engine) as session:
            acts.confirm(session, number, by="release", at=clock.now(), settings=settings)
            results.run(session, CLOSED, by="setup", at=clock.now())


def _state(engine: Engine) -> str:
    with reading(engine) as session:
        return campaigns.get(session, CLOSED).state


def _cast_all(engine: Engine, folder: DemoFolder, settings: Settings) -> None:
    """Send 1,140 sheets through the ballot door and wait for every receipt.

    Their ids follow from the seed, so that sheets which are there already are answered as replays.
    """
    with reading(engine) as session:
        model, places = read_model(session, CLOSED, seed=SEED)
    people = queue(read_plain(folder.codes(CLOSED)), kept=(), seed=SEED)[:CLOSED_BALLOTS]
    chance = np.random.Generator(np.random.PCG64(SEED))
    writer = IntakeWriter(engine, zone=settings.timezone, capacity=CLOSED_BALLOTS)
    door = BallotDoor(writer, pepper=load_pepper(settings.data_dir))
    writer.start()
    try:
        waiting: list[Future[Receipt]] = [
            door.cast(
                campaign_id=CLOSED,
                ballot_id=uuid.UUID(bytes=chance.bytes(16), version=4),
                code=sheet.code,
                answers=sheet.answers,
            )
            for sheet in make_sheets(people, model, places, seed=SEED)
        ]
        for future in waiting:
            future.result()
    finally:
        writer.stop()


def make_list(session: Session, *, at: datetime) -> None:
    """``luohe-list``: 10,000 of 240,000 made-up residents drawn in proportion; a draw without tickets, in draft."""
    cells = sources.count_cells()
    keys = [sources.stratum_key(cell) for cell in cells]
    people = dict(zip(keys, largest_remainder(sources.LIST_SIZE, [cell.population for cell in cells]), strict=True))
    title = FrameTitle(LIST, "漯河市居民名册(编造)", "按六个地区、城镇与农村人口比例生成的演示名册", made_up=True)
    frames.freeze_list(session, title, entries=sources.residents(people), by="setup", at=at)
    numbers = list(people.values())
    amounts = [n for area in nested(LIST_SAMPLE, [numbers[i : i + 2] for i in range(0, len(numbers), 2)]) for n in area]
    names = ("漯河市居民名册抽样（演示）", "Luohe draw from a list of residents (demo)")
    campaigns.create(session, ground.plan_of(LIST, names, tickets=amounts, points=(), people=people), by="setup", at=at)
    plan = Plan(LIST, LIST, LIST, "rows", sizes=dict(zip(keys, amounts, strict=True)), reserve={})
    draws.plan(session, plan, by="setup", at=at)
    draws.run(session, LIST, seed=ground.SEED, asked_by="setup", by="release", at=at)
