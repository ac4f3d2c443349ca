"""Reading sealed sheets, keys and the box."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.ballots.mixing import Sealed
from survey_models.ballots.open_intake import OPEN_BATCHES
from survey_models.ballots.tables import Ballot, BallotText, BallotVoid, IntakeSheet, Mix, SealingKey
from survey_models.campaigns.cells import Cell
from survey_models.ledger.events import Event
from survey_models.ledger.tables import LedgerEntry
from survey_models.tickets.tables import OPEN_STRATUM, TicketBatch

_AT_ONCE = 2_000


def key_of(session: Session, campaign_id: str) -> SealingKey | None:
    """The key that sheets of a campaign are sealed to."""
    return session.get(SealingKey, campaign_id)


def sealed_sheets(session: Session, campaign_id: str) -> Iterator[Sealed]:
    """Every sealed sheet of a campaign, a few thousand at a time."""
    query = select(
        IntakeSheet.id,
        IntakeSheet.batch_no,
        IntakeSheet.channel,
        IntakeSheet.questionnaire_version,
        IntakeSheet.sealed,
    ).where(IntakeSheet.campaign_id == campaign_id)
    # Straight from the connection: a million rows need no session.
    found = session.connection().execute(query, execution_options={"yield_per": _AT_ONCE})
    return (Sealed(*row) for row in found)


def sealed_count(session: Session, campaign_id: str) -> int:
    """How many sealed sheets a campaign has."""
    query = select(func.count()).where(IntakeSheet.campaign_id == campaign_id)
    return int(session.scalar(query) or 0)


def entry_digests(session: Session, campaign_id: str) -> set[str]:
    """Digests of the ledger's entries of cast sheets."""
    query = select(LedgerEntry.digest).where(
        LedgerEntry.log == campaign_id, LedgerEntry.event == Event.BALLOT_CAST.value
    )
    return set(session.scalars(query))


def clear_digests(session: Session, campaign_id: str) -> set[str]:
    """Those of the entries whose ballots an earlier version stored in clear: they stand in the box from the start."""
    query = select(LedgerEntry.digest).join(
        Ballot, (Ballot.campaign_id == LedgerEntry.log) & (Ballot.id == LedgerEntry.id)
    )
    return set(session.scalars(query.where(LedgerEntry.log == campaign_id)))


def batch_cells(session: Session, campaign_id: str) -> dict[int, Cell]:
    """Stratum and point of each ticket batch; those of the open QR are in no stratum."""
    query = select(TicketBatch.no, TicketBatch.stratum_no, TicketBatch.point_no).where(
        TicketBatch.campaign_id == campaign_id
    )
    found = {no: Cell(stratum, point) for no, stratum, point in session.execute(query)}
    return {**found, **{batch: Cell(OPEN_STRATUM, point) for point, batch in OPEN_BATCHES.items()}}


def voided(session: Session, campaign_id: str) -> tuple[frozenset[int], frozenset[str]]:
    """Ticket batches and channels that two people voided before counting."""
    scopes = session.scalars(select(BallotVoid.scope).where(BallotVoid.campaign_id == campaign_id)).all()
    batches = frozenset(int(scope["batch"]) for scope in scopes if "batch" in scope)
    channels = frozenset(str(scope["channel"]) for scope in scopes if set(scope) == {"channel"})
    return batches, channels


def texts(
    session: Session, campaign_id: str, item: str, *, after: uuid.UUID | None = None, limit: int = 200
) -> Sequence[BallotText]:
    """Words written under an item, a page at a time, in the order of ids that mean nothing; none set aside."""
    query = select(BallotText).where(
        BallotText.campaign_id == campaign_id, BallotText.item == item, BallotText.set_aside.is_(False)
    )
    if after is not None:
        query = query.where(BallotText.id > after)
    return session.scalars(query.order_by(BallotText.id).limit(limit)).all()


def text_counts(session: Session, campaign_id: str) -> dict[str, int]:
    """How many people wrote something, by item."""
    query = select(BallotText.item, func.count()).where(
        BallotText.campaign_id == campaign_id, BallotText.set_aside.is_(False)
    )
    return {item: int(number) for item, number in session.execute(query.group_by(BallotText.item))}


def mixes_of(session: Session, campaign_id: str) -> int:
    """How often the sheets of a campaign were opened."""
    return int(session.scalar(select(func.count()).where(Mix.campaign_id == campaign_id)) or 0)
