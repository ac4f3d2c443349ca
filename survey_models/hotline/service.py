"""Reports of vote-buying and canvassing (拉票举报): received, listed to the office, and never changed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed, grouped, random_text
from survey_models.hotline.rules import fit_text, media_of
from survey_models.hotline.tables import HotlineReport
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.uploads import blobs
from survey_models.uploads.tables import Blob

NUMBER_LENGTH = 12


@dataclass(frozen=True)
class Draft:
    """What the form sent. ``id``: made with the form; ``campaign_id`` empty: none named."""

    id: uuid.UUID
    text: str
    campaign_id: str = ""
    attachment: bytes = b""


@dataclass(frozen=True)
class Listed:
    """A report and the size of its attachment, 0 for none."""

    report: HotlineReport
    size: int


def receive(session: Session, draft: Draft, *, at: datetime, zone: str) -> HotlineReport:
    """Store a report; the same form sent again is the same report.

    Raises:
        Problem: ``report_empty``, ``report_too_long``, ``report_holds_code``, ``report_attachment_unfit``,
            ``campaign_unknown``.
    """
    known = session.get(HotlineReport, draft.id)
    if known is not None:
        return known
    text = fit_text(draft.text)
    campaign_id = campaigns.get(session, draft.campaign_id).id if draft.campaign_id else None
    media = media_of(draft.attachment) if draft.attachment else None
    report = HotlineReport(
        id=draft.id,
        number=grouped(random_text(NUMBER_LENGTH)),
        campaign_id=campaign_id,
        day=local_day(at, zone),
        text=text,
        sha256=blobs.keep(session, draft.attachment) if media else None,
        media=media,
    )
    try:
        with session.begin_nested():
            session.add(report)
    except IntegrityError:
        return session.get_one(HotlineReport, draft.id)
    body = {
        "number": report.number,
        "campaign": campaign_id,
        "text": hashlib.sha256(text.encode()).hexdigest(),
        "attachment": report.sha256,
    }
    record(session, SYSTEM_LOG, Event.REPORT_RECEIVED, body, at=at)
    return report


def get(session: Session, number: str) -> HotlineReport:
    """A report by its number, however typed. Raises ``report_unknown``."""
    wanted = grouped(as_typed(number))
    found = session.scalars(select(HotlineReport).where(HotlineReport.number == wanted)).one_or_none()
    if found is None:
        raise Problem("report_unknown")
    return found


def attachment(session: Session, number: str) -> tuple[HotlineReport, bytes]:
    """A report and the bytes that came with it. Raises ``report_unknown``, also where nothing came with it."""
    report = get(session, number)
    if report.sha256 is None:
        raise Problem("report_unknown")
    return report, session.get_one(Blob, report.sha256).content


def listed(session: Session, *, limit: int = 400) -> Sequence[Listed]:
    """The newest reports."""
    size = func.coalesce(func.length(Blob.content), 0)
    query = (
        select(HotlineReport, size)
        .join(Blob, Blob.sha256 == HotlineReport.sha256, isouter=True)
        .order_by(HotlineReport.day.desc(), HotlineReport.number)
        .limit(limit)
    )
    return [Listed(*row) for row in session.execute(query)]
