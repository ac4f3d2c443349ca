"""What one transaction of the intake does with the items handed to it. The writer calls this, nobody else."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from survey_models.ballots import open_intake, paper_intake
from survey_models.ballots.engines import statements_for
from survey_models.ballots.open_intake import OPEN_BATCHES, Visit
from survey_models.ballots.rules import Known, Verdict, check_sheet, check_version, decide
from survey_models.ballots.sealing import Sealer, bound_to, padded, sheet_digest
from survey_models.ballots.statements import (
    LIVE,
    SPENT,
    CampaignRow,
    CountRow,
    EntryRow,
    Found,
    Fresh,
    SheetRow,
)
from survey_models.ballots.tables import SealingKey
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import State
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.ledger.promises import Promise
from survey_models.ledger.service import ballot_body, entry_digest, receipt_of
from survey_models.questionnaires.more import checked_more
from survey_models.questionnaires.rules import Form, read_form
from survey_models.questionnaires.tables import Questionnaire
from survey_models.tickets.tables import OPEN_STRATUM, TicketBatch


class Cast(msgspec.Struct, frozen=True):
    """A sheet sent with a ticket. ``answers`` and ``ticket`` never reach a log.

    ``version``: the questionnaire version that the person saw; None where the sender does not say.
    ``visit``: set for a sheet of the open QR, whose ticket stands in no batch. ``serial``: set for a sheet of paper,
    typed by two clerks: the number of its card.
    """

    campaign_id: str
    id: uuid.UUID
    ticket: bytes
    answers: str
    more: Mapping[str, Any]
    channel: str
    version: int | None = None
    visit: Visit | None = None
    serial: int | None = None

    def __repr__(self) -> str:
        """Without what must not be seen."""
        return f"Cast(campaign_id={self.campaign_id!r}, id={self.id!r}, channel={self.channel!r})"


class Receipt(msgspec.Struct, frozen=True):
    """The answer to a stored sheet; ``replay`` when the same sheet was stored before.

    ``entry``: the digest of its ledger entry, 64 hex digits; the code is its beginning. ``promise``: that it will be
    in the tree, where the writer has the key to say so.
    """

    code: str
    ballot_id: uuid.UUID
    replay: bool
    entry: str
    promise: Promise | None = None

    def with_promise(self, promise: Promise) -> Receipt:
        """The same with a promise."""
        return Receipt(self.code, self.ballot_id, self.replay, self.entry, promise)


class UploadRow(msgspec.Struct, frozen=True):
    """One line of a contractor's file."""

    campaign_id: str
    id: uuid.UUID
    stratum_no: int
    point_no: int
    questionnaire_version: int
    answers: str
    more: Mapping[str, Any] | None
    upload_id: uuid.UUID
    line: int

    def __repr__(self) -> str:
        """Without what must not be seen."""
        return f"UploadRow(upload_id={self.upload_id!r}, line={self.line!r})"


Outcome = Receipt | Problem


class Cell(NamedTuple):
    """What a ticket batch says about its tickets."""

    stratum_no: int
    point_no: int
    variant: str
    expires_at: datetime | None


@dataclass
class Kept:
    """What a process reads once: questionnaire versions, sealing keys and ticket batches never change."""

    forms: dict[tuple[str, int], Form] = field(default_factory=dict)
    sealers: dict[str, Sealer] = field(default_factory=dict)
    cells: dict[tuple[str, int], Cell] = field(default_factory=dict)

    def load(self, connection: Connection, campaign_id: str, campaign: CampaignRow, batches: set[int]) -> None:
        """Read what is not at hand yet."""
        version = (campaign.questionnaire_id, campaign.questionnaire_version)
        if version not in self.forms:
            query = select(Questionnaire.doc).where(Questionnaire.id == version[0], Questionnaire.version == version[1])
            self.forms[version] = read_form(*version, connection.execute(query).scalar_one())
        if campaign_id not in self.sealers:
            public = connection.scalar(select(SealingKey.public).where(SealingKey.campaign_id == campaign_id))
            if public is not None:
                self.sealers[campaign_id] = Sealer(public)
        if any((campaign_id, no) not in self.cells for no in batches):
            table = TicketBatch.__table__.c
            cells = select(table.no, table.stratum_no, table.point_no, table.variant, table.expires_at)
            for no, *cell in connection.execute(cells.where(table.campaign_id == campaign_id)):
                self.cells[campaign_id, no] = Cell(*cell)

    def holds(self, campaign_id: str, campaign: CampaignRow, batches: set[int]) -> bool:
        """Whether nothing is to be read."""
        version = (campaign.questionnaire_id, campaign.questionnaire_version)
        there = version in self.forms and campaign_id in self.sealers
        return there and all((campaign_id, no) in self.cells for no in batches)


@dataclass(slots=True)
class _Ticket:
    state: str
    expired: bool
    batch_no: int
    stratum_no: int
    point_no: int
    variant: str


