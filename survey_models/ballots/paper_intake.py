"""What the intake does with agreed sheets of paper (纸质问卷), in the transaction that stores them.

The sheet's row is held from the look to the commit: what somebody sets aside meanwhile does not enter. With the sheet
its sealed entries are erased; nothing stays that joins the serial number to the ballot.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from survey_models.paper.tables import PaperEntry, PaperSheet, SheetState


def agreed_among(connection: Connection, campaign_id: str, serials: Sequence[int]) -> set[int]:
    """Those of the sheets that wait to be entered, held in the order of their numbers."""
    query = (
        select(PaperSheet.serial)
        .where(
            PaperSheet.campaign_id == campaign_id,
            PaperSheet.serial.in_(serials),
            PaperSheet.state == SheetState.AGREED.value,
        )
        .order_by(PaperSheet.serial)
        .with_for_update()
    )
    return set(connection.scalars(query))


def entered(connection: Connection, campaign_id: str, serials: Sequence[int]) -> None:
    """Write down that the sheets are in, and erase their entries."""
    connection.execute(delete(PaperEntry).where(PaperEntry.campaign_id == campaign_id, PaperEntry.serial.in_(serials)))
    connection.execute(
        update(PaperSheet)
        .where(PaperSheet.campaign_id == campaign_id, PaperSheet.serial.in_(serials))
        .values(state=SheetState.ENTERED.value)
    )
