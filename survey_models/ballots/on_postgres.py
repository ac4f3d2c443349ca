"""The statements of the intake on PostgreSQL: columns as arrays, in the server's own binary form."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from struct import Struct
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from survey_models.ballots import postgres_wire as wire
from survey_models.ballots.statements import (
    CAMPAIGN,
    CAST,
    CampaignRow,
    Found,
    Fresh,
    LineRow,
    Overtaken,
    TicketRow,
    errors_of,
    execute,
)
from survey_models.ballots.tables import Channel
from survey_models.core.errors import Problem

_LINE, _MORE, _LAST = Struct("!i16siiiiiii"), Struct("!ib"), Struct("!ii")


class _Postgres:
    """Two statements for a batch, each with all that it needs."""

    COMMITS = True
    # Closing and counting hold the row as long as they last; who waited for it would keep other campaigns waiting.
    HELD = f"{CAMPAIGN}%s FOR SHARE SKIP LOCKED"
    LOOK = (
        b"WITH held AS (SELECT state, questionnaire_id, questionnaire_version FROM campaigns WHERE id = $1"
        b" FOR SHARE SKIP LOCKED), cards AS (SELECT digest, state, batch_no FROM tickets"
        b" WHERE campaign_id = $1 AND digest = ANY($2) ORDER BY digest FOR UPDATE)"
        b" SELECT held.state, questionnaire_id, questionnaire_version, digest, cards.state, batch_no"
        b" FROM (SELECT 1) AS one LEFT JOIN held ON true LEFT JOIN cards ON true"
    )
    GLANCE = LOOK.replace(b" FOR SHARE SKIP LOCKED", b"").replace(b" ORDER BY digest FOR UPDATE", b"")
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
        # All of it, or an error that undoes it: 22012.
        b" SELECT 1 / (CASE WHEN (SELECT count(*) FROM spent) = cardinality($2)"
        b" AND (SELECT count(*) FROM sheets) = cardinality($3)"
        b" AND (SELECT count(*) FROM entries) = cardinality($9) THEN 1 ELSE 0 END)"
    )
    # Two processes that are sent the same sheets at once could wait in a circle here: the database breaks it, and the
    # batch is decided anew, under locks.
    WRITE_SEEN = WRITE.replace(
        b"WITH spent AS (",
        b"WITH held AS (SELECT FROM campaigns WHERE id = $1 AND state = $16 AND questionnaire_id = $17"
        b" AND questionnaire_version = $18 FOR SHARE SKIP LOCKED), spent AS (",
    ).replace(b"state = 'live' RETURNING 1", b"state = 'live' AND EXISTS (SELECT FROM held) RETURNING 1")
    UNDONE, THERE = "22012", "23505"
    ENTERED = b"SELECT id FROM ballots WHERE campaign_id = $1 AND id = ANY($2)"
    LINES = (
        "COPY ballots (campaign_id, upload_id, channel, set_aside,"
        " id, stratum_no, point_no, questionnaire_version, answers, more, line) FROM STDIN (FORMAT BINARY)"
    )

    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        row = execute(connection, self.HELD, (campaign_id,)).fetchone()
        return self._campaign(connection, campaign_id, row)

    def _campaign(self, connection: Connection, campaign_id: str, row: Any) -> CampaignRow | None:
        if row is None and execute(connection, f"{CAMPAIGN}%s", (campaign_id,)).fetchone() is not None:
            raise Problem("intake_busy")
        return None if row is None else CampaignRow(*row)

    def look(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        found = self._found(connection, self.LOOK, campaign_id, digests)
        return found if found.campaign else found._replace(campaign=self._campaign(connection, campaign_id, None))

    def glance(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        return self._found(connection, self.GLANCE, campaign_id, digests)

    def _found(self, connection: Connection, query: bytes, campaign_id: str, digests: Sequence[bytes]) -> Found:
        rows = self._execute(connection, query, [wire.text(campaign_id), wire.blobs(digests)])
        held: Any = rows[0][:3]
        campaign = None if held[0] is None else CampaignRow(held[0].decode(), held[1].decode(), wire.number_of(held[2]))
        cards: Any = (row[3:] for row in rows if row[3] is not None)
        return Found(
            campaign, {digest: TicketRow(state.decode(), wire.number_of(batch_no)) for digest, state, batch_no in cards}
        )

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        rows: Any = self._execute(connection, self.KNOWN, [wire.text(campaign_id), wire.uuids(ids)])
        return {uuid.UUID(bytes=found): sealed for found, sealed in rows}

    def write(self, connection: Connection, campaign_id: str, fresh: Fresh, seen: CampaignRow | None = None) -> None:
        sheets, entries, counts = fresh.sheets, fresh.entries, fresh.counts
        values = [
            wire.text(campaign_id),
            wire.blobs(fresh.spent),
            wire.uuids(row.id for row in sheets),
            wire.numbers(row.batch_no for row in sheets),
            wire.texts(row.channel for row in sheets),
            wire.numbers(row.version for row in sheets),
            wire.blobs(row.sealed for row in sheets),
            wire.text(CAST),
            wire.uuids(row.id for row in entries),
            wire.blobs(row.body for row in entries),
            wire.texts(row.digest for row in entries),
            wire.day(fresh.day),
            wire.numbers(row.stratum_no for row in counts),
            wire.numbers(row.point_no for row in counts),
            wire.numbers(row.done for row in counts),
        ]
        if seen is not None:
            values += [wire.text(seen.state), wire.text(seen.questionnaire_id), wire.number(seen.questionnaire_version)]
        try:
            self._execute(connection, self.WRITE if seen is None else self.WRITE_SEEN, values)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == self.UNDONE:
                raise Overtaken from None
            raise

    def _execute(self, connection: Connection, text: bytes, values: Sequence[wire.Value]) -> list[list[bytes | None]]:
        driver: Any = connection.connection.driver_connection
        with errors_of(connection, text.decode()):
            if connection.in_transaction():
                wire.in_transaction(driver)
            return wire.execute(driver, text, values)

    def add_lines(
        self,
        connection: Connection,
        campaign_id: str,
        upload_id: uuid.UUID,
        rows: Sequence[LineRow],
        *,
        aside: bool = False,
    ) -> int:
        fixed = (campaign_id.encode(), upload_id.bytes, Channel.UPLOAD.value.encode(), b"\1" if aside else b"\0")
        start = b"".join(map(wire.field, fixed))
        execute(connection, "SAVEPOINT lines", ())
        try:
            self._copy(connection, [start + _line(row) for row in rows], len(fixed))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != self.THERE:
                raise
        else:
            return len(rows)
        # Seldom: the slice went in before, and its confirmation was lost.
        execute(connection, "ROLLBACK TO SAVEPOINT lines", ())
        values = [wire.text(campaign_id), wire.uuids(row.id for row in rows)]
        known = {raw for (raw,) in self._execute(connection, self.ENTERED, values)}
        lines = [start + _line(row) for row in rows if row.id.bytes not in known]
        self._copy(connection, lines, len(fixed))
        return len(lines)

    def _copy(self, connection: Connection, lines: Sequence[bytes], fixed: int) -> None:
        driver: Any = connection.connection.driver_connection
        with errors_of(connection, self.LINES):
            wire.copy_lines(driver, self.LINES, lines, fields=fixed + len(LineRow._fields))


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


POSTGRES = _Postgres()
