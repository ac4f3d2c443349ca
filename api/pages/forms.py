"""The phone form as plain data: from a questionnaire and what has been ticked so far to what the template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from api.pages.names import Part, told_apart
from api.pages.words import TAGS, Language, Words
from survey_models.questionnaires.rules import BACKGROUND, BLANK, UNIT, Form, Item, Option

FIELD = "q_"
UNREADABLE = "?"  # in no scale: the door names the item and refuses it


@dataclass(frozen=True)
class Choice:
    """One option of a question; ``tone`` names its colour, which is never its only mark."""

    code: str
    label: str
    tone: str


@dataclass(frozen=True)
class Question:
    """One item as drawn. ``value`` is the ticked code or blank; ``open`` marks it as still to be answered."""

    key: str
    parts: tuple[Part, ...]
    tag: str
    choices: tuple[Choice, ...]
    value: str
    open: bool
    background: bool
    layout: str


@dataclass(frozen=True)
class Group:
    """The units of one category (类别), in the order of the questionnaire."""

    title: str
    tag: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class FormView:
    """Everything the template asks of a form; ``order`` lists the keys of all items, as ``answers`` is built."""

    groups: tuple[Group, ...]
    background: tuple[Question, ...]
    order: tuple[str, ...]
    done: int
    total: int
    lead: str
    blank_allowed: bool

    @property
    def first_id(self) -> str:
        """The anchor of the first unit."""
        return FIELD + self.groups[0].questions[0].key


def answers_of(form: Form, fields: Mapping[str, object]) -> str:
    """One code per item from posted form fields; what was not ticked is blank."""
    values = (fields.get(FIELD + item.key, BLANK) for item in form.items)
    return "".join(value if isinstance(value, str) and len(value) == 1 else UNREADABLE for value in values)


def missing_units(form: Form, answers: str, variant: str) -> list[Item]:
    """The units of the variant without an answer, in order."""
    rows = zip(form.items, answers, form.carried(variant), strict=True)
    return [item for item, code, on_sheet in rows if item.kind == UNIT and on_sheet and code == BLANK]


def form_view(form: Form, words: Words, *, variant: str, answers: str = "", flag_open: bool = False) -> FormView:
    """The form for one variant with what is ticked; ``flag_open`` marks the unanswered units."""
    answers = answers or BLANK * len(form.items)
    rows = [(item, code) for item, code, here in zip(form.items, answers, form.carried(variant), strict=True) if here]
    names = told_apart(_name(item, words.language) for item, _ in rows)
    units = [(item, code) for item, code in rows if item.kind == UNIT]

    def draw(item: Item, code: str) -> Question:
        parts = names[_name(item, words.language)]
        return _question(item, code, form.scales[item.scale], parts, words, flag_open=flag_open)

    return FormView(
        groups=tuple(
            Group(title, TAGS["zh"] if words.language == "en" else "", tuple(draw(*row) for row in members))
            for title, members in groupby(units, key=lambda row: row[0].group)
        ),
        background=tuple(draw(item, code) for item, code in rows if item.kind == BACKGROUND),
        order=tuple(item.key for item in form.items),
        done=sum(code != BLANK for _, code in units),
        total=len(units),
        lead=_lead(words, len(units), form.scales[units[0][0].scale]),
        blank_allowed=form.blank_allowed,
    )


def _name(item: Item, language: Language) -> str:
    return item.label_en if language == "en" else item.label


def _question(
    item: Item, code: str, scale: Sequence[Option], parts: tuple[Part, ...], words: Words, *, flag_open: bool
) -> Question:
    background = item.kind == BACKGROUND
    best = max((option.score for option in scale if option.score is not None), default=None)
    choices = [
        Choice(option.code, option.label_en if words.language == "en" else option.label, _tone(option, best, item.kind))
        for option in scale
    ]
    if background:  # a ticked radio cannot be unticked without script, so leaving it out is an option of its own
        choices.append(Choice(BLANK, words("background.none"), ""))
    return Question(
        key=item.key,
        parts=parts,
        tag=TAGS["zh"] if words.language == "en" and item.label_en == item.label else "",
        choices=tuple(choices),
        value="" if code == BLANK else code,
        open=flag_open and not background and code == BLANK,
        background=background,
        layout="" if len(choices) == 4 else "wide",
    )


def _tone(option: Option, best: int | None, kind: str) -> str:
    if kind == BACKGROUND:
        return ""
    if option.score is None:
        return "none"
    if not option.satisfied:
        return "bad"
    return "good" if option.score == best else "fair"


def _lead(words: Words, total: int, scale: Sequence[Option]) -> str:
    unknown = next((option for option in scale if option.score is None), None)
    if unknown is None:
        return words("intro.units_plain", total=total)
    label = unknown.label_en if words.language == "en" else unknown.label
    return words("intro.units", total=total, unknown=label)
