"""Who must have a second factor (动态验证码), and how an account stands: decisions that need no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Policy:
    """Who must have an app: holders of ``roles``, ``grace`` after they were first told; ``demo``: nobody must."""

    roles: frozenset[str]
    grace: timedelta
    demo: bool = False

    def asks(self, roles: Iterable[str], *, demo: bool) -> bool:
        """Whether an account with these roles must have one; demo accounts need none."""
        return not (demo or self.demo or self.roles.isdisjoint(roles))


@dataclass(frozen=True)
class Standing:
    """How an account stands: ``on``: an app is set up; ``due``: until when one must be; ``recovery``: codes left."""

    on: bool
    since: datetime | None
    due: datetime | None
    recovery: int

    def must(self, at: datetime) -> bool:
        """Whether nothing else may be done before an app is set up."""
        return self.due is not None and self.due <= at
