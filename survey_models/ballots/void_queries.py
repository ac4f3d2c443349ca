"""Reading corrections (剔除) and the numbers of sheets that they name."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session

from survey_models.ballots.tables import Ballot, BallotVoid, IntakeSheet
from survey_models.tickets.tables import TicketBatch
from survey_models.uploads.tables import Upload, UploadState


def voids_of(session: Session, campaign_id: str) -> Sequence[BallotVoid]:
    """The corrections of a campaign, in the order they were made."""
    query = select(BallotVoid).where(BallotVoid.campaign_id == campaign_id)
    return session.scalars(query.order_by(BallotVoid.made_at, BallotVoid.act_number)).all()


def has_batch(session: Session, campaign_id: str, batch_no: int) -> bool:
    """Whether a ticket batch is there."""
    query = select(exists().where(TicketBatch.campaign_id == campaign_id, TicketBatch.no == batch_no))
    return bool(session.scalar(query))


def cells_of_batches(session: Session, campaign_id: str) -> dict[int, tuple[int, int]]:
    """Stratum and point of every ticket batch."""
    query = select(TicketBatch.no, TicketBatch.stratum_no, TicketBatch.point_no)
    rows = session.execute(query.where(TicketBatch.campaign_id == campaign_id))
    return {no: (stratum, point) for no, stratum, point in rows}


def has_accepted_upload(session: Session, campaign_id: str, upload_id: str) -> bool:
    """Whether a contractor's file counts in a campaign."""
    found = session.get(Upload, uuid.UUID(upload_id))
    return found is not None and found.campaign_id == campaign_id and found.state == UploadState.ACCEPTED


def intake_groups(session: Session, campaign_id: str) -> Sequence[Row[int, str, int]]:
    """Sealed sheets by ticket batch and channel; nothing is opened."""
    sheet = IntakeSheet
    query = select(sheet.batch_no, sheet.channel, func.count()).where(sheet.campaign_id == campaign_id)
    return session.execute(query.group_by(sheet.batch_no, sheet.channel)).all()


def box_groups(session: Session, campaign_id: str) -> Sequence[Row[int, int, str, uuid.UUID | None, int]]:
    """Ballots of the box and of accepted files by stratum, point, channel and file, those set aside apart."""
    accepted = select(Upload.id).where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ACCEPTED)
    keys = (Ballot.stratum_no, Ballot.point_no, Ballot.channel, Ballot.upload_id)
    query = select(*keys, func.count()).where(
        Ballot.campaign_id == campaign_id,
        Ballot.set_aside.is_(False),
        or_(Ballot.upload_id.is_(None), Ballot.upload_id.in_(accepted)),
    )
    return session.execute(query.group_by(*keys)).all()
