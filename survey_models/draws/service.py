"""Draws (抽样): planned before the seed, run once with the public seed, replayable by anybody.

The rule that a stranger can follow stands in docs/sampling.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sampling.selection import FrameEntry, draw_stratified
from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.draws.tables import Draw, DrawRow
from survey_models.frames import service as frames
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record

_SEED = re.compile(r"[0-9A-Za-z]{6,80}")


@dataclass(frozen=True)
class Plan:
    """What is fixed before the seed exists: frame, numbers for each stratum, reserve, salt."""

    id: str
    campaign_id: str
    frame_id: str
    what: str
    sizes: Mapping[str, int]
    reserve: Mapping[str, int]


@dataclass(frozen=True)
class Replay:
    """Whether drawing again gives the same entries; if not, the first place where they differ."""

    equal: bool
    drawn: int
    difference: str | None


def plan(session: Session, wanted: Plan, *, by: str, at: datetime) -> Draw:
    """Store the plan and write it to the ledger. The salt is the draw's own id, so that two draws never repeat."""
    frame = frames.get(session, wanted.frame_id)
    design: dict[str, Any] = {"sizes": dict(wanted.sizes), "reserve": dict(wanted.reserve), "method": "stratified-srs"}
    draw = Draw(
        id=wanted.id,
        campaign_id=wanted.campaign_id,
        frame_id=frame.id,
        what=wanted.what,
        design=design,
        frame_digest=frame.digest,
        design_digest=digest(design),
        salt=wanted.id,
        seed=None,
        planned_at=at,
        run_at=None,
        result_digest=None,
    )
    session.add(draw)
    session.flush()
    body = {"draw": draw.id, "frame": frame.id, "frame_digest": frame.digest, "design": design, "salt": draw.salt}
    record(session, SYSTEM_LOG, Event.DRAW_PLANNED, body, at=at, by=by)
    return draw


def run(session: Session, draw_id: str, *, seed: str, by: str, at: datetime) -> Draw:
    """Draw with the public seed, once."""
    draw = get(session, draw_id, lock=True)
    if draw.seed is not None:
        raise Problem("draw_already_run")
    if not _SEED.fullmatch(seed):
        raise Problem("seed_malformed")
    rows = _drawn(draw, frames.entries(session, draw.frame_id, what=draw.what), seed)
    session.execute(insert(DrawRow), rows)
    draw.seed = seed
    draw.run_at = at
    draw.result_digest = rows_digest(rows)
    body = {"draw": draw.id, "seed": seed, "drawn": len(rows), "result": draw.result_digest}
    record(session, SYSTEM_LOG, Event.DRAW_RUN, body, at=at, by=by)
    return draw


def replay(session: Session, draw_id: str) -> Replay:
    """Draw again from the frame as it stands and compare with what was stored."""
    draw = get(session, draw_id)
    if draw.seed is None:
        raise Problem("draw_not_run")
    frame = frames.get(session, draw.frame_id)
    stored = [_as_row(row) for row in drawn_rows(session, draw_id)]
    if frames.present_digest(session, frame) != draw.frame_digest:
        return Replay(equal=False, drawn=len(stored), difference="frame")
    if digest(draw.design) != draw.design_digest:
        return Replay(equal=False, drawn=len(stored), difference="design")
    again = sorted(_drawn(draw, frames.entries(session, draw.frame_id, what=draw.what), draw.seed), key=_order)
    for expected, found in zip(again, sorted(stored, key=_order), strict=False):
        if expected != found:
            return Replay(equal=False, drawn=len(stored), difference=f"{found['stratum']} #{found['lot']}")
    if len(again) != len(stored):
        return Replay(equal=False, drawn=len(stored), difference="length")
    if rows_digest(stored) != draw.result_digest:
        return Replay(equal=False, drawn=len(stored), difference="digest")
    return Replay(equal=True, drawn=len(stored), difference=None)


def get(session: Session, draw_id: str, *, lock: bool = False) -> Draw:
    """A draw. Raises ``draw_unknown``."""
    query = select(Draw).where(Draw.id == draw_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise Problem("draw_unknown")
    return found


def all_draws(session: Session) -> Sequence[Draw]:
    """Every draw, newest first."""
    return session.scalars(select(Draw).order_by(Draw.planned_at.desc(), Draw.id)).all()


def drawn_rows(session: Session, draw_id: str) -> Sequence[DrawRow]:
    """What was drawn, by stratum and lot."""
    query = select(DrawRow).where(DrawRow.draw_id == draw_id).order_by(DrawRow.stratum, DrawRow.lot)
    return session.scalars(query).all()


def rows_digest(rows: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 over lines ``stratum TAB lot TAB entry LF``, sorted by stratum and lot."""
    lines = [f"{row['stratum']}\t{row['lot']}\t{row['entry']}\n" for row in sorted(rows, key=_order)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _order(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["stratum"], row["lot"]


def _as_row(row: DrawRow) -> dict[str, Any]:
    return {
        "draw_id": row.draw_id,
        "entry": row.entry,
        "stratum": row.stratum,
        "lot": row.lot,
        "reserve": row.reserve,
    }


def _drawn(draw: Draw, entries: Sequence[FrameEntry], seed: str) -> list[dict[str, Any]]:
    outcome = draw_stratified(
        [entry.id for entry in entries],
        [entry.stratum for entry in entries],
        sizes=draw.design["sizes"],
        reserve=draw.design["reserve"],
        seed=seed,
        salt=draw.salt,
    )
    return [
        {
            "draw_id": draw.id,
            "entry": entries[lot.position].id,
            "stratum": lot.stratum,
            "lot": lot.lot,
            "reserve": lot.reserve,
        }
        for lot in outcome.lots()
    ]