class Care(Enum):
    """How a batch is decided."""

    AHEAD = "ahead"
    """Before its transaction, by what can be seen then: storing it says whether all of it still holds."""
    HELD = "held"
    """In its transaction, tickets and campaign held. Ids are not looked up: storing them says whether they are new."""
    FULL = "full"
    """In its transaction, with everything looked up."""


class NotAhead(Exception):
    """Something has to be read that only a transaction may read."""


class _Batch:
    """The sheets of one campaign, decided one after the other, each with what those before it have changed.

    The ids are looked up only where the campaign is not open, a ticket is not live, or with full care: as a rule a
    live ticket comes with a new id, and storing it says if not.
    """

    def __init__(self, connection: Connection, campaign_id: str, *, kept: Kept, at: datetime, care: Care) -> None:
        self.connection, self.campaign_id, self.kept, self.at, self.care = connection, campaign_id, kept, at, care
        self.statements = statements_for(connection)
        self.campaign: CampaignRow | None = None
        self.tickets: dict[bytes, _Ticket] = {}
        self.devices: open_intake.Digests = set()
        self.agreed: set[int] = set()
        self.known: dict[uuid.UUID, str] = {}
        self.casts: list[tuple[Cast, _Ticket]] = []
        self.sheets: list[SheetRow] = []
        self.entries: list[EntryRow] = []

    def look(self, casts: Sequence[Cast]) -> None:
        """Find out what is to be known about the casts."""
        ahead = self.care is Care.AHEAD
        digests = sorted({cast.ticket for cast in casts if cast.visit is None})
        if ahead and not digests:
            raise NotAhead
        look = self.statements.glance if ahead else self.statements.look
        found: Found = look(self.connection, self.campaign_id, digests)
        self.campaign = found.campaign
        if found.campaign is None:
            return
        batches = {ticket.batch_no for ticket in found.tickets.values()}
        if not self.kept.holds(self.campaign_id, found.campaign, batches):
            if ahead:
                raise NotAhead
            self.kept.load(self.connection, self.campaign_id, found.campaign, batches)
        self.tickets = {digest: self._ticket(*row) for digest, row in found.tickets.items()}
        visits = {(cast.campaign_id, cast.ticket): cast.visit for cast in casts if cast.visit is not None}
        serials = sorted(cast.serial for cast in casts if cast.serial is not None)
        if ahead and (visits or serials):
            raise NotAhead
        if visits:
            self.devices = self._visitors(visits)
        if serials:
            self.agreed = paper_intake.agreed_among(self.connection, self.campaign_id, serials)
        certain = found.campaign.state == State.OPEN and all(ticket.state == LIVE for ticket in self.tickets.values())
        if self.care is Care.FULL or not certain:
            ids = [cast.id for cast in casts]
            known = self.statements.known(self.connection, self.campaign_id, ids)
            self.known = {ballot_id: sheet_digest(sealed) for ballot_id, sealed in known.items()}
        if ahead and any(cast.id in self.known and self._seems_live(cast) for cast in casts):
            # Two looks, two moments: its own sheet may have come in between, and is no other one's.
            raise NotAhead

    def _seems_live(self, cast: Cast) -> bool:
        ticket = self.tickets.get(cast.ticket)
        return ticket is not None and ticket.state == LIVE

    def _ticket(self, state: str, batch_no: int) -> _Ticket:
        stratum, point, variant, expires_at = self.kept.cells[self.campaign_id, batch_no]
        return _Ticket(state, expires_at is not None and expires_at <= self.at, batch_no, stratum, point, variant)

    def _visitors(self, visits: open_intake.Visits) -> open_intake.Digests:
        """One-visit tickets of the open QR beside those of the batches; the devices among them that have answered."""
        spent = open_intake.spent_among(self.connection, visits)
        self.tickets |= {name[1]: _open_ticket(visit, spent=name in spent) for name, visit in visits.items()}
        return open_intake.devices_among(self.connection, visits)

    def take(self, cast: Cast) -> Receipt:
        """The receipt of one sheet, sealed and ready to be stored or stored before. Raises its Problem."""
        if self.campaign is None:
            raise Problem("campaign_unknown")
        ticket = self.tickets.get(cast.ticket)
        if cast.serial is not None and cast.serial not in self.agreed:
            raise Problem("paper_sheet_unknown", serial=cast.serial)
        on_paper = cast.serial is not None
        verdict = _decide(ticket, known_id=cast.id in self.known, state=self.campaign.state, on_paper=on_paper)
        if verdict is Verdict.STORE and ticket is not None:
            self._seal(cast, ticket, self.campaign)
            entry = self.entries[-1].digest
        else:
            entry = entry_digest(ballot_body(self.campaign_id, cast.id, self.known[cast.id]))
        return Receipt(receipt_of(entry), cast.id, verdict is Verdict.REPLAY, entry)

    def _seal(self, cast: Cast, ticket: _Ticket, campaign: CampaignRow) -> None:
        """Check the sheet while it can be read, then seal it: only ciphertext goes on to the database."""
        form = self.kept.forms[campaign.questionnaire_id, campaign.questionnaire_version]
        check_version(form, cast.version)
        paper = cast.serial is not None
        more = None
        if cast.more or form.extras:
            more = checked_more(form, cast.more, ticket.variant, complete=not paper)
        check_sheet(form, cast.answers, ticket.variant, more=more, allow_invalid=paper)
        sealer = self.kept.sealers.get(self.campaign_id)
        if sealer is None:
            raise Problem("sealing_key_missing", campaign=self.campaign_id)
        if cast.visit is not None:
            open_intake.claim_device(self.campaign_id, cast.visit, self.devices)
        aad = bound_to(self.campaign_id, cast.id, ticket.batch_no, cast.channel, form.version)
        sealed = sealer.seal(padded(cast.answers, more, room=form.room), aad)
        sheet = sheet_digest(sealed)
        body = ballot_body(self.campaign_id, cast.id, sheet)
        ticket.state = SPENT
        self.known[cast.id] = sheet
        self.casts.append((cast, ticket))
        self.sheets.append(SheetRow(cast.id, ticket.batch_no, cast.channel, form.version, sealed))
        self.entries.append(EntryRow(cast.id, body, entry_digest(body)))

    def write(self, connection: Connection, *, zone: str) -> None:
        """Spend the tickets, store the sheets, their entries and their numbers. Raises Overtaken."""
        visits = {(cast.campaign_id, cast.ticket): cast.visit for cast, _ in self.casts if cast.visit is not None}
        if visits:
            open_intake.spend(connection, visits)
        spent = sorted(cast.ticket for cast, _ in self.casts if cast.visit is None)
        cells = Counter((ticket.stratum_no, ticket.point_no) for _, ticket in self.casts)
        counts = [CountRow(*cell, number) for cell, number in sorted(cells.items())]
        fresh = Fresh(spent, self.sheets, self.entries, counts, local_day(self.at, zone))
        seen = self.campaign if self.care is Care.AHEAD else None
        self.statements.write(connection, self.campaign_id, fresh, seen)
        if self.agreed and (serials := [cast.serial for cast, _ in self.casts if cast.serial is not None]):
            paper_intake.entered(connection, self.campaign_id, serials)


