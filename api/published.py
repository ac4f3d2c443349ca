"""What everybody asks for of a published round (已公布的内容): it never changes, so that it is put together once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")
MOST = 16


class Shelf:
    """The newest things that were asked for, by result and name."""

    def __init__(self) -> None:
        self._kept: dict[tuple[uuid.UUID, Hashable], object] = {}

    def get(self, result: uuid.UUID, name: Hashable, make: Callable[[], T]) -> T:
        """The thing, made now if nobody asked for it yet. ``name`` tells its kind: one kind is always one type."""
        key = (result, name)
        found = self._kept.get(key)
        if found is None:
            found = make()
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = found
        return found  # type: ignore[return-value]
