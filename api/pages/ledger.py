"""The public pages of the ledger: checking a receipt in the browser, and the root of a day to print (查验, 每日根)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth.guards import Public
from api.deps import ReadDb
from api.pages.phone import is_rehearsal, title_of
from api.pages.render import notice, page
from api.pages.routes import view_of
from api.pages.words import View
from api.qr import outline
from api.settings import Settings
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger import cosigning, proofs, rotation
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.signing import Signer

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)

PageView = Annotated[View, Depends(view_of)]
_WORDS = (
    "checking",
    "unknown",
    "unknown_text",
    "unreachable",
    "unreachable_text",
    "promised",
    "promised_text",
    "included",
    "included_text",
    "place",
    "when",
    "root",
    "signature",
    "signed",
    "unsigned",
    "changed",
    "changed_unsigned",
    "rekeyed",
    "witnessed",
    "witnessed_unsigned",
    "unwitnessed",
    "refused",
    "refused_text",
)


@router.get("/b/{campaign_id}/verify", operation_id="show_verify")
def show_verify(
    _guard: Annotated[None, Public],
    campaign_id: str,
    view: PageView,
    db: ReadDb,
    receipt: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The page that checks a receipt in the browser. Without script the form asks the server and believes it."""
    try:
        campaign = campaigns.get(db, campaign_id)
    except Problem as problem:
        return _refusal(problem, view)
    if receipt:
        kept = View(f"/b/{campaign.id}/receipt/{quote(receipt, safe='')}", view.lang, view.elder)
        return RedirectResponse(kept.link(), status_code=303)
    words = {name: view.words.raw(f"verify.{name}") for name in _WORDS}
    return page(
        "verify.html",
        view,
        title=title_of(campaign, view),
        rehearsal=is_rehearsal(campaign),
        log=campaign.id,
        words=words,
    )


@router.get("/ledger/{log}/root", operation_id="show_root")
def show_root(
    _guard: Annotated[None, Public],
    request: Request,
    log: Annotated[str, Path(max_length=60)],
    view: PageView,
    db: ReadDb,
    day: date | None = None,
) -> HTMLResponse:
    """The root of a day, to print and to post: 64 hex digits, and the signed checkpoint as a QR code."""
    settings: Settings = request.app.state.settings
    signer: Signer = request.app.state.signer
    of = day or clock.local_day(clock.now(), settings.timezone)
    try:
        title = _title(db, log, view)
        head = proofs.head_of_day(db, log, of, zone=settings.timezone)
    except Problem as problem:
        return _refusal(problem, view)
    here = cosigning.with_witnesses(db, head)
    before = cosigning.newest_cosigned(db, log, before=clock.day_ends(of, settings.timezone))
    origin = head.note.split("\n", 1)[0]
    side, path = outline(head.note)
    return page(
        "root.html",
        view,
        title=title,
        origin=origin,
        day=of.isoformat(),
        size=head.size,
        root=[head.root[at : at + 8] for at in range(0, 64, 8)],
        at=clock.local_text(head.at, settings.timezone),
        vkey=vkey_of(origin, rotation.signed_with(db, head.note, public=signer.public)),
        witnesses=[
            (name, one.size, clock.local_text(at, settings.timezone))
            for one in ([here] if here.by else before)
            for name, at in sorted(one.by.items())
        ],
        known=any(row.removed_at is None for row in cosigning.witnesses(db)),
        side=side,
        path=path,
    )


def _title(session: Session, log: str, view: View) -> str:
    if log == SYSTEM_LOG:
        return view.words("root.system")
    return title_of(campaigns.get(session, log), view)


def _refusal(problem: Problem, view: View) -> HTMLResponse:
    t = view.words
    heading = t("unknown.title") if problem.code == "campaign_unknown" else problem.sentence(view.lang)
    text = t("unknown.text") if problem.code == "campaign_unknown" else problem.remedy(view.lang)
    return notice(view, title=t("home.title"), heading=heading, text=text, status=problem.entry.status)
