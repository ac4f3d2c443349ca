"""Promises of inclusion (收录承诺): what a person holds from the moment of the receipt until the tree has grown.

One signature covers a batch: it is made over the RFC 6962 root of the batch's entry digests, and each promise carries
the path from its own digest to that root. An entry that is missing from the tree on the next day, beside such a
promise, proves misconduct.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec

from survey_models.ledger.merkle import includes, leaf_hash, levels_of
from survey_models.ledger.signing import Signer, key_id_of, signed_by

PURPOSE = "pingyi/promise/v1"


class Promise(msgspec.Struct, frozen=True):
    """``entry``: the digest of the ledger entry; ``path``: hashes to ``root``, both hex; ``signature``: base64."""

    entry: str
    path: list[str]
    index: int
    size: int
    root: str
    signature: str
    key: str

    def wire(self) -> dict[str, Any]:
        """As it is sent."""
        return {
            "entry": self.entry,
            "path": self.path,
            "index": self.index,
            "size": self.size,
            "root": self.root,
            "signature": self.signature,
            "key": self.key,
        }


def signed_text(log: str, root: str) -> bytes:
    """The bytes that the signature is made over; ``root`` is hex."""
    return f"{PURPOSE}\n{log}\n{root}".encode()


def promise_batch(log: str, digests: Sequence[str], signer: Signer) -> list[Promise]:
    """A promise for each entry digest (64 hex digits) of a batch of one log, in the order given; one signature."""
    if not digests:
        return []
    signer = signer.current()
    levels = levels_of([leaf_hash(bytes.fromhex(digest)) for digest in digests])
    # Each node stands in many paths: its hex is written once.
    texts = [[node.hex() for node in level] for level in levels]
    root = texts[-1][0]
    signature = base64.b64encode(signer.sign(signed_text(log, root))).decode()
    size = len(digests)
    return [
        Promise(digest, _path(texts, index), index, size, root, signature, signer.key_id)
        for index, digest in enumerate(digests)
    ]


def verify_promise(promise: Promise, *, log: str, public: bytes) -> bool:
    """Whether ``promise`` is a whole promise of ``log``, signed under ``public`` (32 bytes)."""
    try:
        leaf = leaf_hash(_raw(promise.entry))
        root = _raw(promise.root)
        path = [_raw(node) for node in promise.path]
        signature = base64.b64decode(promise.signature, validate=True)
    except (ValueError, binascii.Error):
        return False
    return (
        promise.key == key_id_of(public)
        and includes(root, promise.size, promise.index, leaf, path)
        and signed_by(public, signed_text(log, promise.root), signature)
    )


def _raw(text: str) -> bytes:
    """The 32 bytes that ``text`` spells. Raises ValueError for any second spelling of them."""
    raw = bytes.fromhex(text)
    if len(raw) != 32 or raw.hex() != text:
        raise ValueError(f"not 64 hex digits: {text[:70]!r}")
    return raw


def _path(texts: Sequence[Sequence[str]], index: int) -> list[str]:
    path = []
    for level in texts[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path
