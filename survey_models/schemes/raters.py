"""Who rates (参评人类别): the Chinese words for the kinds of raters that the presets name."""

from __future__ import annotations

RATERS = {
    "citizens": "群众",
    "congress_deputies": "人大代表",
    "cppcc_members": "政协委员",
    "fixed_users": "固定服务对象",
    "leaders": "单位班子成员",
    "leaders_in_charge": "分管领导",
    "party_delegates": "党代表",
    "party_members": "党员",
    "representatives": "评议代表",
    "service_users": "服务对象",
    "staff": "机关全体同志",
    "subordinate_units": "下属单位代表",
    "units": "被评议单位",
}


def called(rater: str) -> str:
    """As cards, boards and rosters call them; another scheme's own word stands as it is."""
    return RATERS.get(rater, rater)
