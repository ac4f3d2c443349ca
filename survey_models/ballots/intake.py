"""What one transaction of the intake does with the items handed to it. The writer calls this, nobody else."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from survey_models.ballots import open_intake
from survey_models.ballots.open_intake import OPEN_BATCHES, Visit
from survey_models.ballots.rules import Known, Verdict, check_sheet, check_version, decide
from survey_models.ballots.sealing import Sealer, bound_to, padded, sheet_digest
from survey_models.ballots.tables import Ballot, Channel, IntakeSheet, SealingKey
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Campaign
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.upsert import insert_new
from survey_models.ledger.promises import Promise
from survey_models.ledger.service import ballot_entry, receipt_of
from survey_models.ledger.tables import LedgerEntry
from survey_models.questionnaires.rules import Form, read_form
from survey_models.questionnaires.tables import Questionnaire
from survey_models.tickets.counters import count
from survey_models.tickets.tables import OPEN_STRATUM, Ticket, TicketBatch, TicketState
from survey_models.uploads.tables import Upload, UploadState


@dataclass(frozen=True)
class Cast:
    """A sheet sent with a ticket. ``answers`` and ``ticket`` never reach a log.

    ``version``: the questionnaire version that the person saw; None where the sender does not say.
    ``visit``: set for a sheet of the open QR, whose ticket stands in no batch.
    """

    campaign_id: str
    id: uuid.UUID
    ticket: bytes = field(repr=False)
    answers: str = field(repr=False)
    more: Mapping[str, Any] = field(repr=False)
    channel: str
    version: int | None = None
    visit: Visit | None = None


@dataclass(frozen=True)
class Receipt:
    """The answer to a stored sheet; ``replay`` when the same sheet was stored before.

    ``entry``: the digest of its ledger entry, 64 hex digits; the code is its beginning. ``promise``: that it will be
    in the tree, where the writer has the key to say so.
    """

    code: str
    ballot_id: uuid.UUID
    replay: bool
    entry: str
    promise: Promise | None = None


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
Sealers = dict[str, Sealer]


@dataclass(frozen=True)
class _TicketRow:
    state: str
    expired: bool
    batch_no: int
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
                TicketBatch.no,
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
                row.state, expired, row.no, row.stratum_no, row.point_no, row.variant
            )
    return found


def _sealer(connection: Connection, sealers: Sealers, campaign_id: str) -> Sealer:
    """What seals the sheets of a campaign; its key is fixed before it opens. Raises ``sealing_key_missing``."""
    if campaign_id not in sealers:
        public = connection.scalar(select(SealingKey.public).where(SealingKey.campaign_id == campaign_id))
        if public is None:
            raise Problem("sealing_key_missing", campaign=campaign_id)
        sealers[campaign_id] = Sealer(public)
    return sealers[campaign_id]


def _known(connection: Connection, wanted: Mapping[str, Sequence[uuid.UUID]]) -> dict[tuple[str, uuid.UUID], str]:
    """The ballot ids that are stored already, with the SHA-256 of their sealed sheets."""
    found: dict[tuple[str, uuid.UUID], str] = {}
    for campaign_id, ids in sorted(wanted.items()):
        query = select(IntakeSheet.id, IntakeSheet.sealed).where(
            IntakeSheet.campaign_id == campaign_id, IntakeSheet.id.in_(ids)
        )
        for row in connection.execute(query):
            found[campaign_id, row.id] = sheet_digest(row.sealed)
    return found


@dataclass(frozen=True)
class _Fresh:
    """A sheet about to be stored: what came, its ticket, the version it is of, and the sealed bytes."""

    cast: Cast
    ticket: _TicketRow
    version: int
    sealed: bytes = field(repr=False)
    sheet: str = ""


class _Batch:
    """The sheets of one transaction, decided one after the other, each with what those before it have changed."""

    def __init__(
        self, connection: Connection, casts: Sequence[Cast], *, forms: Forms, sealers: Sealers, at: datetime
    ) -> None:
        by_campaign: dict[str, list[Cast]] = defaultdict(list)
        for cast in casts:
            by_campaign[cast.campaign_id].append(cast)
        self.connection, self.forms, self.sealers = connection, forms, sealers
        self.campaigns = _campaigns(connection, set(by_campaign))
        tickets = {name: [cast.ticket for cast in group] for name, group in by_campaign.items()}
        self.tickets = _tickets(connection, tickets, at)
        self.devices = self._visitors(casts)
        self.known = _known(connection, {name: [cast.id for cast in group] for name, group in by_campaign.items()})
        self.fresh: list[_Fresh] = []

    def _visitors(self, casts: Sequence[Cast]) -> open_intake.Digests:
        """One-visit tickets of the open QR beside those of the batches; the devices among them that have answered."""
        visits = {(cast.campaign_id, cast.ticket): cast.visit for cast in casts if cast.visit is not None}
        if not visits:
            return set()
        spent = open_intake.spent_among(self.connection, visits)
        self.tickets |= {name: _open_ticket(visit, spent=name in spent) for name, visit in visits.items()}
        return open_intake.devices_among(self.connection, visits)

    def take(self, cast: Cast) -> Receipt:
        """The receipt of one sheet, sealed and ready to be stored or stored before. Raises its Problem."""
        campaign = self.campaigns.get(cast.campaign_id)
        if campaign is None:
            raise Problem("campaign_unknown")
        ticket = self.tickets.get((cast.campaign_id, cast.ticket))
        known = (cast.campaign_id, cast.id)
        verdict = _decide(ticket, known_id=known in self.known, state=campaign.state)
        if verdict is Verdict.STORE and ticket is not None:
            found = self._sealed(cast, ticket, campaign)
            if cast.visit is not None:
                open_intake.claim_device(cast.campaign_id, cast.visit, self.devices)
            self.fresh.append(found)
            self.known[known] = found.sheet
            self.tickets[cast.campaign_id, cast.ticket] = replace(ticket, state=TicketState.SPENT)
        entry = ballot_entry(cast.campaign_id, cast.id, self.known[known])["digest"]
        return Receipt(receipt_of(entry), cast.id, verdict is Verdict.REPLAY, entry)

    def _sealed(self, cast: Cast, ticket: _TicketRow, campaign: Any) -> _Fresh:
        """The sheet checked while it can be read, then sealed: only ciphertext goes on to the database."""
        form = _form(self.connection, self.forms, campaign.questionnaire_id, campaign.questionnaire_version)
        check_version(form, cast.version)
        check_sheet(form, cast.answers, ticket.variant)
        aad = bound_to(cast.campaign_id, cast.id, ticket.batch_no, cast.channel, form.version)
        sealer = _sealer(self.connection, self.sealers, cast.campaign_id)
        sealed = sealer.seal(padded(cast.answers, cast.more), aad)
        return _Fresh(cast, ticket, form.version, sealed, sheet_digest(sealed))


def store_casts(
    connection: Connection, casts: Sequence[Cast], *, forms: Forms, sealers: Sealers, at: datetime, zone: str
) -> list[Outcome]:
    """Spend tickets and store sealed sheets, in the order of ``casts``; one outcome for each.

    Duplicates inside the batch meet the same rules as duplicates in the database.
    """
    batch = _Batch(connection, casts, forms=forms, sealers=sealers, at=at)
    outcomes: list[Outcome] = []
    for cast in casts:
        try:
            outcomes.append(batch.take(cast))
        except Problem as problem:
            outcomes.append(problem)
    if batch.fresh:
        _write(connection, batch.fresh, at=at, zone=zone)
    return outcomes


def _decide(ticket: _TicketRow | None, *, known_id: bool, state: str) -> Verdict:
    verdict = decide(
        Known(
            ticket=None if ticket is None else ticket.state,
            expired=ticket is not None and ticket.expired,
            ballot_id_known=known_id,
        )
    )
    if verdict is Verdict.STORE:
        # A replay is answered even after closing: the sheet was in before.
        after(state, Act.CAST)
    return verdict


def _open_ticket(visit: Visit, *, spent: bool) -> _TicketRow:
    state = TicketState.SPENT if spent else TicketState.LIVE
    batch_no = OPEN_BATCHES[visit.point_no]
    return _TicketRow(state, visit.expired, batch_no, OPEN_STRATUM, visit.point_no, visit.variant)


def _write(connection: Connection, fresh: Sequence[_Fresh], *, at: datetime, zone: str) -> None:
    by_campaign: dict[str, list[bytes]] = defaultdict(list)
    for item in fresh:
        if item.cast.visit is None:
            by_campaign[item.cast.campaign_id].append(item.cast.ticket)
    casts = [item.cast for item in fresh]
    if visits := {(cast.campaign_id, cast.ticket): cast.visit for cast in casts if cast.visit is not None}:
        open_intake.spend(connection, visits)
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
        insert(IntakeSheet),
        [
            {
                "campaign_id": item.cast.campaign_id,
                "id": item.cast.id,
                "batch_no": item.ticket.batch_no,
                "channel": item.cast.channel,
                "questionnaire_version": item.version,
                "sealed": item.sealed,
            }
            for item in fresh
        ],
    )
    entries = [ballot_entry(item.cast.campaign_id, item.cast.id, item.sheet) for item in fresh]
    connection.execute(insert(LedgerEntry), entries)
    cells = [(item.cast.campaign_id, item.ticket.stratum_no, item.ticket.point_no) for item in fresh]
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
    fixed = {"channel": Channel.UPLOAD, "set_aside": False}
    values = [{**fixed, **{name: getattr(row, name) for name in names}} for row in rows]
    return len(insert_new(connection, Ballot, values, key="id"))
