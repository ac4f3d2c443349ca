"""The fast lane of the ballot door (快速通道): a plain sheet from a phone meets nothing but the door.

It stands in front of the whole application and answers what is certain: a well-formed JSON sheet that is stored, or
"busy". Everything else (forms, terminals, any refusal, anything malformed) goes the ordinary way to the endpoint of
`api.routes.ballots`, which is complete by itself: with its body untouched, so that there is one place that validates,
refuses and counts refusals. A refused sheet is decided twice; the decision spends nothing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import MEDIA_TYPE, retry_headers
from api.schemas.ballots import wire
from survey_models.ballots.door import BallotDoor
from survey_models.core.errors import Problem
from survey_models.tickets import codes

_PATH = re.compile(r"/api/campaigns/([0-9A-Za-z_-]{1,60})/ballots")
_LIMIT = 16_384
_RANDOM = 4
_SERVER_ERROR = 500
_ORDINARY = frozenset({b"authorization", b"cookie", b"content-encoding", b"expect", b"transfer-encoding"})


class Plain(msgspec.Struct, forbid_unknown_fields=True):
    """A sheet as phones send it: `api.schemas.ballots.CastRequest` without what takes the ordinary way."""

    id: uuid.UUID
    code: str
    answers: str
    more: dict[str, Any] = {}
    channel: Literal["phone"] = "phone"
    version: int | None = None

    def fits(self) -> bool:
        """Whether the ordinary way would find nothing to object to in the shape."""
        return self.id.version == _RANDOM and len(self.code) <= 64 and len(self.answers) <= 4000 and not self.more


_DECODER = msgspec.json.Decoder(Plain)
_encode = msgspec.json.Encoder().encode


class Laned(FastAPI):
    """An application with the lane in front of it, its own middleware included."""

    lane: FastLane | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await (self.lane or super().__call__)(scope, receive, send)

    def open_lane(self, *, headers: Mapping[str, str]) -> None:
        """Let plain sheets pass by the middleware; ``headers`` stand on every answer of the lane."""
        self.lane = FastLane(super().__call__, self.state, headers=headers)


class FastLane:
    """ASGI middleware; ``state`` is the application's."""

    def __init__(self, app: ASGIApp, state: Any, *, headers: Mapping[str, str]) -> None:
        self._app = app
        self._state = state
        self._headers = _raw(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on as it came."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if found is None or not _is_plain(scope["headers"]):
            await self._app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        answer = await self._cast(scope, found[1], b"".join(message.get("body", b"") for message in messages))
        if answer is None:
            await self._app(scope, _replayed(messages, receive), send)
            return
        status, media_type, headers, body = answer
        raw = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers, *self._headers]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _cast(
        self, scope: Scope, campaign_id: str, body: bytes
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]], bytes] | None:
        """Status, media type, headers and body; None for the ordinary way."""
        sheet = _read(body)
        if sheet is None:
            return None
        door: BallotDoor = self._state.door
        try:
            receipt = await door.post(
                campaign_id=campaign_id,
                ballot_id=sheet.id,
                code=sheet.code,
                answers=sheet.answers,
                version=sheet.version,
            )
        except Problem as problem:
            if problem.entry.status < _SERVER_ERROR:
                return None
            refusal = {**problem.as_dict(), "instance": scope["path"]}
            return problem.entry.status, MEDIA_TYPE.encode(), _raw(retry_headers(problem)), _encode(refusal)
        except Exception:  # noqa: BLE001 - what nobody foresaw is logged and answered in one place, the ordinary one
            return None
        if receipt.replay and self._state.refusal_limit.is_used_up(campaign_id, codes.normalise(sheet.code)):
            return None
        return 200 if receipt.replay else 201, b"application/json", [], _encode(wire(receipt))


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _is_plain(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether the headers say: JSON, of a stated and small length, from nobody in particular."""
    media_type = b""
    length = b""
    for name, value in headers:
        if name == b"content-type":
            media_type = value
        elif name == b"content-length":
            length = value
        elif name in _ORDINARY:
            return False
    return media_type.startswith(b"application/json") and length.isdigit() and int(length) <= _LIMIT


def _read(body: bytes) -> Plain | None:
    """The sheet; None where the ordinary way is to say what is wrong with it."""
    try:
        sheet = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return sheet if sheet.fits() else None


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replayed() -> Message:
        return next(waiting, None) or await receive()

    return replayed
