"""Tables of rounds (评议周期)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG, one_of


class Level(StrEnum):
    """``round``: scored from answers, marks and findings; ``year``: from the rounds of a year (年度结果)."""

    ROUND = "round"
    YEAR = "year"


class Round(Base):
    """One round: which scheme version scores which units over which period.

    ``answers``: what the office stated when it was planned; ``purpose`` as of its campaigns. Both are None for a
    stand-alone poll, which has no scheme.
    """

    __tablename__ = "rounds"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    scheme_id: Mapped[str | None] = mapped_column(String(SLUG))
    scheme_version: Mapped[int | None]
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    period: Mapped[str | None] = mapped_column(String(20))
    level: Mapped[str | None] = mapped_column(String(8))
    purpose: Mapped[str | None] = mapped_column(String(12))
    answers: Mapped[dict[str, Any] | None] = mapped_column(Json)


class RoundUnit(Base):
    """A unit of a round, in the category it is ranked in (评议类别).

    ``flags``: as the office set them when the round was planned, frozen with its scheme.
    """

    __tablename__ = "round_units"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    category: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    flags: Mapped[list[Any] | None] = mapped_column(Json)


class RoundCampaign(Base):
    """Which campaign of the round is of which kind of the scheme (评议活动类别)."""

    __tablename__ = "round_campaigns"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"))


class RoundResult(Base):
    """One score run of a round (得分): immutable, with everything it read. A second run is a second row.

    ``inputs`` and ``outcome`` are large and read when they are asked for.

    ``inputs``: what was read, frozen; ``outcome``: the scorecards; both as ``records`` writes them. ``code``: SHA-256
    of the sources that scored. ``blind`` (hex) hides what was read and the scores behind ``inputs_digest`` and
    ``result_digest``, which stand in the ledger.
    """

    __tablename__ = "round_results"
    __table_args__ = (UniqueConstraint("round_id", "no"), {"info": reference()})

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    no: Mapped[int]
    scheme_id: Mapped[str] = mapped_column(String(SLUG))
    scheme_version: Mapped[int]
    scheme_digest: Mapped[str] = mapped_column(String(64))
    inputs_digest: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)
    sources: Mapped[dict[str, Any]] = mapped_column(Json)
    code: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[dict[str, Any]] = mapped_column(Json, deferred=True)
    result_digest: Mapped[str] = mapped_column(String(64))
    blind: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Way(StrEnum):
    """The way out of a tie: an order that the office states with its reason, or a recorded draw (抽签)."""

    ORDER = "order"
    DRAW = "draw"


class RoundDecision(Base):
    """A recorded way out of a question (定夺), by two people; the newest about the same thing counts.

    ``about``: consequence, grade, ``rank`` or part; ``units``: codes in their order; ``result_no``: the result whose
    question it answers. A draw keeps seed, time, its two witnesses and the house's ``share``.
    """

    __tablename__ = "round_decisions"
    __table_args__ = (one_of("way", Way), {"info": reference()})

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    about: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(60))
    way: Mapped[str] = mapped_column(String(8))
    units: Mapped[list[Any]] = mapped_column(Json)
    seed: Mapped[str] = mapped_column(String(200))
    witnesses: Mapped[list[Any]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(400))
    act_number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    share: Mapped[str] = mapped_column(String(64), default="", server_default="")
    result_no: Mapped[int | None]


class RoundStanding(Base):
    """A unit's standing as two people set it (取消评议成绩, 暂不公布, 恢复); the newest counts."""

    __tablename__ = "round_standings"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    standing: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(400))
    act_number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundBorders(Base):
    """The uncertain borders of a result, confirmed by the person who releases (临界名次确认)."""

    __tablename__ = "round_borders"
    __table_args__ = ({"info": reference()},)

    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round_results.id"), primary_key=True)
    borders: Mapped[int]
    confirmed_by: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundPublication(Base):
    """A published result of a round (公布): asked by one, confirmed by another; marks are locked from then on."""

    __tablename__ = "round_publications"
    __table_args__ = ({"info": reference()},)

    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("round_results.id"), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), index=True)
    act_number: Mapped[int]
    asked_by: Mapped[str] = mapped_column(String(40))
    confirmed_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
