"""What the intake asks of the two databases: a whole batch in one statement or few, its text always the same.

The compiler of SQLAlchemy costs more than the rows do; what goes out is written by hand for each driver, beside this.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from survey_models.ledger.events import Event
from survey_models.tickets.tables import TicketState


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


class Overtaken(Exception):
    """What was seen of a batch is no longer so, or one of its ids is stored already: it is decided anew, with care."""


class Fresh(NamedTuple):
    """What a batch leaves behind: sorted digests of the tickets it spends, and new rows."""

    spent: Sequence[bytes]
    sheets: Sequence[SheetRow]
    entries: Sequence[EntryRow]
    counts: Sequence[CountRow]
    day: date


class Statements(Protocol):
    """All of one campaign; inside the writer's transaction, but for ``glance`` and what is looked up after it."""

    COMMITS: bool
    """Whether ``write`` with ``seen``, outside a transaction, is one of its own and durable when it returns."""

    def campaign(self, connection: Connection, campaign_id: str) -> CampaignRow | None:
        """The campaign, held against closing. Raises ``intake_busy`` where somebody is changing it this moment."""

    def look(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        """The campaign as above, and the tickets among sorted ``digests``, locked in this order.

        Two writers that lock in one order never wait in a circle.
        """

    def glance(self, connection: Connection, campaign_id: str, digests: Sequence[bytes]) -> Found:
        """The same outside a transaction, nothing locked: ``write`` is told what was ``seen``, and looks again."""

    def known(self, connection: Connection, campaign_id: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, bytes]:
        """The sealed sheets stored under these ids; asked after ``look`` or ``glance``.

        Who waited for a ticket sees what its holder has stored.
        """

    def write(self, connection: Connection, campaign_id: str, fresh: Fresh, seen: CampaignRow | None = None) -> None:
        """Spend live tickets, store sheets, entries and numbers. ``seen``: the campaign, unless it is held.

        Raises Overtaken, and then everything is to be undone; what it wrote alone is undone.
        """

    def add_lines(
        self,
        connection: Connection,
        campaign_id: str,
        upload_id: uuid.UUID,
        rows: Sequence[LineRow],
        *,
        aside: bool = False,
    ) -> int:
        """Put the lines of a file that are not there yet into the box; how many they were. ``aside``: not to count."""


CAST = Event.BALLOT_CAST.value
CAMPAIGN = "SELECT state, questionnaire_id, questionnaire_version FROM campaigns WHERE id = "
LIVE, SPENT = TicketState.LIVE.value, TicketState.SPENT.value


def execute(connection: Connection, text: str, values: Sequence[Any]) -> Any:
    """A cursor that has executed ``text``: errors leave as SQLAlchemy's, the rest is the driver's."""
    with errors_of(connection, text):
        cursor = connection.connection.cursor()
        cursor.execute(text, values)
        return cursor


@contextmanager
def errors_of(connection: Connection, text: str) -> Iterator[None]:
    """Errors of the driver leave as SQLAlchemy's."""
    dialect = connection.dialect
    driver: Any = dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        lost = dialect.is_disconnect(error, connection.connection, None)
        raise DBAPIError.instance(
            text, None, error, driver.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        ) from error
