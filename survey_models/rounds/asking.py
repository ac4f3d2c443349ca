"""What a preset cannot know (建立周期时要填的问题): asked once, with defaults where there are any. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel

from survey_models.core.errors import Problem
from survey_models.rounds.periods import Period
from survey_models.rounds.sources import reads_ratings
from survey_models.schemes.added import Additions, Lacking
from survey_models.schemes.language import FLAGS, CampaignKind, Scheme, Setting
from survey_models.schemes.service import plain
from survey_models.schemes.words import When

WINDOWS = "windows"
LONGEST_TITLE = 100
RESERVE, MOST_RESERVE = "reserve", 50
ADDED, LACKING = "added_units", "added_lacking"
SITES = ("area", "kind", "id", "name", "within")
SITES_FORM = f"逐行 {{{', '.join(SITES)}}}"
PURPOSES = ("real", "demo", "rehearsal")
Path = tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question. ``default`` None and ``required``: the office must answer; ``form``: how the answer is written."""

    path: Path
    zh: str
    en: str
    default: Any = None
    required: bool = True
    form: str = ""

    @property
    def key(self) -> str:
        """As it is named in faults and in the file: ``campaigns.peers.tickets``."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Known:
    """What is known before anybody is asked. ``flags``: units by flag, None where nobody ever set it.

    ``added``: who may add units to those of the document.
    """

    flags: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    has_list: bool = False
    added: Additions | None = None


def flags_of(scheme: Scheme) -> tuple[str, ...]:
    """Every flag of a unit that the scheme asks for, in the order of the document."""
    found: dict[str, None] = {}
    for when in _whens(scheme):
        found |= dict.fromkeys((*when.flags, *when.without))
    for rule in scheme.consequences:
        found |= dict.fromkeys(filter(None, [rule.listed]))
    for kind in scheme.campaigns:
        found |= dict.fromkeys((*filter(None, [kind.flag]), *(one.flag for one in kind.key_raters)))
    return tuple(found)


def late_flags(scheme: Scheme) -> tuple[str, ...]:
    """Flags that only say whom a campaign is about (重点评议单位): no line, consequence or draw depends on them.

    Such units can be named while the round runs: what is scored stays as it was planned.
    """
    bound = {flag for when in _whens(scheme) for flag in (*when.flags, *when.without)}
    bound |= {rule.listed for rule in scheme.consequences if rule.listed}
    bound |= {one.flag for kind in scheme.campaigns for one in kind.key_raters}
    bound |= {draw.flag for draw in scheme.draws if draw.flag}
    about = dict.fromkeys(kind.flag for kind in scheme.campaigns if kind.flag)
    return tuple(flag for flag in about if flag not in bound and flag not in FLAGS)


def flag_words(scheme: Scheme, flag: str) -> tuple[str, str]:
    """What a flag means, in Chinese and English; the flag itself where nobody said."""
    own = scheme.flags.get(flag)
    return FLAGS.get(flag, (flag, flag)) if own is None else (own.zh, own.en)


def _whens(value: Any) -> Iterator[When]:
    """Every condition on units anywhere in the document."""
    if isinstance(value, When):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _whens(getattr(value, name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _whens(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _whens(one)


def questions(scheme: Scheme, period: Period, known: Known) -> list[Question]:
    """Everything to ask, in the order of the file."""
    title = f"{scheme.title.zh}{period.called}"
    found = [
        Question(("title",), "名称", "Title", title),
        Question(("purpose",), "性质", "Purpose", "real", form="real、demo 或 rehearsal"),
    ]
    for name, one in scheme.settings.items():
        found.append(Question(("settings", name), one.title.zh, one.title.en, plain(one.value), form=_limits(one)))
    if not known.has_list:
        usual = WINDOWS if reads_ratings(scheme) else None
        form = f"windows，或逐行 {{code, name, category}}，类别 {'、'.join(scheme.units.stated)}"
        found.append(Question(("units",), "被评议单位名单", "Rated units", usual, form=form))
    if known.added is not None:
        found += _of_added(scheme, known.added)
    late = late_flags(scheme)
    for flag in flags_of(scheme):
        of_flag = known.flags.get(flag)
        default = None if of_flag is None else list(of_flag)
        zh, en = flag_words(scheme, flag)
        said = f"标记为“{zh}”的单位代码（{flag}）", f"Codes of the units with the flag {flag}: {en}"
        if flag in late:
            said = f"{said[0]}（空着即以后再指定）", f"{said[1]} (empty: named later)"
        found.append(
            Question(("flags", flag), *said, default, required=flag not in late, form="[NY-001, …]，没有写 []")
        )
    for kind in scheme.campaigns:
        found += of_kind(kind)
    for draw in scheme.draws:
        said = (
            f"{draw.title.zh}：可抽取的地点（空着即以后再定）",
            f"{draw.title.en}: the places (empty: to be given later)",
        )
        form = f"{SITES_FORM}，类别 {'、'.join(one.title.zh for one in draw.kinds)}"
        found.append(Question(("draws", draw.id), *said, required=False, form=form))
    return found


def _of_added(scheme: Scheme, added: Additions) -> Iterator[Question]:
    """Units that the city or a county adds, and what becomes of lines that a county's unit has no data on."""
    said = (
        "增加的被评议单位（空着即没有；市增加的，地区空着）",
        "Units that are added (empty: none); without an area: by the city",
    )
    form = f"逐行 {{area, code, name, category}}，类别 {'、'.join(scheme.units.stated)}"
    yield Question((ADDED,), *said, required=False, form=form)
    said = "县区增加的单位没有数据的项目怎么计", "Lines that a county's unit has no data on"
    yield Question((LACKING,), *said, added.areas.lacking, form="、".join(get_args(Lacking)))


