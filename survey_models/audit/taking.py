"""Taking the audit view out of the house (导出审计清单): the table, and the entry that says who took it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from survey_models.audit import sheets
from survey_models.audit.service import Wish, every
from survey_models.exports.kinds import Format
from survey_models.exports.packing import Written
from survey_models.exports.service import record_written


def take(session: Session, wish: Wish, form: Format, *, by: str, at: datetime, zone: str) -> tuple[bytes, int]:
    """The table of all acts that fit, CSV or workbook, and how many they are. Raises ``export_too_long``."""
    lines = every(session, wish, zone=zone, most=sheets.LONGEST if form is Format.XLSX else None)
    content = sheets.table(lines, form, zone=zone)
    file = Written(f"ledger.{form.value}", len(lines), len(content), hashlib.sha256(content).hexdigest())
    record_written(session, "ledger", form, [file], campaign_id="", by=by, at=at)
    return content, len(lines)
