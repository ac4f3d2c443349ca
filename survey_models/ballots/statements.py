"""The statements of the intake as the two drivers take them: a whole batch in one of each, its text always the same.

The compiler of SQLAlchemy costs more than the rows do. PostgreSQL takes columns as arrays. SQLite takes rows side by
side, in powers of two, so that few texts are compiled and one step writes many rows: between two steps the thread
would lose the interpreter to the threads that speak HTTP.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from struct import Struct
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from survey_models.ballots import postgres_wire as wire
from survey_models.ballots.tables import Channel
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.tickets.tables import TicketState

_ROWS_AT_ONCE = 128


class CampaignRow(NamedTuple):
    """What the intake asks of a campaign."""

    state: str
    questionnaire_id: str
    questionnaire_version: int


class TicketRow(NamedTuple):
    """What the intake asks of a ticket."""

    state: str
    batch_no: int


class SheetRow(NamedTuple):
    """A sealed sheet as it is stored."""

    id: uuid.UUID
    batch_no: int
    channel: str
    version: int
    sealed: bytes


class EntryRow(NamedTuple):
    """Its entry in the ledger."""

    id: uuid.UUID
    body: bytes
    digest: str


class CountRow(NamedTuple):
    """How many sheets a cell has more."""

    stratum_no: int
    point_no: int
    done: int


class LineRow(NamedTuple):
    """One line of a contractor's file; ``more`` as JSON."""

    id: uuid.UUID
    stratum_no: int
    point_no: int
    version: int
    answers: str
    more: str
    line: int


class Found(NamedTuple):
    """What the database knows of a batch."""

    campaign: CampaignRow | None
    tickets: dict[bytes, TicketRow]


class IdTaken(Exception):
    """A ballot id of the batch is stored already: the batch is decided anew, with its ids looked up."""


class Fresh(NamedTuple):
    """What a batch leaves behind: sorted digests of the tickets it spends, and new rows."""

    spent: Sequence[bytes]
    sheets: Sequence[SheetRow]
    entries: Sequence[EntryRow]
    counts: Sequence[CountRow]
    day: date