def _limits(setting: Setting) -> str:
    """The values that a setting allows, as its author sees them."""
    if setting.choices:
        return "、".join(str(plain(one)) for one in setting.choices)
    ends = ["" if one is None else str(plain(one)) for one in (setting.low, setting.high)]
    return "–".join(ends) if any(ends) else ""


def of_kind(kind: CampaignKind) -> Iterator[Question]:
    """What is asked about one campaign: people of its strata or rosters, how many are asked, reserve cards."""
    zh, en = kind.title.zh, kind.title.en
    here = ("campaigns", kind.id)
    if kind.frame in {"counts", "open"}:
        form = "逐行 {area, area_name, kind, kind_name, people}，或已冻结抽样框的编号"
        yield Question((*here, "strata"), f"{zh}：各层人口", f"{en}: people of each stratum", form=form)
        yield Question((*here, "tickets"), f"{zh}：发出份数", f"{en}: how many are asked", kind.tickets)
    elif kind.frame in {"list", "roster"} and kind.variant == "own_unit":
        each = "一个数，或 {单位代码: 人数}"
        yield Question((*here, "people"), f"{zh}：各单位名单人数", f"{en}: people on each unit's list", form=each)
        said = f"{zh}：每单位抽取人数", f"{en}: how many are asked about each unit"
        yield Question((*here, "tickets"), *said, kind.per_unit or kind.tickets)
    elif kind.frame in {"list", "roster"}:
        named = "、".join(kind.raters)
        said = f"{zh}：名册人数", f"{en}: people on each roster"
        yield Question((*here, "people"), *said, form=f"{{类别: 人数}}，类别 {named}")
        required = "sizes" in kind.needs
        said = f"{zh}：抽取人数", f"{en}: how many are asked"
        if not required:
            said = f"{said[0]}（空着即全部）", f"{said[1]} (empty: all)"
        yield Question((*here, "tickets"), *said, kind.tickets, required=required)
    if kind.frame != "units":
        said = f"{zh}：封存备用卡（占发出数的百分比）", f"{en}: sealed reserve cards, in percent of those issued"
        yield Question((*here, RESERVE), *said, 0, form=f"0–{MOST_RESERVE}")
    for one in kind.key_raters:
        said = f"{zh}：{one.title.zh}人数", f"{en}: {one.title.en}, how many people"
        yield Question((*here, "key_raters", one.id), *said, one.stated)


