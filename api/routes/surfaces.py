"""The built surfaces of kiosk/dist: window terminal and console, each one page with its own addresses inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import FileResponse, RedirectResponse, Response

import kiosk
from api.auth.guards import Public
from survey_models.core.errors import Problem

router = APIRouter(tags=["surfaces"], include_in_schema=False)
DIST = Path(kiosk.__file__).parent / "dist"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_FIRST = {"Cache-Control": "no-cache"}


def _surface(name: str, path: str) -> Response:
    """A file of the surface, or its page for every other address inside it."""
    root = (DIST / name).resolve()
    wanted = (root / path).resolve()
    if path and wanted.is_relative_to(root) and _is_file(wanted):
        # Built files under assets/ carry their hash in the name.
        return FileResponse(wanted, headers=FOR_EVER if path.startswith("assets/") else ASK_FIRST)
    page = root / "index.html"
    if not page.is_file() or path.startswith("assets/"):
        raise Problem("not_found")
    return FileResponse(page, headers=ASK_FIRST)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # A name longer than the file system takes.
        return False


@router.get("/terminal", operation_id="enter_terminal")
def enter_terminal(_guard: Annotated[None, Public]) -> RedirectResponse:
    """The terminal's own address ends in a slash, which its service worker needs."""
    return RedirectResponse("/terminal/")


@router.get("/terminal/{path:path}", operation_id="show_terminal")
def show_terminal(_guard: Annotated[None, Public], path: str) -> Response:
    """The window terminal (评价器)."""
    return _surface("terminal", path)


@router.get("/console", operation_id="enter_console")
def enter_console(_guard: Annotated[None, Public]) -> RedirectResponse:
    """The console's own address ends in a slash."""
    return RedirectResponse("/console/")


@router.get("/console/{path:path}", operation_id="show_console")
def show_console(_guard: Annotated[None, Public], path: str) -> Response:
    """The console (管理台)."""
    return _surface("console", path)
