"""The counting office's key file (计票处密钥文件): the private key under a passphrase, readable by its owner alone.

One line: ``PINGYI-SEALING-KEY-2 scrypt N R P SALT NONCE BOX``, N, R and P in decimal, the rest in hex. BOX is the key
under AES-256-GCM with scrypt (RFC 7914) of the passphrase; what stands before it is bound to it. A browser, which knows
no scrypt, writes ``pbkdf2 ROUNDS`` in its place (PBKDF2-HMAC-SHA-256, RFC 8018). Without a passphrase, which has to be
asked for, ``PINGYI-SEALING-KEY-1`` and the key in hex.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from api.keys import key_of_hex, write_private
from survey_models.ballots.sealing import KEY_BYTES
from survey_models.core.errors import Problem

SHORTEST = 12
_PLAIN, _PROTECTED = b"PINGYI-SEALING-KEY-1 ", b"PINGYI-SEALING-KEY-2 "
# 128 MiB and about half a second for each guess.
_N, _R, _P = 2**17, 8, 1
_SALT, _NONCE = 16, 12
# What a browser writes, and no fewer: OWASP asks for 600,000 rounds.
PBKDF2_ROUNDS = 1_000_000
_LEAST_ROUNDS, _MOST_ROUNDS = 600_000, 20_000_000
# A file may not ask for more than this machine gives: 1 GiB.
_MOST = 2**30


def write_key_file(path: Path, private: bytes, *, passphrase: str | None) -> None:
    """Write a private key, 0600. ``passphrase`` None leaves it in the clear.

    Raises ``key_file_exists``, ``passphrase_short``.
    """
    content = _PLAIN + private.hex().encode() if passphrase is None else _locked(private, passphrase)
    try:
        write_private(path, content + b"\n")
    except FileExistsError:
        raise Problem("key_file_exists", path=str(path)) from None


def read_key_file(path: Path, *, passphrase: Callable[[], str]) -> bytes:
    """The private key in such a file; ``passphrase`` is asked for where the file has one.

    Raises ``key_file_unreadable``, ``sealing_key_malformed``, ``passphrase_wrong``.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise Problem("key_file_unreadable", path=str(path)) from None
    if content.startswith(_PROTECTED):
        return _unlocked(content, passphrase)
    if not content.startswith(_PLAIN):
        raise Problem("sealing_key_malformed")
    return key_of_hex(content.removeprefix(_PLAIN).decode("ascii", "replace").strip())


def read_passphrase(path: Path) -> str:
    """The first line of a file. Raises ``key_file_unreadable``."""
    try:
        return path.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise Problem("key_file_unreadable", path=str(path)) from None


def _locked(private: bytes, passphrase: str) -> bytes:
    if len(passphrase) < SHORTEST:
        raise Problem("passphrase_short", least=SHORTEST)
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    head = _PROTECTED + f"scrypt {_N} {_R} {_P} {salt.hex()} {nonce.hex()} ".encode()
    return head + AESGCM(_key(passphrase, salt, _N, _R, _P)).encrypt(nonce, private, head).hex().encode()


def _unlocked(content: bytes, passphrase: Callable[[], str]) -> bytes:
    head, _, box = content.strip().rpartition(b" ")
    try:
        name, *numbers, salt, nonce = head.decode("ascii").removeprefix(_PROTECTED.decode()).split(" ")
        cost = [int(number) for number in numbers]
        raw_salt, raw_nonce, raw = bytes.fromhex(salt), bytes.fromhex(nonce), bytes.fromhex(box.decode("ascii"))
    except ValueError:
        raise Problem("sealing_key_malformed") from None
    if not _fits(name, cost) or len(raw_nonce) != _NONCE or len(raw) != KEY_BYTES + 16:
        raise Problem("sealing_key_malformed")
    stretched = _rounds(passphrase(), raw_salt, *cost) if name == "pbkdf2" else _key(passphrase(), raw_salt, *cost)
    try:
        return AESGCM(stretched).decrypt(raw_nonce, raw, head + b" ")
    except InvalidTag:
        raise Problem("passphrase_wrong") from None


def _fits(name: str, cost: list[int]) -> bool:
    """Whether a file's passphrase is stretched in a way we know, not too little and no more than this machine gives."""
    if name == "pbkdf2" and len(cost) == 1:
        return _LEAST_ROUNDS <= cost[0] <= _MOST_ROUNDS
    if name != "scrypt" or len(cost) != 3:
        return False
    n, r, p = cost
    return n > 1 and n.bit_count() == 1 and r > 0 and p > 0 and 128 * n * r * p <= _MOST


def _rounds(passphrase: str, salt: bytes, rounds: int) -> bytes:
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=rounds).derive(typed)


def _key(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    """32 bytes. One passphrase may be typed in two ways that look alike: NFC makes them one."""
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(typed)
