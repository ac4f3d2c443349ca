"""Printing (印制): cards from a sealed hand-over file, its print order, and posters without codes.

The codes of a request are in memory while it is answered; neither the file nor the PDF is stored, and the answer is
not to be cached. Files sealed to the printers' key are set by the printers with the command line.
"""

from __future__ import annotations

import io
import threading
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api import printing
from api.auth.guards import HallReader, OfficeActor, SetupActor
from api.bodies import SentFile, described, download, downloads, files_in
from api.db import unit_of_work
from api.deps import ReadDb
from api.problems import RESPONSES
from api.settings import Settings
from survey_models.core import clock
from survey_models.printing import posters, service
from survey_models.printing.formats import format_of
from survey_models.printing.posters import Poster

PDF, JSON = "application/pdf", "application/json"
_ORDER: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {"schema": {"type": "object"}}}}}
router = APIRouter(tags=["printing"], responses=RESPONSES)
Size = Annotated[str, Query(pattern="^a[345]$", description="a3, a4 or a5")]
# One print at a time: each takes both processors for some seconds.
_TURN = threading.Lock()


async def sealed_file(_actor: SetupActor, request: Request) -> tuple[SentFile, SentFile]:
    """The sealed file of the form, and its passphrase in the field beside it: neither stands in an address."""
    return await files_in(request, "", beside="passphrase")


@router.post("/api/prints", operation_id="print_cards", responses=downloads(PDF), openapi_extra=described("passphrase"))
def print_cards(
    actor: SetupActor,
    sent: Annotated[tuple[SentFile, SentFile], Depends(sealed_file)],
    request: Request,
    db: ReadDb,
    *,
    campaign: Annotated[str, Query(max_length=60)],
    paper: Annotated[str, Query(max_length=80)] = "cards",
    area: Annotated[str | None, Query(min_length=1, max_length=60)] = None,
) -> Response:
    """Cards, envelopes, labels or large sheets of a sealed hand-over file, with cover and hand-over list.

    ``paper``: ``cards``, ``c6``, ``dl``, ``labels-3x8``, ``labels-2x7``, ``a4``, ``a3``, or labels of one's own.
    """
    # Loads the drawing of pages with it.
    from survey_models.printing import making  # noqa: PLC0415

    settings: Settings = request.app.state.settings
    wanted = format_of(paper)
    order = service.order_of(db, campaign, address=settings.public_url)
    db.close()
    file, passphrase = sent
    cards = printing.cards_sent(file.content, order, passphrase=passphrase.content.decode("utf-8", "replace"))
    sealed, digest, out = printing.digest(file.content), service.digest_of(order), io.BytesIO()
    how = making.How(wanted, sealed, digest, area, settings.font, printing.PROCESSES)
    with _TURN:
        made = making.write(out, order, cards, how)
    with unit_of_work(request.app.state.engine) as session:
        service.record_printed(session, campaign, made, how, by=actor.name, at=clock.now())
    answer = download(out.getvalue(), media=PDF, name=f"{campaign}-{_plain(wanted.name)}.pdf")
    answer.headers["X-Printed"] = f"cards={made.cards}; packs={made.groups}; pages={made.pages}"
    return answer


@router.get("/api/campaigns/{campaign_id}/print-order", operation_id="read_print_order", responses=_ORDER)
def read_print_order(_actor: OfficeActor, campaign_id: str, request: Request, db: ReadDb) -> Response:
    """The print order for printers: batches, counts, serial numbers and roots; no code."""
    order = service.order_of(db, campaign_id, address=request.app.state.settings.public_url)
    return download(order.to_json(), media=JSON, name=f"{campaign_id}-print-order.json")


@router.get("/api/campaigns/{campaign_id}/posters.pdf", operation_id="print_posters", responses=downloads(PDF))
def print_posters(
    _actor: OfficeActor, campaign_id: str, request: Request, db: ReadDb, *, size: Size = "a3"
) -> Response:
    """A poster for each test point or area that leads to the form; no code is on it."""
    found = service.campaign_posters(db, campaign_id, address=request.app.state.settings.public_url)
    return _posters(request, found, size, f"{campaign_id}-posters.pdf")


@router.get("/api/windows/posters.pdf", operation_id="print_window_posters", responses=downloads(PDF))
def print_window_posters(
    _actor: HallReader, request: Request, db: ReadDb, *, size: Size = "a4", window: str | None = None
) -> Response:
    """Standing posters (站立牌) of all windows, or of one."""
    only = None if window is None else [window]
    found = service.window_posters(db, address=request.app.state.settings.public_url, only=only)
    return _posters(request, found, size, "windows.pdf" if window is None else f"window-{_plain(window)}.pdf")


def _posters(request: Request, found: list[Poster], size: str, name: str) -> Response:
    out = io.BytesIO()
    posters.write(out, found, size=size, font=request.app.state.settings.font)
    return download(out.getvalue(), media=PDF, name=name)


def _plain(name: str) -> str:
    """Letters, figures and dashes, as a file name may hold them."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)[:60]
