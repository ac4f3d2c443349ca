"""The rules of the linter in words (问卷检查的规则): one sentence for each, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass

FAULTS: dict[str, tuple[str, str]] = {
    "shape": ("{where}：{what}。", "{where}: {what_en}."),
    "key_unfit": (
        "题目代码“{where}”只能用字母、数字和 . _ -，最多 40 个。",
        "Item key {where}: letters, digits and . _ -, at most 40.",
    ),
    "key_repeated": ("题目代码“{where}”出现两次。", "Item key {where} stands twice."),
    "name_repeated": ("单位“{label}”（{where}）列了两次。", "The unit {label} ({where}) is listed twice."),
    "nothing_asked": ("问卷里没有题目。", "Nothing is asked."),
    "scale_missing": ("“{where}”用的选项组“{scale}”不存在。", "{where} uses the scale {scale}, which is not there."),
    "code_unfit": (
        "选项组“{where}”的选项代码“{code}”不能用：单选题用一个字母或数字。",
        "Scale {where}: the option code {code} cannot be used; items of one choice take one letter or digit.",
    ),
    "code_repeated": (
        "选项组“{where}”的选项代码“{code}”出现两次。",
        "Scale {where}: the option code {code} stands twice.",
    ),
    "label_empty": ("“{where}”没有文字。", "{where} has no words."),
    "labels_near": (
        "选项组“{where}”的“{left}”和“{right}”几乎一样。",
        "Scale {where}: “{left}” and “{right}” hardly differ.",
    ),
    "scale_size": (
        "选项组“{where}”有 {count} 个计分选项，应为 2 至 5 个。",
        "Scale {where} has {count} scored options; 2 to 5 are right.",
    ),
    "unbalanced": (
        "选项组“{where}”不对称：满意一侧 {good} 个，不满意一侧 {bad} 个。",
        "Scale {where} is unbalanced: {good} options on the satisfied side, {bad} on the other.",
    ),
    "scores_order": (
        "选项组“{where}”的分值没有按选项顺序递减或递增。",
        "Scale {where}: the scores do not fall or rise with the options.",
    ),
    "score_range": ("选项组“{where}”的分值应在 0 到 100 之间。", "Scale {where}: scores are between 0 and 100."),
    "tone_wrong": (
        "选项组“{where}”的“{label}”与“是否满意”的标记不符。",
        "Scale {where}: “{label}” contradicts its mark of being satisfied.",
    ),
    "scales_conflict": (
        "评单位的几组选项里，代码“{code}”的含义不同。",
        "The option code {code} means different things in the scales that units are rated on.",
    ),
    "no_way_out": ("“{where}”必须回答，却没有“不了解”。", "{where} must be answered and has no “don't know”."),
    "awareness_one_sided": (
        "知晓率题“{where}”要有“知道”和“不知道”两边。",
        "{where} asks whether people know: both sides are needed.",
    ),
    "aspect_of_nothing": (
        "方面题“{where}”没有写明单位和方面。",
        "{where} is an aspect without a unit or without its code.",
    ),
    "text_required": ("文字题“{where}”不能规定必填。", "{where}: nobody can be made to write."),
    "max_unfit": ("“{where}”的上限应在 1 到 {most} 之间。", "{where}: the most is between 1 and {most}."),
    "background_many": (
        "背景题最多 {most} 个，再多就可能认出个人。",
        "At most {most} background items: with more, people could be recognised.",
    ),
    "background_fine": (
        "背景题“{where}”最多 {most} 个选项。",
        "{where}: a background item has at most {most} options.",
    ),
    "background_required": ("背景题“{where}”不能规定必填。", "{where}: a background item is never required."),
    "leading_word": ("“{where}”里的“{word}”会诱导回答。", "“{word}” in {where} leads the answer."),
    "variant_unknown": (
        "问卷类型“{where}”列了不存在的题目：{items}。",
        "Variant {where} lists items that are not there: {items}.",
    ),
    "variant_empty": ("问卷类型“{where}”没有题目。", "Variant {where} asks nothing."),
}

WARNINGS: dict[str, tuple[str, str]] = {
    "near_names_apart": (
        "“{left}”和“{right}”名称相近，却没有排在一起（{where}）。",
        "“{left}” and “{right}” are near and do not stand together ({where}).",
    ),
    "section_split": ("“{group}”分成了几段（{where}）。", "The section {group} is split ({where})."),
    "text_without_hint": ("文字题“{where}”没有提示语。", "{where} has no hint about what to write."),
}


@dataclass(frozen=True)
class Finding:
    """A rule that a document breaks, and where: an item's key, a scale's or variant's name, or a path."""

    rule: str
    where: str
    values: tuple[tuple[str, object], ...]

    def __init__(self, rule: str, where: str, **values: object) -> None:
        object.__setattr__(self, "rule", rule)
        object.__setattr__(self, "where", where)
        object.__setattr__(self, "values", tuple(values.items()))

    def sentence(self, language: str = "zh") -> str:
        """What is wrong, in ``zh`` or ``en``."""
        zh, en = FAULTS.get(self.rule) or WARNINGS[self.rule]
        return (zh if language == "zh" else en).format(where=self.where, **dict(self.values))

    def as_dict(self) -> dict[str, str]:
        """For the wire."""
        return {"rule": self.rule, "where": self.where, "zh": self.sentence("zh"), "en": self.sentence("en")}
