"""Reading campaigns, their cells and counters."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, text
from sqlalchemy.orm import Session

from survey_models.ballots.tables import Ballot, BallotVoid, Channel, IntakeSheet, SealingKey
from survey_models.campaigns.answers import CellAnswers, in_joined_strata
from survey_models.campaigns.cells import Cell, Moves, joined_strata
from survey_models.campaigns.tables import BOX_FILLED, Campaign, CellJoin, JoinReason, Point, Stratum
from survey_models.campaigns.voids import named
from survey_models.fieldwork import invalid
from survey_models.fieldwork.tables import Target
from survey_models.paper.tables import UNFINISHED, PaperSheet
from survey_models.tickets.tables import OPEN_STRATUM, TicketBatch, TicketCounter
from survey_models.uploads.tables import Upload, UploadState

_GROUPS_MEMORY = "256MB"


@dataclass(frozen=True)
class CellProgress:
    """Progress (进度) of one cell: tickets issued, forms opened, sheets done and invalid ones, and the target."""

    stratum_no: int
    point_no: int
    issued: int
    opened: int
    done: int
    target: int
    invalid: int


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
    out = func.sum(TicketBatch.count - TicketBatch.withdrawn)
    issued = session.scalar(select(out).where(TicketBatch.campaign_id == campaign_id)) or 0
    by_ticket = select(func.sum(TicketCounter.done)).where(TicketCounter.stratum_no != OPEN_STRATUM)
    done = session.scalar(by_ticket.where(TicketCounter.campaign_id == campaign_id)) or 0
    return int(issued), int(done)


def cell_progress(session: Session, campaign_id: str) -> list[CellProgress]:
    """Counters of every cell, days added up. Where no target was set, it is what was issued.

    A small group (小组) without targets has no cells: its progress would show who of them has answered.
    """
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
    set_ = select(Target).where(Target.campaign_id == campaign_id)
    targets = {(row.stratum_no, row.point_no): row.target for row in session.scalars(set_)}
    issued = {
        (row.stratum_no, row.point_no): int(row.issued)
        for row in session.execute(
            select(
                TicketBatch.stratum_no,
                TicketBatch.point_no,
                func.sum(TicketBatch.count - TicketBatch.withdrawn).label("issued"),
            )
            .where(TicketBatch.campaign_id == campaign_id)
            .group_by(TicketBatch.stratum_no, TicketBatch.point_no)
        )
    }
    small = session.scalar(select(Campaign.small_group).where(Campaign.id == campaign_id))
    void = invalid.by_cell(session, campaign_id)
    found = []
    for cell in sorted(targets if small else {*targets, *issued, *void}):
        counter = counters.get(cell)
        opened, done = (int(counter.opened), int(counter.done)) if counter else (0, 0)
        out = issued.get(cell, 0)
        found.append(CellProgress(*cell, out, opened, done, targets.get(cell, out), void[cell]))
    return found


def _accepted_uploads(campaign_id: str) -> Select[uuid.UUID]:
    return select(Upload.id).where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ACCEPTED)


def cell_tickets(session: Session, campaign_id: str) -> dict[Cell, int]:
    """Tickets that may still bring a sheet, by stratum and point; sealed reserve and voided batches apart."""
    query = (
        select(TicketBatch.stratum_no, TicketBatch.point_no, func.sum(TicketBatch.count - TicketBatch.withdrawn))
        .where(TicketBatch.campaign_id == campaign_id)
        .group_by(TicketBatch.stratum_no, TicketBatch.point_no)
    )
    return {Cell(stratum, point): int(number) for stratum, point, number in session.execute(query)}


def sealing_key(session: Session, campaign_id: str) -> SealingKey | None:
    """The key that sheets of a campaign are sealed to."""
    return session.get(SealingKey, campaign_id)


def cell_joins(session: Session, campaign_id: str) -> Sequence[CellJoin]:
    """Joined cells of a campaign, those of the opening first."""
    order = (CellJoin.reason.desc(), CellJoin.stratum_no, CellJoin.point_no, CellJoin.channel)
    return session.scalars(select(CellJoin).where(CellJoin.campaign_id == campaign_id).order_by(*order)).all()


def moves(session: Session, campaign_id: str) -> tuple[Moves, Moves]:
    """Where joined cells went: at opening, and at counting."""
    found: dict[str, Moves] = {reason.value: {} for reason in JoinReason}
    for row in cell_joins(session, campaign_id):
        there = Cell(row.into_stratum, row.into_point, row.into_channel)
        found[row.reason][Cell(row.stratum_no, row.point_no, row.channel)] = there
    return found[JoinReason.FEW_TICKETS], found[JoinReason.FEW_RETURNED]


def channel_totals(session: Session, campaign_id: str) -> dict[str, int]:
    """Sheets by channel: as they came in until the campaign is counted, then as the box holds them.

    Lines of files that are not accepted do not count, nor what was set aside.
    """
    accepted = or_(Ballot.upload_id.is_(None), Ballot.upload_id.in_(_accepted_uploads(campaign_id)))
    boxed = (
        select(Ballot.channel, func.count())
        .where(Ballot.campaign_id == campaign_id, _not_aside(session, campaign_id), accepted)
        .group_by(Ballot.channel)
    )
    totals = Counter({channel: int(number) for channel, number in session.execute(boxed)})
    state = session.scalar(select(Campaign.state).where(Campaign.id == campaign_id))
    if state not in BOX_FILLED:
        sealed = (
            select(IntakeSheet.channel, func.count())
            .where(IntakeSheet.campaign_id == campaign_id)
            .group_by(IntakeSheet.channel)
        )
        totals.update({channel: int(number) for channel, number in session.execute(sealed)})
    return dict(totals)


def _not_aside(session: Session, campaign_id: str) -> ColumnElement[bool]:
    """Ballots that nobody set aside: neither before counting nor, by cell or file, after it."""
    scopes = session.scalars(select(BallotVoid.scope).where(BallotVoid.campaign_id == campaign_id)).all()
    return and_(Ballot.set_aside.is_(False), not_(named(scopes, joined_strata(*moves(session, campaign_id)))))


def cell_answers(session: Session, campaign_id: str, *, with_aside: bool = False) -> list[CellAnswers]:
    """Answers of every published cell as one string each: what the tally is counted from.

    Not in it: what was set aside (unless ``with_aside``), and the open QR, which is pooled with nothing.
    """
    kept = () if with_aside else (_not_aside(session, campaign_id),)
    cells = _answers(session, campaign_id, Ballot.channel != Channel.OPEN, *kept)
    return in_joined_strata(cells, joined_strata(*moves(session, campaign_id)))


def open_answers(session: Session, campaign_id: str) -> list[CellAnswers]:
    """Answers of the open QR (开放扫码), without what was set aside: shown beside a result, in no tally."""
    return _answers(session, campaign_id, Ballot.channel == Channel.OPEN, _not_aside(session, campaign_id))


def _answers(session: Session, campaign_id: str, *kept: ColumnElement[bool]) -> list[CellAnswers]:
    query = (
        select(
            Ballot.stratum_no,
            Ballot.point_no,
            Ballot.channel,
            func.count().label("sheets"),
            func.aggregate_strings(Ballot.answers, "").label("answers"),
        )
        .where(Ballot.campaign_id == campaign_id, *kept)
        # A line of a file that found its quota full is kept and counts nowhere.
        .where(
            or_(
                Ballot.upload_id.is_(None),
                and_(Ballot.set_aside.is_(False), Ballot.upload_id.in_(_accepted_uploads(campaign_id))),
            )
        )
        .group_by(Ballot.stratum_no, Ballot.point_no, Ballot.channel)
    )
    with _groups_in_memory(session):
        rows = session.execute(query).all()
    cells = [CellAnswers(row.stratum_no, row.point_no, row.channel, row.sheets, row.answers) for row in rows]
    # Sorted here: asked to sort, the database would sort the sheets and not the cells.
    return sorted(cells, key=attrgetter("stratum_no", "point_no", "channel"))


@contextmanager
def _groups_in_memory(session: Session) -> Iterator[None]:
    """Let PostgreSQL gather few large groups while it reads, instead of sorting a million sheets on the disk first."""
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    session.execute(text("SET LOCAL enable_sort = off"))
    session.execute(text(f"SET LOCAL work_mem = '{_GROUPS_MEMORY}'"))
    yield
    session.execute(text("SET LOCAL enable_sort TO DEFAULT"))
    session.execute(text("SET LOCAL work_mem TO DEFAULT"))


class Sheet(NamedTuple):
    """One counted sheet of the box; ``more`` None where it was not asked for."""

    stratum_no: int
    point_no: int
    channel: str
    answers: str
    more: Mapping[str, Any] | None


def sheets(session: Session, campaign_id: str, *, more: bool = False, at_once: int = 5_000) -> Iterator[Sheet]:
    """The sheets of ``cell_answers`` one by one, by their random ids; only ``at_once`` are in memory."""
    joined = joined_strata(*moves(session, campaign_id))
    columns = (Ballot.stratum_no, Ballot.point_no, Ballot.channel, Ballot.answers, *((Ballot.more,) if more else ()))
    query = select(*columns).where(*_counted(session, campaign_id)).order_by(Ballot.id)
    for row in session.execute(query, execution_options={"yield_per": at_once}):
        stratum, said = int(row[0]), row[4] if more else None
        yield Sheet(joined.get(stratum, stratum), row[1], row[2], row[3], said)


def sheets_by_stratum(session: Session, campaign_id: str) -> dict[int, int]:
    """How many of them there are in each stratum."""
    joined = joined_strata(*moves(session, campaign_id))
    query = select(Ballot.stratum_no, func.count()).where(*_counted(session, campaign_id)).group_by(Ballot.stratum_no)
    found: Counter[int] = Counter()
    for stratum, number in session.execute(query):
        found[joined.get(stratum, stratum)] += int(number)
    return dict(found)


def _counted(session: Session, campaign_id: str) -> tuple[ColumnElement[bool], ...]:
    """Ballots that count: no open QR, nothing set aside, lines of accepted files alone."""
    accepted = or_(Ballot.upload_id.is_(None), Ballot.upload_id.in_(_accepted_uploads(campaign_id)))
    apart = Ballot.channel != Channel.OPEN
    return Ballot.campaign_id == campaign_id, apart, _not_aside(session, campaign_id), accepted


def box_more(session: Session, campaign_id: str) -> list[Mapping[str, Any]]:
    """What the sheets of ``cell_answers`` hold besides single choices, in no order; sheets without any left out."""
    kept = (Ballot.channel != Channel.OPEN, _not_aside(session, campaign_id), Ballot.upload_id.is_(None))
    found = session.scalars(select(Ballot.more).where(Ballot.campaign_id == campaign_id, *kept))
    return [more for more in found if more]


def entering_uploads(session: Session, campaign_id: str) -> int:
    """Files whose lines are on their way in."""
    query = select(func.count()).where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ENTERING)
    return int(session.scalar(query) or 0)


def unfinished_paper(session: Session, campaign_id: str) -> int:
    """Sheets of paper that were begun to be typed and are not in."""
    query = select(func.count()).where(PaperSheet.campaign_id == campaign_id, PaperSheet.state.in_(UNFINISHED))
    return int(session.scalar(query) or 0)
