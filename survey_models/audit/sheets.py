"""The audit view as a table (审计清单): one line an act, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from survey_models.audit.service import Line
from survey_models.audit.words import facts, word
from survey_models.core.clock import local_text
from survey_models.exports.kinds import Format
from survey_models.spreadsheets.write import Cell, Table, csv_bytes, xlsx_bytes

HEADER = (
    "时间 At",
    "台账 Log",
    "事项",
    "Act",
    "办理人 By",
    "提出人 Asked by",
    "内容",
    "Facts",
    "事件 Event",
    "摘要 SHA-256",
    "树中位置 Place",
)
# As many rows as a workbook may have are more than a spreadsheet program bears.
LONGEST = 100_000
_WIDTHS = (17, 18, 22, 28, 14, 14, 60, 60, 26, 66, 10)


def table(lines: Sequence[Line], form: Format, *, zone: str) -> bytes:
    """The lines as CSV or as a workbook; times are local, places counted from 0."""
    rows = [row(line, zone=zone) for line in lines]
    return (
        csv_bytes([HEADER, *rows]) if form is Format.CSV else xlsx_bytes([Table("台账 Ledger", HEADER, rows, _WIDTHS)])
    )


def row(line: Line, *, zone: str) -> list[Cell]:
    """One act."""
    zh, en = word("events", line.event)
    return [
        local_text(line.at, zone),
        line.log,
        zh,
        en,
        line.by,
        line.asked_by,
        "；".join(f"{name}：{value}" for name, value in _spoken(line, zone, 0)),
        "; ".join(f"{name}: {value}" for name, value in _spoken(line, zone, 1)),
        line.event,
        line.digest,
        line.seq,
    ]


def _spoken(line: Line, zone: str, language: int) -> Iterator[tuple[str, str]]:
    for fact in facts(line.body, zone=zone):
        yield fact.words[language], fact.value[language]
