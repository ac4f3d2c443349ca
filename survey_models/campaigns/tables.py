"""Tables of campaigns (评议活动), their strata (层) and test points (测评点)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from survey_models.ballots.tables import SealingKey
from survey_models.core.base import Base, Json, UtcDateTime, reference
from survey_models.core.columns import SLUG, one_of


class State(StrEnum):
    """States of a campaign, in the order they are passed (评议的状态)."""

    DRAFT = "draft"
    READY = "ready"
    OPEN = "open"
    CLOSED = "closed"
    COUNTING = "counting"
    COUNTED = "counted"
    PUBLISHED = "published"


# From here on the ballots of people with a ticket stand in the box.
BOX_FILLED = frozenset({State.COUNTED, State.PUBLISHED})


class Purpose(StrEnum):
    """Why the campaign was made; fixed when it is made (正式, 演示, 演练)."""

    REAL = "real"
    DEMO = "demo"
    REHEARSAL = "rehearsal"


class Campaign(Base):
    """One questionnaire for one kind of rater.

    ``min_cell`` is the smallest number of sheets a shown cell may have (never below 5);
    ``estimator`` is ``domain`` or ``stratified_mean``; ``points_as_psu`` says that the test points were
    drawn and kept, so that they serve as primary sampling units (初级抽样单元) in the errors;
    ``margins`` are the known distributions that weights are calibrated to (校准: item and people by option);
    ``borders`` names for a category the ``first`` and ``last`` k that rewards or reminders go to;
    ``estimation`` is the whole statement (see ``campaigns.estimation``), None where it was never set;
    ``open_channel`` says that besides the tickets anybody may answer by the open QR (开放扫码), shown apart;
    ``cell_tickets`` is the smallest number of tickets of a published cell at opening (never below 10);
    ``key_kept`` says who holds the key to its sealed sheets, None as long as there is none;
    ``tally_blind`` (hex) is drawn at opening and hides the tally behind its digest in the ledger;
    ``small_group``: fewer than 10 tickets are meant, a group inside a component, published only inside its total.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        one_of("state", State),
        one_of("purpose", Purpose),
        ForeignKeyConstraint(
            ["questionnaire_id", "questionnaire_version"], ["questionnaires.id", "questionnaires.version"]
        ),
        {"info": reference()},
    )

    id: Mapped[str] = mapped_column(String(SLUG), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    title: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    questionnaire_id: Mapped[str] = mapped_column(String(SLUG))
    questionnaire_version: Mapped[int]
    estimator: Mapped[str] = mapped_column(String(20))
    points_as_psu: Mapped[bool]
    min_cell: Mapped[int]
    notice: Mapped[dict[str, Any]] = mapped_column(Json)
    margins: Mapped[list[Any] | None] = mapped_column(Json)
    borders: Mapped[dict[str, Any] | None] = mapped_column(Json)
    estimation: Mapped[dict[str, Any] | None] = mapped_column(Json)
    open_channel: Mapped[bool]
    cell_tickets: Mapped[int]
    small_group: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accept_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tally_blind: Mapped[str | None] = mapped_column(String(64))
    key_kept: Mapped[str | None] = column_property(
        select(SealingKey.kept).where(SealingKey.campaign_id == id).correlate_except(SealingKey).scalar_subquery()  # noqa: A003 - the column above
    )


class Stratum(Base):
    """A stratum (层): one kind of people in one area, with its population and number of tickets."""

    __tablename__ = "strata"
    __table_args__ = ({"info": reference()},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area_code: Mapped[str] = mapped_column(String(20))
    area_name: Mapped[str] = mapped_column(String(60))
    kind_code: Mapped[str] = mapped_column(String(20))
    kind_name: Mapped[str] = mapped_column(String(40))
    population: Mapped[int]
    sample_size: Mapped[int]
    made_up: Mapped[bool]


class Point(Base):
    """A drawn and kept test point (固定测评点) of a campaign."""

    __tablename__ = "points"
    __table_args__ = ({"info": reference()},)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    area_code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))


class JoinReason(StrEnum):
    """Why a cell was joined to another: at opening too few tickets, at counting too few sheets."""

    FEW_TICKETS = "few_tickets"
    FEW_RETURNED = "few_returned"


class CellJoin(Base):
    """A cell that is counted and printed as part of another (合并的单元).

    ``channel`` is empty for what is joined before opening: whatever channel its sheets come by.
    """

    __tablename__ = "cell_joins"
    __table_args__ = (one_of("reason", JoinReason), {"info": reference()})

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    stratum_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    point_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    into_stratum: Mapped[int]
    into_point: Mapped[int]
    into_channel: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(12))
