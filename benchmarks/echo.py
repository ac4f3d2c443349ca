"""The floor under `benchmarks.simulate`: a bare ASGI application that reads a sheet, stores nothing, and answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer every POST as the ballot endpoint would, without doing any of its work."""
    if scope["type"] != "http":
        raise RuntimeError("only HTTP is spoken here")
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    # An empty body is somebody asking whether the server is up.
    ballot_id = json.loads(body)["id"] if body else ""
    answer = json.dumps(
        {"receipt": "0000-0000-0000", "ballot_id": ballot_id, "replay": False}, separators=(",", ":")
    ).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 201 if body else 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
