"""The statements of the intake on SQLite: rows side by side, for one step writes many rows.

Between two steps the thread would lose the interpreter to the one that speaks HTTP.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from survey_models.ballots.statements import (
    CAMPAIGN,
    CAST,
    CampaignRow,
    Found,
    Fresh,
    LineRow,
    Overtaken,
    TicketRow,
    execute,
)
from survey_models.ballots.tables import Channel

_ROWS_AT_ONCE = 128


class _Sqlite:
    """Everything in as few steps as there can be."""

    COMMITS = False
    # All in one row: every further row would be a step of its own.
    TICKETS = (
        "SELECT group_concat(hex(digest) || ' ' || state || ' ' || batch_no) FROM tickets"
        " WHERE campaign_id = ? AND digest IN (?)"
    )
    KNOWN = "SELECT id, sealed FROM intake_sheets WHERE campaign_id = ? AND id IN (?)"
    SPEND = "UPDATE tickets SET state = 'spent' WHERE campaign_id = ? AND digest IN (?) AND state = 'live'"
    SEEN = (
        " AND EXISTS (SELECT 1 FROM campaigns WHERE id = ? AND state = ?"
        " AND questionnaire_id = ? AND questionnaire_version = ?)"
    )
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
        row = execute(connection, f"{CAMPAIGN}?", (campaign_id,)).fetchone()
        return None if row is None else CampaignRow(*row)

    def look(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        campaign = self.campaign(connection, campaign_id)
        return Found(campaign, self._tickets(connection, campaign_id, digests))

    glance = look

    def _tickets(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> dict[bytes, TicketRow]:
        if not digests:
            return {}
        found = execute(connection, _for(digests, self.TICKETS), (campaign_id, *_filled(digests))).fetchone()[0]
        tickets = (ticket.split(" ") for ticket in found.split(",")) if found else ()
        return {bytes.fromhex(digest): TicketRow(state, int(batch_no)) for digest, state, batch_no in tickets}

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        texts = [found.hex for found in ids]
        rows = execute(connection, _for(texts, self.KNOWN), (campaign_id, *_filled(texts))).fetchall()
        return {uuid.UUID(found): sealed for found, sealed in rows}

    def write(self, connection: Connection, campaign_id: str, fresh: Fresh, seen: CampaignRow | None = None) -> None:
        self._spend(connection, campaign_id, fresh.spent, seen)
        day = fresh.day.isoformat()
        sheets = [(campaign_id, row.id.hex, *row[1:]) for row in fresh.sheets]
        if _insert(connection, self.SHEETS, sheets, " ON CONFLICT (campaign_id, id) DO NOTHING") != len(sheets):
            raise Overtaken
        _insert(connection, self.ENTRIES, [(campaign_id, CAST, row.id.hex, *row[1:]) for row in fresh.entries])
        _insert(connection, self.COUNTS, [(campaign_id, day, *row, 0, 0) for row in fresh.counts], self.ADDED)

    def _spend(
        self, connection: Connection, campaign_id: str, digests: Sequence[bytes], seen: CampaignRow | None
    ) -> None:
        if not digests:
            return
        text = _for(digests, self.SPEND)
        values = (campaign_id, *_filled(digests))
        if seen is not None:
            text, values = text + self.SEEN, (*values, campaign_id, *seen)
        if execute(connection, text, values).rowcount != len(digests):
            raise Overtaken

    def add_lines(
        self,
        connection: Connection,
        campaign_id: str,
        upload_id: uuid.UUID,
        rows: Sequence[LineRow],
        *,
        aside: bool = False,
    ) -> int:
        fixed = (campaign_id, upload_id.hex, Channel.UPLOAD.value, int(aside))
        values = [(*fixed, row.id.hex, *row[1:]) for row in rows]
        return _insert(connection, self.LINES, values, " ON CONFLICT DO NOTHING")


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
        written += execute(connection, f"{text}{','.join([row] * count)}{end}", values).rowcount
        start += count
    return written


SQLITE = _Sqlite()
