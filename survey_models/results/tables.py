"""Tables of results (得分, 排名): immutable, with the digests of what they rest on."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference


class Result(Base):
    """One computation of the scores of a campaign. A second run is a second row.

    ``blind`` (hex) hides the scores behind ``result_digest``, which stands in the ledger.
    """

    __tablename__ = "results"
    __table_args__ = ({"info": reference()},)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), index=True)
    no: Mapped[int]
    estimator: Mapped[str] = mapped_column(String(20))
    ballots: Mapped[int]
    inputs_digest: Mapped[str] = mapped_column(String(64))
    result_digest: Mapped[str] = mapped_column(String(64))
    blind: Mapped[str | None] = mapped_column(String(64))
    method: Mapped[dict[str, Any]] = mapped_column(Json)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResultRow(Base):
    """One unit in one result. Figures are decimal text at nine places, so that both databases keep them.

    ``rank_low`` and ``rank_high``: the best and worst place that the data allow, at the stated
    confidence for all units together. ``trace``: the way from the counts to the score, None where none was kept.
    """

    __tablename__ = "result_rows"
    __table_args__ = ({"info": reference()},)

    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    category: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    n: Mapped[int]
    n_judging: Mapped[int]
    score: Mapped[str | None] = mapped_column(String(24))
    se: Mapped[str | None] = mapped_column(String(24))
    ci_low: Mapped[str | None] = mapped_column(String(24))
    ci_high: Mapped[str | None] = mapped_column(String(24))
    n_eff: Mapped[str | None] = mapped_column(String(24))
    satisfied_rate: Mapped[str | None] = mapped_column(String(24))
    dont_know_rate: Mapped[str | None] = mapped_column(String(24))
    unweighted: Mapped[str | None] = mapped_column(String(24))
    rank: Mapped[int | None]
    rank_low: Mapped[int | None]
    rank_high: Mapped[int | None]
    trace: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Publication(Base):
    """A released result: who asked, who confirmed, when."""

    __tablename__ = "publications"
    __table_args__ = ({"info": reference()},)

    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id"), primary_key=True)
    act_number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
