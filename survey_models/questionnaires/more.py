"""What a sheet holds besides its single choices (``more``): several options of an item, nominated units, words.

Checked once at the ballot door. What is kept is one spelling of it: options in the order of their scale, words
without what no eye can see, nothing empty; so two sheets that say the same are the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import CHOSEN, TEXT, Form, Item
from survey_models.tickets.rules import holds_code

_LINE = "\n"
# Control characters, lone halves of pairs, and format characters, which can turn the direction of what follows.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
WHERE = "more"


def checked_more(form: Form, more: Mapping[str, Any], variant: str, *, complete: bool = True) -> dict[str, Any] | None:
    """``more`` as it is kept, None where nothing is said. ``complete`` False: on paper anything may be left out.

    Raises:
        Problem: ``request_malformed`` for another shape, ``more_not_asked`` for an item that the sheet does not carry,
            ``option_outside_scale``, ``too_many_chosen``, ``text_too_long``, ``text_holds_code``, and
            ``answers_missing`` where an item must be answered and is not.
    """
    kept: dict[str, Any] = {}
    for key, said in more.items():
        item = form.extra.get(key)
        if item is None:
            raise Problem("request_malformed", where=WHERE)
        if value := _checked(form, item, said):
            if not form.carries(variant, item):
                raise Problem("more_not_asked", item=item.label)
            kept[key] = value
    if complete:
        _refuse_missing(form, kept, variant)
    return {item.key: kept[item.key] for item in form.extras if item.key in kept} or None


def fits(form: Form, more: Mapping[str, Any] | None) -> bool:
    """Whether an opened ``more`` is one that this questionnaire's door could have let in."""
    try:
        return all(_checked(form, form.extra[key], said) == said for key, said in (more or {}).items())
    except (KeyError, Problem):
        return False


def without_texts(form: Form, more: Mapping[str, Any] | None) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """What stays with the ballot, and the texts (item key, words) that leave it."""
    said = more or {}
    texts = [(key, words) for key, words in said.items() if form.extra[key].kind == TEXT]
    return {key: value for key, value in said.items() if form.extra[key].kind != TEXT} or None, texts


def tidy(words: str) -> str:
    """Words without control and format characters, line ends of one kind, no empty space around."""
    lines = words.replace("\r\n", _LINE).replace("\r", _LINE).replace("\t", " ")
    seen = (char for char in lines if char == _LINE or unicodedata.category(char) not in _UNSEEN)
    return "".join(seen).strip()


def _checked(form: Form, item: Item, said: object) -> list[str] | str:
    return _text(item, said) if item.kind == TEXT else _chosen(form, item, said)


def _text(item: Item, said: object) -> str:
    if not isinstance(said, str):
        raise Problem("request_malformed", where=WHERE)
    words = tidy(said)
    if len(words) > item.most:
        raise Problem("text_too_long", item=item.label, most=item.most, found=len(words))
    if holds_code(words):
        raise Problem("text_holds_code", item=item.label)
    return words


def _chosen(form: Form, item: Item, said: object) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(code, str) for code in said):
        raise Problem("request_malformed", where=WHERE)
    wanted = set(said)
    chosen = [option.code for option in form.scales[item.scale] if option.code in wanted]
    if len(chosen) < len(wanted):
        raise Problem("option_outside_scale", item=item.label)
    if len(chosen) > item.most:
        raise Problem("too_many_chosen", item=item.label, most=item.most, found=len(chosen))
    return chosen


def _refuse_missing(form: Form, kept: Mapping[str, Any], variant: str) -> None:
    missing = missing_extras(form, kept, variant)
    if missing:
        raise Problem("answers_missing", count=len(missing), items="、".join(item.label for item in missing))


def missing_extras(form: Form, more: Mapping[str, Any], variant: str) -> list[Item]:
    """Items of ``more`` that must be answered on a sheet of this variant and are not."""
    return [
        item
        for item in form.extras
        if item.kind in CHOSEN | {TEXT}
        and form.is_required(item)
        and form.carries(variant, item)
        and not more.get(item.key)
    ]
