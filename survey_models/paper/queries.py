"""Reading paper sheets and their sealed entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Campaign, State
from survey_models.core.upsert import insert_new
from survey_models.paper.tables import PaperEntry, PaperSheet, SheetState
from survey_models.tickets.tables import Ticket, TicketBatch

# A page of a list of sheets.
PAGE = 1_000


def card(session: Session, campaign_id: str, serial: int) -> tuple[str, str, bytes] | None:
    """State, questionnaire variant and digest of the ticket whose card has this number."""
    query = (
        select(Ticket.state, TicketBatch.variant, Ticket.digest)
        .join(TicketBatch, (TicketBatch.campaign_id == Ticket.campaign_id) & (TicketBatch.no == Ticket.batch_no))
        .where(Ticket.campaign_id == campaign_id, Ticket.serial == serial)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def cells_of(session: Session, campaign_id: str, serials: Sequence[int]) -> Counter[tuple[int, int]]:
    """How many of these cards are of each stratum and point."""
    query = (
        select(TicketBatch.stratum_no, TicketBatch.point_no, func.count())
        .join(Ticket, (Ticket.campaign_id == TicketBatch.campaign_id) & (Ticket.batch_no == TicketBatch.no))
        .where(Ticket.campaign_id == campaign_id, Ticket.serial.in_(list(serials)))
        .group_by(TicketBatch.stratum_no, TicketBatch.point_no)
    )
    return Counter({(stratum, point): int(number) for stratum, point, number in session.execute(query)})


def sheet(session: Session, campaign_id: str, serial: int, *, lock: bool = False) -> PaperSheet | None:
    """A sheet; ``lock`` holds it until the transaction ends."""
    query = select(PaperSheet).where(PaperSheet.campaign_id == campaign_id, PaperSheet.serial == serial)
    # Who waited for the row sees what its holder wrote, also where the session has looked at it before.
    held = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(held if lock else query).one_or_none()


def begun(session: Session, campaign_id: str, serial: int, *, by: str, fields: int) -> PaperSheet:
    """The sheet, held; a new one is begun by ``by``. Of two clerks at the same moment one is the first."""
    row = {
        "campaign_id": campaign_id,
        "serial": serial,
        "state": SheetState.WAITING.value,
        "first_by": by,
        "second_by": None,
        "settled_by": None,
        "fields": fields,
        "differing": 0,
        "refused": None,
    }
    insert_new(session.connection(), PaperSheet, [row], key="serial")
    found = sheet(session, campaign_id, serial, lock=True)
    if found is None:
        raise RuntimeError("a sheet that was begun is gone")
    return found


def entries(session: Session, campaign_id: str, serial: int) -> dict[int, PaperEntry]:
    """The sealed entries of a sheet by their turn."""
    query = select(PaperEntry).where(PaperEntry.campaign_id == campaign_id, PaperEntry.serial == serial)
    return {entry.turn: entry for entry in session.scalars(query)}


def erase_entries(session: Session, campaign_id: str, serials: Sequence[int]) -> None:
    """Erase every entry of the sheets."""
    session.execute(
        delete(PaperEntry).where(PaperEntry.campaign_id == campaign_id, PaperEntry.serial.in_(list(serials)))
    )


def in_states(
    session: Session, campaign_id: str, states: Sequence[str], *, after: int = 0, limit: int | None = None
) -> Sequence[PaperSheet]:
    """Sheets in these states by their numbers, beyond ``after``; ``limit`` None: all of them."""
    query = select(PaperSheet).where(PaperSheet.campaign_id == campaign_id, PaperSheet.state.in_(states))
    return session.scalars(query.where(PaperSheet.serial > after).order_by(PaperSheet.serial).limit(limit)).all()


def _differing(campaign_id: str, by: str) -> tuple[ColumnElement[bool], ...]:
    """Sheets that somebody who typed neither entry may settle."""
    own = (PaperSheet.first_by == by) | (func.coalesce(PaperSheet.second_by, "") == by)
    return PaperSheet.campaign_id == campaign_id, PaperSheet.state == SheetState.DIFFERS.value, ~own


def differing_for(session: Session, campaign_id: str, *, by: str, after: int, limit: int) -> Sequence[int]:
    """Numbers of the sheets that this person may settle, beyond ``after``."""
    query = select(PaperSheet.serial).where(*_differing(campaign_id, by), PaperSheet.serial > after)
    return session.scalars(query.order_by(PaperSheet.serial).limit(limit)).all()


def number_differing_for(session: Session, campaign_id: str, *, by: str) -> int:
    """How many sheets this person may settle."""
    return int(session.scalar(select(func.count()).where(*_differing(campaign_id, by))) or 0)


def by_state(session: Session, campaign_id: str) -> dict[str, int]:
    """How many sheets are in each state."""
    query = select(PaperSheet.state, func.count()).where(PaperSheet.campaign_id == campaign_id)
    return {state: int(number) for state, number in session.execute(query.group_by(PaperSheet.state))}


def typed_by(session: Session, campaign_id: str, name: str) -> int:
    """How many sheets this clerk has typed."""
    mine = (PaperSheet.first_by == name) | (PaperSheet.second_by == name)
    return int(session.scalar(select(func.count()).where(PaperSheet.campaign_id == campaign_id, mine)) or 0)


def compared(session: Session, campaign_id: str) -> Sequence[tuple[str, str, int, int, int, int]]:
    """For each order of clerks: first, second, sheets, sheets that differed, places compared, places that differed."""
    query = (
        select(
            PaperSheet.first_by,
            PaperSheet.second_by,
            func.count(),
            func.count().filter(PaperSheet.differing > 0),
            func.sum(PaperSheet.fields),
            func.sum(PaperSheet.differing),
        )
        .where(PaperSheet.campaign_id == campaign_id, PaperSheet.second_by.is_not(None))
        .group_by(PaperSheet.first_by, PaperSheet.second_by)
    )
    rows = session.execute(query).all()
    return [(row[0], str(row[1]), int(row[2]), int(row[3]), int(row[4]), int(row[5])) for row in rows]


def taking_paper(session: Session) -> Sequence[Campaign]:
    """Campaigns in whose state sheets of paper are taken, newest first."""
    query = select(Campaign).where(Campaign.state.in_((State.OPEN, State.CLOSED)))
    return session.scalars(query.order_by(Campaign.made_at.desc(), Campaign.id)).all()
