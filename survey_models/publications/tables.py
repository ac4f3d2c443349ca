"""Table of a round's documents (评议文书): made from one result, kept until they are made anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, UtcDateTime, reference
from survey_models.core.columns import SLUG


class RoundDocument(Base):
    """One file, by the result it was made from (``result_no``) and its name."""

    __tablename__ = "round_documents"
    __table_args__ = ({"info": reference()},)

    round_id: Mapped[str] = mapped_column(String(SLUG), ForeignKey("rounds.id"), primary_key=True)
    result_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
