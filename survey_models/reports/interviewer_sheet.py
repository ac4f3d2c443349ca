"""The sheet that an interviewer carries (访问员工作表): a numbered line for each attempt, results to tick, quotas.

No line has a place for a name, a telephone number or an answer: the contractor's own list joins them, and is not ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from survey_models.core.errors import Problem
from survey_models.gate.lots import LotStanding
from survey_models.gate.rules import RESULTS
from survey_models.gate.tables import GateQuota
from survey_models.questionnaires.rules import Form
from survey_models.spreadsheets.write import Cell, Table, xlsx_bytes

WORDS = {
    "refused": "拒访 Refused",
    "no_contact": "未联系上 Not reached",
    "ineligible": "不合格 Ineligible",
    "broken_off": "中途退出 Broken off",
    "lost": "遗失污损 Lost",
}
HEADER = (
    "编号 No.",
    "访问员编号 Interviewer",
    "日期 Date",
    "第几次联系 Attempt",
    "完成 Complete",
    *(WORDS[name] for name in RESULTS),
    "用时（秒） Seconds",
)
QUOTAS = ("配额 No.", "层 Stratum", "条件 For", "目标 Target", "已计入 Counted", "超出不计 Over")
_ATTEMPTS = 3
# Numbers in one workbook: more than a team carries in a day, and some megabytes at most.
PART = 1_000


def parts_of(issued: int) -> int:
    """Into how many workbooks the numbers of a lot go."""
    return max(1, -(-issued // PART))


def render(found: LotStanding, quotas: Sequence[GateQuota], form: Form, *, part: int = 1) -> bytes:
    """The workbook: a thousand numbered lines, three attempts each, and the quotas that hold where the lot is.

    ``part``: from 1; the second has the numbers from 1,001 on. Raises ``gate_sheet_part``.
    """
    issued, parts = found.sums.issued, parts_of(found.sums.issued)
    if not 1 <= part <= parts:
        raise Problem("gate_sheet_part", issued=issued, parts=parts, part=part)
    lines: list[list[Cell]] = [
        [number if attempt == 1 else None, "", "", attempt, *[""] * (len(RESULTS) + 2)]
        for number in range((part - 1) * PART + 1, min(part * PART, issued) + 1)
        for attempt in range(1, _ATTEMPTS + 1)
    ]
    own = [one for one in quotas if one.stratum_no == found.lot.stratum_no]
    cells: list[list[Cell]] = [
        [one.no, found.stratum, _answers(one, form), one.target, one.counted, one.over] for one in own
    ]
    about: list[list[Cell]] = [
        ["批 Lot", str(found.lot.no)],
        ["承办单位 Contractor", found.lot.contractor],
        ["地区和类别 Area and kind", found.stratum],
        ["测评点 Test point", found.point or "不限 any"],
        ["发出 Issued", str(issued)],
        ["部分 Part", f"{part} / {parts}"],
        ["不要写姓名、电话和评议结果。", "No names, no telephone numbers, no answers on this sheet."],
    ]
    return xlsx_bytes(
        [
            Table("工作表 Sheet", HEADER, lines, (8, 16, 12, 10, *[12] * (len(RESULTS) + 2))),
            Table(
                "配额 Quotas", ("配额 No.", "层 Stratum", "条件 For", "目标", "已计入", "超出不计"), cells, (8, 24, 36)
            ),
            Table("说明 About", ("项目", "内容"), about, (32, 48)),
        ]
    )


def _answers(quota: GateQuota, form: Form) -> str:
    """``性别 女，年龄段 30–44 岁``; nothing for a quota of the whole place."""
    words = []
    for place, code in quota.places:
        item = form.items[int(place)]
        label = next(option.label for option in form.scales[item.scale] if option.code == code)
        words.append(f"{item.label} {label}")
    return "，".join(words)
