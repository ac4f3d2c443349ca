"""Reading lots, files behind the gate, and back-checks."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Point, Stratum
from survey_models.gate.tables import Cell, GateBackCheck, GateCheckedLine, GateLot, GateQuota, GateQuotaUse
from survey_models.tickets.tables import Ticket, TicketState
from survey_models.uploads.tables import Upload, UploadState

# A file whose lines count among those that came back: being entered, or in.
IN = (UploadState.ENTERING.value, UploadState.ACCEPTED.value)


def lots(session: Session, campaign_id: str, *, contractor: str | None = None) -> Sequence[GateLot]:
    """The lots of a campaign in their order; of one contractor."""
    query = select(GateLot).where(GateLot.campaign_id == campaign_id)
    if contractor is not None:
        query = query.where(GateLot.contractor == contractor)
    return session.scalars(query.order_by(GateLot.no)).all()


def lot(session: Session, campaign_id: str, no: int, *, lock: bool = False) -> GateLot | None:
    """One lot; ``lock`` holds it until the transaction ends."""
    query = select(GateLot).where(GateLot.campaign_id == campaign_id, GateLot.no == no)
    # Who waited for the row sees what its holder wrote, also where the session has looked at it before.
    held = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(held if lock else query).one_or_none()


def cards_between(session: Session, campaign_id: str, first: int, last: int) -> dict[str, int]:
    """How many tickets with serial numbers in a range are in each state."""
    query = (
        select(Ticket.state, func.count())
        .where(Ticket.campaign_id == campaign_id, Ticket.serial >= first, Ticket.serial <= last)
        .group_by(Ticket.state)
    )
    return {state: int(number) for state, number in session.execute(query)}


def spent_between(session: Session, campaign_id: str, first: int, last: int) -> int:
    """How many cards of a range were used, on paper or on-line."""
    return cards_between(session, campaign_id, first, last).get(TicketState.SPENT.value, 0)


def files_of(
    session: Session, campaign_id: str, contractor: str, *, besides: uuid.UUID | None = None
) -> Sequence[Upload]:
    """The contractor's files whose lines came back; ``besides``: this one, too, in whatever state."""
    mine = (Upload.campaign_id == campaign_id) & (Upload.sent_by == contractor)
    counted = Upload.state.in_(IN) if besides is None else Upload.state.in_(IN) | (Upload.id == besides)
    return session.scalars(select(Upload).where(mine, counted)).all()


def drawn_from(session: Session, campaign_id: str, contractor: str) -> list[tuple[Upload, int]]:
    """The contractor's files that wait for a signature and whose back-check is planned, with its share in per cent."""
    query = (
        select(Upload, GateBackCheck.per_cent)
        .join(GateBackCheck, GateBackCheck.upload_id == Upload.id)
        .where(Upload.campaign_id == campaign_id, Upload.sent_by == contractor)
        .where(Upload.state == UploadState.CHECKED.value)
        .order_by(Upload.received_at, Upload.id)
    )
    return [(row[0], int(row[1])) for row in session.execute(query)]


def cells_of(session: Session, campaign_id: str, files: Iterable[Upload]) -> list[tuple[Cell, int]]:
    """Lines by stratum and point, from the summaries of checked files."""
    strata = {
        (row.area_name, row.kind_name): row.no
        for row in session.scalars(select(Stratum).where(Stratum.campaign_id == campaign_id))
    }
    points = {row.name: row.no for row in session.scalars(select(Point).where(Point.campaign_id == campaign_id))}
    found: Counter[Cell] = Counter()
    for upload in files:
        for cell in upload.summary.get("cells", []):
            place = strata[cell["area"], cell["kind"]], points.get(cell["point"] or "", 0)
            found[place] += int(cell["rows"])
    return sorted(found.items())


def quotas(session: Session, campaign_id: str) -> Sequence[GateQuota]:
    """The quotas of a campaign in their order."""
    return session.scalars(select(GateQuota).where(GateQuota.campaign_id == campaign_id).order_by(GateQuota.no)).all()


def quota_uses(session: Session, campaign_id: str, upload_id: uuid.UUID) -> Sequence[GateQuotaUse]:
    """What the lines of a file took, by quota."""
    query = select(GateQuotaUse).where(GateQuotaUse.campaign_id == campaign_id, GateQuotaUse.upload_id == upload_id)
    return session.scalars(query.order_by(GateQuotaUse.no)).all()


def checked_lines(session: Session, upload_id: uuid.UUID) -> dict[int, str]:
    """Outcome of each line that was checked back."""
    query = select(GateCheckedLine.line, GateCheckedLine.outcome).where(GateCheckedLine.upload_id == upload_id)
    return {row.line: row.outcome for row in session.execute(query)}


def names_of_strata(session: Session, campaign_id: str) -> dict[int, str]:
    """``area·kind`` of each stratum."""
    rows = session.scalars(select(Stratum).where(Stratum.campaign_id == campaign_id))
    return {row.no: f"{row.area_name}·{row.kind_name}" for row in rows}


def names_of_points(session: Session, campaign_id: str) -> dict[int, str]:
    """Name of each test point."""
    return {row.no: row.name for row in session.scalars(select(Point).where(Point.campaign_id == campaign_id))}
