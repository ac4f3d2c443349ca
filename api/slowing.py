"""Slowing (放慢): an address that sends much waits longer and longer for its turn; nobody is refused.

Addresses are held in memory alone, as digests under a key of this process, and forgotten within the hour.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from survey_models.core import clock

FREE = 5
HOUR = 3600.0
LONGEST = 30.0
_REMEMBERED = 10_000


@dataclass
class _Queue:
    seen: deque[float] = field(default_factory=lambda: deque(maxlen=1_000))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Slowing:
    """One per process. The first few of an hour pass at once; then each waits a second longer, one at a time."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._queues: OrderedDict[bytes, _Queue] = OrderedDict()

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait for the turn of this address, then do the work of the block."""
        key = hashlib.blake2b(address.encode(), key=self._key, digest_size=16).digest()
        queue = self._queues.setdefault(key, _Queue())
        self._queues.move_to_end(key)
        while len(self._queues) > _REMEMBERED:
            self._queues.popitem(last=False)
        async with queue.turn:
            present = clock.now().timestamp()
            while queue.seen and present - queue.seen[0] > HOUR:
                queue.seen.popleft()
            queue.seen.append(present)
            if (over := len(queue.seen) - FREE) > 0:
                await asyncio.sleep(min(float(over), LONGEST))
            yield
