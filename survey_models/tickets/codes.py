"""Ticket codes (评议码): 16 Crockford characters, 15 random (75 bits) and one check character.

The characters are read as elements of GF(32) (polynomial x⁵ + x² + 1). A code is right when the sum of
its characters, each times its own non-zero weight, is zero. The 16 weights differ, so that every single
wrong character and every swap of two different characters, near or far, changes the sum.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from survey_models.core.errors import Problem
from survey_models.core.ids import ALPHABET, VALUE, as_typed, grouped, random_text

LENGTH = 16
_POLYNOMIAL = 0b100101
_WEIGHTS = tuple(range(1, LENGTH + 1))


def _multiply(left: int, right: int) -> int:
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= _POLYNOMIAL
        right >>= 1
    return product


_TIMES = {weight: tuple(_multiply(weight, value) for value in range(32)) for weight in _WEIGHTS}
_CHECK = {_TIMES[_WEIGHTS[-1]][value]: ALPHABET[value] for value in range(32)}


_PLACES = tuple({char: _TIMES[weight][value] for char, value in VALUE.items()} for weight in _WEIGHTS)
_SHAPE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")


def weighted_sum(code: str) -> int:
    """The sum over GF(32) that is zero for a code: each character of the alphabet times the weight of its place."""
    total = 0
    for times, char in zip(_PLACES, code, strict=False):
        total ^= times[char]
    return total


def new_code() -> str:
    """A fresh code, without dashes."""
    body = random_text(LENGTH - 1)
    return body + _CHECK[weighted_sum(body)]


def looks_like_code(text: str) -> bool:
    """Whether ``text`` is a code by its shape and check character."""
    code = as_typed(text)
    return _SHAPE.fullmatch(code) is not None and weighted_sum(code) == 0


def normalise(text: str) -> str:
    """The code that a person typed. Raises ``ticket_mistyped``."""
    code = as_typed(text)
    if _SHAPE.fullmatch(code) is None or weighted_sum(code) != 0:
        raise Problem("ticket_mistyped")
    return code


def printed(code: str) -> str:
    """``XXXX-XXXX-XXXX-XXXX``, as it stands on the card."""
    return grouped(code)


def digest(code: str, *, campaign_id: str, pepper: bytes) -> bytes:
    """The keyed digest that the database keeps: 32 bytes; the same code in another campaign is another ticket."""
    inner, outer = (half.copy() for half in _keyed(pepper))
    inner.update(f"{campaign_id}\0{code}".encode())
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=4)
def _keyed(pepper: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two halves of HMAC-SHA-256 (RFC 2104) with the key already in them: it is the same for every code."""
    block = (pepper if len(pepper) <= 64 else hashlib.sha256(pepper).digest()).ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
