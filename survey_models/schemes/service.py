"""Schemes (评分办法) as stored versions: a version never changes, and one that a round runs on is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.schemes import language, loading
from survey_models.schemes.tables import Scheme


def store(
    session: Session,
    text: str,
    *,
    by: str,
    at: datetime,
    settings: Mapping[str, Any] | None = None,
    lacking: str | None = None,
) -> Scheme:
    """Keep a scheme with the settings in force; one of the same digest is given back as it is.

    ``lacking``: as in ``loading.read``, for a round to which units are added.
    The names of presets are theirs alone: planning takes the preset of a name, and one stored beside it would never be
    found. Raises ``scheme_faulty`` with all faults, ``scheme_name_taken``.
    """
    loaded = loading.read(text, settings=settings, lacking=lacking)
    scheme_id = loaded.scheme.scheme
    if scheme_id in loading.presets() and text != loading.preset(scheme_id):
        raise Problem("scheme_name_taken", scheme=scheme_id)
    query = select(Scheme).where(Scheme.id == scheme_id, Scheme.digest == loaded.digest)
    found = session.scalars(query.order_by(Scheme.version).limit(1)).one_or_none()
    if found is not None:
        return found
    newest = session.scalar(select(func.max(Scheme.version)).where(Scheme.id == scheme_id)) or 0
    row = Scheme(
        id=scheme_id,
        version=newest + 1,
        title=loaded.scheme.title.zh,
        text=text,
        settings={name: plain(value) for name, value in loaded.settings.items()},
        doc=loading.document(loaded.scheme),
        digest=loaded.digest,
        stored_by=by,
        stored_at=at,
        locked_at=None,
    )
    session.add(row)
    session.flush()
    body = {"scheme": row.id, "version": row.version, "digest": row.digest, "settings": row.settings}
    record(session, SYSTEM_LOG, Event.SCHEME_STORED, body, at=at, by=by)
    return row


def lock(session: Session, scheme_id: str, version: int, *, at: datetime, by: str) -> Scheme:
    """Fix a version for a round. It never changed before either; from now on it cannot be given up."""
    row = get(session, scheme_id, version)
    if row.locked_at is None:
        row.locked_at = at
        session.flush()
        body = {"scheme": row.id, "version": row.version, "digest": row.digest}
        record(session, SYSTEM_LOG, Event.SCHEME_LOCKED, body, at=at, by=by)
    return row


def get(session: Session, scheme_id: str, version: int | None = None) -> Scheme:
    """A version, the newest unless it is named. Raises ``scheme_unknown``."""
    query = select(Scheme).where(Scheme.id == scheme_id)
    if version is not None:
        query = query.where(Scheme.version == version)
    found = session.scalars(query.order_by(Scheme.version.desc()).limit(1)).one_or_none()
    if found is None:
        raise Problem("scheme_unknown", scheme=scheme_id if version is None else f"{scheme_id} {version}")
    return found


def listed(session: Session) -> Sequence[Scheme]:
    """Every stored version, by id, the newest first."""
    return session.scalars(select(Scheme).order_by(Scheme.id, Scheme.version.desc())).all()


def document_of(row: Scheme) -> language.Scheme:
    """The stored document, which carries the number of its stored version.

    Raises ValueError where the row was changed behind the program: its digest would no longer be the printed one.
    """
    scheme = loading.scheme_of(row.doc)
    if loading.digest_of(scheme) != row.digest:
        raise ValueError(f"scheme {row.id} {row.version} no longer has its digest")
    return scheme.model_copy(update={"version": row.version})


def plain(value: Any) -> Any:
    """A setting as JSON: exact numbers as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
