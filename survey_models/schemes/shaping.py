"""The shape of a document (文档格式): what pydantic refuses, as faults with lines and in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Rational, Real
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from survey_models.schemes.faults import Faults
from survey_models.schemes.language import Scheme
from survey_models.schemes.reading import Path, inside

# Sentences of our own validators: a part of the sentence, and the code that says it in two languages.
_OWN = (
    ("decimal comma", "decimal_comma"),
    ("is not a number", "number"),
    ("write a number", "number"),
    ("exactly one of", "ways"),
    ("neither a quotation", "unmarked"),
    ("a quotation has at least", "quotation_short"),
)
# What pydantic calls it, and what the author reads.
_TYPES = {
    "int_type": "whole",
    "int_parsing": "whole",
    "int_from_float": "whole",
    "greater_than_equal": "least",
    "string_too_short": "empty",
    "too_short": "few",
    "string_type": "text",
    "tuple_type": "list",
    "list_type": "list",
    "dict_type": "mapping",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
    "string_pattern_mismatch": "name",
    "bool_type": "yes_no",
    "bool_parsing": "yes_no",
}
# These are proved on plain data, whatever else is wrong.
_PROVED = frozenset({"ways", "unmarked", "quotation_short"})


def shape(data: Any, faults: Faults) -> Scheme | None:
    """The scheme, or None with its faults noted."""
    try:
        return Scheme.model_validate(data)
    except ValidationError as error:
        for one in _telling(data, error.errors(include_url=False)):
            _note(data, one, faults)
    return None


def _telling(data: Any, errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Of the members of a union, each with its own complaint about one value, the complaint that fits the value."""
    by_place: dict[Path, list[ErrorDetails]] = {}
    for one in errors:
        by_place.setdefault(_place(data, one["loc"])[0], []).append(one)
    above = {place[:length] for place in by_place for length in range(len(place))}
    found: list[ErrorDetails] = []
    for place, all_of in by_place.items():
        own = [one for one in all_of if one["type"] in {"missing", "extra_forbidden"}]
        if own:
            found += own
        elif place in above and all_of[0]["type"] == "too_short":
            continue  # what is too short there is what is faulty further down
        elif not (place in above and _place(data, all_of[0]["loc"])[1]):
            found.append(next((one for one in all_of if one["type"] == "value_error"), all_of[0]))
    return found


def _place(data: Any, loc: tuple[int | str, ...]) -> tuple[Path, bool]:
    """The path in the document that pydantic's location means, and whether names of union members were left out."""
    path: list[str | int] = []
    left_out = False
    for step in loc:
        if path[-1:] == ["source"] and isinstance(data, dict) and data.get("kind") == step and not left_out:
            left_out = True  # the kind of a source, which may be a name inside it as well (tiers)
        elif (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            data = inside(data, step)
            path.append(step)
        else:
            left_out = True
    return tuple(path), left_out


def _note(data: Any, error: ErrorDetails, faults: Faults) -> None:
    path, _ = _place(data, error["loc"])
    kind, text, context = error["type"], _short(error.get("input")), error.get("ctx", {})
    if kind == "missing":
        faults.add(path, "missing", field=error["loc"][-1])
    elif kind == "extra_forbidden":
        faults.add(path, "unknown_field", field=path[-1])
    elif kind in {"union_tag_invalid", "union_tag_not_found"}:
        known = str(context.get("expected_tags", "survey, ratings, reference, marks, cases, decay, tiers"))
        tag = str(context.get("tag", "—"))
        faults.add((*path, "kind"), "source_unknown", text=tag, known=known.replace("'", ""))
    elif kind in {"literal_error", "enum"}:
        faults.add(path, "choice", text=text, known=str(context.get("expected", "")).replace("'", ""))
    elif kind == "string_too_short" and path[-1:] == ("office",):
        faults.add(path, "office_missing")
    else:
        code = _code(error)
        least = context.get("ge", context.get("min_length", 1))
        if code not in _PROVED:
            faults.add(path, code, text=text, said=error["msg"], least=least)


def _code(error: ErrorDetails) -> str:
    value: Any = error.get("input")
    if isinstance(value, Real) and not isinstance(value, Rational):
        return "float"
    own = (code for words, code in _OWN if error["type"] == "value_error" and words in error["msg"])
    return next(own, _TYPES.get(error["type"], "shape"))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
