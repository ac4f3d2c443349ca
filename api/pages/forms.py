"""The phone form as plain data: from a questionnaire and what has been filled in so far to what the template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from starlette.datastructures import FormData

from api.pages.names import Part, told_apart
from api.pages.words import TAGS, Words
from survey_models.questionnaires.more import missing_extras
from survey_models.questionnaires.rules import (
    ASPECT,
    BACKGROUND,
    BLANK,
    CHOSEN,
    NOMINATION,
    TEXT,
    UNIT,
    Form,
    Item,
    Option,
)

FIELD, SEVERAL, WORDS_FIELD = "q_", "m_", "t_"
UNREADABLE = "?"  # in no scale: the door names the item and refuses it
IN_ONE_ROW = 4


@dataclass(frozen=True)
class Choice:
    """One option of a question; ``tone`` names its colour, which is never its only mark."""

    code: str
    label: str
    tone: str
    ticked: bool = False


@dataclass(frozen=True)
class ChoiceSet:
    """Options under one heading; most questions have one set without heading."""

    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Question:
    """One item as drawn.

    ``field``: name of its form fields; ``input``: ``radio``, ``checkbox`` or ``text``; ``words``: what was written;
    ``open`` marks it as still to be answered, ``optional`` as one that does not count among those to answer; ``unit``:
    whose aspect it is; ``must``: whether it must be answered, None where it is as the campaign has it for all.
    """

    key: str
    kind: str
    unit: str
    field: str
    input: str
    parts: tuple[Part, ...]
    tag: str
    sets: tuple[ChoiceSet, ...]
    words: str
    most: int
    hints: tuple[str, ...]
    open: bool
    optional: bool
    layout: str
    must: bool | None = None


@dataclass(frozen=True)
class Group:
    """The questions under one heading (类别, 部分), in the order of the questionnaire."""

    title: str
    tag: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class FormView:
    """Everything the template asks of a form; ``order`` lists the keys of all items, as ``answers`` is built.

    ``done`` of ``total``: questions that count, units and others; the optional ones do not.
    """

    groups: tuple[Group, ...]
    background: tuple[Question, ...]
    order: tuple[str, ...]
    done: int
    total: int
    lead: str
    blank_allowed: bool
    shuffle: bool

    @property
    def reordered(self) -> bool:
        """Whether the page shows other items than ``answers`` has places for, or in another order."""
        asked = (question for group in self.groups for question in group.questions)
        shown = [question.key for question in (*asked, *self.background) if question.input == "radio"]
        return shown != list(self.order)

    @property
    def asked(self) -> int:
        """How many questions there are, the background among them."""
        return sum(len(group.questions) for group in self.groups) + len(self.background)

    @property
    def first_id(self) -> str:
        """The anchor of the first question."""
        first = self.groups[0].questions if self.groups else self.background
        return FIELD + first[0].key


@dataclass(frozen=True)
class Filled:
    """What a form holds so far: a code for each place, and ``more`` as it was typed."""

    answers: str
    more: Mapping[str, Any]


def answers_of(form: Form, fields: Mapping[str, object]) -> str:
    """One code per item from posted form fields; what was not ticked is blank."""
    values = (fields.get(FIELD + item.key, BLANK) for item in form.items)
    return "".join(value if isinstance(value, str) and len(value) == 1 else UNREADABLE for value in values)


def more_of(form: Form, fields: FormData) -> dict[str, Any]:
    """What was ticked and written besides, as it came; the door checks it."""
    found: dict[str, Any] = {}
    for item in form.extras:
        if item.kind == TEXT:
            said: Any = str(fields.get(WORDS_FIELD + item.key, ""))
        else:
            said = [str(code) for code in fields.getlist(SEVERAL + item.key)]
        if said:
            found[item.key] = said
    return found


def first_open(form: Form, filled: Filled, variant: str, *, required: bool) -> list[Item]:
    """What is unanswered on a sheet of the variant, in order: what must be answered, or what would make it count."""
    judged = frozenset(form.judged(variant))
    rows = zip(form.items, filled.answers, form.carried(variant), strict=True)
    placed = [
        item
        for number, (item, code, on_sheet) in enumerate(rows)
        if on_sheet and code == BLANK and (form.is_required(item) if required else number in judged)
    ]
    wanted = {item.key for item in (*placed, *(missing_extras(form, filled.more, variant) if required else ()))}
    return [item for item in form.listing if item.key in wanted]


def form_view(
    form: Form,
    words: Words,
    *,
    variant: str,
    answers: str = "",
    more: Mapping[str, Any] | None = None,
    flag_open: bool = False,
) -> FormView:
    """The form for one variant with what is filled in; ``flag_open`` marks what must be answered and is not."""
    filled = Filled(answers or BLANK * len(form.items), more or {})
    here = [item for item in form.listing if form.carries(variant, item)]
    units = [item for item in here if item.kind == UNIT]
    apart = told_apart(item.called(words.language) for item in units)
    missing = {item.key for item in first_open(form, filled, variant, required=True)} if flag_open else set()

    def draw(item: Item) -> Question:
        name = item.called(words.language)
        question = _question(form, item, filled, words)
        parts = apart[name] if item.kind == UNIT else (Part(name, differs=False),)
        must = form.is_required(item)
        usual = must == (not form.blank_allowed) or question.optional
        return replace(question, parts=parts, open=item.key in missing, must=None if usual else must)

    asked = [item for item in here if item.kind != BACKGROUND]
    groups = tuple(
        Group(title, TAGS["zh"] if words.language == "en" else "", tuple(map(draw, members)))
        for title, members in groupby(asked, key=lambda item: item.group)
    )
    counting = [question for group in groups for question in group.questions if not question.optional]
    return FormView(
        groups=groups,
        background=tuple(draw(item) for item in here if item.kind == BACKGROUND),
        order=tuple(item.key for item in form.items),
        done=sum(_is_done(question) for question in counting),
        total=len(counting),
        lead=_lead(words, form, units, len(asked) - len(units)),
        blank_allowed=form.blank_allowed,
        shuffle=form.shuffle,
    )


def _is_done(question: Question) -> bool:
    return bool(question.words) or any(choice.ticked for one in question.sets for choice in one.choices)


def _question(form: Form, item: Item, filled: Filled, words: Words) -> Question:
    bare = Question(
        key=item.key,
        kind=item.kind,
        unit=item.unit if item.kind == ASPECT else "",
        field=FIELD + item.key,
        input="radio",
        parts=(),
        tag=TAGS["zh"] if words.language == "en" and item.label_en == item.label else "",
        sets=(),
        words="",
        most=item.most,
        hints=tuple(filter(None, [item.hint_en if words.language == "en" else item.hint])),
        open=False,
        optional=False,
        layout="",
    )
    if item.kind == TEXT:
        said = str(filled.more.get(item.key, ""))
        hints = (*bare.hints, words("text.most", most=item.most), words("text.personal"))
        return replace(
            bare, field=WORDS_FIELD + item.key, input="text", words=said, hints=hints, optional=not item.required
        )
    if item.kind in CHOSEN:
        return _several(bare, form, item, filled, words)
    return _one_choice(bare, form.scales[item.scale], item, filled.answers[form.place[item.key]], words)


def _several(bare: Question, form: Form, item: Item, filled: Filled, words: Words) -> Question:
    given = item.kind == NOMINATION  # the options are units, whose names stay as they are
    scale, ticked = form.scales[item.scale], filled.more.get(item.key) or ()
    sets = tuple(
        ChoiceSet(
            title, tuple(Choice(one.code, _label(one, words, given=given), "", one.code in ticked) for one in members)
        )
        for title, members in groupby(scale, key=lambda option: option.group)
    )
    hint = words("choose.most", most=item.most) if item.most < len(scale) else words("choose.any")
    return replace(
        bare,
        field=SEVERAL + item.key,
        input="checkbox",
        sets=sets,
        hints=(*bare.hints, hint),
        optional=not item.required,
        layout="many",
    )


def _one_choice(bare: Question, scale: Sequence[Option], item: Item, code: str, words: Words) -> Question:
    best = max((option.score for option in scale if option.score is not None), default=None)
    choices = [Choice(option.code, _label(option, words), _tone(option, best), option.code == code) for option in scale]
    if item.kind == BACKGROUND:  # a ticked radio cannot be unticked without script: leaving it out is an option too
        choices = [*(replace(choice, tone="") for choice in choices), Choice(BLANK, words("background.none"), "")]
    layout = "" if len(choices) == IN_ONE_ROW else f"wide n{len(choices)}"
    sets = (ChoiceSet("", tuple(choices)),)
    return replace(bare, sets=sets, optional=item.kind == BACKGROUND, layout=layout)


def _label(option: Option, words: Words, *, given: bool = False) -> str:
    """In the language of the page; options without words in traditional characters are written in them."""
    label = option.called(words.language)
    return words.written(label) if label == option.label and not given else label


def _tone(option: Option, best: int | None) -> str:
    """The colour of an option; options without any score have none."""
    if best is None:
        return ""
    if option.score is None:
        return "none"
    if not option.satisfied:
        return "bad"
    return "good" if option.score == best else "fair"


def _lead(words: Words, form: Form, units: Sequence[Item], others: int) -> str:
    """What is asked, and whether it may be left out."""
    if not units:
        return _joined(words, words("intro.items", total=others), words("intro.blank_items") * form.blank_allowed)
    unknown = next((option for option in form.scales[units[0].scale] if option.score is None), None)
    if unknown is None:
        lead = words("intro.units_plain", total=len(units))
    else:
        lead = words("intro.units", total=len(units), unknown=_label(unknown, words))
    more = words("intro.others", total=others) if others else ""
    return _joined(words, lead, more, words("intro.blank") * form.blank_allowed)


def _joined(words: Words, *sentences: str) -> str:
    return words("list.gap").join(filter(None, sentences))
