"""Passwords: Argon2id, at most four at a time, the same work for a name that nobody has."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from survey_models.accounts import rules
from survey_models.core.ids import grouped, random_text

# 19 MiB and two passes: the least that OWASP's password storage sheet asks of Argon2id.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
# Each takes 19 MiB and a core for some ten milliseconds; more at once would starve the ballot door.
_AT_ONCE = threading.BoundedSemaphore(4)


def new_hash(password: str, *, name: str) -> str:
    """The hash to store for a new password of the account ``name``. Raises ``password_weak``."""
    rules.check_password(password, name=name)
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one behind ``stored``. None costs the same time and never matches."""
    if len(password) > rules.LONGEST_PASSWORD:
        return False
    with _AT_ONCE:
        try:
            _HASHER.verify(_nobody() if stored is None else stored, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def random_password() -> str:
    """A password of 80 random bits that can be read out: ``7KQ4-M2TX-9D3H-0WZB``."""
    return grouped(random_text(16))


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe())
