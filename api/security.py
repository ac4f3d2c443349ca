"""What every answer tells the browser it may do (安全响应头), and where the browser reports what it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.guards import Public
from survey_models.core.errors import Problem

REPORT_PATH = "/csp-reports"
MAX_REPORT_BYTES = 16_384
_TWO_YEARS = 63_072_000
_NOT_NEEDED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")

router = APIRouter(tags=["security"])
log = structlog.get_logger("security")


def content_security_policy(style_hashes: Iterable[str]) -> str:
    """No third origin, no inline script; inline style only for the sheets whose hashes (``sha256-…``) are given."""
    hashes = "".join(f" '{style_hash}'" for style_hash in style_hashes)
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self'{hashes}",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "font-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types vue pingyi",
            f"report-uri {REPORT_PATH}",
        ]
    )


def security_headers(*, https: bool, style_hashes: Iterable[str] = ()) -> dict[str, str]:
    """What stands on every answer."""
    return {
        "Content-Security-Policy": content_security_policy(style_hashes),
        "X-Content-Type-Options": "nosniff",
        # Whoever wants an answer kept says so.
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_NEEDED),
        **({"Strict-Transport-Security": f"max-age={_TWO_YEARS}"} if https else {}),
    }


def data_headers(*, https: bool) -> dict[str, str]:
    """What stands on an answer that is data and nothing else: the rest tells a browser about pages."""
    every = security_headers(https=https)
    names = ("X-Content-Type-Options", "Cache-Control", "Strict-Transport-Security")
    return {name: every[name] for name in names if name in every}


class SecurityHeaders:
    """ASGI middleware: the headers on every answer, errors included. A route may set one of them differently."""

    def __init__(self, app: ASGIApp, *, https: bool, style_hashes: Iterable[str] = ()) -> None:
        self._app = app
        self._headers = security_headers(https=https, style_hashes=style_hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


@router.post(REPORT_PATH, operation_id="report_policy_violation", status_code=204)
async def report_policy_violation(_guard: Annotated[None, Public], request: Request) -> Response:
    """Take a browser's report of something the policy stopped, and log what helps to find it."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REPORT_BYTES:
            raise Problem("body_too_large", limit=MAX_REPORT_BYTES)
    try:
        reports = _reports(body)
    except (ValueError, RecursionError):
        # Not JSON, an address that is none, or nested without end: nothing that helps to find anything.
        reports = []
    for report in reports:
        log.warning("browser policy violated", **report)
    return Response(status_code=204)


def _reports(body: bytes) -> list[dict[str, str]]:
    """The reports in ``body``, both wire forms. Addresses lose query and fragment: these might hold a secret."""
    parsed = json.loads(body)
    found = parsed if isinstance(parsed, list) else [parsed]
    bodies = [item.get("csp-report", item.get("body")) for item in found if isinstance(item, dict)]
    return [_told(item) for item in bodies if isinstance(item, dict)]


def _told(report: dict[str, Any]) -> dict[str, str]:
    def text(*names: str) -> str:
        return next((str(report[name]) for name in names if report.get(name)), "")[:200]

    return {
        "directive": text("effective-directive", "effectiveDirective", "violated-directive"),
        "page": urlsplit(text("document-uri", "documentURL")).path,
        "blocked": _without_secrets(text("blocked-uri", "blockedURL")),
        "source": _without_secrets(text("source-file", "sourceFile")),
    }


def _without_secrets(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path or parts.scheme
