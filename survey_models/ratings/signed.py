"""Storing a signed batch of a terminal: duplicates and disorder are harmless, a fork sets the device apart.

A terminal has one chain. Where two taps bear one number, or a batch does not continue what is stored, two devices use
one key (a cloned disk, a backup played back): the device is quarantined (隔离), and everything it sends from then on is
kept aside for two people to decide. Runs inside the intake's transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from survey_models.core.upsert import insert_new
from survey_models.devices.tables import Device
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.ratings.chain import GENESIS
from survey_models.ratings.intake import Became, RatingItem, store_ratings
from survey_models.ratings.rates import COUNTING, Counting
from survey_models.ratings.tables import AsideRating, DeviceTap, Why
from survey_models.units.tables import Window

Status = Literal["stored", "duplicate", "refused", "aside"]


@dataclass(frozen=True)
class Tap:
    """One item of a batch. ``fault``: why it will never be taken, None for a good one."""

    seq: int
    hash: str
    item: RatingItem
    fault: str | None


@dataclass(frozen=True)
class TapBatch:
    """Taps that follow each other; its signature has been checked. ``prev``: the hash before the first."""

    device_id: uuid.UUID
    window_id: str
    prev: str
    taps: Sequence[Tap]

    @property
    def before(self) -> list[str]:
        """For every tap the hash before it."""
        return [self.prev, *(tap.hash for tap in self.taps[:-1])]


@dataclass(frozen=True)
class TapAnswer:
    """What became of a tap; ``aside`` ones are safe on the server and wait for the office."""

    status: Status
    code: str | None = None


def store_taps(
    connection: Connection, batch: TapBatch, *, at: datetime, zone: str, counting: Counting = COUNTING
) -> list[TapAnswer]:
    """Store what is new of a batch; an answer for each tap, in their order."""
    batch = _known_windows(connection, batch)
    query = select(Device.quarantined_at, Device.revoked_at).where(Device.id == batch.device_id)
    device = connection.execute(query).one()
    if device.revoked_at is not None:
        return _all_aside(connection, batch, Why.REVOKED, at=at)
    if device.quarantined_at is not None:
        return _all_aside(connection, batch, Why.QUARANTINE, at=at)
    numbered: set[int] = set()
    why = _break_in(connection, batch)
    if why is None:
        numbered = _number(connection, batch)
        # Another process may have stored another tap under the same number in this moment.
        why = _break_in(connection, batch)
    if why is None:
        return _take(connection, batch, at=at, zone=zone, counting=counting)
    _quarantine(connection, batch, why, at=at)
    return _all_aside(connection, batch, why, at=at, numbered=numbered)


def _known_windows(connection: Connection, batch: TapBatch) -> TapBatch:
    """The batch; taps at windows that never were are faulty: they keep their number and nobody decides them."""
    named = {tap.item.window_id for tap in batch.taps} - {batch.window_id}
    if not named:
        return batch
    strange = named - set(connection.execute(select(Window.id).where(Window.id.in_(named))).scalars())
    taps = [
        replace(tap, fault=tap.fault or "window_unknown") if tap.item.window_id in strange else tap
        for tap in batch.taps
    ]
    return replace(batch, taps=taps)


def _all_aside(
    connection: Connection, batch: TapBatch, why: Why, *, at: datetime, numbered: Collection[int] = ()
) -> list[TapAnswer]:
    """Keep everything aside that was not stored before; ``numbered``: numbers that were taken just now."""
    known = _known(connection, batch)
    here = {tap.seq for tap in batch.taps if tap.seq in known and known[tap.seq][0] == tap.hash} - set(numbered)
    keep_aside(connection, [tap for tap in batch.taps if tap.seq not in here], why, at=at)
    return [_apart(tap, why) if tap.seq not in here else TapAnswer("duplicate") for tap in batch.taps]


def _apart(tap: Tap, why: Why) -> TapAnswer:
    return TapAnswer("refused", tap.fault) if tap.fault is not None else TapAnswer("aside", why.value)


def _known(connection: Connection, batch: TapBatch) -> dict[int, tuple[str, str]]:
    """Hash and hash before it, of the numbers of the batch and of their two neighbours, as far as they are stored."""
    first, last = batch.taps[0].seq, batch.taps[-1].seq
    query = select(DeviceTap.seq, DeviceTap.hash, DeviceTap.prev).where(
        DeviceTap.device_id == batch.device_id, DeviceTap.seq.between(first - 1, last + 1)
    )
    return {row.seq: (row.hash, row.prev) for row in connection.execute(query)}


def _break_in(connection: Connection, batch: TapBatch) -> Why | None:
    """Why the batch is not of the chain that is stored; None where it is."""
    known = _known(connection, batch)
    first, last = batch.taps[0], batch.taps[-1]
    if any(tap.seq in known and known[tap.seq][0] != tap.hash for tap in batch.taps):
        return Why.FORK
    before, after = known.get(first.seq - 1), known.get(last.seq + 1)
    if (before is not None and before[0] != batch.prev) or (first.seq == 1 and batch.prev != GENESIS):
        return Why.CHAIN
    return Why.CHAIN if after is not None and after[1] != last.hash else None


def _number(connection: Connection, batch: TapBatch) -> set[int]:
    """Take the numbers that are not taken yet; which ones they were."""
    rows = [
        {
            "device_id": batch.device_id,
            "seq": tap.seq,
            "hash": tap.hash,
            "prev": prev,
            "rating_id": tap.item.id,
        }
        for tap, prev in zip(batch.taps, batch.before, strict=True)
    ]
    return insert_new(connection, DeviceTap, rows, key="seq")


def _take(connection: Connection, batch: TapBatch, *, at: datetime, zone: str, counting: Counting) -> list[TapAnswer]:
    """Store the good taps of this window; those of another window are kept aside, faulty ones refused."""
    own = [tap for tap in batch.taps if tap.fault is None and tap.item.window_id == batch.window_id]
    items = [tap.item for tap in own]
    new = store_ratings(connection, items, at=at, zone=zone, counting=counting) if own else []
    stored = dict(zip((tap.seq for tap in own), new, strict=True))
    strange = [tap for tap in batch.taps if tap.fault is None and tap.seq not in stored]
    keep_aside(connection, strange, Why.OTHER_WINDOW, at=at)
    return [_answer(tap, stored) for tap in batch.taps]


def _answer(tap: Tap, stored: dict[int, Became]) -> TapAnswer:
    if tap.fault is not None:
        return TapAnswer("refused", tap.fault)
    if tap.seq not in stored:
        return TapAnswer("aside", Why.OTHER_WINDOW.value)
    became = stored[tap.seq]
    if isinstance(became, str):
        return TapAnswer("refused", became)
    return TapAnswer("stored" if became else "duplicate")


def keep_aside(connection: Connection, taps: Iterable[Tap], why: Why, *, at: datetime) -> None:
    """Keep taps for the office; the same tap again is kept once. Faulty ones need no decision and are left out."""
    rows = []
    for tap in taps:
        if tap.fault is None:
            item = asdict(tap.item)
            del item["channel"]
            row = {"rating_id": item.pop("id"), **item, "case": item["case"] or ""}
            rows.append({**row, "seq": tap.seq, "hash": tap.hash, "why": why.value, "received_at": at, "outcome": None})
    if rows:
        insert_new(connection, AsideRating, rows, key="hash")


def _quarantine(connection: Connection, batch: TapBatch, why: Why, *, at: datetime) -> None:
    apart = update(Device).where(Device.id == batch.device_id, Device.quarantined_at.is_(None))
    if connection.execute(apart.values(quarantined_at=at)).rowcount == 1:
        body = {"device": str(batch.device_id), "why": why.value, "seq": batch.taps[0].seq}
        with Session(connection) as session:
            record(session, SYSTEM_LOG, Event.DEVICE_QUARANTINED, body, at=at)
            session.flush()
