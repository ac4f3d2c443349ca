"""Inputs and outcomes as JSON and back (归档): exact fractions and decimals as text, keys of several parts as lists."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """A frozen dataclass as canonical JSON. Raises TypeError for a float or anything else without one spelling."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Fraction | Decimal):
        return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else format(value, "f")
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name)) for one in fields(value)}
    return _many(value)


def _many(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        # Keys of several parts have no place in a JSON object; pairs are sorted, so that one value has one spelling.
        return sorted(([to_json(key), to_json(item)] for key, item in value.items()), key=lambda pair: str(pair[0]))
    if isinstance(value, frozenset | set):
        return sorted(to_json(one) for one in value)
    if isinstance(value, Sequence):
        return [to_json(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no one spelling")


def from_json(kind: type[T], value: Any) -> T:
    """What ``to_json`` wrote, as ``kind`` again."""
    whole: Any = kind
    found: T = _reader(whole)(value)
    return found


@lru_cache(maxsize=512)
def _reader(kind: Any) -> Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is not None:
        return _of_many(origin, inner)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    if isinstance(kind, type) and issubclass(kind, Fraction | Decimal | Enum):
        return kind
    return lambda value: value


def _of_many(origin: Any, inner: tuple[Any, ...]) -> Reader:
    if origin in {Union, types.UnionType}:
        (one,) = (part for part in inner if part is not type(None))
        return lambda value: None if value is None else _reader(one)(value)
    if origin is tuple and inner[1:] != (Ellipsis,):
        return lambda value: tuple(_reader(kind)(one) for kind, one in zip(inner, value, strict=True))
    if issubclass(origin, Mapping):
        return lambda value: {_reader(inner[0])(key): _reader(inner[1])(item) for key, item in value}
    return lambda value: origin(_reader(inner[0])(one) for one in value)


def _record(kind: Any) -> Reader:
    hints = get_type_hints(kind)

    def read(value: Mapping[str, Any]) -> Any:
        # A field that an older row does not have keeps its default.
        return kind(**{name: _reader(hint)(value[name]) for name, hint in hints.items() if name in value})

    return read
