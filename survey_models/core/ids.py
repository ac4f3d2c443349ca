"""Identifiers: Crockford base32 text and random ids."""

from __future__ import annotations

import secrets
import uuid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUE = {char: number for number, char in enumerate(ALPHABET)}
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", **dict.fromkeys(" -\u2010\u2013\u2014\u3000\t")})
_PAIRS = [left + right for left in ALPHABET for right in ALPHABET]


def new_id() -> uuid.UUID:
    """A random id; it carries neither time nor order."""
    return uuid.uuid4()


def new_secret() -> str:
    """256 random bits as URL-safe text (session and device tokens)."""
    return secrets.token_urlsafe(32)


def random_text(length: int) -> str:
    """``length`` random Crockford characters, five bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def as_typed(text: str) -> str:
    """What a person typed, as Crockford reads it: case, spaces, dashes and look-alikes folded."""
    return text.upper().translate(_READ_AS)


def grouped(text: str, size: int = 4) -> str:
    """``7KQ4M2TX9D3H`` → ``7KQ4-M2TX-9D3H``."""
    return "-".join(text[start : start + size] for start in range(0, len(text), size))


def sixty_bits(number: int) -> str:
    """60 bits as ``7KQ4-M2TX-9D3H``: what ``grouped(base32_text(...))`` makes of them, at the price of a table."""
    one, two, three = (_PAIRS[number >> at & 1023] + _PAIRS[number >> at - 10 & 1023] for at in (50, 30, 10))
    return f"{one}-{two}-{three}"


def base32_text(raw: bytes, length: int) -> str:
    """The first ``length`` × 5 bits of ``raw`` as Crockford characters."""
    even = length + length % 2
    number = int.from_bytes(raw, "big") << 5 >> (len(raw) * 8 + 5 - even * 5)
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(even * 5 - 10, -1, -10)])[:length]
