"""How often one access token (访问令牌) is used: in memory, and for the last minute alone."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime

from survey_models.core.errors import Problem

MINUTE = 60.0


@dataclass
class TokenRate:
    """The instants of the last uses by token, of the ``limit`` tokens used last."""

    limit: int = 10_000
    _seen: OrderedDict[uuid.UUID, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, token_id: uuid.UUID, *, per_minute: int, at: datetime) -> None:
        """Book one use. Raises ``token_too_often`` with the seconds left; a refused use is not booked."""
        present = at.timestamp()
        with self._lock:
            uses = self._seen.setdefault(token_id, deque())
            self._seen.move_to_end(token_id)
            while uses and abs(present - uses[0]) >= MINUTE:
                uses.popleft()
            if len(uses) >= per_minute:
                left = MINUTE - abs(present - uses[0])
                raise Problem("token_too_often", per_minute=per_minute, seconds=max(1, int(-(-left // 1))))
            uses.append(present)
            while len(self._seen) > self.limit:
                self._seen.popitem(last=False)
