"""One-time codes from an authenticator app (动态验证码): HOTP and TOTP of RFC 4226 and RFC 6238, and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from survey_models.core.ids import as_typed, grouped, random_text

SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
# One step before and after the present one: clocks of telephones differ, and typing takes time.
WINDOW = 1
RECOVERY_CODES = 10
# 60 random bits each.
_RECOVERY_LENGTH = 12
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def step_at(at: datetime) -> int:
    """The number of the 30-second step that ``at`` lies in, counted from 1970 (RFC 6238, section 4.2)."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """The code of a step: HMAC-SHA-1 and dynamic truncation (RFC 4226, section 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, typed: str, *, at: datetime, after: int) -> int | None:
    """The step whose code was typed, within the window and later than the step ``after``; None: no such step.

    A code that was accepted once is behind ``after`` from then on: nobody who looked on can use it again.
    """
    code = plain_code(typed)
    present = step_at(at)
    steps = range(max(present - WINDOW, after + 1, 0), present + WINDOW + 1)
    # All are compared, whichever matches: the time taken tells nothing.
    found = [step for step in steps if hmac.compare_digest(code_of(secret, step).encode(), code.encode())]
    return found[0] if found else None


def is_code(typed: str) -> bool:
    """Whether it looks like a code of an app; otherwise it is meant as a recovery code."""
    return _CODE.fullmatch(plain_code(typed)) is not None


def plain_code(typed: str) -> str:
    """What was typed, with full-width digits narrowed and spaces left out."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


def secret_text(secret: bytes) -> str:
    """The secret as it is typed into an app: base32 in groups of four."""
    return grouped(base64.b32encode(secret).decode()).replace("-", " ")


def address_of(secret: bytes, *, name: str, issuer: str) -> str:
    """The ``otpauth://`` address that an app reads from the QR code."""
    shown = quote(issuer, safe="")
    plain = base64.b32encode(secret).decode()
    return f"otpauth://totp/{shown}:{quote(name, safe='')}?secret={plain}&issuer={shown}"


def new_recovery_codes() -> Sequence[str]:
    """Ten codes to print and lock away, each good once: ``7KQ4-M2TX-9D3H``."""
    return [grouped(random_text(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def plain_recovery_code(typed: str) -> str:
    """A recovery code in one spelling: look-alikes folded, without dashes and spaces."""
    return as_typed(unicodedata.normalize("NFKC", typed))
