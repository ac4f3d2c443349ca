"""Writing to the ledger (台账): in the caller's transaction, so that an act and its entry stand or fall together."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_models.core.canonical import canonical_bytes
from survey_models.core.ids import new_id, sixty_bits
from survey_models.ledger import queries
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.tables import LedgerEntry


def record(
    session: Session, log: str, event: Event, body: Mapping[str, Any], *, at: datetime, by: str | None = None
) -> uuid.UUID:
    """Write one act; the id of its row. ``log`` is a campaign id or ``system``; ``by`` is the account that acted.

    The hashes of the system's entries are public, the entries are not: a blinding value (盲值) keeps them unguessed.
    """
    whole = dict(body) if by is None else {**body, "by": by}
    if log == SYSTEM_LOG:
        whole["blind"] = secrets.token_hex(8)
    raw = canonical_bytes({"event": event.value, "log": log, **whole})
    id_ = new_id()
    session.execute(
        insert(LedgerEntry).values(
            log=log, id=id_, event=event.value, body=raw, digest=hashlib.sha256(raw).hexdigest(), at=at
        )
    )
    return id_


def recorded(session: Session, log: str, event: Event) -> list[dict[str, Any]]:
    """What was written about one kind of act in ``log``, as it was written; in no order."""
    return [json.loads(raw) for raw in queries.bodies(session, log=log, event=event)]


def ballot_body(campaign_id: str, ballot_id: uuid.UUID, sheet_digest: str) -> bytes:
    """The canonical bytes of a cast ballot's entry: campaign, ballot id and SHA-256 of the sealed sheet.

    No time, no ticket, no cell. Written out by hand, for every sheet pays for it.
    """
    log = _as_json(campaign_id)
    text = f'{{"ballot":"{ballot_id}","event":"{_CAST}","log":{log},"sheet":"{sheet_digest}"}}'
    return text.encode()


_CAST = Event.BALLOT_CAST.value


@lru_cache(maxsize=1024)
def _as_json(text: str) -> str:
    return canonical_bytes(text).decode()


def ballot_entry(campaign_id: str, ballot_id: uuid.UUID, sheet_digest: str) -> dict[str, Any]:
    """The row of a cast ballot."""
    body = ballot_body(campaign_id, ballot_id, sheet_digest)
    return {"log": campaign_id, "id": ballot_id, "event": _CAST, "body": body, "digest": entry_digest(body), "at": None}


def entry_digest(body: bytes) -> str:
    """The digest of an entry: SHA-256 of its body, 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def receipt_of(entry_digest: str) -> str:
    """The receipt code (回执号) of a ledger entry: 60 bits of its digest, ``7KQ4-M2TX-9D3H``."""
    return sixty_bits(int(entry_digest[:15], 16))
