"""Checkpoints (台账首部): the head of a log as a C2SP signed note, which other programs read too.

Formats: c2sp.org/signed-note, c2sp.org/tlog-checkpoint (Ed25519, type 0x01) and c2sp.org/tlog-cosignature (witnesses,
type 0x04). A checkpoint is three lines, origin, size and root in base64; a signature line follows an empty one. The
name of the log's key is its origin, so that a signature of one log is none of another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from survey_models.ledger.signing import Signer, signed_by

LOG_KEY, WITNESS_KEY = b"\x01", b"\x04"
_DASH = "\u2014 "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True)
class Checkpoint:
    """``origin`` names the log, ``size`` counts its leaves, ``root`` (32 bytes) covers them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def origin_of(host: str, log: str) -> str:
    """The name of a log: its address without the scheme."""
    return f"{host}/ledger/{log}"


def vkey_of(name: str, public: bytes, *, kind: bytes = LOG_KEY) -> str:
    """The public key as verifiers take it: ``name+hash+base64``."""
    return f"{name}+{_key_hash(name, kind, public).hex()}+{base64.b64encode(kind + public).decode()}"


def read_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    """Name, kind and public key (32 bytes) of a vkey. Raises ValueError for another shape or a wrong hash."""
    name, _, rest = vkey.partition("+")
    hashed, _, key = rest.partition("+")
    raw = _unbase64(key)
    kind, public = raw[:1], raw[1:]
    if not _NAME.fullmatch(name) or kind not in {LOG_KEY, WITNESS_KEY} or len(public) != 32:
        raise ValueError("not a key of a log or witness")
    if _key_hash(name, kind, public).hex() != hashed:
        raise ValueError("the hash of the key is wrong")
    return name, kind, public


def signed_note(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The checkpoint with the log's signature under it; with two where the key has just changed."""
    name, text = checkpoint.origin, checkpoint.text
    lines = (_line(name, LOG_KEY, one.public, one.sign(text.encode())) for one in signers)
    return f"{text}\n{''.join(lines)}"


def cosigned(note: str, name: str, signer: Signer, *, at: int) -> str:
    """``note`` with the signature of a witness added; ``at``: whole seconds since 1970. Those of others are kept."""
    text, lines = _parted(note)
    mine = _signature_lines(lines, name, WITNESS_KEY, signer.public)
    others = "".join(f"{line}\n" for line in lines if line not in mine)
    signature = at.to_bytes(8, "big") + signer.sign(_cosigned_bytes(text, at))
    return f"{text}\n{others}{_line(name, WITNESS_KEY, signer.public, signature)}"


def open_note(note: str, vkey: str) -> Checkpoint:
    """The checkpoint in ``note``. Raises ValueError unless the key of ``vkey`` signed it and both name one log."""
    name, kind, public = read_vkey(vkey)
    text, lines = _parted(note)
    if kind != LOG_KEY or not any(
        signed_by(public, text.encode(), signature) for signature in _signatures(lines, name, kind, public)
    ):
        raise ValueError("not signed by this key")
    checkpoint = read_checkpoint(text)
    if checkpoint.origin != name:
        raise ValueError("the checkpoint of another log")
    return checkpoint


def cosigned_at(note: str, vkey: str) -> int:
    """When the witness of ``vkey`` signed ``note``: seconds since 1970. Raises ValueError unless it did."""
    return cosignature(note, vkey)[0]


def cosignature(note: str, vkey: str) -> tuple[int, str]:
    """When the witness of ``vkey`` signed ``note``, and its line with the end. Raises ValueError unless it did."""
    name, kind, public = read_vkey(vkey)
    text, lines = _parted(note)
    for line in _signature_lines(lines, name, kind, public):
        signature = _unbase64(line.rpartition(" ")[2])[4:]
        at = int.from_bytes(signature[:8], "big")
        if kind == WITNESS_KEY and signed_by(public, _cosigned_bytes(text, at), signature[8:]):
            return at, f"{line}\n"
    raise ValueError("not signed by this witness")


def read_checkpoint(text: str) -> Checkpoint:
    """The lines of a checkpoint, its signatures not looked at. Raises ValueError for another shape."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not _NAME.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
        raise ValueError("not a checkpoint")
    root = _unbase64(lines[2])
    if len(root) != 32:
        raise ValueError("a root has 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def _key_hash(name: str, kind: bytes, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def _line(name: str, kind: bytes, public: bytes, signature: bytes) -> str:
    return f"{_DASH}{name} {base64.b64encode(_key_hash(name, kind, public) + signature).decode()}\n"


def _cosigned_bytes(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _parted(note: str) -> tuple[str, list[str]]:
    """The signed text, its last newline included, and the signature lines."""
    text, gap, rest = note.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        raise ValueError("not a signed note")
    lines = rest[:-1].split("\n")
    if not all(line.startswith(_DASH) for line in lines):
        raise ValueError("not a signed note")
    return text + "\n", lines


def _signatures(lines: list[str], name: str, kind: bytes, public: bytes) -> list[bytes]:
    """What the key of this name left; lines of others are passed over."""
    prefix = f"{_DASH}{name} "
    return [_unbase64(line.removeprefix(prefix))[4:] for line in _signature_lines(lines, name, kind, public)]


def _signature_lines(lines: list[str], name: str, kind: bytes, public: bytes) -> list[str]:
    prefix, key = f"{_DASH}{name} ", _key_hash(name, kind, public)
    return [line for line in lines if line.startswith(prefix) and _unbase64(line.removeprefix(prefix))[:4] == key]


def _unbase64(text: str) -> bytes:
    """The bytes; ValueError for anything but their one spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not base64 as it is written")
    return raw
