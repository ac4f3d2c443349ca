"""Places taken before an interview (占位): what an interviewer asks at work, and that no two get the last one.

A place that is held counts against the target like a counted line. The lines of the contractor's next file use up its
places first; a place whose interview came to nothing is given back. A hold is a number, of nobody's interview.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State
from survey_models.core.errors import Problem
from survey_models.core.upsert import add_to
from survey_models.gate.tables import GateQuota, GateQuotaHold


def hold(session: Session, campaign_id: str, no: int, *, contractor: str) -> None:
    """Take one place of a quota, by one conditional statement, while the campaign is open.

    Raises ``campaign_unknown``, ``act_not_allowed``, ``quota_unknown``, ``quota_full``.
    """
    campaign = campaigns.get(session, campaign_id)
    if campaign.state != State.OPEN:
        raise Problem("act_not_allowed", state=campaign.state, act="hold_place")
    get(session, campaign_id, no)
    done = session.execute(
        update(GateQuota)
        .where(*_row(campaign_id, no), GateQuota.counted + GateQuota.held < GateQuota.target)
        .values(held=GateQuota.held + 1)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Problem("quota_full", quota=no)
    one = {"campaign_id": campaign_id, "no": no, "contractor": contractor, "held": 1}
    add_to(session.connection(), GateQuotaHold, [one], key=("campaign_id", "no", "contractor"), counters=("held",))


def give_back(session: Session, campaign_id: str, no: int, *, contractor: str) -> None:
    """Give one of one's own places back: nobody was interviewed. Raises ``quota_unknown``, ``quota_not_held``."""
    get(session, campaign_id, no)
    if not redeem(session.connection(), campaign_id, no, contractor, 1, counted=0):
        raise Problem("quota_not_held", quota=no)


def let_go(session: Session, campaign_id: str, no: int) -> int:
    """Give back every place that anybody holds of a quota (释放占位); how many. Raises ``quota_unknown``."""
    get(session, campaign_id, no)
    held = _locked(session.connection(), campaign_id, no)
    session.execute(update(GateQuota).where(*_row(campaign_id, no)).values(held=0))
    session.execute(delete(GateQuotaHold).where(GateQuotaHold.campaign_id == campaign_id, GateQuotaHold.no == no))
    session.expire_all()
    return held


def get(session: Session, campaign_id: str, no: int) -> GateQuota:
    """A quota. Raises ``quota_unknown``."""
    found = session.get(GateQuota, (campaign_id, no))
    if found is None:
        raise Problem("quota_unknown", quota=no)
    return found


def redeem(
    connection: Connection, campaign_id: str, no: int, contractor: str | None, wanted: int, *, counted: int = 1
) -> int:
    """Turn up to ``wanted`` places that the contractor holds into counted lines (``counted`` 0: give them back)."""
    if contractor is None or not _locked(connection, campaign_id, no):
        return 0
    mine = (
        GateQuotaHold.campaign_id == campaign_id,
        GateQuotaHold.no == no,
        GateQuotaHold.contractor == contractor,
    )
    held = connection.scalar(select(GateQuotaHold.held).where(*mine)) or 0
    number = min(held, wanted)
    if number:
        connection.execute(update(GateQuotaHold).where(*mine).values(held=GateQuotaHold.held - number))
        changed: Mapping[str, Any] = {
            "held": GateQuota.held - number,
            "counted": GateQuota.counted + counted * number,
        }
        connection.execute(update(GateQuota).where(*_row(campaign_id, no)).values(**changed))
    return number


def _locked(connection: Connection, campaign_id: str, no: int) -> int:
    """How many places of a quota are held; its row waits for nobody else until the transaction ends.

    Whoever takes or gives back touches this row first, so that two of them cannot wait for each other.
    """
    held = connection.scalar(select(GateQuota.held).where(*_row(campaign_id, no)).with_for_update())
    return int(held or 0)


def _row(campaign_id: str, no: int) -> tuple[Any, ...]:
    return GateQuota.campaign_id == campaign_id, GateQuota.no == no


def of_contractor(session: Session, campaign_id: str, contractor: str) -> dict[int, int]:
    """How many places the contractor holds, by quota."""
    query = select(GateQuotaHold.no, GateQuotaHold.held)
    rows: Iterable[Any] = session.execute(
        query.where(GateQuotaHold.campaign_id == campaign_id, GateQuotaHold.contractor == contractor)
    )
    return {int(no): int(held) for no, held in rows}
