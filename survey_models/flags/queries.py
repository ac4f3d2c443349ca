"""Reading what detectors look at: counters and times while sheets are sealed, levels of window ratings, flags."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from survey_models.ballots.tables import IntakeSheet
from survey_models.campaigns.tables import Campaign, State
from survey_models.cases.tables import Case
from survey_models.flags.tables import Flag
from survey_models.ratings.tables import Rating, of_visitors
from survey_models.tickets.tables import OPEN_STRATUM, TicketBatch, TicketCounter
from survey_models.units.tables import Window


def done_by_day(session: Session, campaign_id: str) -> Sequence[Row[int, int, date, int]]:
    """Sheets of each cell (stratum, point) and day; the open QR (开放扫码) is no cell of the sample."""
    table = TicketCounter
    query = select(table.stratum_no, table.point_no, table.day, table.done).where(
        table.campaign_id == campaign_id, table.stratum_no != OPEN_STRATUM, table.done > 0
    )
    return session.execute(query).all()


def issued_by_cell(session: Session, campaign_id: str) -> dict[tuple[int, int], int]:
    """Tickets of each cell, withdrawn ones taken off."""
    table = TicketBatch
    query = (
        select(table.stratum_no, table.point_no, func.sum(table.count - table.withdrawn))
        .where(table.campaign_id == campaign_id)
        .group_by(table.stratum_no, table.point_no)
    )
    return {(stratum, point): int(number) for stratum, point, number in session.execute(query)}


def channels_by_cell(session: Session, campaign_id: str) -> dict[tuple[int, int], dict[str, int]]:
    """Sealed sheets of each cell by the channel they came by; nothing is opened."""
    sheets, batch = IntakeSheet, TicketBatch
    query = (
        select(batch.stratum_no, batch.point_no, sheets.channel, func.count())
        .join(batch, (batch.campaign_id == sheets.campaign_id) & (batch.no == sheets.batch_no))
        .where(sheets.campaign_id == campaign_id)
        .group_by(batch.stratum_no, batch.point_no, sheets.channel)
    )
    found: dict[tuple[int, int], dict[str, int]] = {}
    for stratum, point, channel, number in session.execute(query):
        found.setdefault((stratum, point), {})[channel] = int(number)
    return found


def windows(session: Session) -> Sequence[Window]:
    """Every window, that of the daily probe apart."""
    return session.scalars(select(Window).where(Window.canary.is_(False)).order_by(Window.id)).all()


def rating_times(session: Session, window_id: str, *, since: date) -> Sequence[Row[datetime, datetime]]:
    """When the ratings of a window were made by the terminal's clock, and when they arrived."""
    wanted = (Rating.window_id == window_id, Rating.day >= since, of_visitors())
    query = select(Rating.device_time, Rating.received_at).where(*wanted)
    return session.execute(query).all()


def rating_levels(session: Session, *, since: date, best: str) -> Sequence[Row[str, uuid.UUID, date, int, int]]:
    """Ratings of each window, terminal and day: all, and those of the best level."""
    table = Rating
    query = (
        select(
            table.window_id,
            table.device_id,
            table.day,
            func.count().label("all"),
            func.count().filter(table.code == best).label("top"),
        )
        .where(table.day >= since, of_visitors())
        .group_by(table.window_id, table.device_id, table.day)
    )
    return session.execute(query).all()


def cases_by_day(session: Session, *, since: date) -> Sequence[Row[str, date, int]]:
    """Finished cases (办件) of each window and day."""
    query = (
        select(Case.window_id, Case.finished_on, func.count())
        .where(Case.finished_on >= since)
        .group_by(Case.window_id, Case.finished_on)
    )
    return session.execute(query).all()


def running(session: Session) -> Sequence[Campaign]:
    """The campaigns that a daily run looks at: open, closed, being counted, counted and not yet published."""
    states = (State.OPEN, State.CLOSED, State.COUNTING, State.COUNTED)
    return session.scalars(select(Campaign).where(Campaign.state.in_(states)).order_by(Campaign.id)).all()


def campaign_before(session: Session, campaign: Campaign) -> Campaign | None:
    """The newest counted campaign before this one with the same questionnaire: a unit's own past."""
    query = (
        select(Campaign)
        .where(
            Campaign.questionnaire_id == campaign.questionnaire_id,
            Campaign.purpose == campaign.purpose,
            Campaign.id != campaign.id,
            Campaign.counted_at < campaign.counted_at,
        )
        .order_by(Campaign.counted_at.desc(), Campaign.id)
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def marks_known(session: Session, marks: Sequence[str]) -> set[str]:
    """Which findings are flags already."""
    return set(session.scalars(select(Flag.mark).where(Flag.mark.in_(marks))))


def flags(
    session: Session,
    *,
    campaign_id: str | None = None,
    window_id: str | None = None,
    upload_id: uuid.UUID | None = None,
    state: str | None = None,
    limit: int = 400,
) -> Sequence[Flag]:
    """Flags, newest first."""
    query = select(Flag).order_by(Flag.made_at.desc(), Flag.rule, Flag.mark).limit(limit)
    wanted = ((Flag.campaign_id, campaign_id), (Flag.window_id, window_id), (Flag.upload_id, upload_id))
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if state is not None:
        query = query.where(Flag.state == state)
    return session.scalars(query).all()
