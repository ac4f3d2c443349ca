"""What the board (现场进度) says beyond the counters: how far the days have gone, and where that leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Campaign, State
from survey_models.core.clock import local_day
from survey_models.setups.service import doc_of
from survey_models.setups.tables import Setup
from survey_models.spreadsheets.write import Cell, Table, xlsx_bytes
from survey_models.tickets.tables import TicketBatch

HEADER = (
    "地区 Area",
    "类别 Kind",
    "测评点 Point",
    "发出 Issued",
    "打开 Opened",
    "收回 Returned",
    "无效 Invalid",
    "目标 Target",
    "预计 Forecast",
    "告警 Alarm",
)
BEHIND = "落后 Behind"


@dataclass(frozen=True)
class BoardRow:
    """One cell of the board, named; ``invalid``: came in and counts nowhere; ``forecast`` None: no last day known."""

    stratum_no: int
    area: str
    kind: str
    point_no: int
    point: str
    issued: int
    opened: int
    done: int
    invalid: int
    target: int
    forecast: int | None
    behind: bool


def rows(
    session: Session,
    campaign: Campaign,
    *,
    at: datetime,
    zone: str,
    own: frozenset[int] | None = None,
    own_points: frozenset[int] | None = None,
) -> list[BoardRow]:
    """The cells of a campaign, or those of the strata ``own`` and test points ``own_points``, from counters alone."""
    gone = elapsed(session, campaign, at=at, zone=zone)
    strata = {row.no: row for row in campaigns.strata_of(session, campaign.id)}
    points = {row.no: row.name for row in campaigns.points_of(session, campaign.id)}
    return [
        BoardRow(
            stratum_no=cell.stratum_no,
            area=strata[cell.stratum_no].area_name,
            kind=strata[cell.stratum_no].kind_name,
            point_no=cell.point_no,
            point=points.get(cell.point_no, ""),
            issued=cell.issued,
            opened=cell.opened,
            done=cell.done,
            invalid=cell.invalid,
            target=cell.target,
            forecast=forecast(cell.done, gone),
            behind=is_behind(cell.done, cell.target, gone),
        )
        for cell in campaigns.progress_of(session, campaign.id)
        if (own is None or cell.stratum_no in own) and (own_points is None or cell.point_no in own_points)
    ]


def sheet(campaign: Campaign, found: Sequence[BoardRow], *, at: str) -> bytes:
    """The board as a workbook: a line for each cell, a sum, and ``at`` which time it was."""
    lines: list[list[Cell]] = [
        [
            *(row.area, row.kind, row.point, row.issued, row.opened, row.done, row.invalid, row.target, row.forecast),
            BEHIND if row.behind else "",
        ]
        for row in found
    ]
    numbers = [(row.issued, row.opened, row.done, row.invalid, row.target) for row in found]
    if numbers:
        lines.append(["合计 Total", "", "", *(sum(column) for column in zip(*numbers, strict=True)), None, ""])
    about: list[list[Cell]] = [
        ["评议 Campaign", f"{campaign.title}（{campaign.id}）"],
        ["时间 At", at],
        ["无效 Invalid", "收到而不计的：录入被拒的纸卷、两人剔除的、超出配额的 came in and counts nowhere"],
    ]
    widths = (16, 16, 20, 10, 10, 10, 10, 10, 10, 14)
    return xlsx_bytes([Table("进度 Board", HEADER, lines, widths), Table("说明 About", ("", ""), about, (18, 80))])


def elapsed(session: Session, campaign: Campaign, *, at: datetime, zone: str) -> Fraction | None:
    """Share of the open days gone by, today among them; None where it is not open or no last day is known.

    The last day is the planned one of its set-up, else that on which the last of its tickets expires.
    """
    if campaign.state != State.OPEN or campaign.opened_at is None:
        return None
    setup = session.scalars(select(Setup).where(Setup.campaign_id == campaign.id)).first()
    last = doc_of(setup).about.closes_on if setup else None
    if last is None:
        query = select(func.max(TicketBatch.expires_at)).where(TicketBatch.campaign_id == campaign.id)
        expires = session.scalar(query)
        last = local_day(expires, zone) if expires else None
    return None if last is None else share(local_day(campaign.opened_at, zone), last, local_day(at, zone))


def share(first: date, last: date, today: date) -> Fraction:
    """Days gone of the days from ``first`` to ``last``, both and ``today`` counted; 1 at most."""
    whole = max((last - first).days + 1, 1)
    return min(Fraction(max((today - first).days + 1, 1), whole), Fraction(1))


def forecast(done: int, gone: Fraction | None) -> int | None:
    """Sheets to be expected at the end (预计): done so far over the share of the days gone, rounded down."""
    return None if gone is None else int(done / gone)


def is_behind(done: int, target: int, gone: Fraction | None) -> bool:
    """Whether a cell has less than its share of the target (配额告警)."""
    return gone is not None and done < target * gone
