"""The machines of findings (问题处置流程): data. Which step is allowed to whom, when, and which time limit begins.

Sources: 宣直〔2019〕48号 (明查暗访暂行办法 articles 4 to 9, 效能投诉处理暂行办法 articles 7 to 12); 漯阳光建〔2020〕1号
(督办通知); for bad ratings 国办发〔2019〕51号, whose day counts differ from place to place and are settings.
"""

from __future__ import annotations

from enum import StrEnum

from survey_models.accounts.rules import Role
from survey_models.findings.moves import Clock, Machine, Move, Need, State

SETUP, DESK, UNIT, INSPECTOR, RELEASE = Role.SETUP, Role.DESK, Role.UNIT, Role.INSPECTOR, Role.RELEASE
OFFICE = (SETUP,)
DESKS = (SETUP, DESK)


class Kind(StrEnum):
    """Where a finding comes from: 明查, 暗访, 投诉, 差评, 督办通知, 季度自查; 奖惩事项 are told, not found."""

    INSPECTION = "inspection"
    SECRET_VISIT = "secret_visit"  # noqa: S105 - a visit, no secret
    COMPLAINT = "complaint"
    RATING = "rating"
    SUPERVISION = "supervision"
    SELF_CHECK = "self_check"
    MERIT = "merit"


KIND_WORDS = {
    Kind.INSPECTION: ("明查", "inspection"),
    Kind.SECRET_VISIT: ("暗访", "secret visit"),
    Kind.COMPLAINT: ("投诉", "complaint"),
    Kind.RATING: ("差评", "bad rating"),
    Kind.SUPERVISION: ("督办", "supervision notice"),
    Kind.SELF_CHECK: ("季度自查", "quarterly self-check"),
    Kind.MERIT: ("奖惩事项", "award or major incident"),
}
# What the office saw is signed or refused while nothing is decided yet, and still when the notice is there.
_SEEN = ("found", "confirmed", "noticed")
_RECTIFYING = ("noticed", "ordered")

INSPECTIONS = Machine(
    initial="found",
    states={
        "found": State(("已记录", "recorded"), waits_for=SETUP),
        "clear": State(("未发现问题", "nothing found"), final=True),
        "dismissed": State(("不构成问题", "dismissed"), final=True),
        "confirmed": State(("已确认", "confirmed"), counts=True, waits_for=SETUP),
        "noticed": State(("已发整改通知书", "notice sent"), counts=True, due=Clock.LIMIT, waits_for=UNIT),
        "objected": State(("已提异议", "objected"), counts=True, due=Clock.LIMIT, waits_for=SETUP),
        "withdrawn": State(("通知书已收回", "notice withdrawn"), final=True),
        "ordered": State(("异议不成立，执行整改", "to be carried out"), counts=True, due=Clock.LIMIT, waits_for=UNIT),
        "rectified": State(("已报整改", "rectified, to be checked"), counts=True, waits_for=SETUP),
        "filed": State(("已核查备案", "checked and filed"), counts=True, final=True),
    },
    moves={
        "nothing": Move(("未发现问题", "Nothing was found"), (INSPECTOR, SETUP), ("found",), "clear", ()),
        "dismiss": Move(("不构成问题", "Dismiss"), OFFICE, ("found",), "dismissed"),
        "confirm": Move(("确认问题", "Confirm"), OFFICE, ("found",), "confirmed", (Need.PRICE,)),
        "sign": Move(("签字确认", "Sign"), (UNIT,), _SEEN, "", (), once=True),
        "refuse": Move(("拒绝签字", "Refuse to sign"), (UNIT, INSPECTOR), _SEEN, once=True),
        "notify": Move(
            ("发整改通知书", "Send the notice"),
            OFFICE,
            ("confirmed",),
            "noticed",
            (Need.LIMIT, Need.NOTE),
            starts=(Clock.OBJECTION, Clock.LIMIT),
        ),
        "object": Move(
            ("提出异议", "Object"),
            (UNIT,),
            ("noticed",),
            "objected",
            (Need.NOTE, Need.FILE),
            within=Clock.OBJECTION,
            once=True,
        ),
        "uphold": Move(("异议成立，收回通知书", "Objection upheld: withdraw"), OFFICE, ("objected",), "withdrawn"),
        "reject": Move(("异议不成立", "Objection rejected"), OFFICE, ("objected",), "ordered"),
        "rectify": Move(("报送整改情况", "Report rectification"), (UNIT,), _RECTIFYING, "rectified"),
        "again": Move(
            ("整改不到位，继续整改", "Not done: rectify again"),
            OFFICE,
            ("rectified",),
            "ordered",
            (Need.LIMIT, Need.NOTE),
            starts=(Clock.LIMIT,),
        ),
        "file": Move(("核查备案", "Check and file"), OFFICE, ("rectified",), "filed"),
    },
)

