"""Freezing frames (冻结抽样框): stored, hashed, in the ledger, before any seed exists."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from sampling.errors import BadFrame
from sampling.selection import FrameEntry, canonical_frame, frame_digest
from survey_models.core.bulk import insert_many
from survey_models.core.errors import Problem
from survey_models.frames.rules import StratumSize
from survey_models.frames.tables import Frame, FrameCell, FrameKind, FramePoint, FrameRow
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record


@dataclass(frozen=True)
class FrameTitle:
    """What a frame is called, where its figures come from, and whether they are made up."""

    id: str
    title: str
    source: str
    made_up: bool


@dataclass(frozen=True)
class CountCell:
    """Population of one kind of people in one area."""

    area: tuple[str, str]
    kind: tuple[str, str]
    population: int
    made_up: bool
    source: str


@dataclass(frozen=True)
class Candidate:
    """A candidate test point (候选测评点)."""

    id: str
    area: str
    name: str


def count_entries(cells: Sequence[FrameCell]) -> list[FrameEntry]:
    """The canonical entries of a counts frame: area and kind, with the population as size."""
    return [FrameEntry(f"{cell.area_code}/{cell.kind_code}", cell.area_code, cell.population) for cell in cells]


def freeze_counts(
    session: Session,
    title: FrameTitle,
    *,
    cells: Sequence[CountCell],
    candidates: Sequence[Candidate],
    by: str,
    at: datetime,
) -> Frame:
    """Freeze a counts frame with its candidate points; one digest covers both.

    Raises BadFrame for a point whose id begins like that of a cell of its area: its line could be taken for one.
    """
    if any(point.id.startswith(f"{point.area}/") for point in candidates):
        raise BadFrame("the id of a candidate point begins with its area and a slash, as the id of a cell does")
    rows = [
        FrameCell(
            frame_id=title.id,
            no=no,
            area_code=cell.area[0],
            area_name=cell.area[1],
            kind_code=cell.kind[0],
            kind_name=cell.kind[1],
            population=cell.population,
            made_up=cell.made_up,
            source=cell.source,
        )
        for no, cell in enumerate(cells, start=1)
    ]
    points = [FrameEntry(point.id, point.area, 1) for point in candidates]
    frame = _frame(
        title,
        FrameKind.COUNTS,
        size=sum(cell.population for cell in cells),
        digest=frame_digest([*count_entries(rows), *points]),
        at=at,
    )
    session.add(frame)
    session.flush()
    session.add_all(rows)
    session.add_all(
        FramePoint(frame_id=title.id, id=point.id, area_code=point.area, name=point.name) for point in candidates
    )
    session.flush()
    _record(session, frame, by=by, at=at)
    return frame


def freeze_list(session: Session, title: FrameTitle, *, entries: Sequence[FrameEntry], by: str, at: datetime) -> Frame:
    """Freeze a list frame. Entries carry an id, a stratum and a size; no name, no number of a person."""
    frame = _frame(title, FrameKind.LIST, size=len(entries), digest=frame_digest(entries), at=at)
    session.add(frame)
    session.flush()
    rows = [
        {"frame_id": title.id, "id": entry.id, "stratum": entry.stratum, "size": entry.size}
        for entry in sorted(entries)
    ]
    insert_many(session.connection(), FrameRow, rows)
    _record(session, frame, by=by, at=at)
    return frame


def _frame(title: FrameTitle, kind: FrameKind, *, size: int, digest: str, at: datetime) -> Frame:
    return Frame(
        id=title.id,
        kind=kind.value,
        title=title.title,
        source=title.source,
        made_up=title.made_up,
        size=size,
        digest=digest,
        frozen_at=at,
    )


def _record(session: Session, frame: Frame, *, by: str, at: datetime) -> None:
    body = {"frame": frame.id, "kind": frame.kind, "size": frame.size, "digest": frame.digest, "made_up": frame.made_up}
    record(session, SYSTEM_LOG, Event.FRAME_FROZEN, body, at=at, by=by)


def get(session: Session, frame_id: str) -> Frame:
    """A frame. Raises ``frame_unknown``."""
    found = session.get(Frame, frame_id)
    if found is None:
        raise Problem("frame_unknown")
    return found


def all_frames(session: Session) -> Sequence[Frame]:
    """Every frame."""
    return session.scalars(select(Frame).order_by(Frame.frozen_at, Frame.id)).all()


def entries(session: Session, frame_id: str, *, what: str) -> list[FrameEntry]:
    """The entries that a draw of ``rows`` or ``points`` chooses from, sorted by id."""
    if what == "points":
        query = select(FramePoint).where(FramePoint.frame_id == frame_id)
        return sorted(FrameEntry(point.id, point.area_code, 1) for point in session.scalars(query))
    rows = select(FrameRow.id, FrameRow.stratum, FrameRow.size).where(FrameRow.frame_id == frame_id)
    return sorted(map(FrameEntry._make, session.execute(rows)))


def published_entries(session: Session, frame_id: str, *, what: str, digest: str) -> list[FrameEntry]:
    """The same, if the frame still has the digest that was published. Raises ``frame_changed``."""
    chosen = entries(session, frame_id, what=what)
    frame = get(session, frame_id)
    whole = frame.kind == FrameKind.LIST and what == "rows"
    try:
        present = frame_digest(chosen) if whole else present_digest(session, frame)
    except BadFrame as fault:
        raise Problem("frame_changed") from fault
    if present != digest:
        raise Problem("frame_changed")
    return chosen


def strata(session: Session, frame_id: str, *, what: str) -> dict[str, StratumSize]:
    """How large the strata are from which a draw of ``rows`` or ``points`` chooses, by name."""
    if what == "points":
        points = select(FramePoint.area_code, func.count()).where(FramePoint.frame_id == frame_id)
        found = session.execute(points.group_by(FramePoint.area_code)).all()
        return {area: StratumSize(number, number, number) for area, number in sorted((row[0], row[1]) for row in found)}
    able = func.sum(case((FrameRow.size > 0, 1), else_=0))
    rows = select(FrameRow.stratum, func.count(), able, func.sum(FrameRow.size)).where(FrameRow.frame_id == frame_id)
    sums = sorted(tuple(row) for row in session.execute(rows.group_by(FrameRow.stratum)))
    return {name: StratumSize(int(number), int(positive), int(total)) for name, number, positive, total in sums}


def point_names(session: Session, frame_id: str) -> dict[str, str]:
    """The names of the candidate points (候选测评点) by id."""
    query = select(FramePoint.id, FramePoint.name).where(FramePoint.frame_id == frame_id)
    return {row.id: row.name for row in session.execute(query)}


def present_lines(session: Session, frame: Frame) -> bytes:
    """The canonical lines of the frame as it stands in the database now; its digest covers them.

    The line of a counts frame's cell has an id that begins with its stratum and ``/``; no point's has.
    """
    if frame.kind == FrameKind.LIST:
        return canonical_frame(entries(session, frame.id, what="rows"))
    cells = session.scalars(select(FrameCell).where(FrameCell.frame_id == frame.id)).all()
    return canonical_frame([*count_entries(cells), *entries(session, frame.id, what="points")])


def present_digest(session: Session, frame: Frame) -> str:
    """The digest of the frame as it stands in the database now."""
    return hashlib.sha256(present_lines(session, frame)).hexdigest()
