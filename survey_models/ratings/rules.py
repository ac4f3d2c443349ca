"""Window ratings: the five levels of 好差评 and what an item must hold."""

from __future__ import annotations

from survey_models.core.errors import Problem

LEVELS: dict[str, tuple[str, str]] = {
    "5": ("非常满意", "Very satisfied"),
    "4": ("满意", "Satisfied"),
    "3": ("基本满意", "Mostly satisfied"),
    "2": ("不满意", "Dissatisfied"),
    "1": ("非常不满意", "Very dissatisfied"),
}
# What a city shows its visitors: 好差评, or the three options of a document's own questionnaires. One code means one
# thing on both, so that rates, marks and findings need not know which it was.
SCALES: dict[str, tuple[str, ...]] = {"five": tuple(LEVELS), "three": ("4", "3", "2")}
# Levels of fewer ratings than this are shown by nobody.
SMALLEST = 10
# 差评: 不满意 and 非常不满意 may carry reasons.
BAD = frozenset({"1", "2"})
REASONS: dict[str, tuple[str, str]] = {
    "attitude": ("服务态度不好", "Unfriendly"),
    "slow": ("等候时间太长", "Waited too long"),
    "unclear": ("没有一次讲清楚", "Not told everything at once"),
    "repeat": ("让我跑了多次", "Had to come several times"),
    "rules": ("没有按规定办", "Rules not followed"),
    "unsolved": ("事情没有办成", "My matter was not settled"),
}


def check_rating(code: str, reasons: list[str]) -> None:
    """Refuse a level or a reason that is not on the list; reasons belong to bad ratings alone."""
    if code not in LEVELS or any(reason not in REASONS for reason in reasons):
        raise Problem("option_outside_scale", item="窗口评价")
    if reasons and code not in BAD:
        raise Problem("option_outside_scale", item="窗口评价")
