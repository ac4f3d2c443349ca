"""Files of a terminal's outbox (发件箱文件) for those who have no request: the command line."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from sqlalchemy import Engine

from api.auth.guards import PairedDevice
from api.db import reading
from api.keys import load_pepper
from api.schemas.ratings import SignedBatch, batch_in
from api.settings import Settings
from api.taps import take_signed
from survey_models.ballots.writer import IntakeWriter
from survey_models.core.errors import Problem
from survey_models.devices import service as devices
from survey_models.ratings import files


def parts_of(raw: bytes) -> list[str]:
    """The sealed parts of a file. Raises ``outbox_file_unfit``."""
    try:
        whole = json.loads(raw)
    except ValueError:
        raise Problem("outbox_file_unfit") from None
    parts = whole.get("parts") if isinstance(whole, dict) and whole.get("format") == files.FORMAT else None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Problem("outbox_file_unfit")
    return parts


def bring_in(raw: bytes, *, engine: Engine, settings: Settings) -> Counter[str]:
    """Take in a whole file; how many taps were stored, known before, kept aside, refused.

    Raises ``outbox_file_unfit``, ``device_unknown_id``, ``signature_wrong``; what came before stays.
    """
    pepper = load_pepper(settings.data_dir)
    batches = [batch_in(files.open_part(part, pepper=pepper)) for part in parts_of(raw)]
    writer = IntakeWriter(engine, zone=settings.timezone, capacity=settings.intake_queue, counting=settings.counting)
    writer.start()
    try:
        return asyncio.run(_all(batches, engine, writer))
    finally:
        writer.stop()


async def _all(batches: list[SignedBatch], engine: Engine, writer: IntakeWriter) -> Counter[str]:
    found: Counter[str] = Counter()
    for batch in batches:
        with reading(engine) as session:
            known = devices.known(session, batch.device)
            device = PairedDevice(str(known.id), known.window_id, known.public_key, known.unsigned)
        answers = await take_signed(device, batch, writer, by_file=True)
        found.update(answer.status for answer in answers.results)
    return found
