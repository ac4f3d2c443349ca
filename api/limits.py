"""Limits of a request: its address, the size of its body, and how often one code may be looked up."""

from __future__ import annotations

import hashlib
import threading
from collections import deque

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey_models.core import clock
from survey_models.core.errors import Problem

CHECKS_AN_HOUR = 10
HOUR = 3600.0
NUL = "\x00"
REPORT_FORM = "/report"
# Pages whose forms carry a file; each reads its own within its own limit.
COMPLAINT_FORM, INSPECT_FORM, UNIT_FORM = "/complaint", "/inspect", "/unit/step"
FILE_FORMS = (REPORT_FORM, COMPLAINT_FORM, INSPECT_FORM, UNIT_FORM)
FILE_DOORS = (
    "/api/uploads",
    "/api/marks/files",
    "/api/duties/files",
    "/api/rosters/files",
    "/api/findings/files",
    "/api/prints",
)
_OWN_LIMIT = frozenset({*FILE_DOORS, *FILE_FORMS})


class BodyLimit:
    """ASGI middleware: refuses a body over ``limit`` bytes before anybody parses it.

    Uploads and reports have limits of their own. An address with a NUL in it is refused here too.
    """

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (NUL in scope["path"] or b"%00" in scope["query_string"]):
            # PostgreSQL holds no such text, files no such name; behind this line nobody has to think of it.
            await _refuse(Problem("request_malformed", where="address"), scope, receive, send)
            return
        if scope["type"] != "http" or scope["path"] in _OWN_LIMIT:
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await _refuse(self._too_large(), scope, receive, send)
            return
        messages: list[Message] = []
        seen = 0
        while not messages or messages[-1].get("more_body"):
            messages.append(await receive())
            seen += len(messages[-1].get("body", b""))
            if seen > self._limit:
                await _refuse(self._too_large(), scope, receive, send)
                return
        waiting = iter(messages)

        async def replayed() -> Message:
            return next(waiting, None) or await receive()

        await self._app(scope, replayed, send)

    def _too_large(self) -> Problem:
        return Problem("body_too_large", limit=self._limit)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    body = {**problem.as_dict(), "instance": scope["path"]}
    response = JSONResponse(body, status_code=problem.entry.status, media_type="application/problem+json")
    await response(scope, receive, send)


class CheckLimit:
    """How often one code was looked up in the last hour: in memory, by a digest, and forgotten after it."""

    def __init__(self, *, per_hour: int = CHECKS_AN_HOUR, remembered: int = 100_000) -> None:
        self._per_hour = per_hour
        self._remembered = remembered
        self._seen: dict[bytes, deque[float]] = {}
        self._lock = threading.Lock()

    def count(self, campaign_id: str, code: str) -> None:
        """Book one look. Raises ``check_too_often``."""
        key = _key(campaign_id, code)
        present = clock.now().timestamp()
        with self._lock:
            looks = self._seen.setdefault(key, deque(maxlen=self._per_hour))
            while looks and abs(present - looks[0]) > HOUR:
                looks.popleft()
            if len(looks) >= self._per_hour:
                raise Problem("check_too_often")
            looks.append(present)
            if len(self._seen) > self._remembered:
                self._seen.pop(next(iter(self._seen)))

    def is_used_up(self, campaign_id: str, code: str) -> bool:
        """Whether another look would be one too many; nothing is booked."""
        present = clock.now().timestamp()
        with self._lock:
            looks = self._seen.get(_key(campaign_id, code), ())
            return sum(abs(present - look) <= HOUR for look in looks) >= self._per_hour


def _key(campaign_id: str, code: str) -> bytes:
    return hashlib.sha256(f"{campaign_id}\0{code}".encode()).digest()[:16]
