"""What a draw publishes (公布包): plan, seed, drawn lots, and the program that checks them without this one."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.draws import queries
from survey_models.draws.methods import order_key
from survey_models.draws.service import get
from survey_models.draws.tables import Draw, DrawRow
from survey_models.frames import service as frames
from survey_models.ledger import service as ledger
from survey_models.ledger.events import SYSTEM_LOG, Event

FORMAT = "pingyi-draw-1"
VERIFIER = "verify_draw.py"


def bundle(session: Session, draw_id: str, *, with_frame: bool) -> dict[str, bytes]:
    """The files by name. ``with_frame`` adds the frame's lines: for places, or for those who may see ids.

    Raises ``draw_unknown``, ``draw_not_run``.
    """
    draw = get(session, draw_id)
    if draw.seed is None or draw.run_at is None:
        raise Problem("draw_not_run")
    rows = sorted(queries.rows(session, draw_id), key=lambda row: (row.stratum, row.lot))
    content = {
        "draw.json": (json.dumps(_about(draw), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(),
        "drawn.tsv": "".join(_line(draw, row) for row in rows).encode(),
        VERIFIER: files("survey_models.draws").joinpath(VERIFIER).read_bytes(),
    }
    if with_frame:
        content["frame.tsv"] = frames.present_lines(session, frames.get(session, draw.frame_id))
    return content


def record_export(session: Session, draw_id: str, content: dict[str, bytes], *, by: str, at: datetime) -> None:
    """Write to the ledger that the bundle left the house; ``files`` is the digest of its files' digests by name."""
    sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in content.items()}
    body = {"draw": draw_id, "frame": "frame.tsv" in content, "files": digest(sums)}
    ledger.record(session, SYSTEM_LOG, Event.DRAW_EXPORTED, body, at=at, by=by)


def _about(draw: Draw) -> dict[str, Any]:
    instants = {"planned_at": draw.planned_at, "run_at": draw.run_at}
    texts = {name: instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name, instant in instants.items() if instant}
    names = ("frame_digest", "design", "design_digest", "salt", "seed", "result_digest", "extensions", "what")
    kept = {name: getattr(draw, name) for name in names}
    return {"format": FORMAT, "draw": draw.id, "campaign": draw.campaign_id, "frame": draw.frame_id, **texts, **kept}


def _line(draw: Draw, row: DrawRow) -> str:
    key = order_key(draw.design, stratum=row.stratum, entry=row.entry, seed=draw.seed or "", salt=draw.salt)
    return f"{row.stratum}\t{row.lot}\t{row.entry}\t{int(row.reserve)}\t{row.probability or '-'}\t{key}\n"
