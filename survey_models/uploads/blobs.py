"""Bytes as they came, kept once under their SHA-256 (按哈希保存)."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_models.uploads.tables import Blob

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 200


def keep(session: Session, content: bytes) -> str:
    """Store bytes, once however often they come; their hex digest."""
    sha256 = hashlib.sha256(content).hexdigest()
    if session.get(Blob, sha256) is None:
        try:
            with session.begin_nested():
                session.add(Blob(sha256=sha256, content=content))
        except IntegrityError:
            session.expire_all()
    return sha256


def content_of(session: Session, sha256: str) -> bytes:
    """The bytes of a digest that a row refers to."""
    return session.get_one(Blob, sha256).content


def plain_name(filename: str) -> str:
    """A file's name without its folders and without what does not print, at most 200 characters."""
    return _UNPRINTABLE.sub("", re.split(r"[/\\]", filename)[-1]).strip()[-_LONGEST:] or "file"
