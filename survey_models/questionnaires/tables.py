"""Tables of questionnaires (问卷): immutable versions and their variants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG


class Questionnaire(Base):
    """One version of a questionnaire. The place of an item in ``doc`` is its place in ``answers``."""

    __tablename__ = "questionnaires"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(120))
    doc: Mapped[dict[str, Any]] = mapped_column(Json)
    n_items: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuestionnaireVariant(Base):
    """The items that a ticket of this variant may answer; ``items`` null means all."""

    __tablename__ = "questionnaire_variants"
    __table_args__ = (
        ForeignKeyConstraint(["questionnaire_id", "version"], ["questionnaires.id", "questionnaires.version"]),
        {"info": reference()},
    )

    questionnaire_id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    items: Mapped[list[Any] | None] = mapped_column(Json)
