"""Table of schemes (评分办法): immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG


class Scheme(Base):
    """One version of a scheme; ``digest`` is printed on every result.

    ``text``: the document as it was written; ``settings``: the values in force; ``doc``: the document with them.
    """

    __tablename__ = "schemes"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, server_default="")
    settings: Mapped[dict[str, Any]] = mapped_column(Json, server_default="{}")
    doc: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    stored_by: Mapped[str] = mapped_column(String(40), server_default="")
    stored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
