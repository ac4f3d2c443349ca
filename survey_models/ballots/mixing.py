"""Opening, shuffling and hashing of sealed sheets (开封混洗): pure but for the chance that shuffles.

Texts leave their sheets here: they stand under ids of their own, without cell and without ballot.

The box is sorted by ids drawn for it from the system's randomness: of all orders none is likelier than another, and no
id of a ballot tells anything of the sheet that it came from.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from survey_models.ballots.sealing import Opener, SealBroken, bound_to, unpadded
from survey_models.campaigns.cells import Cell
from survey_models.core.canonical import canonical_bytes
from survey_models.ledger.merkle import leaf_hash, root_of
from survey_models.questionnaires.more import fits, without_texts
from survey_models.questionnaires.rules import INVALID, Form

_RANDOM = 4


class Sealed(NamedTuple):
    """A row of the intake."""

    id: uuid.UUID
    batch_no: int
    channel: str
    version: int
    sealed: bytes


class Opened(NamedTuple):
    """What a sheet holds, its texts apart, and the cell that it came by; its id is left behind."""

    batch_no: int
    channel: str
    version: int
    answers: str
    more: dict[str, Any] | None
    texts: tuple[tuple[str, str], ...] = ()


class TextRow(NamedTuple):
    """Words that somebody wrote (意见原文), detached: the item they answer, and whether their sheet was set aside."""

    id: uuid.UUID
    item: str
    words: str
    set_aside: bool


class BoxRow(NamedTuple):
    """A ballot of the box."""

    id: uuid.UUID
    cell: Cell
    version: int
    answers: str
    more: dict[str, Any] | None
    set_aside: bool


@dataclass
class Opening:
    """Sheets opened so far, and the ids of those that did not open or are none of the questionnaire."""

    sheets: list[Opened] = field(default_factory=list, repr=False)
    broken: list[uuid.UUID] = field(default_factory=list)


def open_all(campaign_id: str, rows: Iterable[Sealed], opener: Opener, forms: dict[int, Form]) -> Opening:
    """Open every sheet and check that it is one of its questionnaire version. Nothing is skipped silently."""
    shapes = {version: _shape(form) for version, form in forms.items()}
    done = Opening()
    for row in rows:
        aad = bound_to(campaign_id, row.id, row.batch_no, row.channel, row.version)
        try:
            answers, more = unpadded(opener.open(row.sealed, aad))
        except SealBroken:
            done.broken.append(row.id)
            continue
        shape = shapes.get(row.version)
        if shape is None or not shape.fullmatch(answers) or (more and not fits(forms[row.version], more)):
            done.broken.append(row.id)
            continue
        if more is None:
            done.sheets.append(Opened(row.batch_no, row.channel, row.version, answers, None))
        else:
            rest, texts = without_texts(forms[row.version], more)
            done.sheets.append(Opened(row.batch_no, row.channel, row.version, answers, rest, tuple(texts)))
    return done


def _shape(form: Form) -> re.Pattern[str]:
    """One class of codes for each item: ninety items are checked in a microsecond."""
    return re.compile("".join(f"[{re.escape(''.join([*codes, INVALID]))}]" for codes in form.allowed))


def shuffled(sheets: Sequence[tuple[Cell, bool, Opened]]) -> list[BoxRow]:
    """The box: every sheet under a fresh random id, in the order of these ids. ``bool``: whether it is set aside."""
    chance = secrets.token_bytes(16 * len(sheets))
    rows = [
        BoxRow(
            uuid.UUID(bytes=chance[16 * place : 16 * place + 16], version=_RANDOM),
            cell,
            sheet.version,
            sheet.answers,
            sheet.more,
            aside,
        )
        for place, (cell, aside, sheet) in enumerate(sheets)
    ]
    rows.sort(key=lambda row: row.id.int)
    return rows


def detached(sheets: Iterable[tuple[bool, Opened]]) -> list[TextRow]:
    """The texts of all sheets, each under a fresh random id, in the order of these ids."""
    rows = [
        TextRow(uuid.UUID(bytes=secrets.token_bytes(16), version=_RANDOM), item, words, aside)
        for aside, sheet in sheets
        for item, words in sheet.texts
    ]
    rows.sort(key=lambda row: row.id.int)
    return rows


def texts_root(campaign_id: str, rows: Iterable[TextRow]) -> str:
    """RFC 6962 root over the canonical bytes of the texts, in the order of their ids; 64 hex digits."""
    return root_of(
        [
            leaf_hash(
                canonical_bytes(
                    {
                        "campaign": campaign_id,
                        "text": str(row.id),
                        "item": row.item,
                        "words": row.words,
                        "set_aside": row.set_aside,
                    }
                )
            )
            for row in rows
        ]
    ).hex()


def box_root(campaign_id: str, rows: Iterable[BoxRow]) -> str:
    """RFC 6962 root over the canonical bytes of the ballots, which stand in the order of their ids; 64 hex digits."""
    return root_of([leaf_hash(box_bytes(campaign_id, row)) for row in rows]).hex()


def box_bytes(campaign_id: str, row: BoxRow) -> bytes:
    """A ballot as it is hashed: its canonical JSON, spelled out here for those that hold nothing but answers."""
    if row.more is None:
        stratum, point, channel = row.cell
        return (
            f'{{"answers":{encode_basestring(row.answers)},"ballot":"{row.id}","campaign":"{campaign_id}",'
            f'"cell":[{stratum},{point},"{channel}"],"more":null,"set_aside":{"true" if row.set_aside else "false"},'
            f'"version":{row.version}}}'
        ).encode()
    return canonical_bytes(
        {
            "campaign": campaign_id,
            "ballot": str(row.id),
            "cell": list(row.cell),
            "version": row.version,
            "answers": row.answers,
            "more": row.more,
            "set_aside": row.set_aside,
        }
    )


def intake_root(entries: Iterable[str]) -> str:
    """RFC 6962 root over the sorted digests of the sheets' ledger entries (hex); 64 hex digits."""
    return root_of([leaf_hash(bytes.fromhex(entry)) for entry in sorted(entries)]).hex()
