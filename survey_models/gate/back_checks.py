"""Back-checks (回访抽查): the office draws lines of a contractor's file, visits again, and writes down what it found.

The draw is one of :mod:`survey_models.draws`: planned with its frame of lines before the seed exists, run by two
people with a public seed, replayable. The frame holds the numbers of the file's lines, from 1 below its heading: no
answer and no person.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sampling.selection import FrameEntry
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Purpose
from survey_models.core.errors import Problem
from survey_models.draws import service as draws
from survey_models.draws.designs import Plan
from survey_models.frames import service as frames
from survey_models.frames.service import FrameTitle
from survey_models.gate import lots, queries, rules
from survey_models.gate.tables import GateBackCheck, GateCheckedLine, Outcome
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.uploads import service as uploads
from survey_models.uploads.tables import UploadState

_STRATUM = "file"
_FROM = (UploadState.CHECKED, UploadState.ENTERING, UploadState.ACCEPTED)


@dataclass(frozen=True)
class Line:
    """A drawn line of the file, the first below the heading is 1, and what was found; None: nothing yet."""

    line: int
    outcome: str | None


@dataclass(frozen=True)
class Standing:
    """A file's back-check: its draw, whether the draw was run, its lines."""

    draw_id: str
    per_cent: int
    run: bool
    lines: list[Line]

    @property
    def outcomes(self) -> dict[str, int]:
        """How many lines of each outcome; ``open``: not visited again yet."""
        counted = Counter(line.outcome or "open" for line in self.lines)
        return {name: counted.get(name, 0) for name in ("open", *(outcome.value for outcome in Outcome))}

    @property
    def complete(self) -> bool:
        """Whether every drawn line has its outcome."""
        return self.run and all(line.outcome for line in self.lines)


def plan(session: Session, upload_id: uuid.UUID, per_cent: int, *, by: str, at: datetime) -> Standing:
    """Fix how many of a file's lines are drawn, before the seed exists.

    Raises ``upload_unknown``, ``upload_state_wrong``, ``draw_exists``, ``request_malformed`` for a smaller share than
    was fixed when the file's lots were handed out.
    """
    upload = uploads.get(session, upload_id, lock=True)
    if upload.state not in _FROM:
        raise Problem("upload_state_wrong", state=upload.state)
    if per_cent < lots.share_asked(session, upload):
        raise Problem("request_malformed", where="per_cent")
    if session.get(GateBackCheck, upload_id) is not None:
        raise Problem("draw_exists")
    campaign = campaigns.get(session, upload.campaign_id)
    draw_id = f"back-check-{upload_id.hex[:12]}"
    title = FrameTitle(draw_id, f"回访抽查 {upload.filename}"[:120], "上传文件的行", campaign.purpose == Purpose.DEMO)
    entries = [FrameEntry(f"{line:07}", _STRATUM, 1) for line in range(1, upload.rows + 1)]
    frames.freeze_list(session, title, entries=entries, by=by, at=at)
    lines = rules.take(upload.rows, per_cent)
    draws.plan(session, Plan(draw_id, upload.campaign_id, draw_id, "rows", sizes={_STRATUM: lines}), by=by, at=at)
    session.add(GateBackCheck(upload_id=upload_id, draw_id=draw_id, per_cent=per_cent))
    session.flush()
    body = {"upload": str(upload_id), "draw": draw_id, "per_cent": per_cent, "lines": lines}
    record(session, upload.campaign_id, Event.GATE_BACK_CHECK_PLANNED, body, at=at, by=by)
    return Standing(draw_id, per_cent, run=False, lines=[])


def standing(session: Session, upload_id: uuid.UUID) -> Standing | None:
    """How the back-check of a file stands; None: none was planned."""
    made = session.get(GateBackCheck, upload_id)
    if made is None:
        return None
    drawn = sorted(int(row.entry) for row in draws.drawn_rows(session, made.draw_id))
    outcomes = queries.checked_lines(session, upload_id)
    ran = draws.get(session, made.draw_id).seed is not None
    return Standing(made.draw_id, made.per_cent, ran, [Line(line, outcomes.get(line)) for line in drawn])


def note(
    session: Session, upload_id: uuid.UUID, line: int, outcome: Outcome, *, by: str, at: datetime
) -> GateCheckedLine:
    """Write down what was found of a drawn line, once. Raises ``gate_line_not_drawn``, ``gate_line_checked``."""
    upload = uploads.get(session, upload_id, lock=True)
    found = standing(session, upload_id)
    if found is None or line not in {one.line for one in found.lines}:
        raise Problem("gate_line_not_drawn", line=line)
    if session.get(GateCheckedLine, (upload_id, line)) is not None:
        raise Problem("gate_line_checked", line=line)
    made = GateCheckedLine(upload_id=upload_id, line=line, outcome=outcome.value, made_by=by, made_at=at)
    session.add(made)
    session.flush()
    body = {"upload": str(upload_id), "line": line, "outcome": outcome.value}
    record(session, upload.campaign_id, Event.GATE_LINE_CHECKED, body, at=at, by=by)
    return made
