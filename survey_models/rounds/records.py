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
Writer = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """A frozen dataclass as canonical JSON. Raises TypeError for a float or anything else without one spelling."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    write = _WRITERS.get(kind)
    if write is None:
        write = _WRITERS[kind] = _writer(kind)
    return write(value)


_PLAIN = frozenset({str, int, bool, type(None)})
_WRITERS: dict[type, Writer] = {}


def _writer(kind: type) -> Writer:
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, Fraction):
        return lambda value: f"{value.numerator}/{value.denominator}"
    if issubclass(kind, Decimal):
        return lambda value: format(value, "f")
    if is_dataclass(kind):
        names = [one.name for one in fields(kind)]
        return lambda value: {name: to_json(getattr(value, name)) for name in names}
    return _many(kind)


def _many(kind: type) -> Writer:
    if issubclass(kind, Mapping):
        # Keys of several parts have no place in a JSON object; pairs are sorted, so that one value has one spelling.
        return lambda value: sorted(
            ([to_json(key), to_json(item)] for key, item in value.items()), key=lambda pair: str(pair[0])
        )
    if issubclass(kind, frozenset | set):
        return lambda value: sorted(to_json(one) for one in value)
    if issubclass(kind, Sequence) and not issubclass(kind, str):
        return lambda value: [to_json(one) for one in value]
    raise TypeError(f"{kind.__name__} has no one spelling")


def from_json(kind: type[T], value: Any) -> T:
    """What ``to_json`` wrote, as ``kind`` again."""
    whole: Any = kind
    found: T = _reader(whole)(value)
    return found


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=512)
def _reader(kind: Any) -> Reader:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is not None:
        return _of_many(origin, inner)
    if isinstance(kind, type) and is_dataclass(kind):
        return _Record(kind)
    if isinstance(kind, type) and issubclass(kind, Fraction | Decimal | Enum):
        return kind
    return _same


def _of_many(origin: Any, inner: tuple[Any, ...]) -> Reader:
    if origin in {Union, types.UnionType}:
        (one,) = (_reader(part) for part in inner if part is not type(None))
        return lambda value: None if value is None else one(value)
    if origin is tuple and inner[1:] != (Ellipsis,):
        several = [_reader(kind) for kind in inner]
        return lambda value: tuple(read(one) for read, one in zip(several, value, strict=True))
    if issubclass(origin, Mapping):
        key_of, item_of = _reader(inner[0]), _reader(inner[1])
        return lambda value: {key_of(key): item_of(item) for key, item in value}
    of = _reader(inner[0])
    return lambda value: origin([of(one) for one in value] if of is not _same else value)


class _Record:
    """A dataclass from its fields. Its types are looked up when it is first read, for a line holds lines."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        self.readers: list[tuple[str, Reader]] = []

    def __call__(self, value: Mapping[str, Any]) -> Any:
        if not self.readers:
            self.readers = [(name, _reader(hint)) for name, hint in get_type_hints(self.kind).items()]
        # A field that an older row does not have keeps its default.
        return self.kind(**{name: read(value[name]) for name, read in self.readers if name in value})
