"""Which column of a file is which of a template (对列): by its heading, by what a person said, or by a guess.

A guess is shown and never acted upon: a person confirms it first. The export of 问卷星 is known by its own columns,
which say when, from where and from which address somebody answered; they are passed over and never stored.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from survey_models.core.errors import Problem
from survey_models.spreadsheets.read import Sheet, folded
from survey_models.uploads.rules import SHOWN, Heading, column_letters, heading_key

DROP = ""
# None: not said.
Given = Sequence[str | None]

_COUNTER = "序号"
_ASIDE = frozenset({"提交答卷时间", "所用时间", "来源", "来源详情", "来自ip", "总分"})
_SURE = frozenset({_COUNTER, *_ASIDE})
_NUMBER = re.compile(r"^q?\d{1,3}[、.:)]")
_ASKING = re.compile(r"^(请选择|请填写|请问)?(您|你)?(所在|来自|属于)?的?")
_MARKS = re.compile(r"[\[(【](单选题?|必答题?|填空题?|下拉题?|必填)[\])】]|[:?。*]+$")
_CUTS = re.compile(r"—+|–+|-+|:|_|\(")
_CLOSE = 0.75
_ALSO: Mapping[str, tuple[str, ...]] = {
    "问卷编号": ("编号", "样本编号", "问卷号", "样本号"),
    "地区": ("区县", "县区", "行政区", "所属地区"),
    "类别": ("人员类别", "对象类别", "身份", "城乡"),
    "测评点": ("测评地点", "站点", "地点"),
}


class How(StrEnum):
    """How a column was found: its heading, a person's word, a guess; or it is passed over, or nobody knows it."""

    SAME = "same"
    SAID = "said"
    GUESSED = "guessed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Match:
    """A column of a file: its heading, the heading of the template it stands for (DROP: none), and how it is known."""

    heading: str
    target: str
    how: How


def digest_of(header: Sequence[str]) -> str:
    """The same for files with the same headings in the same order."""
    return hashlib.sha256(json.dumps(list(header), ensure_ascii=False).encode()).hexdigest()


def is_wenjuanxing(header: Sequence[str]) -> bool:
    """Whether the headings are those of 问卷星's export: the time of sending, and another column of its own."""
    keys = {heading_key(title) for title in header}
    return "提交答卷时间" in keys and len(keys & _SURE) > 1


def match(sheet: Sheet, headings: Sequence[Heading], given: Given | None = None) -> list[Match]:
    """What is known of each column, in the order of the file; ``given`` is what a person said of them."""
    wanted = {heading_key(name): item.name for item in headings for name in (item.name, *item.also)}
    theirs = is_wenjuanxing(sheet.header)
    taken: set[str] = set()
    found: list[Match | None] = []
    for index, title in enumerate(sheet.header):
        said = given[index] if given is not None and index < len(given) else None
        found.append(_said(title, said) if said is not None else _same(sheet, index, wanted, theirs, taken))
        taken.add(found[-1].target if found[-1] else DROP)
    free = [item for item in headings if item.name not in taken]
    line = headings[0].name
    for index, title in enumerate(sheet.header):
        if found[index] is None and theirs and heading_key(title) == _COUNTER and line not in taken:
            found[index] = Match(title, line, How.SAME)
            taken.add(line)
    return [one or _guess(title, free, taken) for one, title in zip(found, sheet.header, strict=True)]


def _said(title: str, target: str) -> Match:
    return Match(title, target, How.DROPPED if target == DROP else How.SAID)


def _same(sheet: Sheet, index: int, wanted: Mapping[str, str], theirs: bool, taken: set[str]) -> Match | None:  # noqa: FBT001 - of one call
    title = sheet.header[index]
    if theirs and heading_key(title) in _ASIDE:
        return Match(title, DROP, How.DROPPED)
    if not title and not any(cells[index] for _, cells in sheet.rows):
        return Match(title, DROP, How.DROPPED)
    also = (sheet.names[index],) if sheet.names else ()
    for spelling in (title, *also, *(_within(title) if theirs or sheet.names else ())):
        target = wanted.get(heading_key(spelling))
        if target is not None and target not in taken:
            return Match(title, target, How.SAME)
    return None