class Statements(Protocol):
    """All of one campaign, inside the writer's transaction."""

    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        """The campaign, held against closing. Raises ``intake_busy`` where somebody is changing it this moment."""

    def look(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        """The campaign as above, and the tickets among sorted ``digests``, locked in this order.

        Two writers that lock in one order never wait in a circle.
        """

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        """The sealed sheets stored under these ids; asked after ``look``.

        Who waited for a ticket sees what its holder has stored.
        """

    def write(self, connection: Connection, campaign_id: str, fresh: Fresh) -> int:
        """Spend tickets, store sheets, entries and numbers; how many tickets were live and are spent now.

        Raises IdTaken.
        """

    def add_lines(self, connection: Connection, campaign_id: str, upload_id: uuid.UUID, rows: Sequence[LineRow]) -> int:
        """Put the lines of a file that are not there yet into the box; how many they were."""


def statements_for(connection: Connection) -> Statements:
    """Those of the database at hand."""
    return _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE


def _run(connection: Connection, text: str, values: Sequence[Any]) -> Any:
    """A cursor that has executed ``text``: errors leave as SQLAlchemy's, the rest is the driver's."""
    with _errors(connection, text):
        cursor = connection.connection.cursor()
        cursor.execute(text, values)
        return cursor


@contextmanager
def _errors(connection: Connection, text: str) -> Iterator[None]:
    dialect = connection.dialect
    driver: Any = dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = dialect.is_disconnect(error, connection.connection, None)
        raise DBAPIError.instance(
            text, None, error, driver.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        ) from error


_CAST = Event.BALLOT_CAST.value
_CAMPAIGN = "SELECT state, questionnaire_id, questionnaire_version FROM campaigns WHERE id = "


class _Postgres:
    """Two statements for a batch, each with all that it needs."""

    # Closing and counting hold the row as long as they last; who waited for it would keep other campaigns waiting.
    HELD = f"{_CAMPAIGN}%s FOR SHARE SKIP LOCKED"
    LOOK = (
        b"WITH held AS (SELECT state, questionnaire_id, questionnaire_version FROM campaigns WHERE id = $1"
        b" FOR SHARE SKIP LOCKED), cards AS (SELECT digest, state, batch_no FROM tickets"
        b" WHERE campaign_id = $1 AND digest = ANY($2) ORDER BY digest FOR UPDATE)"
        b" SELECT held.state, questionnaire_id, questionnaire_version, digest, cards.state, batch_no"
        b" FROM (SELECT 1) AS one LEFT JOIN held ON true LEFT JOIN cards ON true"
    )
    KNOWN = b"SELECT id, sealed FROM intake_sheets WHERE campaign_id = $1 AND id = ANY($2)"
    WRITE = (
        b"WITH spent AS (UPDATE tickets SET state = 'spent'"
        b" WHERE campaign_id = $1 AND digest = ANY($2) AND state = 'live' RETURNING 1),"
        b" sheets AS (INSERT INTO intake_sheets (campaign_id, id, batch_no, channel, questionnaire_version, sealed)"
        b" SELECT $1, * FROM unnest($3, $4, $5, $6, $7) ON CONFLICT (campaign_id, id) DO NOTHING RETURNING 1),"
        b" entries AS (INSERT INTO ledger_entries (log, event, id, body, digest)"
        b" SELECT $1, $8, * FROM unnest($9, $10, $11) ON CONFLICT (log, id) DO NOTHING RETURNING 1),"
        b" counts AS (INSERT INTO ticket_counters (campaign_id, day, stratum_no, point_no, issued, opened, done)"
        b" SELECT $1, $12, stratum, point, 0, 0, more FROM unnest($13, $14, $15) AS cell(stratum, point, more)"
        b" ON CONFLICT (campaign_id, stratum_no, point_no, day)"
        b" DO UPDATE SET done = ticket_counters.done + excluded.done)"
        b" SELECT (SELECT count(*) FROM spent), (SELECT count(*) FROM sheets), (SELECT count(*) FROM entries)"
    )
    ENTERED = b"SELECT id FROM ballots WHERE campaign_id = $1 AND id = ANY($2)"
    LINES = (
        "COPY ballots (campaign_id, upload_id, channel, set_aside,"
        " id, stratum_no, point_no, questionnaire_version, answers, more, line) FROM STDIN (FORMAT BINARY)"
    )

    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        row = _run(connection, self.HELD, (campaign_id,)).fetchone()
        return self._campaign(connection, campaign_id, row)

    def _campaign(self, connection: Connection, campaign_id: str, row: Any) -> CampaignRow | None:
        if row is None and _run(connection, f"{_CAMPAIGN}%s", (campaign_id,)).fetchone() is not None:
            raise Problem("intake_busy")
        return None if row is None else CampaignRow(*row)

    def look(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        values = [wire.text(campaign_id), wire.blobs(digests)]
        rows = self._execute(connection, self.LOOK, values)
        held: Any = rows[0][:3]
        campaign = None if held[0] is None else CampaignRow(held[0].decode(), held[1].decode(), wire.number_of(held[2]))
        cards: Any = (row[3:] for row in rows if row[3] is not None)
        return Found(
            campaign or self._campaign(connection, campaign_id, None),
            {digest: TicketRow(state.decode(), wire.number_of(batch_no)) for digest, state, batch_no in cards},
        )

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        rows: Any = self._execute(connection, self.KNOWN, [wire.text(campaign_id), wire.uuids(ids)])
        return {uuid.UUID(bytes=found): sealed for found, sealed in rows}

    def write(self, connection: Connection, campaign_id: str, fresh: Fresh) -> int:
        sheets, entries, counts = fresh.sheets, fresh.entries, fresh.counts
        values = [
            wire.text(campaign_id),
            wire.blobs(fresh.spent),
            wire.uuids(row.id for row in sheets),
            wire.numbers(row.batch_no for row in sheets),
            wire.texts(row.channel for row in sheets),
            wire.numbers(row.version for row in sheets),
            wire.blobs(row.sealed for row in sheets),
            wire.text(_CAST),
            wire.uuids(row.id for row in entries),
            wire.blobs(row.body for row in entries),
            wire.texts(row.digest for row in entries),
            wire.day(fresh.day),
            wire.numbers(row.stratum_no for row in counts),
            wire.numbers(row.point_no for row in counts),
            wire.numbers(row.done for row in counts),
        ]
        found: Any = self._execute(connection, self.WRITE, values)[0]
        spent, stored, noted = map(wire.number_of, found)
        if (stored, noted) != (len(sheets), len(entries)):
            raise IdTaken
        return spent

    def _execute(self, connection: Connection, text: bytes, values: Sequence[wire.Value]) -> list[list[bytes | None]]:
        driver: Any = connection.connection.driver_connection
        with _errors(connection, text.decode()):
            return wire.execute(driver, text, values)

    def add_lines(self, connection: Connection, campaign_id: str, upload_id: uuid.UUID, rows: Sequence[LineRow]) -> int:
        values = [wire.text(campaign_id), wire.uuids(row.id for row in rows)]
        known = {raw for (raw,) in self._execute(connection, self.ENTERED, values)}
        fixed = (campaign_id.encode(), upload_id.bytes, Channel.UPLOAD.value.encode(), b"\0")
        start = b"".join(map(wire.field, fixed))
        lines = [start + _line(row) for row in rows if row.id.bytes not in known]
        driver: Any = connection.connection.driver_connection
        with _errors(connection, self.LINES):
            wire.copy_lines(driver, self.LINES, lines, fields=len(fixed) + len(LineRow._fields))
        return len(lines)


class _Sqlite:
    """Everything in as few steps as there can be."""

    # All in one row: every further row would be a step of its own.
    TICKETS = (
        "SELECT group_concat(hex(digest) || ' ' || state || ' ' || batch_no) FROM tickets"
        " WHERE campaign_id = ? AND digest IN (?)"
    )
    KNOWN = "SELECT id, sealed FROM intake_sheets WHERE campaign_id = ? AND id IN (?)"
    SPEND = "UPDATE tickets SET state = 'spent' WHERE campaign_id = ? AND digest IN (?) AND state = 'live'"
    SHEETS = "INSERT INTO intake_sheets (campaign_id, id, batch_no, channel, questionnaire_version, sealed) VALUES "
    ENTRIES = "INSERT INTO ledger_entries (log, event, id, body, digest) VALUES "
    COUNTS = "INSERT INTO ticket_counters (campaign_id, day, stratum_no, point_no, done, issued, opened) VALUES "
    ADDED = (
        " ON CONFLICT (campaign_id, stratum_no, point_no, day)"
        " DO UPDATE SET done = ticket_counters.done + excluded.done"
    )

    LINES = (
        "INSERT INTO ballots (campaign_id, upload_id, channel, set_aside,"
        " id, stratum_no, point_no, questionnaire_version, answers, more, line) VALUES "
    )

    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        row = _run(connection, f"{_CAMPAIGN}?", (campaign_id,)).fetchone()
        return None if row is None else CampaignRow(*row)

    def look(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        campaign = self.campaign(connection, campaign_id)
        return Found(campaign, self._tickets(connection, campaign_id, digests))

    def _tickets(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> dict[bytes, TicketRow]:
        if not digests:
            return {}
        found = _run(connection, _for(digests, self.TICKETS), (campaign_id, *_filled(digests))).fetchone()[0]
        tickets = (ticket.split(" ") for ticket in found.split(",")) if found else ()
        return {bytes.fromhex(digest): TicketRow(state, int(batch_no)) for digest, state, batch_no in tickets}

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        texts = [found.hex for found in ids]
        rows = _run(connection, _for(texts, self.KNOWN), (campaign_id, *_filled(texts))).fetchall()
        return {uuid.UUID(found): sealed for found, sealed in rows}

    def write(self, connection: Connection, campaign_id: str, fresh: Fresh) -> int:
        spent = 0
        if fresh.spent:
            spent = _run(connection, _for(fresh.spent, self.SPEND), (campaign_id, *_filled(fresh.spent))).rowcount
        day = fresh.day.isoformat()
        sheets = [(campaign_id, row.id.hex, *row[1:]) for row in fresh.sheets]
        if _insert(connection, self.SHEETS, sheets, " ON CONFLICT (campaign_id, id) DO NOTHING") != len(sheets):
            raise IdTaken
        _insert(connection, self.ENTRIES, [(campaign_id, _CAST, row.id.hex, *row[1:]) for row in fresh.entries])
        _insert(connection, self.COUNTS, [(campaign_id, day, *row, 0, 0) for row in fresh.counts], self.ADDED)
        return int(spent)

    def add_lines(self, connection: Connection, campaign_id: str, upload_id: uuid.UUID, rows: Sequence[LineRow]) -> int:
        fixed = (campaign_id, upload_id.hex, Channel.UPLOAD.value, 0)
        values = [(*fixed, row.id.hex, *row[1:]) for row in rows]
        return _insert(connection, self.LINES, values, " ON CONFLICT DO NOTHING")


_LINE, _MORE, _LAST = Struct("!i16siiiiiii"), Struct("!ib"), Struct("!ii")
_POSTGRES, _SQLITE = _Postgres(), _Sqlite()
LIVE, SPENT = TicketState.LIVE.value, TicketState.SPENT.value


def _line(row: LineRow) -> bytes:
    """A line of a file as COPY takes it, in the order of LineRow; a JSONB begins with the version of its form."""
    answers, more = row.answers.encode(), row.more.encode()
    sizes = (row.stratum_no, 4, row.point_no, 4, row.version, len(answers))
    return (
        _LINE.pack(16, row.id.bytes, 4, *sizes)
        + answers
        + _MORE.pack(len(more) + 1, 1)
        + more
        + _LAST.pack(4, row.line)
    )


def _power(count: int) -> int:
    return 1 << (count - 1).bit_length()


def _for(values: Sequence[Any], text: str) -> str:
    """The text with a mark for each of the values, filled up to the next power of two."""
    return text.replace("(?)", _MARKS[_power(len(values)).bit_length()])


_MARKS = [f"({','.join('?' * (1 << size >> 1))})" for size in range(16)]


def _filled(values: Sequence[Any]) -> Sequence[Any]:
    """The values, the last one repeated up to the next power of two."""
    return [*values, *[values[-1]] * (_power(len(values)) - len(values))]


def _insert(connection: Connection, text: str, rows: Sequence[tuple[Any, ...]], end: str = "") -> int:
    """Insert the rows; how many were written."""
    if not rows:
        return 0
    row = f"({','.join('?' * len(rows[0]))})"
    start = written = 0
    while start < len(rows):
        count = min(_ROWS_AT_ONCE, 1 << (len(rows) - start).bit_length() - 1)
        values = tuple(chain.from_iterable(rows[start : start + count]))
        written += _run(connection, f"{text}{','.join([row] * count)}{end}", values).rowcount
        start += count
    return written
