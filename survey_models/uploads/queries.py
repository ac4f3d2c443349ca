"""Reading uploads, and what a check needs to know of their campaign."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.ballots.tables import Ballot
from survey_models.campaigns.tables import Point, Stratum
from survey_models.gate.tables import GateLot
from survey_models.uploads.tables import Blob, Upload, UploadFault, UploadMapping

MAX_LISTED = 500


def by_id(session: Session, upload_id: uuid.UUID, *, lock: bool) -> Upload | None:
    """An upload; ``lock`` holds its row until the transaction ends."""
    return session.get(Upload, upload_id, with_for_update=lock or None, populate_existing=lock)


def by_bytes(session: Session, campaign_id: str, sha256: str) -> Upload | None:
    """The upload of these bytes for this campaign."""
    return session.scalars(select(Upload).where(Upload.campaign_id == campaign_id, Upload.sha256 == sha256)).first()


def mapping(session: Session, account: str, campaign_id: str, headings: str) -> UploadMapping | None:
    """What a person said of files with these headings."""
    return session.get(UploadMapping, (account, campaign_id, headings))


def handed_out(session: Session, campaign_id: str) -> bool:
    """Whether the office handed out anything in lots: then its signature stands before every file."""
    return session.scalars(select(GateLot.no).where(GateLot.campaign_id == campaign_id).limit(1)).first() is not None


def newest(session: Session, *, campaign_id: str | None, sent_by: str | None) -> Sequence[Upload]:
    """Uploads, newest first, of one campaign and one sender if these are given."""
    query = select(Upload).order_by(Upload.received_at.desc(), Upload.id).limit(MAX_LISTED)
    if campaign_id is not None:
        query = query.where(Upload.campaign_id == campaign_id)
    if sent_by is not None:
        query = query.where(Upload.sent_by == sent_by)
    return session.scalars(query).all()


def faults(session: Session, upload_id: uuid.UUID) -> Sequence[UploadFault]:
    """The stored faults of an upload, in the order of the file."""
    query = select(UploadFault).where(UploadFault.upload_id == upload_id).order_by(UploadFault.no)
    return session.scalars(query).all()


def content(session: Session, sha256: str) -> bytes:
    """The bytes as they came."""
    return session.get_one(Blob, sha256).content


def stored_rows(session: Session, upload: Upload) -> int:
    """How many rows of an upload stand among the ballots, counted or not."""
    query = select(func.count()).where(Ballot.campaign_id == upload.campaign_id, Ballot.upload_id == upload.id)
    return int(session.scalar(query) or 0)


def strata(session: Session, campaign_id: str) -> Sequence[Stratum]:
    """Strata of a campaign in their order."""
    return session.scalars(select(Stratum).where(Stratum.campaign_id == campaign_id).order_by(Stratum.no)).all()


def points(session: Session, campaign_id: str) -> Sequence[Point]:
    """Test points of a campaign in their order."""
    return session.scalars(select(Point).where(Point.campaign_id == campaign_id).order_by(Point.no)).all()
