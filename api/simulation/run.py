"""One simulation from end to end: who takes part, what they answer, what is stored, and the truth beside it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.db import make_engine, reading
from api.handover import DemoFolder, Line, demo_folder, read_plain
from api.keys import write_private
from api.settings import Settings
from api.simulation.model import AnswerModel, Layer
from api.simulation.sender import Sent, Sheet, send
from survey_models.ballots.tables import IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.queries import strata
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.tickets.tables import Ticket, TicketState

SEED = 2026
# One phone in so many does not see the answer and sends again.
REPLAY_EVERY = 50
_AT_ONCE = 500


@dataclass(frozen=True)
class Reconciliation:
    """Two counts that must agree: sheets of this simulation, and tickets of the campaign."""

    acknowledged: int
    stored: int
    ticketed_ballots: int
    spent_tickets: int

    @property
    def even(self) -> bool:
        """Zero lost, zero double."""
        return self.acknowledged == self.stored and self.ticketed_ballots == self.spent_tickets


@dataclass(frozen=True)
class Wanted:
    """What is asked for. ``base_url`` empty: the public address of the settings."""

    campaign_id: str
    respondents: int
    base_url: str = ""
    seed: int = SEED
    concurrency: int = 32


@dataclass(frozen=True)
class Outcome:
    """What a simulation leaves behind; ``counts`` is None when the database could not be asked."""

    sent: Sent
    truth_file: str
    counts: Reconciliation | None


def simulate(settings: Settings, wanted: Wanted, *, on_stored: Callable[[], None] = lambda: None) -> Outcome:
    """Let made-up people answer a demo or rehearsal campaign over HTTP.

    Raises ``not_a_demo``, ``hand_over_missing``, ``campaign_unknown``, whatever the service refuses a sheet with, and
    ``sender.Unanswered``.
    """
    engine = make_engine(settings.database, allow_unsafe=settings.allow_unsafe_database)
    campaign_id, seed = wanted.campaign_id, wanted.seed
    try:
        with reading(engine) as session:
            model, places = read_model(session, campaign_id, seed=seed)
        folder = demo_folder(settings)
        people = queue(read_plain(folder.codes(campaign_id)), kept=folder.kept(campaign_id), seed=seed)
        sent = asyncio.run(
            send(
                make_sheets(people, model, places, seed=seed),
                base_url=wanted.base_url or settings.public_url,
                campaign_id=campaign_id,
                wanted=wanted.respondents,
                concurrency=wanted.concurrency,
                on_stored=on_stored,
            )
        )
        truth_file = _write_truth(folder, campaign_id, model, sent, seed=seed)
        return Outcome(sent, truth_file, reconcile(engine, campaign_id, sent.acknowledged))
    finally:
        engine.dispose()


def read_model(session: Session, campaign_id: str, *, seed: int) -> tuple[AnswerModel, dict[int, int]]:
    """The model of a campaign's population, and the place of each stratum number in it. Raises ``not_a_demo``."""
    campaign = campaigns.get(session, campaign_id)
    if campaign.purpose == Purpose.REAL:
        raise Problem("not_a_demo")
    rows = strata(session, campaign_id)
    layers = [Layer(row.area_code, row.kind_code, row.population) for row in rows]
    model = AnswerModel.of(campaigns.form_of(session, campaign), layers, seed=seed)
    return model, {row.no: place for place, row in enumerate(rows)}


def queue(lines: Sequence[Line], *, kept: Sequence[str], seed: int) -> list[Line]:
    """Everybody who may answer, in a seeded random order; reserve cards and the codes kept for people stay away.

    Whoever stands at the end of the queue never answers: codes that are never used lie in all cells.
    """
    invited = [line for line in lines if not line.reserve and line.code not in set(kept)]
    order = _chance(seed, 3).permutation(len(invited))
    return [invited[place] for place in order]


def make_sheets(people: Sequence[Line], model: AnswerModel, places: dict[int, int], *, seed: int) -> list[Sheet]:
    """One sheet for each person of the queue, with an id made fresh as a phone does."""
    answers = model.sheets([places[person.stratum] for person in people])
    twice = _chance(seed, 4).random(len(people)) * REPLAY_EVERY < 1
    return [
        Sheet(uuid.uuid4(), person.code, sheet, bool(again))
        for person, sheet, again in zip(people, answers, twice, strict=True)
    ]


def reconcile(engine: Engine, campaign_id: str, acknowledged: Sequence[uuid.UUID]) -> Reconciliation | None:
    """Count what the database holds. None when it cannot be asked."""
    mine = (IntakeSheet.campaign_id == campaign_id,)
    try:
        with reading(engine) as session:
            stored = 0
            for start in range(0, len(acknowledged), _AT_ONCE):
                ids = acknowledged[start : start + _AT_ONCE]
                stored += session.scalar(select(func.count()).where(*mine, IntakeSheet.id.in_(ids))) or 0
            # One statement sees one state of the database: others may be voting meanwhile.
            ticketed = select(func.count()).where(*mine, IntakeSheet.batch_no > 0).scalar_subquery()
            cards = (Ticket.campaign_id == campaign_id, Ticket.state == TicketState.SPENT)
            spent = select(func.count()).where(*cards).scalar_subquery()
            both = session.execute(select(ticketed, spent)).one()
            return Reconciliation(len(acknowledged), stored, int(both[0]), int(both[1]))
    except SQLAlchemyError:
        return None


def _write_truth(folder: DemoFolder, campaign_id: str, model: AnswerModel, sent: Sent, *, seed: int) -> str:
    truth: dict[str, Any] = {
        "campaign": campaign_id,
        "seed": seed,
        "acknowledged": len(sent.acknowledged),
        "replays": sent.replays,
        "retries": sent.retries,
        "refused": dict(sent.refused),
        "units": {unit: round(score, 9) for unit, score in model.truth().items()},
        "planted": model.planted(),
    }
    path = folder.truth(campaign_id)
    write_private(path, (json.dumps(truth, ensure_ascii=False, indent=2) + "\n").encode())
    return str(path)


def _chance(seed: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, purpose])))
