"""Requests that change something must come from our own pages (CSRF, 跨站请求伪造)."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request

from api.settings import Settings
from survey_models.core.errors import Problem

HEADER = "X-CSRF-Token"
# None: a browser from before this header, which older phones have.
_OWN_FORM = frozenset({"same-origin", None})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse what a browser says comes from another site. Programs that are no browser send neither header."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Problem("csrf_refused")
    origin = request.headers.get("origin")
    if origin is not None and origin != settings.origin and not _is_host(origin, request):
        raise Problem("csrf_refused")


def check_form(request: Request, settings: Settings) -> None:
    """As ``check_origin``, for forms of our own pages: they send no referrer, and so browsers say ``Origin: null``."""
    if request.headers.get("origin") != "null" or request.headers.get("sec-fetch-site") not in _OWN_FORM:
        check_origin(request, settings)


def check(request: Request, settings: Settings, csrf: str) -> None:
    """Refuse an unsafe request of a signed-in browser without the session's own token in the header."""
    if request.method in _SAFE:
        return
    check_origin(request, settings)
    sent = request.headers.get(HEADER, "")
    if not hmac.compare_digest(sent.encode(), csrf.encode()):
        raise Problem("csrf_refused")


def _is_host(origin: str, request: Request) -> bool:
    """Whether the origin is the host that was asked: in a local network the address is not the public one."""
    asked = request.headers.get("host", "")
    try:
        return bool(asked) and urlsplit(origin).netloc.lower() == asked.lower()
    except ValueError:
        return False
