"""What went wrong in a cell that is no option (常见笔误): the likeliest slip, so that the remedy fits it. Pure.

The kinds stand with an example each in docs/uploads.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher

from survey_models.rosters.sealing import plain_identity
from survey_models.spreadsheets.read import folded
from survey_models.uploads.rules import Choice

LONGEST = 60
_LONGEST_NUMBER = 40
_NEAR = 0.65

_ERROR = re.compile(r"#(n/a|ref!|value!|div/0!|name\?|num!|null!|spill!|calc!|#+)")
_DATE = re.compile(
    r"\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?( [\d:]+)?|\d{1,2}月\d{1,2}日?|\d{1,2}[-/]\d{1,2}|\d+-[a-z]{3}"
)
_SCIENTIFIC = re.compile(r"-?\d(\.\d+)?e[+-]?\d+")
_PHONE = re.compile(r"(\+?86)?1[3-9]\d{9}")
_IDENTITY = re.compile(r"[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dx]")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BETWEEN = re.compile(r"[\s、,;/|+&和及或·]+")
_CODE_AND_WORD = re.compile(r"(\d)[\s.、:_-]*(\D+)|(\D+?)[\s.、:_-]*(\d)")
_WORDS: Mapping[str, frozenset[str]] = {
    "cell_tick": frozenset(["√", "✓", "✔", "☑", "×", "✗", "✘", "x", "v", "o", "○", "●", "◎", "■", "*", "勾"]),
    "cell_yes_no": frozenset(["是", "否", "有", "yes", "no", "y", "n", "对", "错"]),
    "cell_truth_value": frozenset(["true", "false"]),
    "cell_ditto": frozenset(["同上", "同前", "〃", "″", '"', "''", "下同", "ditto"]),
    "cell_placeholder": frozenset(
        [
            "n/a",
            "na",
            "null",
            "none",
            "nan",
            "无",
            "/",
            "\\",
            "缺",
            "缺失",
            "待补",
            "待定",
            "空",
            "空白",
            "拒答",
            ".",
            "。",
        ]
    ),
}
_GARBLED = re.compile("\ufffd|锟|烫烫|屯屯|ï¼|Ã.|â€|^\\?{2,}$")
_TOTALS = frozenset(["合计", "小计", "总计", "共计", "平均", "平均分", "total", "sum", "average"])

# What a pattern alone shows, in the order in which it is looked for.
_PATTERNS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("cell_error_value", lambda text: _ERROR.fullmatch(text) is not None),
    ("cell_formula", lambda text: len(text) > 1 and text[0] in "=@"),
    ("cell_holds_phone", lambda text: _PHONE.fullmatch(re.sub(r"[\s-]", "", text)) is not None),
    ("cell_holds_identity", lambda text: _is_identity(plain_identity(text).lower())),
    ("cell_holds_mail", lambda text: _MAIL.fullmatch(text) is not None),
    ("cell_scientific", lambda text: _SCIENTIFIC.fullmatch(text) is not None),
)
_NUMBERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cell_percent", re.compile(r"\d+(\.\d+)?%")),
    ("cell_negative", re.compile(r"-\d+(\.\d+)?")),
    ("cell_date", _DATE),
    ("cell_decimal", re.compile(r"\d*\.\d+")),
    ("cell_score", re.compile(r"\d{2,}|\d+(\.\d+)?分")),
    ("cell_number_no_code", re.compile(r"\d")),
)


def of_number(text: str) -> str | None:
    """The fault of a sheet's number, None if it may stand: a number is the contractor's own and needs no form."""
    if _unprintable(text):
        return "cell_unprintable"
    found = _pattern(folded(text)) or ("cell_garbled" if _GARBLED.search(text) else None)
    return found or ("cell_too_long" if len(text) > _LONGEST_NUMBER else None)


def of_answer(text: str, choice: Choice, others: Iterable[Choice]) -> tuple[str, str]:
    """The fault of a cell that is no option of its column, and the option that was likely meant (or nothing)."""
    narrow = folded(text)
    if _unprintable(text):
        return "cell_unprintable", ""
    sign = _plain_sign(text, narrow)
    if sign:
        return sign, ""
    if any(other.read(text) is not None and not narrow.isdigit() for other in others):
        return "cell_other_scale", ""
    several = _options_in(narrow, choice)
    if several:
        return several
    if len(text) > LONGEST:
        return "cell_too_long", ""
    meant = near(text, choice)
    return ("cell_misspelt", meant) if meant else ("cell_not_an_option", "")


def _plain_sign(text: str, narrow: str) -> str | None:
    """A slip that shows without knowing the options."""
    words = next((code for code, words in _WORDS.items() if narrow in words), None)
    numbers = next((code for code, pattern in _NUMBERS if pattern.fullmatch(narrow)), None)
    return _pattern(narrow) or ("cell_garbled" if _GARBLED.search(text) else None) or words or numbers


def _options_in(narrow: str, choice: Choice) -> tuple[str, str] | None:
    """Options with something beside them: a question mark, a code that says otherwise, another option, a remark."""
    bare = narrow.rstrip("?!。. ")
    if bare != narrow and choice.codes.get(bare) is not None:
        return "cell_doubtful", bare
    pair = _CODE_AND_WORD.fullmatch(narrow)
    if pair:
        code, word = choice.codes.get(pair[1] or pair[4]), choice.codes.get((pair[2] or pair[3]).strip())
        if code is not None and word is not None:
            return ("cell_option_and_words", word) if code == word else ("cell_word_and_code", "")
    parts = [part for part in _BETWEEN.split(narrow) if part]
    if len(parts) > 1 and all(choice.codes.get(part) is not None for part in parts):
        return "cell_two_options", ""
    longest = max((label for label in choice.shown if narrow.startswith(folded(label))), key=len, default="")
    if longest and not narrow[len(folded(longest))].isalnum():
        return "cell_option_and_words", longest
    return None


def near(text: str, choice: Choice) -> str:
    """The one label that ``text`` is nearly, or nothing where none or several are as near.

    Text that holds a whole label says something else: 不太满意 is no misspelling.
    """
    plain = "".join(folded(text).split())
    labels = {label: folded(label) for label in choice.shown}
    same = [label for label, other in labels.items() if other == plain]
    if same or any(other in plain for other in labels.values()):
        return same[0] if same else ""
    likely = {label: SequenceMatcher(None, plain, other).ratio() for label, other in labels.items()}
    best = max(likely.values(), default=0.0)
    found = [label for label, likeness in likely.items() if likeness == best >= _NEAR and len(plain) > 1]
    return found[0] if len(found) == 1 else ""


def of_place(text: str, choice: Choice, elsewhere: Iterable[Choice]) -> tuple[str, str] | None:
    """The fault of an area, kind or test point: a sign, a word of another column, or a misspelling; None: unknown."""
    code = "cell_unprintable" if _unprintable(text) else _pattern(folded(text))
    if code is None and _GARBLED.search(text):
        code = "cell_garbled"
    if code is None and folded(text) in _WORDS["cell_ditto"]:
        code = "cell_ditto"
    if code is None and any(other.read(text) is not None for other in elsewhere):
        code = "cell_swapped"
    if code is not None:
        return code, ""
    meant = near(text, choice)
    return ("cell_area_misspelt", meant) if meant else None


def is_total(text: str) -> bool:
    """Whether a row's number says that the row sums others up."""
    return folded(text) in _TOTALS


def _pattern(narrow: str) -> str | None:
    return next((code for code, fits in _PATTERNS if fits(narrow)), None)


def _unprintable(text: str) -> bool:
    return any(unicodedata.category(sign) in {"Cc", "Cf", "Co"} for sign in text)


def _is_identity(text: str) -> bool:
    """A citizen's number (身份证号) with its check character (GB 11643)."""
    if not _IDENTITY.fullmatch(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return "10x98765432"[total % 11] == text[17]