def _within(title: str) -> Iterator[str]:
    """The parts of a question's heading that may name a column: ``3、您的性别`` and ``1、题干—单位``."""
    text = _MARKS.sub("", _NUMBER.sub("", "".join(folded(title).split())))
    yield text
    yield _ASKING.sub("", text)
    for cut in _CUTS.finditer(text):
        rest = text[cut.end() :]
        yield rest.removesuffix(")") if cut.group() == "(" else rest


def _guess(title: str, free: Sequence[Heading], taken: set[str]) -> Match:
    """The likeliest of the columns that nothing stands for yet; a guess is made once."""
    best, least = None, _CLOSE
    for item in free:
        if item.name not in taken:
            likeness = max(_likeness(title, name) for name in (item.name, *item.also, *_ALSO.get(item.name, ())))
            if likeness >= least:
                best, least = item.name, likeness + 1e-9
    if best is None or not title:
        return Match(title, DROP, How.UNKNOWN)
    taken.add(best)
    return Match(title, best, How.GUESSED)


def _likeness(title: str, name: str) -> float:
    one, other = heading_key(title), heading_key(name)
    if len(other) > 1 and other in one:
        return 0.8 + 0.2 * len(other) / len(one)
    return SequenceMatcher(None, one, other).ratio()


def confirmed(matches: Sequence[Match]) -> list[str | None]:
    """What is known without guessing, as a person's word."""
    return [None if one.how in {How.GUESSED, How.UNKNOWN} else one.target for one in matches]


def placed(sheet: Sheet, headings: Sequence[Heading], given: Given | None = None) -> list[int | None]:
    """For each of ``headings`` the index of its column, None if it may be absent and is. Guesses do not count.

    Raises:
        Problem: ``upload_columns_unknown`` or ``upload_columns_missing``, with all their names.
    """
    matches = match(sheet, headings, given)
    unsure = {How.UNKNOWN, How.GUESSED}
    unknown = [one.heading[:SHOWN] or column_letters(at) for at, one in enumerate(matches) if one.how in unsure]
    if unknown:
        raise Problem("upload_columns_unknown", columns="、".join(unknown))
    at = {one.target: index for index, one in enumerate(matches) if one.target != DROP}
    missing = [item.name for item in headings if item.required and item.name not in at]
    if missing:
        raise Problem("upload_columns_missing", columns="、".join(missing))
    return [at.get(item.name) for item in headings]


def check_given(header: Sequence[str], given: Given, headings: Sequence[Heading]) -> None:
    """Whether a person's word can be kept. Raises ``upload_mapping_unfit`` naming the first column that cannot."""
    names = {item.name for item in headings}
    seen: set[str] = set()
    if len(given) != len(header):
        raise Problem("upload_mapping_unfit", column=column_letters(min(len(given), len(header))))
    for index, target in enumerate(given):
        if target and (target not in names or target in seen):
            raise Problem("upload_mapping_unfit", column=header[index][:SHOWN] or column_letters(index))
        seen.add(target or DROP)


def with_said(header: Sequence[str], given: Given, said: Mapping[str, str]) -> list[str | None]:
    """``given`` with a person's word on some columns, named by heading or letters. Raises ``upload_mapping_unfit``."""
    places = {column_letters(at): at for at in range(len(header))}
    places |= {heading_key(title): at for at, title in reversed(list(enumerate(header))) if title}
    made = list(given)
    for name, target in said.items():
        at = places.get(heading_key(name), places.get(name.strip().upper()))
        if at is None:
            raise Problem("upload_mapping_unfit", column=name[:SHOWN])
        made[at] = target.strip()
    return made


def dropped(matches: Sequence[Match]) -> list[int]:
    """The places of columns that are passed over, whose cells are not stored."""
    return [index for index, one in enumerate(matches) if one.how == How.DROPPED]


def without(sheet: Sheet, places: Sequence[int]) -> Sheet | None:
    """The sheet with those columns emptied under their headings; None where nothing stood in them."""
    if not any(cells[place] for _, cells in sheet.rows for place in places):
        return None
    hidden = frozenset(places)
    rows = [(no, ["" if at in hidden else cell for at, cell in enumerate(cells)]) for no, cells in sheet.rows]
    return Sheet(sheet.header, rows, sheet.encoding, sheet.names)


def grid(sheet: Sheet) -> Iterator[list[str]]:
    """The rows as they stand in the file, empty ones too, so that every cell keeps its address."""
    yield sheet.header
    at = 2
    for number, cells in sheet.rows:
        yield from ([] for _ in range(at, number))
        yield cells
        at = number + 1
