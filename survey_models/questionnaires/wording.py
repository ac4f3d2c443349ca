"""What words give away (措辞): leading ones, labels that hardly differ, labels that contradict their option."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

_NO_WEIGHT = re.compile(r"[\s\W_]|[的了很地得]")
_SATISFIED = re.compile(r"满意")
_NOT_SATISFIED = re.compile(r"[不没未].{0,2}满意")


@cache
def _leading() -> tuple[re.Pattern[str], ...]:
    text = files("survey_models.questionnaires").joinpath("leading_words.txt").read_text(encoding="utf-8")
    return tuple(re.compile(line) for line in text.splitlines() if line and not line.startswith("#"))


def leading_word(text: str) -> str | None:
    """The first leading word in ``text``; None where there is none."""
    return next((found[0] for pattern in _leading() if (found := pattern.search(text))), None)


def bare(label: str) -> str:
    """A label without what carries no weight: spaces, signs, width, particles. Two labels alike here are alike."""
    return _NO_WEIGHT.sub("", unicodedata.normalize("NFKC", label).casefold()) or label.strip()


def says_satisfied(label: str) -> bool | None:
    """Whether a label says 满意 or its contrary; None where it says neither."""
    if _NOT_SATISFIED.search(label):
        return False
    return True if _SATISFIED.search(label) else None
