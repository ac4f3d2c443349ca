"""Keeping and erasing sealed evidence (证据的保存与销毁). What the ledger, the box and the results hold stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from survey_models.ballots.tables import BallotText, IntakeSheet, MixMember
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign
from survey_models.core.clock import local_text
from survey_models.core.errors import Problem
from survey_models.duties.tables import DutyFile
from survey_models.findings.tables import FindingFile
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.marks.tables import MarkSending
from survey_models.retention.rules import kept_until
from survey_models.retention.tables import Purge
from survey_models.uploads.tables import Blob, Upload


@dataclass(frozen=True)
class Kept:
    """What is kept of a campaign: sealed sheets, files, until when (None: not counted yet), and when it was erased."""

    sheets: int
    files: int
    until: datetime | None
    purged_at: datetime | None


def kept(session: Session, campaign_id: str, *, years: int, zone: str) -> Kept:
    """The evidence of a campaign."""
    campaign = campaigns.get(session, campaign_id)
    purge = session.get(Purge, campaign_id)
    until = kept_until(campaign.counted_at, years=years, zone=zone) if campaign.counted_at else None
    sheets = session.scalar(select(func.count()).where(IntakeSheet.campaign_id == campaign_id)) or 0
    query = select(func.count()).where(Upload.campaign_id == campaign_id, Upload.sha256 == Blob.sha256)
    files = session.scalar(query.where(func.length(Blob.content) > 0)) or 0
    return Kept(int(sheets), int(files), until, purge.made_at if purge else None)


def listed(session: Session, *, years: int, zone: str) -> Sequence[tuple[Campaign, Kept]]:
    """The evidence of every campaign, the newest campaign first."""
    found = session.scalars(select(Campaign).order_by(Campaign.made_at.desc(), Campaign.id)).all()
    return [(campaign, kept(session, campaign.id, years=years, zone=zone)) for campaign in found]


def check_purge(session: Session, campaign_id: str, *, years: int, zone: str, at: datetime) -> Kept:
    """Refuse to erase what must be kept: ``evidence_kept`` before its time is over, ``evidence_purged`` twice."""
    found = kept(session, campaign_id, years=years, zone=zone)
    if found.purged_at is not None:
        raise Problem("evidence_purged", at=local_text(found.purged_at, zone))
    if found.until is None:
        campaigns.refuse_before_counted(session, campaigns.get(session, campaign_id))
    if found.until is None or at < found.until:
        raise Problem("evidence_kept", until=local_text(found.until, zone) if found.until else "")
    return found


def purge(
    session: Session,
    campaign_id: str,
    *,
    years: int,
    zone: str,
    act_number: int,
    asked_by: str,
    by: str,
    at: datetime,
) -> Purge:
    """Erase sealed sheets, membership, texts and the bytes of files, once; an act of two people, in the ledger."""
    campaigns.get(session, campaign_id, lock=True)
    found = check_purge(session, campaign_id, years=years, zone=zone, at=at)
    made = Purge(campaign_id=campaign_id, act_number=act_number, sheets=found.sheets, files=found.files, made_at=at)
    session.add(made)
    # The walls of the database let go of a campaign's evidence once this row stands.
    session.flush()
    session.execute(delete(MixMember).where(MixMember.campaign_id == campaign_id))
    session.execute(delete(IntakeSheet).where(IntakeSheet.campaign_id == campaign_id))
    # What people wrote may hold personal data: it is kept no longer than what it came in.
    texts = session.scalar(select(func.count()).where(BallotText.campaign_id == campaign_id)) or 0
    session.execute(delete(BallotText).where(BallotText.campaign_id == campaign_id))
    session.execute(update(Blob).where(Blob.sha256.in_(_own_files(campaign_id))).values(content=b""))
    body = {"sheets": found.sheets, "files": found.files, "texts": texts, "asked_by": asked_by}
    record(session, campaign_id, Event.EVIDENCE_PURGED, body, at=at, by=by)
    return made


def _own_files(campaign_id: str) -> Any:
    """Hashes of the campaign's files that no campaign, finding, mark or duty still needs."""
    other = aliased(Upload)
    needed = exists().where(
        other.sha256 == Upload.sha256, other.campaign_id.not_in(select(Purge.campaign_id).scalar_subquery())
    )
    in_findings = exists().where(FindingFile.sha256 == Upload.sha256, FindingFile.erased_at.is_(None))
    in_marks = exists().where(or_(MarkSending.sha256 == Upload.sha256, MarkSending.attachment == Upload.sha256))
    in_duties = exists().where(DutyFile.sha256 == Upload.sha256)
    kept = or_(needed, in_findings, in_marks, in_duties)
    return select(Upload.sha256).where(Upload.campaign_id == campaign_id, ~kept)
