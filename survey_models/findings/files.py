"""Evidence of findings (佐证材料): kept by SHA-256, never changed, erased by two people after its time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_models.accounts.rules import Role
from survey_models.core.base import Base
from survey_models.core.clock import local_day, local_text
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.findings import queries, service
from survey_models.findings.machines import machine_of
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding, FindingFile
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.retention.rules import kept_until
from survey_models.uploads import blobs
from survey_models.uploads.tables import Blob

# What a file says of itself is not believed: where its mark begins, the mark, its kind, its ending.
KINDS = (
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"%PDF-", "application/pdf", "pdf"),
    (4, b"ftyp", "video/mp4", "mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm", "webm"),
)
ENDINGS = {media: ending for _, _, media, ending in KINDS}


@dataclass(frozen=True)
class Handed:
    """A file as it came: ``sha256`` as its device worked it out, or empty; ``taken_on``: the day it was made on."""

    content: bytes
    filename: str
    sha256: str = ""
    taken_on: date | None = None


def media_of(content: bytes, *, limit: int) -> str:
    """The kind of a file by its first bytes. Raises ``finding_file_unfit`` for others and over ``limit`` bytes."""
    for start, mark, media, _ in KINDS:
        if content[start : start + len(mark)] == mark and len(content) <= limit:
            return media
    raise Problem("finding_file_unfit", megabytes=limit // 1024**2)


def attach(
    session: Session, finding_id: uuid.UUID, handed: Handed, *, who: Who, at: datetime, zone: str, limit: int
) -> FindingFile:
    """Keep a file with a finding that somebody may see; the same bytes again are the same file.

    Raises ``finding_unknown``, ``not_own_unit``, ``finding_ended``, ``finding_file_unfit``, ``finding_hash_differs``.
    """
    finding = service.get(session, finding_id, who=who, lock=True)
    if machine_of(finding.kind).states[finding.state].final:
        raise Problem("finding_ended")
    return keep(session, finding, handed, by=who.name, at=at, zone=zone, limit=limit)


def keep(
    session: Session, finding: Finding, handed: Handed, *, by: str, at: datetime, zone: str, limit: int
) -> FindingFile:
    """Keep a file with a finding. Raises ``finding_file_unfit``, ``finding_hash_differs``."""
    media = media_of(handed.content, limit=limit)
    sha256 = hashlib.sha256(handed.content).hexdigest()
    if handed.sha256 and handed.sha256.lower() != sha256:
        raise Problem("finding_hash_differs", said=handed.sha256[:64], found=sha256)
    for one in queries.files_of(session, finding.id):
        if one.sha256 == sha256 and one.made_by == by:
            return one
    today = local_day(at, zone)
    taken = min(handed.taken_on or today, today)
    kept = FindingFile(
        id=new_id(),
        finding_id=finding.id,
        sha256=blobs.keep(session, handed.content),
        media=media,
        filename=blobs.plain_name(handed.filename),
        size=len(handed.content),
        taken_on=taken,
        late=taken < today,
        made_by=by,
        made_at=at,
        erased_at=None,
    )
    session.add(kept)
    session.flush()
    body = {"finding": str(finding.id), "sha256": sha256, "size": kept.size, "late": kept.late}
    record(session, SYSTEM_LOG, Event.FINDING_FILE_KEPT, body, at=at, by=by)
    return kept


def listed(session: Session, finding: Finding, *, who: Who) -> Sequence[FindingFile]:
    """The files of a finding; a unit's account gets those that it handed in itself (保密, article 11)."""
    found = queries.files_of(session, finding.id)
    return [one for one in found if Role.UNIT not in who.roles or one.made_by == who.name]


def opened(session: Session, file_id: uuid.UUID, *, who: Who, at: datetime) -> tuple[FindingFile, bytes]:
    """The bytes of a file; that they were opened stands in the ledger. Raises ``finding_file_unknown``."""
    found = session.get(FindingFile, file_id)
    if found is None or found.erased_at is not None:
        raise Problem("finding_file_unknown")
    finding = service.get(session, found.finding_id, who=who)
    if found not in listed(session, finding, who=who):
        raise Problem("finding_file_unknown")
    body = {"finding": str(finding.id), "sha256": found.sha256}
    record(session, SYSTEM_LOG, Event.FINDING_FILE_READ, body, at=at, by=who.name)
    return found, blobs.content_of(session, found.sha256)


def until(kept: FindingFile, *, years: int, zone: str) -> datetime:
    """The end of the day until which a file must be kept: two years at least (宣直〔2019〕48号, article 6)."""
    return kept_until(kept.made_at, years=years, zone=zone)


def erasable(session: Session, *, years: int, zone: str, at: datetime) -> list[FindingFile]:
    """Files whose time is over, of findings that have ended. Nothing is erased by itself."""
    query = select(FindingFile, Finding).join(Finding, Finding.id == FindingFile.finding_id)
    rows = session.execute(query.where(FindingFile.erased_at.is_(None)).order_by(FindingFile.made_at))
    return [
        row[0]
        for row in rows
        if machine_of(row[1].kind).states[row[1].state].final and until(row[0], years=years, zone=zone) <= at
    ]


def check_erase(session: Session, *, years: int, zone: str, at: datetime) -> list[FindingFile]:
    """What can be erased now. Raises ``evidence_kept`` where that is nothing, with the earliest day."""
    found = erasable(session, years=years, zone=zone, at=at)
    if not found:
        kept = session.scalars(select(FindingFile).where(FindingFile.erased_at.is_(None))).all()
        ends = [until(one, years=years, zone=zone) for one in kept]
        raise Problem("evidence_kept", until=local_text(min(ends), zone) if ends else "")
    return found


def erase(session: Session, *, years: int, zone: str, asked_by: str, by: str, at: datetime) -> int:
    """Erase the bytes of what can be erased; rows and digests stay. An act of two people."""
    found = check_erase(session, years=years, zone=zone, at=at)
    for one in found:
        one.erased_at = at
    # The wall around the bytes falls when no row needs them any more.
    session.flush()
    gone = {one.sha256 for one in found} - _needed(session)
    session.execute(update(Blob).where(Blob.sha256.in_(gone)).values(content=b""))
    body = {"files": sorted({one.sha256 for one in found}), "asked_by": asked_by}
    record(session, SYSTEM_LOG, Event.FINDING_FILES_ERASED, body, at=at, by=by)
    return len(found)


def _needed(session: Session) -> set[str]:
    """Digests that some other row still refers to."""
    living = session.scalars(select(FindingFile.sha256).where(FindingFile.erased_at.is_(None)))
    others = [
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is Blob.__table__ and table is not FindingFile.__table__
    ]
    return {*living, *(one for column in others for one in session.scalars(select(column)) if one is not None)}
