"""A notice to a unit about a finding (整改通知书, 督办通知), in the style of an official document.

What was found, the article it offends, until when the unit rectifies, how it objects and until when. Plain data in,
a paper out: whoever writes it asks no database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from survey_models.reports.paper import Address, Block, Grid, Heading, Note, Paper, Para, RedHead, Sign, Title
from survey_models.reports.round_method import UNSTATED
from survey_models.reports.round_notice import NUMBER
from survey_models.schemes.words import Cited

RECTIFICATION: Literal["rectification"] = "rectification"
SUPERVISION: Literal["supervision"] = "supervision"
TITLES = {RECTIFICATION: "整改通知书", SUPERVISION: "督办通知"}
PROVISIONAL = "期限经过尚未公布放假安排的日子，放假安排公布后如有调整，仍以本通知写明的日期为准。"
_BLANK = "　"


@dataclass(frozen=True)
class Until:
    """A day by which something is done (期限): working days from the notice on, and the last of them.

    ``last_working``: the day itself, or the last working day before it; ``provisional``: the calendar may still change.
    """

    day: date
    working_days: int
    last_working: date
    provisional: bool = False


@dataclass(frozen=True)
class NoticeSheet:
    """What a notice is written from.

    ``sheet``: name of the file; ``found_by``: 明查, 暗访, …; ``article`` and ``quoted``: what the finding offends;
    ``cost``: its points in words; ``words``: the office's own, sent with the notice; ``document`` and ``basis``: the
    policy and its article on such notices, empty and None where the scheme names none; ``again``: not the first notice
    on this finding; ``objection``: None where this notice opens no time to object.
    """

    sheet: str
    kind: Literal["rectification", "supervision"]
    title: str
    office: str
    unit: str
    found_on: date
    found_by: str
    text: str
    place: str
    words: str
    sent_on: date
    limit: Until
    article: str = ""
    quoted: tuple[str, ...] = ()
    cost: str = ""
    document: str = ""
    basis: Cited | None = None
    objecting: Cited | None = None
    objection: Until | None = None
    again: bool = False
    signature: str = ""
    made_up: bool = False


def notice(sheet: NoticeSheet) -> Paper:
    """The notice of one finding; its number is left blank."""
    warning = "演示数据，不是正式文书　" if sheet.made_up else ""
    foot = f"{warning}{sheet.title}　{sheet.unit}　{on(sheet.sent_on)}"
    return Paper(sheet.sheet, f"{sheet.title}（{sheet.unit}）", tuple(_blocks(sheet)), foot=foot)


def on(day: date) -> str:
    """A day in words."""
    return f"{day.year}年{day.month}月{day.day}日"


def _blocks(sheet: NoticeSheet) -> Iterator[Block]:
    yield RedHead(sheet.office, NUMBER)
    yield Title(sheet.title)
    yield Address(sheet.unit)
    yield Para(_opening(sheet))
    yield Heading("一、存在的问题")
    yield Para(sheet.text + (f"（地点：{sheet.place}）" if sheet.place else ""))
    yield Heading("二、认定依据")
    yield Para(_grounds(sheet))
    yield Heading("三、整改要求和期限")
    yield Para(_demand(sheet))
    if sheet.words:
        yield Para(f"{sheet.office}的要求：{sheet.words}")
    yield Heading("四、异议")
    yield Para(_objecting(sheet))
    yield Sign(sheet.office, on(sheet.sent_on))
    yield from _receipt(sheet)


def _opening(sheet: NoticeSheet) -> str:
    seen = f"{on(sheet.found_on)}，{sheet.office}在{sheet.found_by}中发现你单位存在下列问题。"
    if sheet.kind == SUPERVISION:
        seen = f"经审核，{sheet.office}发现你单位存在下列突出问题。"
    if sheet.again:
        seen += "你单位报送的整改情况经核查不到位，应当继续整改。"
    rests = f"根据{sheet.document}，" if sheet.document else ""
    return f"{seen}{rests}现予通知。"


def _grounds(sheet: NoticeSheet) -> str:
    said = "".join(f"“{words}”" for words in sheet.quoted)
    offends = f"上述情况属于{sheet.article or UNSTATED}{said}所列情形。" if sheet.article or said else ""
    cost = f"{sheet.cost}。" if sheet.cost else ""
    return f"{offends}{cost}发出本通知的依据：{_rests(sheet.basis)}。"


def _rests(cited: Cited | None) -> str:
    """The article with its words, and what the office set where the text is silent."""
    if cited is None:
        return UNSTATED
    quoted = "".join(f"“{words.rstrip('。')}”" for words in cited.cite)
    own = f"（{cited.assumed.zh}）" if cited.assumed else ""
    return f"{cited.at}{quoted}{own}" or UNSTATED


def _demand(sheet: NoticeSheet) -> str:
    limit = sheet.limit
    said = (
        f"请于{on(limit.day)}前（含当日）完成整改，举一反三，并将整改情况书面报{sheet.office}核查备案。"
        f"整改期限自{on(sheet.sent_on)}的次日起算，"
    )
    said += f"共{limit.working_days}个工作日" if limit.working_days else "其间没有工作日"
    if limit.last_working != limit.day and limit.working_days:
        said += f"；{on(limit.day)}为非工作日，此前最后一个工作日为{on(limit.last_working)}"
    return f"{said}。{PROVISIONAL if limit.provisional else ''}"


def _objecting(sheet: NoticeSheet) -> str:
    until, rests = sheet.objection, f"依据：{_rests(sheet.objecting)}。"
    if sheet.kind == SUPERVISION:
        return (
            f"对所列问题有异议的，请在{on(sheet.limit.day)}前（含当日）向{sheet.office}书面提出，并附相关证据。"
            f"经核实，问题不成立的，撤回本通知；异议不成立的，应当执行。{rests}"
        )
    if until is None:
        return "本通知不改变前次整改通知书认定的事实，不另设提出异议的期限；整改确有困难的，请书面说明。"
    return (
        f"对认定事实确有异议并能提供相关证据的，可以在{until.working_days}个工作日内，即{on(until.day)}前（含当日）"
        f"向{sheet.office}提出，并附证据，书面送交或者在评议系统的本单位页面提交。逾期不再受理。"
        f"经复核，异议成立的，收回本通知书；异议不成立的，应当执行。{rests}{PROVISIONAL if until.provisional else ''}"
    )


def _receipt(sheet: NoticeSheet) -> Iterator[Block]:
    """Where the unit signs for it (签收); what it signed before is printed."""
    signed = {"signed": "检查结果：已签字确认", "refused": "检查结果：拒绝签字，不影响结果确认"}
    yield Heading("送达回执")
    rows = ((sheet.unit, _BLANK, _BLANK),)
    yield Grid(("被通知单位（盖章）", "签收人", "签收日期"), rows, (50, 25, 25), frozenset({0}))
    if sheet.signature in signed:
        yield Note(f"{signed[sheet.signature]}。")
