"""Draws (抽样): planned before the seed, run once with the public seed, extended, replayable by anybody.

The rule that a stranger can follow stands in docs/sampling.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_models.core.bulk import insert_many
from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.draws import designs, queries
from survey_models.draws.designs import EXTENDABLE, Method, Plan
from survey_models.draws.methods import Extensions, Lot, digest_of, draw_lots, sizes_after
from survey_models.draws.tables import Draw, DrawRow
from survey_models.frames import service as frames
from survey_models.ledger import service as ledger
from survey_models.ledger.events import SYSTEM_LOG, Event


@dataclass(frozen=True)
class Replay:
    """Whether drawing again gives the same entries; if not, the first place where they differ.

    ``difference`` is ``ledger``, ``frame``, ``design``, ``digest``, or the first lot: ``stratum #lot: again ≠ stored``.
    """

    equal: bool
    drawn: int
    difference: str | None


def plan(session: Session, wanted: Plan, *, by: str, at: datetime) -> Draw:
    """Store the plan and write it to the ledger. The salt is the draw's own id, so that two draws never repeat.

    Raises ``draw_id_malformed``, ``draw_exists``, ``frame_unknown`` and what ``designs.document`` refuses.
    """
    designs.check_id(wanted.id)
    if session.get(Draw, wanted.id) is not None:
        raise Problem("draw_exists")
    frame = frames.get(session, wanted.frame_id)
    names = [entry.id for entry in frames.entries(session, frame.id, what=wanted.what)] if wanted.must else []
    design = designs.document(wanted, frames.strata(session, frame.id, what=wanted.what), names=names)
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
        extensions=[],
    )
    session.add(draw)
    session.flush()
    body = {"draw": draw.id, "frame": frame.id, "frame_digest": frame.digest, "design": design, "salt": draw.salt}
    ledger.record(session, SYSTEM_LOG, Event.DRAW_PLANNED, body, at=at, by=by)
    return draw


def check_runnable(session: Session, draw_id: str, *, seed: str, lock: bool = False) -> Draw:
    """The draw, if it can be run with ``seed``. Raises ``draw_unknown``, ``draw_already_run``, ``seed_malformed``."""
    draw = get(session, draw_id, lock=lock)
    if draw.seed is not None:
        raise Problem("draw_already_run")
    designs.check_seed(seed)
    return draw


def run(session: Session, draw_id: str, *, seed: str, asked_by: str, by: str, at: datetime) -> Draw:
    """Draw with the public seed, once. ``asked_by`` typed the seed in, ``by`` confirmed it.

    Raises ``frame_changed`` besides what ``check_runnable`` refuses.
    """
    draw = check_runnable(session, draw_id, seed=seed, lock=True)
    lots = _lots(session, draw, seed=seed, extensions=[])
    _store(session, draw.id, lots)
    draw.seed = seed
    draw.run_at = at
    draw.result_digest = _digest(lots)
    session.flush()
    body = {"draw": draw.id, "seed": seed, "drawn": len(lots), "result": draw.result_digest, "asked_by": asked_by}
    ledger.record(session, SYSTEM_LOG, Event.DRAW_RUN, body, at=at, by=by)
    return draw


def check_extendable(session: Session, draw_id: str, *, stratum: str, more: int, lock: bool = False) -> Draw:
    """The draw, if the sample of ``stratum`` can grow by ``more`` lots.

    Raises ``draw_unknown``, ``draw_not_run``, ``draw_not_extendable`` (only a stratified simple random sample keeps
    exact probabilities when it grows), ``stratum_unknown``, ``sample_too_large``.
    """
    draw = get(session, draw_id, lock=lock)
    if draw.seed is None:
        raise Problem("draw_not_run")
    if Method(draw.design["method"]) not in EXTENDABLE:
        raise Problem("draw_not_extendable", method=draw.design["method"])
    if stratum not in draw.design["sizes"]:
        raise Problem("stratum_unknown", strata=stratum)
    main, _ = sizes_after(draw.design, draw.extensions)
    available = frames.strata(session, draw.frame_id, what=draw.what)[stratum].entries
    if more < 1 or main[stratum] + more > available:
        raise Problem("sample_too_large", stratum=stratum, wanted=main[stratum] + more, available=available)
    return draw


def extend(session: Session, draw_id: str, *, stratum: str, more: int, asked_by: str, by: str, at: datetime) -> Draw:
    """Take the next ``more`` lots of ``stratum`` into the sample: from the reserve list first, then in key order.

    The lots drawn before stay as they are; the probabilities of the stratum are those of the larger sample.
    Raises ``draw_differs`` when the draw does not replay, besides what ``check_extendable`` refuses.
    """
    draw = check_extendable(session, draw_id, stratum=stratum, more=more, lock=True)
    again = replay(session, draw_id)
    if not again.equal:
        raise Problem("draw_differs", difference=again.difference)
    wider = [*draw.extensions, {"stratum": stratum, "more": more}]
    lots = _lots(session, draw, seed=draw.seed or "", extensions=wider)
    session.execute(delete(DrawRow).where(DrawRow.draw_id == draw.id, DrawRow.stratum == stratum))
    _store(session, draw.id, [lot for lot in lots if lot.stratum == stratum])
    step = {"stratum": stratum, "more": more, "result": _digest(lots)}
    draw.extensions = [*draw.extensions, step]
    session.flush()
    body = {"draw": draw.id, "no": len(draw.extensions), **step, "drawn": len(lots), "asked_by": asked_by}
    ledger.record(session, SYSTEM_LOG, Event.DRAW_EXTENDED, body, at=at, by=by)
    return draw


def replay(session: Session, draw_id: str) -> Replay:
    """Draw again from the frame as it stands and compare with what was stored and with the ledger."""
    draw = get(session, draw_id)
    if draw.seed is None:
        raise Problem("draw_not_run")
    stored = [_as_lot(row) for row in drawn_rows(session, draw_id)]
    return Replay(equal=(found := _difference(session, draw, stored)) is None, drawn=len(stored), difference=found)


def get(session: Session, draw_id: str, *, lock: bool = False) -> Draw:
    """A draw. Raises ``draw_unknown``."""
    query = select(Draw).where(Draw.id == draw_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise Problem("draw_unknown")
    return found


def all_draws(session: Session) -> Sequence[Draw]:
    """Every draw, newest first."""
    return queries.all_draws(session)


def drawn_rows(session: Session, draw_id: str) -> Sequence[DrawRow]:
    """What was drawn, by stratum and lot."""
    return queries.rows(session, draw_id)


def _difference(session: Session, draw: Draw, stored: Sequence[Lot]) -> str | None:
    """The first thing that is not as it was published or as it comes out again."""
    if not _as_in_ledger(session, draw):
        return "ledger"
    if digest(draw.design) != draw.design_digest:
        return "design"
    try:
        again = _lots(session, draw, seed=draw.seed or "", extensions=draw.extensions)
    except Problem:
        return "frame"
    if (lot := first_difference(again, sorted(stored))) is not None:
        return lot
    return None if _digests_hold(draw, again) else "digest"


def first_difference(again: Sequence[Lot], stored: Sequence[Lot]) -> str | None:
    """The first lot, by stratum and number, that is missing, too many or another one; None when all are equal."""
    expected = {(lot.stratum, lot.lot): lot for lot in again}
    found = {(lot.stratum, lot.lot): lot for lot in stored}
    for place in sorted({*expected, *found}):
        left, right = expected.get(place), found.get(place)
        if left != right:
            names = left and left.entry, right and right.entry
            words = names if names[0] != names[1] else (_shown(left), _shown(right))
            return f"{place[0]} #{place[1]}: {words[0] or '-'} ≠ {words[1] or '-'}"
    return None if len(again) == len(stored) else "digest"


def _shown(lot: Lot | None) -> str:
    return "-" if lot is None else f"{lot.entry} {'reserve' if lot.reserve else lot.probability}"


def _as_in_ledger(session: Session, draw: Draw) -> bool:
    """Whether plan, seed, result and extensions are those that were written to the ledger when it was done."""
    planned, ran, wider = (
        [body for body in ledger.recorded(session, SYSTEM_LOG, event) if body["draw"] == draw.id]
        for event in (Event.DRAW_PLANNED, Event.DRAW_RUN, Event.DRAW_EXTENDED)
    )
    first = {"frame_digest": draw.frame_digest, "design": draw.design, "salt": draw.salt, "frame": draw.frame_id}
    then = {"seed": draw.seed, "result": draw.result_digest}
    steps = [{"no": no, **step} for no, step in enumerate(draw.extensions, start=1)]
    wider.sort(key=lambda body: body["no"])
    return _holds(planned, [first]) and _holds(ran, [then]) and _holds(wider, steps)


def _holds(written: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> bool:
    pairs = list(zip(written, expected, strict=False))
    return len(written) == len(expected) and all(item.items() <= body.items() for body, item in pairs)


def _digests_hold(draw: Draw, lots: Sequence[Lot]) -> bool:
    """Whether the digests of the run and of every extension cover the beginning that was drawn then."""
    if not draw.extensions:
        return _digest(lots) == draw.result_digest
    results = [draw.result_digest, *(step["result"] for step in draw.extensions)]
    for done, result in enumerate(results):
        main, reserve = sizes_after(draw.design, draw.extensions[:done])
        if _digest(lot for lot in lots if lot.lot <= main[lot.stratum] + reserve.get(lot.stratum, 0)) != result:
            return False
    return True


def _lots(session: Session, draw: Draw, *, seed: str, extensions: Extensions) -> list[Lot]:
    """What the design draws from the frame as it was published. Raises ``frame_changed``."""
    entries = frames.published_entries(session, draw.frame_id, what=draw.what, digest=draw.frame_digest)
    return draw_lots(draw.design, entries, seed=seed, salt=draw.salt, extensions=extensions)


def _digest(lots: Iterable[Lot]) -> str:
    return digest_of((lot.stratum, lot.lot, lot.entry) for lot in lots)


def _store(session: Session, draw_id: str, lots: Iterable[Lot]) -> None:
    rows = [
        {
            "draw_id": draw_id,
            "entry": lot.entry,
            "stratum": lot.stratum,
            "lot": lot.lot,
            "reserve": lot.reserve,
            "probability": lot.probability,
        }
        for lot in lots
    ]
    insert_many(session.connection(), DrawRow, rows)


def _as_lot(row: DrawRow) -> Lot:
    return Lot(row.stratum, row.lot, row.entry, row.reserve, row.probability)