# What is left to be written, each by the connection that writes.
Writes = list[Callable[[Connection], None]]


def casting(
    connection: Connection,
    casts: Sequence[Cast],
    *,
    kept: Kept,
    at: datetime,
    zone: str,
    writes: Writes,
    care: Care = Care.HELD,
) -> list[Outcome]:
    """Decide about sheets in the order of ``casts``, sorted by campaign; one outcome for each.

    What is to be written is left in ``writes``: done before the commit, it spends tickets and stores sealed sheets.
    Duplicates inside the batch meet the same rules as duplicates in the database. A write may raise Overtaken: then
    the transaction is undone, and the same casts are handed in again with more ``care``.

    Raises:
        NotAhead: it cannot be decided before the transaction.
    """
    outcomes: list[Outcome] = []
    for campaign_id, group in groupby(casts, key=attrgetter("campaign_id")):
        batch = _Batch(connection, campaign_id, kept=kept, at=at, care=care)
        outcomes += _cast(batch, list(group))
        if batch.casts:
            writes.append(partial(batch.write, zone=zone))
    return outcomes


def store_casts(connection: Connection, casts: Sequence[Cast], **more: Any) -> list[Outcome]:
    """``casting`` and what it leaves to be written, all of it here and now."""
    writes: Writes = []
    outcomes = casting(connection, casts, writes=writes, **more)
    for write in writes:
        write(connection)
    return outcomes


def _cast(batch: _Batch, casts: list[Cast]) -> list[Outcome]:
    try:
        batch.look(casts)
    except Problem as problem:
        return [problem] * len(casts)
    outcomes: list[Outcome] = []
    for cast in casts:
        try:
            outcomes.append(batch.take(cast))
        except Problem as problem:
            outcomes.append(problem)
    return outcomes


def _decide(ticket: _Ticket | None, *, known_id: bool, state: str, on_paper: bool) -> Verdict:
    if ticket is None:
        return decide(Known(ticket=None, expired=False, ballot_id_known=known_id))
    # When a sheet of paper was filled in nobody knows: until ``accept_until`` it is in time.
    return _decided(ticket.state, ticket.expired and not on_paper, known_id, state, on_paper)


@lru_cache(maxsize=256)
def _decided(
    ticket: str,
    expired: bool,  # noqa: FBT001 - as above
    known_id: bool,  # noqa: FBT001 - as above
    state: str,
    on_paper: bool,  # noqa: FBT001 - as above
) -> Verdict:
    verdict = decide(Known(ticket=ticket, expired=expired, ballot_id_known=known_id))
    if verdict is Verdict.STORE:
        # A replay is answered even after closing: the sheet was in before.
        after(state, Act.ACCEPT_FILES if on_paper else Act.CAST)
    return verdict


def _open_ticket(visit: Visit, *, spent: bool) -> _Ticket:
    batch_no = OPEN_BATCHES[visit.point_no]
    return _Ticket(SPENT if spent else LIVE, visit.expired, batch_no, OPEN_STRATUM, visit.point_no, visit.variant)
