"""A terminal as the server sees it: a key of its own, numbered taps in a chain, signed batches."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey_models.core import clock
from survey_models.ratings.chain import GENESIS, Link, hash_of, signed_text

Tap = dict[str, Any]


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Terminal:
    """Made before pairing; ``paired`` takes what the server answered."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    device: str = ""
    window: str = "w1"
    token: str = ""
    taps: list[Tap] = field(default_factory=list)
    heads: list[str] = field(default_factory=lambda: [GENESIS])

    @property
    def public_key(self) -> str:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return packed(point)

    def asking(self, pairing_code: str) -> dict[str, str]:
        """The body of a pairing request."""
        return {"pairing_code": pairing_code, "public_key": self.public_key}

    def paired(self, answer: dict[str, Any]) -> Terminal:
        self.device, self.token, self.window = answer["device_id"], answer["token"], answer["window"]["id"]
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def tap(self, code: str = "5", **more: Any) -> Tap:
        """Keep a tap under the next number."""
        item: Tap = {
            "seq": len(self.taps) + 1,
            "id": str(uuid.uuid4()),
            "window_id": self.window,
            "code": code,
            "reasons": [],
            "device_time": clock.now().isoformat(timespec="seconds"),
            "case": "",
            **more,
        }
        self.taps.append(item)
        self.heads.append(hash_of(self.device, self.heads[-1], Link(**item)))
        return item

    def batch(self, first: int = 1, last: int | None = None, **more: Any) -> dict[str, Any]:
        """The taps of these numbers under a signature."""
        items: Sequence[Tap] = self.taps[first - 1 : last]
        prev, heads = self.heads[first - 1], self.heads[first : first + len(items)]
        sent_at = more.pop("sent_at", clock.now().isoformat(timespec="seconds"))
        text = signed_text(self.device, first, prev, heads, sent_at)
        r, s = decode_dss_signature(self.key.sign(text, ec.ECDSA(hashes.SHA256())))
        sign = packed(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        whole = {"device": self.device, "first": first, "prev": prev, "items": items, "sent_at": sent_at, "sign": sign}
        return json.loads(json.dumps({**whole, **more}))  # type: ignore[no-any-return]

    def clone(self) -> Terminal:
        """The same disk in another machine."""
        return Terminal(self.key, self.device, self.window, self.token, list(self.taps), list(self.heads))


def sealed(to: str, batch: dict[str, Any]) -> str:
    """A batch as the browser seals it for a file."""
    point = base64.urlsafe_b64decode(to + "=" * (-len(to) % 4))
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    ours = ec.generate_private_key(ec.SECP256R1())
    mine = ours.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    secret = ours.exchange(ec.ECDH(), theirs)
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=mine, info=b"pingyi-outbox/1").derive(secret)
    return packed(mine + b"n" * 12 + AESGCM(key).encrypt(b"n" * 12, json.dumps(batch).encode(), None))
