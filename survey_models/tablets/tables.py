"""Tables of test-point tablets (测评点平板) and their pairing codes."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference


class Tablet(Base):
    """A paired tablet; only the digest of its token is kept.

    ``point_no``: the test point where it stands, 0 where points are not kept. It is written beside no sheet: the cell
    of a sheet follows from its ticket alone. ``paused_at``: since when it may show no codes, after too many wrong ones.
    """

    __tablename__ = "tablets"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"))
    point_no: Mapped[int]
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TabletPairing(Base):
    """A pairing code (配对码): good for one campaign and point, once, until ``expires_at``."""

    __tablename__ = "tablet_pairings"
    __table_args__ = ({"info": reference()},)

    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"))
    point_no: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
