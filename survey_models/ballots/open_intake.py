"""What the intake does with sheets of the open QR (开放扫码), in the transaction that stores them.

Such a sheet comes with a one-visit ticket and, where the browser has one, a device cookie. Both leave a digest that
stands beside no ballot. Its cell is one of the campaign, in no stratum and pooled with nothing; sheets without a
device cookie (未验证, unverified) are counted apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from survey_models.core.errors import Problem
from survey_models.core.upsert import insert_new
from survey_models.tickets.tables import OPEN_UNVERIFIED, OPEN_VERIFIED, OpenDevice, OpenTicketSpent

Digests = set[tuple[str, bytes]]
# Under which batch number sealed sheets of the open cell stand, by point: no ticket batch has these.
OPEN_BATCHES = {OPEN_VERIFIED: 0, OPEN_UNVERIFIED: -1}


@dataclass(frozen=True)
class Visit:
    """What a sheet of the open QR has instead of a ticket of a stratum.

    ``device``: digest of the cookie in this campaign; None where the browser has none.
    """

    device: bytes | None = field(repr=False)
    expired: bool
    variant: str

    @property
    def point_no(self) -> int:
        """Under which point of the open cell it is counted."""
        return OPEN_UNVERIFIED if self.device is None else OPEN_VERIFIED


# Campaign and digest of the one-visit ticket, and what the sheet has besides.
Visits = Mapping[tuple[str, bytes], Visit]


def spent_among(connection: Connection, visits: Visits) -> Digests:
    """Campaign and digest of one-visit tickets that were spent before."""
    wanted = defaultdict(set)
    for campaign_id, ticket in visits:
        wanted[campaign_id].add(ticket)
    return _found(connection, OpenTicketSpent, wanted)


def devices_among(connection: Connection, visits: Visits) -> Digests:
    """Campaign and digest of devices that have answered."""
    wanted = defaultdict(set)
    for (campaign_id, _), visit in visits.items():
        if visit.device is not None:
            wanted[campaign_id].add(visit.device)
    return _found(connection, OpenDevice, wanted)


def _found(
    connection: Connection, table: type[OpenTicketSpent | OpenDevice], wanted: Mapping[str, set[bytes]]
) -> Digests:
    return {
        (campaign_id, bytes(digest))
        for campaign_id, digests in sorted(wanted.items())
        for digest in connection.scalars(
            select(table.digest).where(table.campaign_id == campaign_id, table.digest.in_(sorted(digests)))
        )
    }


def claim_device(campaign_id: str, visit: Visit, answered: Digests) -> None:
    """One sheet from each device and campaign. Raises ``open_device_used``; without a cookie nobody is known."""
    if visit.device is None:
        return
    if (campaign_id, visit.device) in answered:
        raise Problem("open_device_used")
    answered.add((campaign_id, visit.device))


class ClaimedMeanwhile(Exception):
    """Another process stored the same ticket or device after this transaction looked: the batch is tried again."""


def spend(connection: Connection, visits: Visits) -> None:
    """Write down spent tickets and devices, each list in the order of its own digests. Raises ClaimedMeanwhile."""
    devices = sorted((campaign_id, visit.device) for (campaign_id, _), visit in visits.items() if visit.device)
    for table, claims in ((OpenTicketSpent, sorted(visits)), (OpenDevice, devices)):
        rows = [{"campaign_id": campaign_id, "digest": digest} for campaign_id, digest in claims]
        if rows and len(insert_new(connection, table, rows, key="digest")) != len(rows):
            raise ClaimedMeanwhile