COMPLAINTS = Machine(
    initial="received",
    states={
        "received": State(("已登记", "received"), waits_for=DESK),
        "suggestion": State(("作为建议处理", "taken as a suggestion"), final=True),
        "refused": State(("不予受理", "not accepted"), final=True),
        "forwarded": State(("已转办", "forwarded to the unit"), due=Clock.REPLY, waits_for=UNIT),
        "returned": State(("单位退回", "returned by the unit"), waits_for=DESK),
        "answered": State(("单位已办结答复", "answered by the unit"), waits_for=DESK),
        "upheld": State(("复核属实", "upheld"), counts=True, waits_for=DESK),
        "closed": State(("办结", "closed"), final=True),
        "filed": State(("属实，已备案", "upheld and filed"), counts=True, final=True),
    },
    moves={
        "suggest": Move(("作为建议处理", "Take as a suggestion"), DESKS, ("received",), "suggestion"),
        "decline": Move(("不予受理", "Do not accept"), DESKS, ("received", "returned"), "refused"),
        "forward": Move(
            ("转办", "Forward"),
            DESKS,
            ("received", "returned"),
            "forwarded",
            (Need.UNIT,),
            starts=(Clock.REPLY, Clock.SEND_BACK),
        ),
        "send_back": Move(
            ("不属本单位，退回", "Not ours: return"), (UNIT,), ("forwarded",), "returned", within=Clock.SEND_BACK
        ),
        "ask_more_time": Move(
            ("申请延期（已告知投诉人）", "Ask for more time"),
            (UNIT,),
            ("forwarded",),
            "",
            (Need.NOTE, Need.TOLD),
            within=Clock.REPLY,
            once=True,
        ),
        "give_more_time": Move(
            ("批准延期", "Approve more time"),
            DESKS,
            ("forwarded",),
            "",
            (),
            once=True,
            after="ask_more_time",
            extends=Clock.REPLY,
        ),
        "answer": Move(
            ("办结答复（已告知投诉人）", "Answer"), (UNIT,), ("forwarded",), "answered", (Need.NOTE, Need.TOLD)
        ),
        "uphold": Move(
            ("复核属实", "Uphold"), DESKS, ("answered",), "upheld", (Need.NOTE, Need.PRICE), outcome="valid"
        ),
        "close": Move(("复核办结", "Close"), DESKS, ("answered",), "closed", outcome="unfounded"),
        "reopen": Move(
            ("重新办理", "Reopen"),
            DESKS,
            ("answered", "upheld", "closed"),
            "forwarded",
            starts=(Clock.REPLY, Clock.SEND_BACK),
        ),
        "blame": Move(("提出问责建议", "Suggest accountability"), OFFICE, ("forwarded", "answered", "upheld")),
        "file": Move(("备案", "File"), DESKS, ("upheld",), "filed"),
    },
)

