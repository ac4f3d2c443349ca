"""Tables of paper entry (纸质问卷录入): what becomes of a sheet, and sealed entries while they wait."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_models.core.base import Base, distributed
from survey_models.core.columns import one_of

# Under which turn the entry of the third person stands, who settled the differences.
SETTLED = 3


class SheetState(StrEnum):
    """waiting (一录) → agreed (两录一致), or differs (待裁定) → agreed → entered (已录入), or refused (未录入)."""

    WAITING = "waiting"
    DIFFERS = "differs"
    AGREED = "agreed"
    ENTERED = "entered"
    REFUSED = "refused"


UNFINISHED = (SheetState.WAITING.value, SheetState.DIFFERS.value, SheetState.AGREED.value)


class PaperSheet(Base):
    """A sheet of paper by the serial number of its card; no time, no answer, no ballot.

    ``fields``: how many places its form has; ``differing``: in how many the two entries differed, whatever was settled
    later. ``first_by`` and ``second_by``: the two clerks; ``settled_by``: the third person, where one was needed.
    ``refused``: the error code by which the ballot door refused the agreed sheet.
    """

    __tablename__ = "paper_sheets"
    __table_args__ = (one_of("state", SheetState), {"info": distributed("campaign_id")})

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    first_by: Mapped[str] = mapped_column(String(40))
    second_by: Mapped[str | None] = mapped_column(String(40))
    settled_by: Mapped[str | None] = mapped_column(String(40))
    fields: Mapped[int]
    differing: Mapped[int]
    refused: Mapped[str | None] = mapped_column(String(40))


class PaperEntry(Base):
    """One clerk's entry of a sheet, sealed under a key outside the database; erased when the sheet enters.

    ``turn``: 1 and 2 by the two clerks, 3 by whoever settled.
    """

    __tablename__ = "paper_entries"
    __table_args__ = ({"info": distributed("campaign_id")},)

    campaign_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    serial: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_by: Mapped[str] = mapped_column(String(40))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
