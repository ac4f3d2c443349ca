"""Frames from files (上传抽样框): whole or not at all, frozen with their digest; a file twice is the same frame."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sampling.selection import FrameEntry, frame_digest
from survey_models.core.columns import SLUG
from survey_models.core.errors import Problem
from survey_models.frames import reading, service
from survey_models.frames.reading import Reading
from survey_models.frames.service import FrameTitle
from survey_models.frames.tables import Frame
from survey_models.spreadsheets.read import Sheet
from survey_models.uploads.refusing import refuse

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Imported:
    """A frame as it is frozen, or would be; ``repeated``: it was there with the same content."""

    title: FrameTitle
    kind: str
    rows: int
    points: int
    size: int
    digest: str
    repeated: bool


def import_frame(
    session: Session,
    title: FrameTitle,
    kind: str,
    sheet: Sheet,
    *,
    points: Sheet | None = None,
    by: str,
    at: datetime,
    dry_run: bool = False,
) -> Imported:
    """Freeze a file of ``counts`` (perhaps with candidate points) or a ``list``; with ``dry_run`` only check it.

    Raises:
        Problem: ``frame_title_unfit``, ``request_malformed`` for the id, ``frame_points_alone``, ``frame_exists``;
            ``file_faulty`` with every fault.
    """
    _check_title(title, kind, points)
    main = checked(kind, sheet)
    more = checked("points", points, main) if points is not None else Reading()
    entries = main.entries or [
        *(FrameEntry(f"{one.area[0]}/{one.kind[0]}", one.area[0], one.population) for one in main.cells),
        *(FrameEntry(one.id, one.area, 1) for one in more.points),
    ]
    digest = frame_digest(entries)
    size = len(main.entries) or sum(one.population for one in main.cells)
    made = Imported(title, kind, len(main.entries) or len(main.cells), len(more.points), size, digest, repeated=False)
    known = session.get(Frame, title.id)
    if known is not None:
        if known.digest != digest:
            raise Problem("frame_exists", frame=title.id)
        return Imported(**{**vars(made), "repeated": True})
    if not dry_run and kind == "list":
        service.freeze_list(session, title, entries=main.entries, by=by, at=at)
    elif not dry_run:
        service.freeze_counts(session, title, cells=main.cells, candidates=more.points, by=by, at=at)
    return made


def checked(what: str, sheet: Sheet, populations: Reading | None = None) -> Reading:
    """A file without a fault. Raises ``file_faulty`` with every one."""
    found = reading.read_frame(what, sheet, areas=_areas(populations.cells if populations else ()))
    refuse(found.faults)
    return found


def _areas(cells: Sequence[service.CountCell]) -> frozenset[str]:
    return frozenset(cell.area[0] for cell in cells)


def _check_title(title: FrameTitle, kind: str, points: Sheet | None) -> None:
    if not _ID.fullmatch(title.id) or len(title.id) > SLUG:
        raise Problem("request_malformed", where="id")
    if not 0 < len(title.title) <= 120 or len(title.source) > 400:
        raise Problem("frame_title_unfit")
    if points is not None and kind != "counts":
        raise Problem("frame_points_alone")
