"""Tables of the gate (质量关口): lots handed out, lines checked back, files signed for."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, distributed, reference
from survey_models.core.columns import one_of

Cell = tuple[int, int]  # stratum and point; point 0: any


class Outcome(StrEnum):
    """What a back-check (回访) found: as reported, differing, never interviewed, not reached."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NEVER = "never"
    NOT_REACHED = "not_reached"


class GateLot(Base):
    """Sheets or cards that the office handed to a contractor (发放批次).

    ``point_no`` 0: any point of the stratum. ``first_serial`` to ``last_serial``: coded cards, else sheets whose
    answers come in files. ``issued``: how many, all hand-outs together. ``back_check``: per cent of a file's lines to
    be checked back before it is accepted. ``results``: what the contractor reported of the rest, counts by result.
    """

    __tablename__ = "gate_lots"
    __table_args__ = (
        Index("ix_gate_lots_campaign_id_contractor", "campaign_id", "contractor"),
        {"info": reference()},
    )

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contractor: Mapped[str] = mapped_column(String(40))
    stratum_no: Mapped[int]
    point_no: Mapped[int]
    first_serial: Mapped[int | None]
    last_serial: Mapped[int | None]
    issued: Mapped[int]
    back_check: Mapped[int]
    results: Mapped[dict[str, Any]] = mapped_column(Json)
    reported_by: Mapped[str | None] = mapped_column(String(40))
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GateQuota(Base):
    """A cell with a target (配额). ``places``: pairs of a place in ``answers`` and the code that must stand there.

    ``counted`` never passes ``target``. ``held``: places taken for interviews under way (占位), while there are any;
    ``over``: lines that found it full, kept and not counted.
    """

    __tablename__ = "gate_quotas"
    __table_args__ = (
        CheckConstraint("counted >= 0 AND counted <= target", name="never_over"),
        {"info": distributed("campaign_id")},
    )

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stratum_no: Mapped[int]
    point_no: Mapped[int]
    places: Mapped[list[Any]] = mapped_column(Json)
    target: Mapped[int]
    counted: Mapped[int]
    held: Mapped[int] = mapped_column(server_default="0")
    over: Mapped[int]


class GateQuotaHold(Base):
    """How many places of a quota a contractor holds for interviews under way; never whose interview."""

    __tablename__ = "gate_quota_holds"
    __table_args__ = (CheckConstraint("held >= 0", name="never_less"), {"info": distributed("campaign_id")})

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contractor: Mapped[str] = mapped_column(String(40), primary_key=True)
    held: Mapped[int]


class GateQuotaUse(Base):
    """What the lines of one file took of a quota: given back when the file is withdrawn."""

    __tablename__ = "gate_quota_uses"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    upload_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    counted: Mapped[int]
    over: Mapped[int]


class GateBackCheck(Base):
    """The subsample of a file's lines that is checked back (回访抽查): a draw of two people with a public seed."""

    __tablename__ = "gate_back_checks"
    __table_args__ = ({"info": reference()},)

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    draw_id: Mapped[str] = mapped_column(ForeignKey("draws.id"))
    per_cent: Mapped[int]


class GateCheckedLine(Base):
    """What became of one drawn line; never an answer."""

    __tablename__ = "gate_checked_lines"
    __table_args__ = (one_of("outcome", Outcome), {"info": reference()})

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GateAcceptance(Base):
    """Who of the office signed for a file (签收), with which words and which numbers before their eyes."""

    __tablename__ = "gate_acceptances"
    __table_args__ = ({"info": reference()},)

    upload_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("uploads.id"), primary_key=True)
    statement: Mapped[str] = mapped_column(String(400))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    signed_by: Mapped[str] = mapped_column(String(40))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
