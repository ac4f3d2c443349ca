"""Pairing tablets of test points (测评点平板登记), knowing them again, pausing and withdrawing them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_models.campaigns.service import get
from survey_models.campaigns.tables import Point
from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed, new_id, new_secret, random_text
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.tablets.tables import Tablet, TabletPairing

PAIRING_LENGTH = 8
PAIRING_TIME = timedelta(minutes=10)


def make_pairing(session: Session, campaign_id: str, point_no: int, *, by: str, at: datetime) -> tuple[str, datetime]:
    """A pairing code, good once, for ten minutes. Raises ``campaign_unknown``, ``tablet_point_unknown``."""
    get(session, campaign_id)
    point_name(session, campaign_id, point_no)
    code, until = random_text(PAIRING_LENGTH), at + PAIRING_TIME
    pairing = TabletPairing(
        code_digest=_digest(code), campaign_id=campaign_id, point_no=point_no, expires_at=until, used_at=None
    )
    session.add(pairing)
    session.flush()
    record(session, SYSTEM_LOG, Event.TABLET_PAIRING_MADE, {"campaign": campaign_id, "point": point_no}, at=at, by=by)
    return code, until


def pair(session: Session, code: str, *, at: datetime) -> tuple[Tablet, str]:
    """Turn a pairing code into a paired tablet; the token is given once. Raises ``pairing_refused``."""
    used = session.execute(
        update(TabletPairing)
        .where(
            TabletPairing.code_digest == _digest(as_typed(code)),
            TabletPairing.used_at.is_(None),
            TabletPairing.expires_at > at,
        )
        .values(used_at=at)
        .returning(TabletPairing.campaign_id, TabletPairing.point_no)
    ).one_or_none()
    if used is None:
        raise Problem("pairing_refused")
    token = new_secret()
    tablet = Tablet(
        id=new_id(),
        campaign_id=used.campaign_id,
        point_no=used.point_no,
        token_digest=_digest(token),
        paired_at=at,
        withdrawn_at=None,
        paused_at=None,
    )
    session.add(tablet)
    session.flush()
    body = {"tablet": str(tablet.id), "campaign": tablet.campaign_id, "point": tablet.point_no}
    record(session, SYSTEM_LOG, Event.TABLET_PAIRED, body, at=at)
    return tablet, token


def by_token(session: Session, token: str) -> Tablet:
    """The tablet that a token belongs to. Raises ``device_unknown``."""
    query = select(Tablet).where(Tablet.token_digest == _digest(token), Tablet.withdrawn_at.is_(None))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise Problem("device_unknown")
    return found


def point_name(session: Session, campaign_id: str, point_no: int) -> str:
    """Name of a test point; empty for 0, no point. Raises ``tablet_point_unknown``."""
    if point_no == 0:
        return ""
    point = session.get(Point, (campaign_id, point_no))
    if point is None:
        raise Problem("tablet_point_unknown", campaign=campaign_id, point=point_no)
    return point.name


def listed(session: Session) -> Sequence[Tablet]:
    """Paired tablets that were not withdrawn, newest first."""
    query = select(Tablet).where(Tablet.withdrawn_at.is_(None))
    return session.scalars(query.order_by(Tablet.paired_at.desc(), Tablet.id)).all()


def pause(session: Session, tablet_id: uuid.UUID, *, wrong: int, at: datetime) -> None:
    """Pause a tablet (暂停) that showed too many wrong codes; one that is paused, or none, stays as it is."""
    if _change(session, tablet_id, Tablet.paused_at.is_(None), paused_at=at):
        record(session, SYSTEM_LOG, Event.TABLET_PAUSED, {"tablet": str(tablet_id), "wrong": wrong}, at=at)


def place_of(session: Session, tablet_id: uuid.UUID) -> tuple[str, int]:
    """Campaign and test point of a paired tablet. Raises ``device_unknown_id``."""
    tablet = _known(session, tablet_id)
    return tablet.campaign_id, tablet.point_no


def resume(session: Session, tablet_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """Let a paused tablet show codes again (恢复). Raises ``device_unknown_id``, ``device_not_paused``."""
    _known(session, tablet_id)
    if not _change(session, tablet_id, Tablet.paused_at.is_not(None), paused_at=None):
        raise Problem("device_not_paused")
    record(session, SYSTEM_LOG, Event.TABLET_RESUMED, {"tablet": str(tablet_id)}, at=at, by=by)


def withdraw(session: Session, tablet_id: uuid.UUID, *, by: str, at: datetime) -> None:
    """End a tablet's right to show codes as a test point (撤销). Raises ``device_unknown_id``."""
    _known(session, tablet_id)
    if _change(session, tablet_id, Tablet.withdrawn_at.is_(None), withdrawn_at=at):
        record(session, SYSTEM_LOG, Event.TABLET_WITHDRAWN, {"tablet": str(tablet_id)}, at=at, by=by)


def _known(session: Session, tablet_id: uuid.UUID) -> Tablet:
    tablet = session.get(Tablet, tablet_id)
    if tablet is None or tablet.withdrawn_at is not None:
        raise Problem("device_unknown_id")
    return tablet


def _change(session: Session, tablet_id: uuid.UUID, still: object, **values: datetime | None) -> bool:
    found = session.execute(update(Tablet).where(Tablet.id == tablet_id, still).values(**values))  # type: ignore[arg-type]
    return bool(found.rowcount == 1)  # type: ignore[attr-defined]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
