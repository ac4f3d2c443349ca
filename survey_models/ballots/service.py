"""What people do with sealed sheets: fix the key, open and shuffle them at counting (密封与计票)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_models.ballots import mixing, queries, voids
from survey_models.ballots.mixing import BoxRow, Opened, Sealed, TextRow
from survey_models.ballots.open_intake import OPEN_BATCHES
from survey_models.ballots.sealing import KEY_BYTES, Opener, sheet_digest
from survey_models.ballots.tables import Ballot, BallotText, Channel, KeptBy, Mix, MixMember, SealingKey
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import SMALLEST, Cell, Moves, joins, published
from survey_models.campaigns.rules import Act, Level, after, level
from survey_models.campaigns.tables import JoinReason
from survey_models.core.bulk import insert_many
from survey_models.core.errors import Problem
from survey_models.ledger.events import Event
from survey_models.ledger.service import ballot_entry, record
from survey_models.tickets.tables import OPEN_STRATUM, OPEN_UNVERIFIED, OPEN_VERIFIED


def level_of(session: Session, campaign_id: str) -> Level:
    """The level of a campaign; ``open`` as long as it has no key."""
    key = queries.key_of(session, campaign_id)
    return level(key.kept if key else None)


def register_key(
    session: Session, campaign_id: str, public: bytes, *, kept: KeptBy, by: str, at: datetime
) -> SealingKey:
    """Fix the key that sheets are sealed to, in draft; until ready it may be replaced.

    A campaign that was opened before there were keys gets its first one in any state before counting.
    Raises ``sealing_key_malformed``, ``act_not_allowed``.
    """
    if len(public) != KEY_BYTES:
        raise Problem("sealing_key_malformed")
    campaign = campaigns.get(session, campaign_id, lock=True)
    key = queries.key_of(session, campaign_id)
    after(campaign.state, Act.SEAL if key else Act.SEAL_FIRST)
    if key is None:
        key = SealingKey(campaign_id=campaign_id, public=public, kept=kept.value, made_at=at)
        session.add(key)
    else:
        key.public, key.kept, key.made_at = public, kept.value, at
    session.flush()
    body = {"public": public.hex(), "kept": kept.value}
    record(session, campaign_id, Event.CAMPAIGN_SEALED, body, at=at, by=by)
    return key


def count(
    session: Session, campaign_id: str, *, server_key: Callable[[str], bytes], by: str | None, at: datetime
) -> None:
    """Finish a counting that has begun, if this server can: its key is here, or nothing is sealed.

    With the key in the office the campaign stays ``counting`` until the office opens the sheets.
    """
    key = queries.key_of(session, campaign_id)
    if key is None or not queries.sealed_count(session, campaign_id):
        campaigns.finish_counting(session, campaign_id, by=by, at=at)
    elif key.kept == KeptBy.SERVER:
        fill_box(session, open_sheets(session, campaign_id, server_key(campaign_id)), by=by, at=at)


@dataclass(frozen=True)
class OpenedSheets:
    """All sheets of a campaign in memory: opened, in no order that matters, and which entries they were."""

    campaign_id: str
    sheets: list[Opened] = field(repr=False)
    members: list[uuid.UUID] = field(repr=False)
    intake_root: str


def open_sheets(session: Session, campaign_id: str, private: bytes) -> OpenedSheets:
    """Open every sealed sheet of a campaign that is being counted; only reads.

    Raises:
        Problem: ``act_not_allowed``, ``sealing_key_missing``, ``sealing_key_wrong``; ``intake_changed`` where sheets
            and ledger differ, ``sheets_unreadable`` where one does not open. Then nothing is counted.
    """
    campaign = campaigns.get(session, campaign_id)
    after(campaign.state, Act.FINISH_COUNT)
    key = queries.key_of(session, campaign_id)
    if key is None:
        raise Problem("sealing_key_missing", campaign=campaign_id)
    opener = Opener(private)
    if opener.public != key.public:
        raise Problem("sealing_key_wrong", campaign=campaign_id)
    form = campaigns.form_of(session, campaign)
    members: list[uuid.UUID] = []
    entries: list[str] = []

    def noted() -> Iterator[Sealed]:
        for row in queries.sealed_sheets(session, campaign_id):
            members.append(row.id)
            entries.append(ballot_entry(campaign_id, row.id, sheet_digest(row.sealed))["digest"])
            yield row

    done = mixing.open_all(campaign_id, noted(), opener, {form.version: form})
    differing = set(entries) ^ queries.entry_digests(session, campaign_id)
    if differing and (differing := differing - queries.clear_digests(session, campaign_id)):
        raise Problem("intake_changed", number=len(differing))
    if done.broken:
        raise Problem("sheets_unreadable", number=len(done.broken), first=str(min(done.broken)))
    return OpenedSheets(campaign_id, done.sheets, members, mixing.intake_root(entries))


def fill_box(session: Session, opened: OpenedSheets, *, by: str | None, at: datetime) -> None:
    """Shuffle opened sheets into the box and finish the counting, in one transaction."""
    campaign_id = opened.campaign_id
    campaign = campaigns.get(session, campaign_id, lock=True)
    after(campaign.state, Act.FINISH_COUNT)
    if queries.sealed_count(session, campaign_id) != len(opened.members):
        raise Problem("intake_changed", number=1)
    placed = _placed(session, opened)
    rows = mixing.shuffled(placed)
    texts = mixing.detached((aside, sheet) for _, aside, sheet in placed)
    number = queries.mixes_of(session, campaign_id) + 1
    roots = {"box_root": mixing.box_root(campaign_id, rows), "intake_root": opened.intake_root}
    session.add(Mix(campaign_id=campaign_id, no=number, made_at=at, sheets=len(rows), **roots))
    session.flush()
    _store(session, opened, rows, number)
    _store_texts(session, campaign_id, texts)
    body = {
        "mix": number,
        "sheets": len(rows),
        "set_aside": sum(row.set_aside for row in rows),
        "cells": [[*cell, size] for cell, size in sorted(Counter(row.cell for row in rows).items())],
        "joins": campaigns.joins_text(campaigns.moves_of(session, campaign_id)[1]),
        "texts": len(texts),
        "texts_root": mixing.texts_root(campaign_id, texts),
        **roots,
    }
    record(session, campaign_id, Event.BALLOTS_MIXED, body, at=at, by=by)
    voids.note_invalid(session, campaign_id)
    campaigns.finish_counting(session, campaign_id, by=by, at=at)


def _placed(session: Session, opened: OpenedSheets) -> list[tuple[Cell, bool, Opened]]:
    """Each sheet with its published cell. Cells with few sheets are joined here, before anybody sees one."""
    campaign_id = opened.campaign_id
    batches, channels = queries.voided(session, campaign_id)
    cells = queries.batch_cells(session, campaign_id)
    opening, _ = campaigns.moves_of(session, campaign_id)
    ways = Counter((sheet.batch_no, sheet.channel) for sheet in opened.sheets)
    before = {
        (batch, channel): published(cells[batch]._replace(channel=channel), opening, {}) for batch, channel in ways
    }
    aside = {way: way[0] in batches or way[1] in channels for way in ways}
    sizes: dict[Cell, tuple[int, int]] = {}
    for way, number in ways.items():
        if way[1] != Channel.OPEN:
            counted, kept_out = sizes.get(before[way], (0, 0))
            sizes[before[way]] = (counted, kept_out + number) if aside[way] else (counted + number, kept_out)
    moves = joins(sizes, smallest=SMALLEST, strata=campaigns.kinds_of(session, campaign_id))
    moves |= _open_joins(Counter(sheet.batch_no for sheet in opened.sheets if sheet.channel == Channel.OPEN))
    campaigns.keep_joins(session, campaign_id, moves, JoinReason.FEW_RETURNED)
    after_all = {way: moves.get(cell, cell) for way, cell in before.items()}
    return [
        (after_all[sheet.batch_no, sheet.channel], aside[sheet.batch_no, sheet.channel], sheet)
        for sheet in opened.sheets
    ]


def _open_joins(sheets: Mapping[int, int]) -> Moves:
    """The open QR is joined with nothing but itself: sheets of unverified devices (未验证) with the others, if few."""
    cells = {batch: Cell(OPEN_STRATUM, point, Channel.OPEN) for point, batch in OPEN_BATCHES.items()}
    if len(sheets) == len(cells) and min(sheets.values()) < SMALLEST:
        return {cells[OPEN_BATCHES[OPEN_UNVERIFIED]]: cells[OPEN_BATCHES[OPEN_VERIFIED]]}
    return {}


def _store(session: Session, opened: OpenedSheets, rows: list[BoxRow], number: int) -> None:
    connection = session.connection()
    ballots = [_ballot(opened.campaign_id, row) for row in rows]
    insert_many(connection, Ballot, [ballot for ballot in ballots if ballot["more"] is None])
    # COPY knows no documents.
    if longer := [ballot for ballot in ballots if ballot["more"] is not None]:
        connection.execute(insert(Ballot), longer)
    members = sorted(opened.members)
    campaign_id = opened.campaign_id
    insert_many(connection, MixMember, [{"campaign_id": campaign_id, "id": id_, "mix_no": number} for id_ in members])


def _store_texts(session: Session, campaign_id: str, texts: list[TextRow]) -> None:
    if texts:
        rows = [{"campaign_id": campaign_id, **row._asdict()} for row in texts]
        session.connection().execute(insert(BallotText), rows)


def _ballot(campaign_id: str, row: BoxRow) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "id": row.id,
        "stratum_no": row.cell.stratum_no,
        "point_no": row.cell.point_no,
        "channel": row.cell.channel,
        "questionnaire_version": row.version,
        "answers": row.answers,
        "more": row.more,
        "upload_id": None,
        "line": None,
        "set_aside": row.set_aside,
    }