_CHECKED = ("valid", "rectified", "explained", "fed_back", "called_back")
BAD_RATINGS = Machine(
    initial="new",
    starts=(Clock.VERIFY,),
    states={
        "new": State(("待核实", "to be verified"), due=Clock.VERIFY, waits_for=DESK),
        "valid": State(("属实，待整改", "valid, to be rectified"), due=Clock.RECTIFY, waits_for=UNIT),
        "unreachable": State(("无法联系，待说明", "rater not reachable"), due=Clock.RECTIFY, waits_for=UNIT),
        "mistaken": State(("误评", "given by mistake"), waits_for=DESK),
        "malicious": State(("恶意差评", "malicious"), waits_for=DESK),
        "rectified": State(("已整改", "rectified"), waits_for=DESK),
        "explained": State(("已说明", "explained"), waits_for=DESK),
        "fed_back": State(("已反馈", "fed back"), waits_for=DESK),
        "called_back": State(("已回访", "called back"), waits_for=DESK),
        "appealed": State(("申诉复核中", "appealed"), waits_for=RELEASE),
        "closed": State(("办结", "closed"), final=True),
    },
    moves={
        "valid": Move(("属实", "Valid"), (DESK,), ("new",), "valid", (), starts=(Clock.RECTIFY,), outcome="valid"),
        "mistaken": Move(("误评", "Given by mistake"), (DESK,), ("new",), "mistaken", outcome="mistaken"),
        "malicious": Move(("恶意差评", "Malicious"), (DESK,), ("new",), "malicious", outcome="malicious"),
        "no_contact": Move(
            ("无法联系", "Nobody to reach"),
            (DESK,),
            ("new",),
            "unreachable",
            (),
            starts=(Clock.RECTIFY,),
            outcome="unreachable",
        ),
        "rectify": Move(("整改", "Rectify"), (UNIT,), ("valid",), "rectified"),
        "explain": Move(("说明", "Explain"), (UNIT,), ("valid", "unreachable"), "explained"),
        "again": Move(
            ("整改不到位", "Not done"), (DESK,), ("rectified", "explained"), "valid", starts=(Clock.RECTIFY,)
        ),
        "feed_back": Move(("反馈", "Feed back"), (DESK,), ("rectified", "explained"), "fed_back"),
        "call_back": Move(("回访", "Call back"), (DESK,), ("fed_back",), "called_back"),
        "appeal": Move(("申诉", "Appeal"), (UNIT,), _CHECKED, "appealed", (Need.NOTE, Need.FILE), once=True),
        # Reviewed by somebody who did not verify it; the rating itself is never changed.
        "grant": Move(("申诉成立", "Appeal granted"), (RELEASE,), ("appealed",), "mistaken", outcome="mistaken"),
        "deny": Move(
            ("申诉不成立", "Appeal denied"),
            (RELEASE,),
            ("appealed",),
            "valid",
            starts=(Clock.RECTIFY,),
            outcome="valid",
        ),
        "close": Move(
            ("办结", "Close"),
            (DESK,),
            ("called_back", "mistaken", "malicious", "explained"),
            "closed",
        ),
    },
)

SUPERVISIONS = Machine(
    initial="issued",
    starts=(Clock.LIMIT,),
    states={
        "issued": State(("督办通知已下达", "notice issued"), counts=True, due=Clock.LIMIT, waits_for=UNIT),
        "reported": State(("已报整改", "rectification reported"), counts=True, waits_for=SETUP),
        "withdrawn": State(("已撤回", "withdrawn"), final=True),
        "filed": State(("已核查备案", "checked and filed"), counts=True, final=True),
    },
    moves={
        "report": Move(("报送整改情况", "Report rectification"), (UNIT,), ("issued",), "reported"),
        "again": Move(
            ("继续整改", "Rectify again"),
            OFFICE,
            ("reported",),
            "issued",
            (Need.LIMIT, Need.NOTE),
            starts=(Clock.LIMIT,),
        ),
        "withdraw": Move(("撤回", "Withdraw"), OFFICE, ("issued", "reported"), "withdrawn"),
        "file": Move(("核查备案", "Check and file"), OFFICE, ("reported",), "filed"),
    },
)

# Awards and major incidents (重大奖惩): nobody rectifies, signs or objects; the office confirms what a paper proves.
MERITS = Machine(
    initial="recorded",
    states={
        "recorded": State(("已登记", "recorded"), waits_for=SETUP),
        "confirmed": State(("已认定", "confirmed"), counts=True, final=True),
        "dismissed": State(("不予认定", "not confirmed"), final=True),
        "withdrawn": State(("已收回认定", "taken back"), final=True),
    },
    moves={
        "confirm": Move(("认定", "Confirm"), OFFICE, ("recorded",), "confirmed", (Need.PRICE,)),
        "dismiss": Move(("不予认定", "Do not confirm"), OFFICE, ("recorded",), "dismissed"),
        "withdraw": Move(("收回认定", "Take back"), OFFICE, ("confirmed",), "withdrawn"),
    },
)

MACHINES: dict[Kind, Machine] = {
    Kind.INSPECTION: INSPECTIONS,
    Kind.SECRET_VISIT: INSPECTIONS,
    Kind.SELF_CHECK: INSPECTIONS,
    Kind.COMPLAINT: COMPLAINTS,
    Kind.RATING: BAD_RATINGS,
    Kind.SUPERVISION: SUPERVISIONS,
    Kind.MERIT: MERITS,
}


def machine_of(kind: str) -> Machine:
    """The machine of a kind of findings."""
    return MACHINES[Kind(kind)]


def counts(kind: str, state: str) -> bool:
    """Whether a finding in this state costs points, where it is priced."""
    return machine_of(kind).states[state].counts
