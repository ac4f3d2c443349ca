"""Tables of findings (明查暗访, 投诉, 差评, 督办), their steps, their files and who complained."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference

RATING, NEW = "rating", "new"


class Finding(Base):
    """One finding about one unit, in a state of its machine.

    ``clocks``: time limits by name, ``{"on": day, "provisional": whether the calendar may still change}``; ``due_on``
    is the one that obliges somebody in this state. ``points`` is decimal text, empty: as the rule says. ``component``,
    ``rule``, ``matter``, ``period`` and ``article`` say what it costs in which line of the round's scheme; ``lost`` is
    the award right that goes with it. ``plan``: the inspection plan it was found in. ``signature``: ``signed`` or
    ``refused`` by the unit. ``outcome``: what the first check of a bad rating or a complaint came to. ``flags``: repeat
    triggers, separated by spaces.

    One of kind ``rating`` (差评) was opened by a bad window rating: ``rating_id`` is that rating, ``body`` holds its
    level and reasons.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index("ix_findings_unit_code_kind", "unit_code", "kind"),
        Index("ix_findings_round_id", "round_id"),
        {"info": reference()},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[str | None] = mapped_column(ForeignKey("rounds.id"))
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    window_id: Mapped[str | None] = mapped_column(ForeignKey("windows.id"))
    rating_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    article: Mapped[str] = mapped_column(String(200))
    points: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    component: Mapped[str] = mapped_column(String(40), default="", server_default="")
    rule: Mapped[str] = mapped_column(String(40), default="", server_default="")
    matter: Mapped[str] = mapped_column(String(120), default="", server_default="")
    period: Mapped[str] = mapped_column(String(10), default="", server_default="")
    lost: Mapped[str] = mapped_column(String(40), default="", server_default="")
    plan: Mapped[str] = mapped_column(String(60), default="", server_default="")
    signature: Mapped[str] = mapped_column(String(8), default="", server_default="")
    outcome: Mapped[str] = mapped_column(String(12), default="", server_default="")
    flags: Mapped[str] = mapped_column(String(80), default="", server_default="")
    clocks: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")


class FindingStep(Base):
    """One step of a finding, never changed: who did what, from which state to which, with which words and files.

    ``by``: an account, ``public`` for who filed a complaint. ``body``: clocks that began, what it costs, file ids.
    """

    __tablename__ = "finding_steps"
    __table_args__ = ({"info": reference()},)

    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    move: Mapped[str] = mapped_column(String(20))
    state_from: Mapped[str] = mapped_column(String(20))
    state_to: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(Json)


class FindingFile(Base):
    """A photo, video or paper of a finding (佐证), by the SHA-256 of its bytes.

    ``taken_on``: the day on which it was made, by the device; ``late``: handed in later than that day. ``erased_at``:
    two people let the bytes go after the time for which evidence is kept; the digest stays.
    """

    __tablename__ = "finding_files"
    __table_args__ = (Index("ix_finding_files_finding_id", "finding_id"), {"info": reference()})

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    media: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    taken_on: Mapped[date]
    late: Mapped[bool]
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Complaint(Base):
    """What belongs to a complaint alone (投诉): how it came, its receipt, and who complained, sealed.

    ``digest``: SHA-256 of the receipt code, by which the complainant asks how far it is; ``sealed``: name and contact,
    encrypted with a key of the data folder, None for an anonymous one.
    """

    __tablename__ = "complaints"
    __table_args__ = ({"info": reference()},)

    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(12))
    about: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_on: Mapped[date]
