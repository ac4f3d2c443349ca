"""English for the labels of counts on a scorecard (计数的英文名). Pure.

A stored outcome has them in Chinese alone: they name options, grounds for deductions, people and windows as they are
called here. Words of the scales, of the scheme's rules and of this program have an English form; names stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from survey_models.questionnaires.making import scales
from survey_models.schemes.checking import adjustments
from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Scheme
from survey_models.schemes.sources import Cases

_OWN = {"答卷": "Sheets", "有效评价": "Judging answers", "未填": "Blank", "无效": "Invalid"}
_VERSION = re.compile(r"(.+)（第(\d+)版）")


def english(scheme: Scheme) -> Callable[[str], str]:
    """What gives the English form of a label on a card of this scheme; one it does not know stays as it is."""
    words = {option["label"]["zh"]: option["label"]["en"] for scale in scales().values() for option in scale["options"]}
    words |= _OWN
    rules = dict(sorted(_rules(scheme).items(), key=lambda one: -len(one[0])))

    def said(label: str) -> str:
        if label in words:
            return str(words[label])
        if version := _VERSION.fullmatch(label):
            return f"{version[1]} (version {version[2]})"
        for zh, en in rules.items():
            # A case stands between its period and its matter.
            if f" {zh} " in f" {label} ":
                return f" {label} ".replace(f" {zh} ", f" {en} ", 1).strip()
        aspect, _, option = label.rpartition(" ")
        return f"{aspect} {words[option]}" if option in words else label

    return said


def _rules(scheme: Scheme) -> dict[str, str]:
    """The grounds of a scheme by their Chinese titles."""
    found = [rule for part in leaves(scheme) if isinstance(part.source, Cases) for rule in part.source.rules]
    found += [rule for side in adjustments(scheme) for rule in (*side.penalties, *side.bonuses)]
    return {rule.title.zh: rule.title.en for rule in found}
