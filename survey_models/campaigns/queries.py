"""Reading campaigns, their cells and counters."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from survey_models.ballots.tables import Ballot
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.tables import Campaign, Point, Stratum
from survey_models.fieldwork.tables import Target
from survey_models.tickets.tables import TicketBatch, TicketCounter
from survey_models.uploads.tables import Upload, UploadState


@dataclass(frozen=True)
class CellProgress:
    """Progress (进度) of one cell: tickets issued, forms opened, sheets done, and the target."""

    stratum_no: int
    point_no: int
    issued: int
    opened: int
    done: int
    target: int


def all_campaigns(session: Session) -> Sequence[Campaign]:
    """Every campaign, newest first."""
    return session.scalars(select(Campaign).order_by(Campaign.made_at.desc(), Campaign.id)).all()


def strata(session: Session, campaign_id: str) -> Sequence[Stratum]:
    """Strata of a campaign in their order."""
    return session.scalars(select(Stratum).where(Stratum.campaign_id == campaign_id).order_by(Stratum.no)).all()


def points(session: Session, campaign_id: str) -> Sequence[Point]:
    """Test points of a campaign in their order."""
    return session.scalars(select(Point).where(Point.campaign_id == campaign_id).order_by(Point.no)).all()


def ticket_totals(session: Session, campaign_id: str) -> tuple[int, int]:
    """How many tickets were issued (reserve apart) and how many sheets are done."""
    issued = session.scalar(select(func.sum(TicketBatch.count)).where(TicketBatch.campaign_id == campaign_id)) or 0
    done = session.scalar(select(func.sum(TicketCounter.done)).where(TicketCounter.campaign_id == campaign_id)) or 0
    return int(issued), int(done)


def cell_progress(session: Session, campaign_id: str) -> list[CellProgress]:
    """Counters of every cell, days added up."""
    counters = {
        (row.stratum_no, row.point_no): row
        for row in session.execute(
            select(
                TicketCounter.stratum_no,
                TicketCounter.point_no,
                func.sum(TicketCounter.opened).label("opened"),
                func.sum(TicketCounter.done).label("done"),
            )
            .where(TicketCounter.campaign_id == campaign_id)
            .group_by(TicketCounter.stratum_no, TicketCounter.point_no)
        )
    }
    query = select(Target).where(Target.campaign_id == campaign_id).order_by(Target.stratum_no, Target.point_no)
    issued = {
        (row.stratum_no, row.point_no): int(row.issued)
        for row in session.execute(
            select(TicketBatch.stratum_no, TicketBatch.point_no, func.sum(TicketBatch.count).label("issued"))
            .where(TicketBatch.campaign_id == campaign_id)
            .group_by(TicketBatch.stratum_no, TicketBatch.point_no)
        )
    }
    found = []
    for target in session.scalars(query):
        cell = (target.stratum_no, target.point_no)
        counter = counters.get(cell)
        opened, done = (int(counter.opened), int(counter.done)) if counter else (0, 0)
        found.append(CellProgress(*cell, issued.get(cell, 0), opened, done, target.target))
    return found


def _accepted_uploads(campaign_id: str) -> Select[uuid.UUID]:
    return select(Upload.id).where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ACCEPTED)


def channel_totals(session: Session, campaign_id: str) -> dict[str, int]:
    """Counted sheets by channel; lines of files that are not accepted do not count."""
    query = (
        select(Ballot.channel, func.count())
        .where(Ballot.campaign_id == campaign_id)
        .where(or_(Ballot.upload_id.is_(None), Ballot.upload_id.in_(_accepted_uploads(campaign_id))))
        .group_by(Ballot.channel)
    )
    return {channel: int(number) for channel, number in session.execute(query)}


def cell_answers(session: Session, campaign_id: str) -> list[CellAnswers]:
    """Answers of every cell as one string each: what the tally is counted from."""
    query = (
        select(
            Ballot.stratum_no,
            Ballot.point_no,
            Ballot.channel,
            func.count().label("sheets"),
            func.aggregate_strings(Ballot.answers, "").label("answers"),
        )
        .where(Ballot.campaign_id == campaign_id)
        .where(or_(Ballot.upload_id.is_(None), Ballot.upload_id.in_(_accepted_uploads(campaign_id))))
        .group_by(Ballot.stratum_no, Ballot.point_no, Ballot.channel)
        .order_by(Ballot.stratum_no, Ballot.point_no, Ballot.channel)
    )
    return [
        CellAnswers(row.stratum_no, row.point_no, row.channel, row.sheets, row.answers)
        for row in session.execute(query)
    ]


def entering_uploads(session: Session, campaign_id: str) -> int:
    """Files whose lines are on their way in."""
    query = select(func.count()).where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ENTERING)
    return int(session.scalar(query) or 0)
