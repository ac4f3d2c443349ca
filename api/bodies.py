"""Files in the body of a request (请求中的文件): raw, or as fields of a form; never more than the limit is held."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

from fastapi import Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from survey_models.core.errors import Problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a form around the files may add to them.
FORM_OVERHEAD = 16_384


class SentFile(NamedTuple):
    """Name and bytes of a file as they came; both empty where none came."""

    name: str
    content: bytes


def described(*optional: str) -> dict[str, Any]:
    """The description of such a body for OpenAPI: the field ``file``, and optional ones."""
    binary = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "properties": {"file": binary, **dict.fromkeys(optional, binary)},
        "required": ["file"],
    }
    content = {"application/octet-stream": {"schema": binary}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


def download(content: bytes, *, media: str, name: str) -> Response:
    """Bytes to be saved under a plain ASCII name, never shown inside our own pages."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media, headers=headers)


def downloads(media: str) -> dict[int | str, dict[str, Any]]:
    """The description of such an answer for OpenAPI."""
    return {200: {"content": {media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}}}}


async def files_in(request: Request, filename: str, *, beside: str = "") -> tuple[SentFile, SentFile]:
    """The file of the body, raw or as the form field ``file``, and the one in the field ``beside``.

    Raises ``body_too_large`` for more than ``max_upload_bytes`` together, ``request_malformed``.
    """
    limit: int = request.app.state.settings.max_upload_bytes
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raw = b"".join([chunk async for chunk in _bounded(request, limit)])
        return SentFile(filename, raw), SentFile("", b"")
    stream = _bounded(request, limit + FORM_OVERHEAD)
    try:
        form = await MultiPartParser(request.headers, stream, max_files=2 if beside else 1, max_fields=4).parse()
    except (MultiPartException, KeyError):
        raise Problem("request_malformed", where="body") from None
    try:
        file = await _field(form, "file")
        if file is None:
            raise Problem("request_malformed", where="file")
        other = await _field(form, beside) if beside else None
    finally:
        await form.close()
    if len(file.content) + len(other.content if other else b"") > limit:
        raise Problem("body_too_large", limit=limit)
    return SentFile(filename or file.name, file.content), other or SentFile("", b"")


async def _field(form: FormData, name: str) -> SentFile | None:
    found = form.get(name)
    if not isinstance(found, UploadFile):
        return None
    return SentFile(found.filename or "", await found.read())


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > limit:
            raise Problem("body_too_large", limit=limit)
        yield chunk
