"""Names that no account has are slowed down like real ones; otherwise the waiting would tell which names exist."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from survey_models.accounts import rules


@dataclass
class Strangers:
    """Failed attempts by unknown name, in memory, the ``limit`` latest names only."""

    limit: int = 10_000
    _seen: OrderedDict[str, tuple[int, datetime | None]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count_attempt(self, name: str, *, at: datetime) -> None:
        """Book one attempt. Raises ``sign_in_slowed`` as an account of that name would."""
        with self._lock:
            failures, blocked_until = self._seen.get(name, (0, None))
            rules.check_not_resting(blocked_until, at)
            rest = rules.wait_after(failures + 1)
            self._seen[name] = (failures + 1, None if rest is None else at + rest)
            self._seen.move_to_end(name)
            while len(self._seen) > self.limit:
                self._seen.popitem(last=False)
