"""What a browser seals to the server (封给服务器): files of a terminal's outbox, sheets that wait in a tablet.

Whoever carries the file or holds the tablet cannot read it: ECDH on P-256, HKDF-SHA-256 and AES-256-GCM to a key that
only the server can derive. A part of a file is one signed batch. The browsers' halves stand in kiosk/terminal/key.ts
and kiosk/phone/box.js.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey_models.core.errors import Problem

FORMAT = "pingyi-outbox/1"
SHEET = "pingyi-sheet/1"
_POINT, _NONCE, _TAG = 65, 12, 16
# Order of the group of P-256.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def public_text(pepper: bytes) -> str:
    """The server's key that terminals and tablets seal to: base64url of the uncompressed point."""
    point = _private(pepper).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def open_part(sealed: str, *, pepper: bytes, purpose: str = FORMAT) -> bytes:
    """What is inside a part; one that was sealed for another purpose does not open. Raises ``outbox_file_unfit``."""
    try:
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        if len(raw) < _POINT + _NONCE + _TAG:
            raise Problem("outbox_file_unfit")
        point, nonce, inner = raw[:_POINT], raw[_POINT : _POINT + _NONCE], raw[_POINT + _NONCE :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        secret = _private(pepper).exchange(ec.ECDH(), theirs)
        return AESGCM(_stretched(secret, salt=point, info=purpose.encode())).decrypt(nonce, inner, None)
    except (binascii.Error, ValueError, InvalidTag):
        raise Problem("outbox_file_unfit") from None


def _private(pepper: bytes) -> ec.EllipticCurvePrivateKey:
    raw = HKDF(algorithm=SHA256(), length=48, salt=None, info=b"pingyi outbox files").derive(pepper)
    return ec.derive_private_key(int.from_bytes(raw, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _stretched(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)
