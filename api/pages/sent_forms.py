"""Forms with a file as pages receive them (带附件的表单): read within limits, never trusted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from survey_models.core.errors import Problem

MULTIPART = "multipart/form-data"
# What a form adds around its file.
AROUND = 32_768


@dataclass(frozen=True)
class Sent:
    """The fields of a form and its one file; ``filename`` and ``content`` empty where none came."""

    fields: dict[str, str]
    filename: str
    content: bytes

    def __getitem__(self, name: str) -> str:
        """A field without NUL, empty where it was not sent.

        Half characters (surrogates), which a part in UTF-7 can hold, become question marks: nothing can store them.
        """
        return self.fields.get(name, "").replace("\x00", "").encode("utf-8", "replace").decode()


@asynccontextmanager
async def form_of(request: Request, *, limit: int, fields: int) -> AsyncIterator[FormData]:
    """The parsed form, its file at most ``limit`` bytes. Raises ``request_malformed``, ``body_too_large``."""
    if not request.headers.get("content-type", "").startswith(MULTIPART):
        raise Problem("request_malformed", where="Content-Type")
    try:
        form = await MultiPartParser(request.headers, _bounded(request, limit), max_files=1, max_fields=fields).parse()
    # A part may name an encoding of its own; some of Python's raise more than one kind of error.
    except (MultiPartException, KeyError, ValueError):
        raise Problem("request_malformed", where="body") from None
    try:
        yield form
    finally:
        await form.close()


async def sent(request: Request, *, limit: int, fields: int = 16) -> Sent:
    """A whole form. Raises ``request_malformed``, ``body_too_large``."""
    async with form_of(request, limit=limit, fields=fields) as form:
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = file.filename or "" if isinstance(file, UploadFile) else ""
        texts = {key: value for key, value in form.items() if isinstance(value, str)}
    return Sent(texts, name, content)


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """The body, never more than the limit held. What is a little too long is read to its end and thrown away.

    A browser that is answered in the middle of sending shows a broken connection instead of the answer.
    """
    seen, most = 0, limit + AROUND
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= most:
            yield chunk
        elif seen > 8 * most:
            break
    if seen > most:
        raise Problem("body_too_large", limit=limit)
