"""Every refusal leaves as ``application/problem+json`` (RFC 9457), with a code of the catalogue."""

from __future__ import annotations

import secrets
import traceback
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from survey_models.ballots.failures import Failure, kind_of
from survey_models.core.errors import Problem

log = structlog.get_logger("problems")
MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER = {
    "intake_busy": "1",
    "intake_unconfirmed": "1",
    "storage_full": "10",
    "database_away": "2",
    "check_too_often": "3600",
    "not_ready": "5",
}
# What the database could not do for anybody: no fault of the program, and it passes.
_PASSING = {
    Failure.FULL: Problem("storage_full"),
    Failure.AWAY: Problem("database_away"),
    Failure.CONFLICT: Problem("database_away"),
}
_BY_STATUS = {404: "not_found", 405: "method_not_allowed"}
SERVER_ERROR = 500


def install(app: FastAPI) -> None:
    """Let every error of ``app`` leave in one form."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> JSONResponse:
        return answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _shape(request: Request, error: RequestValidationError) -> JSONResponse:
        # Only places are named: the values are what a person sent.
        where = ", ".join(sorted({".".join(str(part) for part in fault["loc"]) for fault in error.errors()}))
        return answer(request, Problem("request_malformed", where=where))

    @app.exception_handler(DataError)
    async def _text(request: Request, _error: DataError) -> JSONResponse:
        # A NUL or a number that the database cannot hold: SQLite takes what PostgreSQL refuses.
        return answer(request, Problem("request_malformed", where="body"))

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> JSONResponse:
        problem = _PASSING.get(kind_of(error))
        if problem is None:
            raise error
        log.warning("database", code=problem.code, path=request.url.path, error=type(error.orig).__name__)
        return answer(request, problem)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = _BY_STATUS.get(error.status_code)
        if code is None:
            return answer(request, Problem("request_malformed", where=str(error.status_code)))
        return answer(request, Problem(code), headers=dict(error.headers or {}))


class Unforeseen:
    """ASGI middleware: an error that nobody foresaw is logged without what the person sent, and answered like the rest.

    It stands inside the middleware that sets headers, so that even this answer carries them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            request_id = secrets.token_hex(4)
            # Places only: messages quote values, those of PostgreSQL whole rows, and these may be answers.
            where = traceback.format_tb(error.__traceback__)
            log.error("unforeseen", request_id=request_id, path=scope["path"], error=type(error).__name__, where=where)  # noqa: TRY400 - see above
            response = answer(Request(scope), Problem("internal", request_id=request_id))
            await response(scope, receive, send)


def answer(request: Request, problem: Problem, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """The problem as an answer, never to be cached."""
    body: dict[str, Any] = {**problem.as_dict(), "instance": request.url.path}
    extra = {"Cache-Control": "no-store", **(headers or {}), **retry_headers(problem)}
    return JSONResponse(body, status_code=problem.entry.status, media_type=MEDIA_TYPE, headers=extra)


def retry_headers(problem: Problem) -> dict[str, str]:
    """When to come back, for the problems that pass."""
    if problem.code in {"sign_in_slowed", "token_too_often"}:
        return {"Retry-After": str(problem.params.get("seconds", 1))}
    return {"Retry-After": _RETRY_AFTER[problem.code]} if problem.code in _RETRY_AFTER else {}


_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "code", "detail", "detail_en", "next", "next_en", "instance"],
    "properties": {
        **dict.fromkeys(("type", "title", "code", "detail", "detail_en", "next", "next_en", "instance"), _TEXT),
        "status": {"type": "integer"},
    },
    "additionalProperties": True,
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "What could not be done, why, and what to do next (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": SCHEMA}},
    },
    503: {
        "description": "Nothing is wrong with the request, and it may be sent again after Retry-After.",
        "content": {MEDIA_TYPE: {"schema": SCHEMA}},
    },
}
