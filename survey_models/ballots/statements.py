"""The statements of the intake as the two drivers take them: a whole batch in one of each, its text always the same.

The compiler of SQLAlchemy costs more than the rows do. PostgreSQL takes columns as arrays. SQLite takes rows side by
side, in powers of two, so that few texts are compiled and one step writes many rows: between two steps the thread
would lose the interpreter to the threads that speak HTTP.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from survey_models.core.errors import Problem
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


class Statements(Protocol):
    """All of one campaign, inside the writer's transaction."""

    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        """The campaign, held against closing. Raises ``intake_busy`` where somebody is changing it this moment."""

    def tickets(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> dict[bytes, TicketRow]:
        """The tickets among sorted ``digests``, locked in this order: two writers never wait in a circle."""

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        """The sealed sheets that are stored already."""

    def spend(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> int:
        """Mark live tickets as spent; how many there were."""

    def add_sheets(self, connection: Connection, campaign_id: str, rows: Sequence[SheetRow]) -> None:
        """Store sealed sheets."""

    def add_entries(self, connection: Connection, log: str, event: str, rows: Sequence[EntryRow]) -> None:
        """Write entries that tell no time."""

    def add_counts(self, connection: Connection, campaign_id: str, day: date, rows: Sequence[CountRow]) -> None:
        """Add to the counters of cells, in the order of their keys."""


def statements_for(connection: Connection) -> Statements:
    """Those of the database at hand."""
    return _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE


class _Postgres:
    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        # Closing and counting hold the row as long as they last; who waited for it would keep other campaigns waiting.
        text = "SELECT state, questionnaire_id, questionnaire_version FROM campaigns WHERE id = %s"
        row = connection.exec_driver_sql(f"{text} FOR SHARE SKIP LOCKED", (campaign_id,)).fetchone()
        if row is None and connection.exec_driver_sql(text, (campaign_id,)).fetchone() is not None:
            raise Problem("intake_busy")
        return None if row is None else CampaignRow(*row)

    def tickets(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> dict[bytes, TicketRow]:
        text = (
            "SELECT digest, state, batch_no FROM tickets WHERE campaign_id = %s AND digest = ANY(%b::bytea[])"
            " ORDER BY digest FOR UPDATE"
        )
        rows = connection.exec_driver_sql(text, (campaign_id, list(digests)))
        return {bytes(digest): TicketRow(state, batch_no) for digest, state, batch_no in rows}

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        text = "SELECT id, sealed FROM intake_sheets WHERE campaign_id = %s AND id = ANY(%b::uuid[])"
        return {found: bytes(sealed) for found, sealed in connection.exec_driver_sql(text, (campaign_id, list(ids)))}

    def spend(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> int:
        text = (
            "UPDATE tickets SET state = 'spent' WHERE campaign_id = %s AND digest = ANY(%b::bytea[]) AND state = 'live'"
        )
        return int(connection.exec_driver_sql(text, (campaign_id, list(digests))).rowcount)

    def add_sheets(self, connection: Connection, campaign_id: str, rows: Sequence[SheetRow]) -> None:
        text = (
            "INSERT INTO intake_sheets (campaign_id, id, batch_no, channel, questionnaire_version, sealed)"
            " SELECT %s, * FROM unnest(%b::uuid[], %b::int[], %b::text[], %b::int[], %b::bytea[])"
        )
        connection.exec_driver_sql(text, (campaign_id, *_columns(rows)))

    def add_entries(self, connection: Connection, log: str, event: str, rows: Sequence[EntryRow]) -> None:
        text = (
            "INSERT INTO ledger_entries (log, event, id, body, digest)"
            " SELECT %s, %s, * FROM unnest(%b::uuid[], %b::bytea[], %b::text[])"
        )
        connection.exec_driver_sql(text, (log, event, *_columns(rows)))

    def add_counts(self, connection: Connection, campaign_id: str, day: date, rows: Sequence[CountRow]) -> None:
        text = (
            "INSERT INTO ticket_counters (campaign_id, day, stratum_no, point_no, issued, opened, done)"
            " SELECT %s, %s, stratum, point, 0, 0, more"
            " FROM unnest(%b::int[], %b::int[], %b::int[]) AS cell(stratum, point, more)"
            " ON CONFLICT (campaign_id, stratum_no, point_no, day)"
            " DO UPDATE SET done = ticket_counters.done + excluded.done"
        )
        connection.exec_driver_sql(text, (campaign_id, day, *_columns(rows)))


class _Sqlite:
    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        text = "SELECT state, questionnaire_id, questionnaire_version FROM campaigns WHERE id = ?"
        row = connection.exec_driver_sql(text, (campaign_id,)).fetchone()
        return None if row is None else CampaignRow(*row)

    def tickets(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> dict[bytes, TicketRow]:
        # All in one row: every further row would be a step of its own.
        text = (
            "SELECT group_concat(hex(digest) || ' ' || state || ' ' || batch_no) FROM tickets"
            " WHERE campaign_id = ? AND digest IN (?)"
        )
        found = connection.exec_driver_sql(_for(digests, text), (campaign_id, *_filled(digests))).scalar()
        tickets = (ticket.split(" ") for ticket in found.split(",")) if found else ()
        return {bytes.fromhex(digest): TicketRow(state, int(batch_no)) for digest, state, batch_no in tickets}

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        texts = [found.hex for found in ids]
        text = "SELECT id, sealed FROM intake_sheets WHERE campaign_id = ? AND id IN (?)"
        rows = connection.exec_driver_sql(_for(texts, text), (campaign_id, *_filled(texts)))
        return {uuid.UUID(found): sealed for found, sealed in rows}

    def spend(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> int:
        text = "UPDATE tickets SET state = 'spent' WHERE campaign_id = ? AND digest IN (?) AND state = 'live'"
        return int(connection.exec_driver_sql(_for(digests, text), (campaign_id, *_filled(digests))).rowcount)

    def add_sheets(self, connection: Connection, campaign_id: str, rows: Sequence[SheetRow]) -> None:
        text = "INSERT INTO intake_sheets (campaign_id, id, batch_no, channel, questionnaire_version, sealed) VALUES "
        _insert(connection, text, [(campaign_id, row.id.hex, *row[1:]) for row in rows])

    def add_entries(self, connection: Connection, log: str, event: str, rows: Sequence[EntryRow]) -> None:
        text = "INSERT INTO ledger_entries (log, event, id, body, digest) VALUES "
        _insert(connection, text, [(log, event, row.id.hex, *row[1:]) for row in rows])

    def add_counts(self, connection: Connection, campaign_id: str, day: date, rows: Sequence[CountRow]) -> None:
        text = "INSERT INTO ticket_counters (campaign_id, day, stratum_no, point_no, done, issued, opened) VALUES "
        end = (
            " ON CONFLICT (campaign_id, stratum_no, point_no, day)"
            " DO UPDATE SET done = ticket_counters.done + excluded.done"
        )
        _insert(connection, text, [(campaign_id, day.isoformat(), *row, 0, 0) for row in rows], end)


_POSTGRES, _SQLITE = _Postgres(), _Sqlite()
LIVE, SPENT = TicketState.LIVE.value, TicketState.SPENT.value


def _columns(rows: Sequence[tuple[Any, ...]]) -> Iterator[list[Any]]:
    return (list(column) for column in zip(*rows, strict=True))


def _power(count: int) -> int:
    return 1 << (count - 1).bit_length()


def _for(values: Sequence[Any], text: str) -> str:
    """The text with a mark for each of the values, filled up to the next power of two."""
    return text.replace("(?)", _MARKS[_power(len(values)).bit_length()])


_MARKS = [f"({','.join('?' * (1 << size >> 1))})" for size in range(16)]


def _filled(values: Sequence[Any]) -> Sequence[Any]:
    """The values, the last one repeated up to the next power of two."""
    return [*values, *[values[-1]] * (_power(len(values)) - len(values))]


def _insert(connection: Connection, text: str, rows: Sequence[tuple[Any, ...]], end: str = "") -> None:
    row = f"({','.join('?' * len(rows[0]))})"
    start = 0
    while start < len(rows):
        count = min(_ROWS_AT_ONCE, 1 << (len(rows) - start).bit_length() - 1)
        values = tuple(chain.from_iterable(rows[start : start + count]))
        connection.exec_driver_sql(f"{text}{','.join([row] * count)}{end}", values)
        start += count
