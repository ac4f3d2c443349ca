"""Exports (导出): who gets which table of what was counted, and what the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from survey_models.accounts.rules import Role
from survey_models.campaigns import service as campaigns
from survey_models.core.clock import local_text
from survey_models.core.ids import new_id
from survey_models.exports import figures, writing
from survey_models.exports.ballots import Box
from survey_models.exports.columns import Table, codebook, coded
from survey_models.exports.kinds import Format, Listing, What
from survey_models.exports.packing import Part, Written
from survey_models.findings.service import Who
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.ratings.rates import Counting
from survey_models.reports.tables import Report


def of_campaign(session: Session, campaign_id: str, what: What, form: Format, *, roles: Sequence[str]) -> list[Part]:
    """The files of an export, data first and the code book behind it.

    Nothing before counting, for anybody. Of the ballots an auditor gets the box; everybody else area and kind without
    background, point and channel. Raises 409 before counting, ``cell_too_small``, ``result_missing``,
    ``export_too_long``.
    """
    campaign = campaigns.get(session, campaign_id)
    campaigns.refuse_before_counted(session, campaign)
    if what is What.BALLOTS:
        box = Box(session, campaign, full=Role.AUDITOR in roles)
        table = box.table()
        data = Part("ballots.csv", table.count, box.write_csv) if form is Format.CSV else _part(table, form)
        return [data, _codes(table)]
    if what is What.RESULTS:
        return _with_codes(figures.result_table(session, campaign_id), form)
    by = ("unit",) if what is What.TALLIES else ("stratum", "unit")
    return _with_codes(figures.tally_table(session, campaign_id, by=by), form)


def of_house(
    session: Session, what: Listing, form: Format, *, who: Who, counting: Counting, at: datetime, zone: str
) -> list[Part]:
    """The files of a list of the house: what the same person sees of it in the console."""
    if what is Listing.WINDOWS:
        return _with_codes(figures.window_table(session, counting=counting, at=at, zone=zone), form)
    return _with_codes(figures.finding_table(session, who=who, zone=zone), form)


def _with_codes(table: Table, form: Format) -> list[Part]:
    return [_part(table, form), _codes(coded(table) if form is Format.SAV else table)]


def _part(table: Table, form: Format) -> Part:
    def write(out: BinaryIO) -> int:
        return writing.write(out, table, form)

    return Part(f"{table.name}.{form.value}", table.count, write)


def _codes(table: Table) -> Part:
    book = codebook(table)

    def write(out: BinaryIO) -> int:
        return writing.write(out, book, Format.CSV)

    return Part("codebook.csv", book.count, write)


def about(what: str, form: Format, *, campaign: str, by: str, at: datetime, zone: str) -> dict[str, str]:
    """What the manifest says besides the files."""
    return {"what": what, "format": form.value, "campaign": campaign, "by": by, "at": local_text(at, zone)}


def record_written(
    session: Session, what: str, form: Format, files: Sequence[Written], *, campaign_id: str, by: str, at: datetime
) -> None:
    """Write down what left the house: which table, how many rows, which bytes. ``campaign_id`` empty: of the house."""
    record_file(session, f"{what}.{form.value}", files[0], campaign_id=campaign_id, by=by, at=at)


def record_file(session: Session, sheet: str, data: Written, *, campaign_id: str, by: str, at: datetime) -> None:
    """The same of one file by the name of its sheet."""
    report = Report(
        id=new_id(),
        sheet=sheet,
        target=campaign_id or SYSTEM_LOG,
        sha256=data.sha256,
        made_by=by,
        made_at=at,
    )
    session.add(report)
    session.flush()
    body = {"report": str(report.id), "sheet": report.sheet, "rows": data.rows, "sha256": data.sha256}
    if campaign_id:
        record(session, campaign_id, Event.EXPORT_WRITTEN, body, at=at, by=by)
    else:
        record(session, SYSTEM_LOG, Event.LIST_WRITTEN, body, at=at, by=by)
