"""What one transaction of the intake does with the items handed to it. The writer calls this, nobody else."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from survey_models.ballots.rules import Known, Verdict, check_sheet, check_version, decide
from survey_models.ballots.tables import Ballot, Channel
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Campaign
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.upsert import insert_new
from survey_models.ledger.service import ballot_entry, receipt_of
from survey_models.ledger.tables import LedgerEntry
from survey_models.questionnaires.rules import Form, read_form
from survey_models.questionnaires.tables import Questionnaire
from survey_models.tickets.counters import count
from survey_models.tickets.tables import Ticket, TicketBatch, TicketState
from survey_models.uploads.tables import Upload, UploadState


@dataclass(frozen=True)
class Cast:
    """A sheet sent with a ticket. ``answers`` and ``ticket`` never reach a log.

    ``version``: the questionnaire version that the person saw; None where the sender does not say.
    """

    campaign_id: str
    id: uuid.UUID
    ticket: bytes = field(repr=False)
    answers: str = field(repr=False)
    more: Mapping[str, Any] = field(repr=False)
    channel: str
    version: int | None = None


@dataclass(frozen=True)
class Receipt:
    """The answer to a stored sheet; ``replay`` when the same sheet was stored before."""

    code: str
    ballot_id: uuid.UUID
    replay: bool


@dataclass(frozen=True)
class UploadRow:
    """One line of a contractor's file."""

    campaign_id: str
    id: uuid.UUID
    stratum_no: int
    point_no: int
    questionnaire_version: int
    answers: str = field(repr=False)
    more: Mapping[str, Any] | None
    upload_id: uuid.UUID
    line: int


Outcome = Receipt | Problem
Forms = dict[tuple[str, int], Form]


@dataclass(frozen=True)
class _TicketRow:
    state: str
    expired: bool
    stratum_no: int
    point_no: int
    variant: str


def _campaigns(connection: Connection, ids: set[str]) -> dict[str, Any]:
    """The campaigns, held against closing until this transaction ends."""
    table = Campaign.__table__.c
    query = select(
        table.id, table.state, table.accept_until, table.questionnaire_id, table.questionnaire_version
    ).where(table.id.in_(ids))
    return {row.id: row for row in connection.execute(query.with_for_update(read=True))}


def _form(connection: Connection, forms: Forms, questionnaire_id: str, version: int) -> Form:
    key = (questionnaire_id, version)
    if key not in forms:
        query = select(Questionnaire.doc).where(Questionnaire.id == questionnaire_id, Questionnaire.version == version)
        forms[key] = read_form(questionnaire_id, version, connection.execute(query).scalar_one())
    return forms[key]


def _tickets(
    connection: Connection, wanted: Mapping[str, Sequence[bytes]], at: datetime
) -> dict[tuple[str, bytes], _TicketRow]:
    """The tickets, locked in the order of campaigns and digests so that two writers never wait in a circle.

    One query for each campaign: SQLite reads a whole table to compare pairs of columns with a list.
    """
    found: dict[tuple[str, bytes], _TicketRow] = {}
    for campaign_id, digests in sorted(wanted.items()):
        query = (
            select(
                Ticket.digest,
                Ticket.state,
                TicketBatch.expires_at,
                TicketBatch.stratum_no,
                TicketBatch.point_no,
                TicketBatch.variant,
            )
            .join(TicketBatch, (TicketBatch.campaign_id == Ticket.campaign_id) & (TicketBatch.no == Ticket.batch_no))
            .where(Ticket.campaign_id == campaign_id, Ticket.digest.in_(sorted(set(digests))))
            .order_by(Ticket.digest)
            .with_for_update(of=Ticket)
        )
        for row in connection.execute(query):
            expired = row.expires_at is not None and row.expires_at <= at
            found[campaign_id, bytes(row.digest)] = _TicketRow(
                row.state, expired, row.stratum_no, row.point_no, row.variant
            )
    return found


def _known(connection: Connection, wanted: Mapping[str, Sequence[uuid.UUID]]) -> set[tuple[str, uuid.UUID]]:
    """Which ballot ids are stored already."""
    return {
        (campaign_id, found)
        for campaign_id, ids in sorted(wanted.items())
        for found in connection.scalars(select(Ballot.id).where(Ballot.campaign_id == campaign_id, Ballot.id.in_(ids)))
    }


