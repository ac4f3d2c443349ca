"""The job of the daily probe (每日探测): through the guard, the schema and the writer that a terminal goes through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import structlog
from sqlalchemy import Engine

from api.auth.guards import device_of
from api.db import reading, unit_of_work
from api.schemas.windows import RatingBatch
from api.taps import take
from survey_models.ballots.writer import IntakeWriter
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ratings import canary
from survey_models.ratings.canary import Probe

log = structlog.get_logger("canary")


def probe(engine: Engine, writer: IntakeWriter, *, zone: str) -> bool:
    """Send every level, look for all of them, write down the outcome. Whether all were stored as sent."""
    sent, stored, problem = canary.probes(), 0, None
    try:
        with unit_of_work(engine) as session:
            token = canary.token(session, at=clock.now())
        _send(engine, writer, token, sent)
        with reading(engine) as session:
            stored = canary.stored_as_sent(session, sent)
    except Problem as refused:
        problem = refused.code
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is what the probe is there to say
        problem = type(error).__name__
    with unit_of_work(engine) as session:
        run = canary.conclude(session, sent=len(sent), stored=stored, problem=problem, at=clock.now(), zone=zone)
        failed = run.problem
    if failed is not None:
        log.error("the daily probe of window ratings failed", problem=failed, sent=len(sent), stored=stored)
    return failed is None


def _send(engine: Engine, writer: IntakeWriter, token: str, sent: Sequence[Probe]) -> None:
    at = clock.now().isoformat()
    items = [
        {
            "id": str(one.id),
            "window_id": canary.WINDOW,
            "code": one.code,
            "reasons": list(one.reasons),
            "device_time": at,
        }
        for one in sent
    ]
    # As it comes over the wire, so that the schema is in the way too.
    batch = RatingBatch.model_validate_json(json.dumps({"items": items}))
    asyncio.run(take(device_of(engine, token), batch, writer))
