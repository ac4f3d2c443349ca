"""A questionnaire that has an item of every kind, and 160 people who answer it."""

from __future__ import annotations

import uuid
from typing import Any

from survey_models.ballots import voids
from survey_models.ballots.intake import Cast
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.questionnaires.rules import SCALES
from survey_models.results import service as results
from survey_models.tickets import codes
from tests.poll import Poll
from tests.sealed import count

WORDS = [f"第{number}条意见\n“路灯,不亮”" for number in range(30)]


def _options(*codes: str) -> dict[str, Any]:
    return {"options": [{"code": code, "label": {"zh": f"选项{code}", "en": ""}} for code in codes]}


def _item(key: str, kind: str, scale: str | None, zh: str, group: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "scale": scale, "label": {"zh": zh, "en": ""}, "group": group, **more}


def kinds_questionnaire() -> dict[str, Any]:
    """Two units on two scales, two aspects of the first, one single choice, 知晓率, age; several choices and words."""
    five = [("a", "非常满意", 100), ("b", "满意", 80), ("c", "一般", 60), ("d", "不满意", 30), ("e", "非常不满意", 0)]
    scales: dict[str, Any] = {
        "four": SCALES["satisfaction4"],
        "five": {
            "options": [
                {"code": code, "label": {"zh": zh, "en": ""}, "score": score, "satisfied": score >= 60}
                for code, zh, score in five
            ]
        },
        "age": SCALES["age"],
        "known": {
            "options": [
                {"code": "1", "label": {"zh": "知道", "en": "Know"}, "score": None, "satisfied": True},
                {"code": "2", "label": {"zh": "不知道", "en": "Do not know"}, "score": None, "satisfied": False},
            ]
        },
        "often": _options("1", "2"),
        "reasons": _options("a", "b", "c"),
        "units": _options("U-001", "U-002", "U-003"),
    }
    return {
        "title": {"zh": "各种题型", "en": "Every kind"},
        "scales": scales,
        "items": [
            _item("U-001", "unit", "four", "教育局", "部门"),
            _item("U-002", "unit", "five", "公安局", "部门"),
            _item("U-001.1", "aspect", "four", "教育局：办事公开", "教育局", unit="U-001", aspect="open"),
            _item("U-001.2", "aspect", "four", "教育局：服务质量", "教育局", unit="U-001", aspect="service"),
            _item("often", "single", "often", "您多久办一次事", "其他"),
            _item("aware", "awareness", "known", "您知道这项活动吗", "其他"),
            _item("why", "multiple", "reasons", "哪些方面要改进", "其他"),
            _item("nominate", "nomination", "units", "推荐重点评议对象", "其他", max=2),
            _item("words", "text", None, "意见建议", "其他", hint={"zh": "想说的话", "en": ""}),
            _item("age", "background", "age", "年龄段", "背景"),
        ],
        "variants": {"all": None},
        "blank_allowed": True,
    }


def sheet(serial: int, *, rated: bool) -> tuple[str, dict[str, Any]]:
    """30 of 160 write, 40 tick, 12 nominate, 9 judge an aspect; two in three of those who say so know."""
    more: dict[str, Any] = {"why": [["a"], [], [], [], ["c", "a"], [], [], []][serial % 8]}
    if serial < 30:
        more["words"] = WORDS[serial]
    if serial < 12:
        more["nominate"] = ["U-001"] if serial < 9 else ["U-003"]
    aware = "-" if serial < 10 else "112"[serial % 3]
    return f"1a{'1' if serial < 9 else '-'}--{aware}-" if rated else aware, more


def answer_and_count(poll: Poll, *, rated: bool, done: int = 0, void: int | None = None) -> None:
    """Everybody answers but the first ``done``, who have; all is counted and scored, batch ``void`` set aside."""
    waiting = []
    for serial, code in list(enumerate(poll.live))[done:]:
        ticket = codes.digest(code.code, campaign_id="poll", pepper=poll.app.state.pepper)
        answers, more = sheet(serial, rated=rated)
        if answers == "-" and not any(more.values()):
            answers = "2"
        waiting.append(poll.app.state.intake.submit(Cast("poll", uuid.uuid4(), ticket, answers, more, "phone")))
    for future in waiting:
        future.result(30)
    with poll.work() as session:
        campaigns.close(session, "poll", by="setup", at=clock.now())
        if void is not None:
            people: dict[str, Any] = {"act_number": 1, "asked_by": "setup", "by": "release"}
            voids.void(session, "poll", {"batch": void}, reason="重复发卡", flag=None, at=clock.now(), **people)
        count(session, "poll", at=clock.now())
        results.run(session, "poll", by="setup", at=clock.now())
