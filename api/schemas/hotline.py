"""Wire forms of reports of vote-buying (拉票举报) and of the daily probe (每日探测)."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from survey_models.hotline.service import Listed
from survey_models.ratings.tables import CanaryRun


class HotlineReportView(BaseModel):
    """A report as the office reads it; ``media`` and ``size`` (bytes) of the attachment, null and 0 for none."""

    number: str
    day: date
    campaign: str | None
    text: str
    media: str | None
    size: int
    sha256: str | None

    @classmethod
    def of(cls, row: Listed) -> HotlineReportView:
        """The stored report."""
        report = row.report
        return cls(
            number=report.number,
            day=report.day,
            campaign=report.campaign_id,
            text=report.text,
            media=report.media,
            size=row.size,
            sha256=report.sha256,
        )


class CanaryRunView(BaseModel):
    """One daily probe: every level sent as a terminal does; ``problem`` null where all were stored as sent."""

    day: date
    at: datetime
    sent: int
    stored: int
    problem: str | None

    @classmethod
    def of(cls, run: CanaryRun) -> CanaryRunView:
        """The stored outcome."""
        return cls(day=run.day, at=run.at, sent=run.sent, stored=run.stored, problem=run.problem)
