"""Making sheets of stored data and remembering what left the house (导出)."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.core.clock import local_text
from survey_models.core.ids import new_id
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.reports import results_sheet
from survey_models.reports.results_sheet import ResultLine, ResultView
from survey_models.reports.tables import Report
from survey_models.results import service as results
from survey_models.results.methods import percent
from survey_models.results.open_column import OpenUnit, units_of
from survey_models.results.tables import ResultRow

RESULTS = "results"
RESULTS_PAGE = "results_page"


def results_xlsx(session: Session, campaign_id: str, *, zone: str) -> bytes:
    """The newest result of a campaign as a workbook to print. ``zone``: the city's time zone.

    Raises:
        Problem: as ``results.service.latest``: nothing before counting, ``result_missing`` before the first run.
    """
    result = results.latest(session, campaign_id)
    rows = results.rows(session, result)
    ranked = Counter(row.category for row, _ in rows if row.rank is not None)
    beside = units_of(result.method)
    view = ResultView(
        title=f"{campaigns.get(session, campaign_id).title} 测评结果",
        ballots=result.ballots,
        made_at=local_text(result.made_at, zone),
        method=result.method["zh"],
        digest=result.result_digest,
        rows=[_line(row, name, ranked_of=ranked[row.category], beside=beside.get(row.unit_code)) for row, name in rows],
        level=percent(result.method.get("confidence", "0.95")),
    )
    return results_sheet.render(view)


def _line(row: ResultRow, name: str, *, ranked_of: int, beside: OpenUnit | None) -> ResultLine:
    return ResultLine(
        unit=row.unit_code,
        name=name,
        category=row.category,
        score=row.score,
        printed=results_sheet.two_places(row.score),
        se=row.se,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        n=row.n,
        n_eff=row.n_eff,
        satisfied_rate=row.satisfied_rate,
        dont_know_rate=row.dont_know_rate,
        unweighted=row.unweighted,
        rank=row.rank,
        rank_low=row.rank_low,
        rank_high=row.rank_high,
        ranked_of=ranked_of,
        open=beside,
    )


def record_export(session: Session, content: bytes, *, sheet: str, campaign_id: str, by: str, at: datetime) -> Report:
    """Write down that a sheet (``results``, ``results_page``) of a campaign was exported: who, when, which bytes."""
    digest = hashlib.sha256(content).hexdigest()
    report = Report(id=new_id(), sheet=sheet, target=campaign_id, sha256=digest, made_by=by, made_at=at)
    session.add(report)
    session.flush()
    body = {"report": str(report.id), "sheet": sheet, "sha256": digest}
    record(session, campaign_id, Event.REPORT_EXPORTED, body, at=at, by=by)
    return report
