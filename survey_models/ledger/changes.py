"""Changes of the ledger's key (换钥公告): who knows one key of the ledger learns the others by them. Pure.

A change is an entry of the system's log that the old and the new key have signed. It names the size of every log
up to which the old key spoke for it: what that key signs afterwards, in whoever's hands it is, is worth nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.merkle import includes, leaf_hash
from survey_models.ledger.notes import Checkpoint, open_note, read_checkpoint, vkey_of
from survey_models.ledger.signing import Signer, signed_by
from survey_models.ledger.tiles import leaf_data

PURPOSE = "pingyi/ledger-key/v1"


@dataclass(frozen=True)
class KeyChange:
    """``no`` counts from 1; ``old`` and ``new`` are public keys (32 bytes), ``logs`` sizes by origin."""

    no: int
    old: bytes
    new: bytes
    logs: Mapping[str, int]


@dataclass(frozen=True)
class Placed:
    """An announcement as its bytes stand in the system's log, its place there and the path to a checkpoint."""

    entry: bytes
    seq: int
    proof: Sequence[bytes]


@dataclass(frozen=True)
class Announced:
    """Every change so far, in order, and the checkpoint of the system's log that their paths lead to."""

    changes: Sequence[Placed] = ()
    checkpoint: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Announced:
        """As the service and a bundle give it. Raises ValueError, KeyError or TypeError for another shape."""
        changes = [
            Placed(row["entry"].encode(), int(row["seq"]), tuple(bytes.fromhex(one) for one in row["proof"]))
            for row in document["changes"]
        ]
        return cls(tuple(changes), str(document["checkpoint"] or ""))

    def as_dict(self) -> dict[str, Any]:
        """As it is given."""
        rows = [
            {"entry": one.entry.decode(), "seq": one.seq, "proof": [value.hex() for value in one.proof]}
            for one in self.changes
        ]
        return {"changes": rows, "checkpoint": self.checkpoint}


@dataclass(frozen=True)
class Keys:
    """Keys that follow from one that is trusted, oldest first; ``ends``: up to which sizes each but the last spoke."""

    publics: Sequence[bytes]
    ends: Sequence[Mapping[str, int]] = ()

    def opened(self, note: str) -> tuple[Checkpoint, bytes]:
        """The checkpoint in ``note`` and the newest key that signed it. Raises ValueError unless one may have."""
        origin = note.split("\n", 1)[0]
        for place in reversed(range(len(self.publics))):
            try:
                found = open_note(note, vkey_of(origin, self.publics[place]))
            except ValueError:
                continue
            if place == len(self.publics) - 1 or found.size <= self.ends[place].get(origin, 0):
                return found, self.publics[place]
        raise ValueError("not signed by a key that spoke for this log then")


def change_body(no: int, *, old: Signer, new: Signer, logs: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """What is written about a change; ``logs``: origin and size of each log that has a head."""
    text = signed_text(no, old.public.hex(), new.public.hex(), logs)
    signed_old, signed_new = (base64.b64encode(signer.sign(text)).decode() for signer in (old, new))
    return {
        "no": no,
        "old": old.public.hex(),
        "new": new.public.hex(),
        "logs": [list(row) for row in logs],
        "signed_old": signed_old,
        "signed_new": signed_new,
    }


def signed_text(no: int, old: str, new: str, logs: Sequence[tuple[str, int]]) -> bytes:
    """The bytes that both keys sign: lines, the keys in hex, then origin and size of each log."""
    lines = [PURPOSE, str(no), old, new, *(f"{origin} {size}" for origin, size in logs)]
    return "".join(f"{line}\n" for line in lines).encode()


def read_change(entry: bytes) -> KeyChange:
    """The change that an entry announces. Raises ValueError unless it is one and both keys signed it."""
    try:
        body = json.loads(entry)
        no, old, new = int(body["no"]), bytes.fromhex(body["old"]), bytes.fromhex(body["new"])
        logs = [(str(origin), int(size)) for origin, size in body["logs"]]
        signatures = [base64.b64decode(body[name], validate=True) for name in ("signed_old", "signed_new")]
        named = (body["log"], body["event"]) == (SYSTEM_LOG, Event.LEDGER_KEY_CHANGED.value)
    except (KeyError, TypeError, binascii.Error):
        raise ValueError("no change of the key") from None
    text = signed_text(no, old.hex(), new.hex(), logs)
    if not named or not all(
        signed_by(key, text, signature) for key, signature in zip((old, new), signatures, strict=True)
    ):
        raise ValueError("not signed by both keys")
    return KeyChange(no, old, new, dict(logs))


def keys_from(trusted: bytes, announced: Announced) -> Keys:
    """Every key that the announcements join to the one that is ``trusted`` (32 bytes), before it and after it.

    Raises ValueError where a change is not signed by both its keys, is not in the system's log, or does not follow the
    one before; and where the trusted key is none of them.
    """
    changes = [read_change(one.entry) for one in announced.changes]
    if not changes:
        return Keys((trusted,))
    follows = all(after.old == before.new for before, after in pairwise(changes))
    if [change.no for change in changes] != list(range(1, len(changes) + 1)) or not follows:
        raise ValueError("a change is missing")
    found = Keys((changes[0].old, *(change.new for change in changes)), tuple(change.logs for change in changes))
    if trusted not in found.publics:
        raise ValueError("the trusted key is none of those announced")
    _demand_in_log(found, announced)
    return found


def _demand_in_log(keys: Keys, announced: Announced) -> None:
    head = read_checkpoint(announced.checkpoint.partition("\n\n")[0] + "\n")
    open_note(announced.checkpoint, vkey_of(head.origin, keys.publics[-1]))
    if not head.origin.endswith(f"/ledger/{SYSTEM_LOG}"):
        raise ValueError("the checkpoint of another log")
    for one in announced.changes:
        if not includes(head.root, head.size, one.seq, leaf_hash(leaf_data(one.entry)), list(one.proof)):
            raise ValueError("a change is not in the system's log")
