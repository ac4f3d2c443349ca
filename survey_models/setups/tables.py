"""Tables of set-ups (新建测评)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG


class Setup(Base):
    """A campaign that is being put together (新建测评的草稿); its id is that of the campaign to come.

    ``doc``: what was stated so far, as `rules.SetupDoc`; ``revision`` counts the savings, so that two people at two
    desks do not write over each other; ``campaign_id``: None until the campaign is made of it.
    """

    __tablename__ = "setups"
    __table_args__ = ({"info": reference()},)

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    doc: Mapped[dict[str, Any]] = mapped_column(Json)
    revision: Mapped[int]
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaigns.id"))
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