def resolve(asked: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with defaults in their places, by the same paths.

    Raises ``plan_answers_faulty`` with everything that is missing or that nobody asked for.
    """
    whole: dict[str, Any] = {}
    faults = [_fault(".".join(path), "没有这个问题", "nobody asked this") for path in _unknown(asked, given)]
    for one in asked:
        value = read(given, one.path)
        value = one.default if value is None else value
        if value is None and one.required:
            faults.append(_fault(one.key, one.zh, one.en))
        put(whole, one.path, value)
    faults += [
        _fault(one.key, one.form or one.zh, one.en) for one in asked if not _fits(one.path, read(whole, one.path))
    ]
    if faults:
        refuse(faults)
    if not whole.get(ADDED):
        # A round to which nobody adds a unit is the same as before anybody could.
        whole = {key: value for key, value in whole.items() if key not in {ADDED, LACKING}}
    if "flags" in whole:
        whole["flags"] = {flag: codes or [] for flag, codes in whole["flags"].items()}
    return whole


def _fits(path: Path, value: Any) -> bool:
    """Whether an answer has the form of its question; what numbers must be, the strata say."""
    if path == ("title",):
        return isinstance(value, str) and 0 < len(value) <= LONGEST_TITLE
    if path[0] == "settings":
        return isinstance(value, str | int | None)
    if path[-1] == RESERVE:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_RESERVE
    if path == (LACKING,):
        return value in get_args(Lacking)
    if path[0] in {"flags", ADDED}:
        form = str if path[0] == "flags" else Mapping
        return value is None or (isinstance(value, list) and all(isinstance(one, form) for one in value))
    return True


def settings_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as exact words and whole numbers. Raises ``plan_answers_faulty`` for a float, a list, a mapping."""
    found: dict[str, Any] = exact(given)
    unfit = [name for name, value in found.items() if not isinstance(value, str | int | None)]
    if unfit:
        refuse([_fault(f"settings.{name}", "写一个数或一个词", "a number or a word") for name in unfit])
    return found


def refuse(faults: Sequence[Mapping[str, str]]) -> None:
    """Raise ``plan_answers_faulty``."""
    first = faults[0]
    raise Problem("plan_answers_faulty", count=len(faults), first=f"{first['key']} {first['zh']}", faults=list(faults))


def _fault(key: str, zh: str, en: str) -> dict[str, str]:
    return {"key": key, "zh": zh, "en": en}


def _unknown(asked: Sequence[Question], given: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of answers to questions that nobody asked."""
    paths = {one.path for one in asked}
    if path in paths:
        return
    if isinstance(given, Mapping) and any(one[: len(path)] == path for one in paths):
        for key, value in given.items():
            yield from _unknown(asked, value, (*path, str(key)))
    elif path:
        yield path


def exact(value: Any, path: Path = ()) -> Any:
    """Answers as canonical JSON: decimals as text. Raises ``plan_answers_faulty`` for a float."""
    if isinstance(value, float):
        refuse([_fault(".".join(path), '小数请写成文字，如 "0.5"', 'write a decimal as text, such as "0.5"')])
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): exact(item, (*path, str(key))) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item, path) for item in value]
    return value


def read(answers: Any, path: Path) -> Any:
    """The answer at a path; None where there is none."""
    for key in path:
        if not isinstance(answers, Mapping):
            return None
        answers = answers.get(key)
    return answers


def put(answers: dict[str, Any], path: Path, value: Any) -> None:
    """Write an answer at a path."""
    for key in path[:-1]:
        answers = answers.setdefault(key, {})
    answers[path[-1]] = value


def layered(*answers: Mapping[str, Any]) -> dict[str, Any]:
    """Several sets of answers, the later over the earlier; lists and figures are replaced whole."""
    whole: dict[str, Any] = {}
    for one in answers:
        for key, value in one.items():
            below = whole.get(key)
            whole[key] = layered(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return whole
