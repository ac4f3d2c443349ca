"""Decisions about finished cases (办件): numbers, digests, how long one may be rated. Pure."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import datetime

from survey_models.core.errors import Problem

NUMBER_LENGTH, SERVICE_LENGTH = 80, 120


def fit_number(sent: str) -> str:
    """A case number as it is compared: NFKC, without spaces at its ends. Raises ``request_malformed``."""
    said = unicodedata.normalize("NFKC", sent).strip()
    if not said or len(said) > NUMBER_LENGTH or not said.isprintable():
        raise Problem("request_malformed", where="case_no")
    return said


def fit_service(sent: str) -> str:
    """What was done, as the terminal shows it: one line without control characters, cut to its length."""
    said = "".join(char for char in sent if unicodedata.category(char) not in {"Cc", "Cf"})
    return said.strip()[:SERVICE_LENGTH]


def digest(pepper: bytes, window_id: str, number: str) -> str:
    """HMAC-SHA256 of a case number at a window: without the key nobody can try numbers against the database."""
    return hmac.new(pepper, f"case\0{window_id}\0{number}".encode(), hashlib.sha256).hexdigest()


def refusal(*, rated: bool, expires_at: datetime | None, given_at: datetime) -> str | None:
    """Why a case cannot be rated: ``case_rated`` or ``case_expired``; None where it can."""
    if rated:
        return "case_rated"
    return "case_expired" if expires_at is None or given_at >= expires_at else None