def store_casts(
    connection: Connection, casts: Sequence[Cast], *, forms: Forms, at: datetime, zone: str
) -> list[Outcome]:
    """Spend tickets and store sheets, in the order of ``casts``; one outcome for each.

    Duplicates inside the batch meet the same rules as duplicates in the database: each sheet is decided
    with what the sheets before it have already changed.
    """
    by_campaign: dict[str, list[Cast]] = defaultdict(list)
    for cast in casts:
        by_campaign[cast.campaign_id].append(cast)
    campaigns = _campaigns(connection, set(by_campaign))
    tickets = _tickets(connection, {name: [cast.ticket for cast in group] for name, group in by_campaign.items()}, at)
    known = _known(connection, {name: [cast.id for cast in group] for name, group in by_campaign.items()})
    outcomes: list[Outcome] = []
    fresh: list[tuple[Cast, _TicketRow, int]] = []
    for cast in casts:
        ticket = tickets.get((cast.campaign_id, cast.ticket))
        campaign = campaigns.get(cast.campaign_id)
        if campaign is None:
            outcomes.append(Problem("campaign_unknown"))
            continue
        try:
            verdict = _decide(cast, ticket, known, state=campaign.state)
            if verdict is Verdict.STORE and ticket is not None:
                form = _form(connection, forms, campaign.questionnaire_id, campaign.questionnaire_version)
                check_version(form, cast.version)
                check_sheet(form, cast.answers, ticket.variant)
                fresh.append((cast, ticket, form.version))
                known.add((cast.campaign_id, cast.id))
                tickets[cast.campaign_id, cast.ticket] = _TicketRow(
                    TicketState.SPENT, ticket.expired, ticket.stratum_no, ticket.point_no, ticket.variant
                )
            entry = ballot_entry(cast.campaign_id, cast.id)
            outcomes.append(Receipt(receipt_of(entry["digest"]), cast.id, verdict is Verdict.REPLAY))
        except Problem as problem:
            outcomes.append(problem)
    if fresh:
        _write(connection, fresh, at=at, zone=zone)
    return outcomes


def _decide(cast: Cast, ticket: _TicketRow | None, known: set[tuple[str, uuid.UUID]], *, state: str) -> Verdict:
    verdict = decide(
        Known(
            ticket=None if ticket is None else ticket.state,
            expired=ticket is not None and ticket.expired,
            ballot_id_known=(cast.campaign_id, cast.id) in known,
        )
    )
    if verdict is Verdict.STORE:
        # A replay is answered even after closing: the sheet was in before.
        after(state, Act.CAST)
    return verdict


def _write(connection: Connection, fresh: Sequence[tuple[Cast, _TicketRow, int]], *, at: datetime, zone: str) -> None:
    by_campaign: dict[str, list[bytes]] = defaultdict(list)
    for cast, _, _ in fresh:
        by_campaign[cast.campaign_id].append(cast.ticket)
    for campaign_id, digests in by_campaign.items():
        spent = connection.execute(
            update(Ticket)
            .where(Ticket.campaign_id == campaign_id, Ticket.digest.in_(digests), Ticket.state == TicketState.LIVE)
            .values(state=TicketState.SPENT)
        )
        if spent.rowcount != len(digests):
            msg = "a ticket changed between reading and spending"
            raise RuntimeError(msg)
    connection.execute(
        insert(Ballot),
        [
            {
                "campaign_id": cast.campaign_id,
                "id": cast.id,
                "stratum_no": ticket.stratum_no,
                "point_no": ticket.point_no,
                "channel": cast.channel,
                "questionnaire_version": version,
                "answers": cast.answers,
                "more": dict(cast.more) or None,
                "upload_id": None,
                "line": None,
            }
            for cast, ticket, version in fresh
        ],
    )
    connection.execute(insert(LedgerEntry), [ballot_entry(cast.campaign_id, cast.id) for cast, _, _ in fresh])
    cells = [(cast.campaign_id, ticket.stratum_no, ticket.point_no) for cast, ticket, _ in fresh]
    count(connection, cells, day=local_day(at, zone), column="done")


def store_rows(connection: Connection, rows: Sequence[UploadRow]) -> int:
    """Store lines of one contractor's file that is being entered; lines already there stay as they are.

    A file that was confirmed in time enters even after ``accept_until``; counting waits for it.
    """
    first = rows[0]
    campaign = _campaigns(connection, {first.campaign_id})[first.campaign_id]
    after(campaign.state, Act.ACCEPT_FILES)
    state = connection.execute(select(Upload.state).where(Upload.id == first.upload_id)).scalar_one()
    if state != UploadState.ENTERING:
        raise Problem("upload_state_wrong", state=state)
    names = [item.name for item in fields(UploadRow)]
    values = [{"channel": Channel.UPLOAD, **{name: getattr(row, name) for name in names}} for row in rows]
    return len(insert_new(connection, Ballot, values, key="id"))
