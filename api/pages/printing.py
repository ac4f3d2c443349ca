"""The questionnaire on paper (纸质问卷): a page for A4, any variant, no script; boxes to tick, a place for the code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.auth.guards import Public
from api.deps import ReadDb
from api.pages.assets import FOLDER
from api.pages.forms import Choice, FormView, Question, form_view
from api.pages.phone import draw_refusal, is_rehearsal, sole_variant, title_of
from api.pages.render import notice, page
from api.pages.routes import PageView
from api.pages.words import Words
from api.security import content_security_policy
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State
from survey_models.core.errors import Problem
from survey_models.questionnaires import variants
from survey_models.questionnaires.rules import EVERYTHING, UNIT, Form

router = APIRouter(tags=["pages"], include_in_schema=False, default_response_class=HTMLResponse)

STYLE = (FOLDER / "print.css").read_text(encoding="utf-8")
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_IN_TABLES = frozenset({"unit", "aspect"})


@dataclass(frozen=True)
class Block:
    """Questions that are printed alike: a table with a column for each option, or one below the other."""

    options: tuple[Choice, ...]
    rows: tuple[tuple[int, Question], ...]


@dataclass(frozen=True)
class Section:
    """The questions under one heading."""

    title: str
    tag: str
    blocks: tuple[Block, ...]


def sections(form: FormView, background: str) -> list[Section]:
    """The form as it is printed, questions numbered from one; ``background``: the heading of the last section."""
    numbers = count(1)
    found = [Section(group.title, group.tag, tuple(_blocks(group.questions, numbers))) for group in form.groups]
    if form.background:
        found.append(Section(background, "", tuple(_blocks(form.background, numbers))))
    return found


def _blocks(questions: Sequence[Question], numbers: Iterator[int]) -> Iterator[Block]:
    for options, members in groupby(questions, key=_columns):
        yield Block(options, tuple((next(numbers), question) for question in members))


def _columns(question: Question) -> tuple[Choice, ...]:
    return question.sets[0].choices if question.kind in _IN_TABLES else ()


def variant_names(form: Form, areas: Mapping[str, str], t: Words) -> dict[str, str]:
    """Each variant in words (问卷类型): which area, whose peers, which unit; by its name where it is none of these."""
    english = t.language == "en"
    units = {
        item.unit or item.key: (english and item.label_en) or item.label for item in form.items if item.kind == UNIT
    }
    said = {EVERYTHING: t("print.every"), "enterprises": t("print.enterprises")}
    found = {}
    for name in form.variants:
        sort, code = variants.sort_of(name)
        if sort == "area":
            found[name] = areas.get(code, code)
        elif code:
            found[name] = t("print.peers" if sort == "peer" else "print.alone", unit=units.get(code, code))
        else:
            found[name] = said.get(name, name)
    return found


@router.get("/b/{campaign_id}/print", operation_id="print_form")
def print_form(
    _guard: Annotated[None, Public],
    campaign_id: str,
    view: PageView,
    db: ReadDb,
    variant: Annotated[str, Query(max_length=80)] = "",
) -> HTMLResponse:
    """The questionnaire of a campaign that is frozen, for A4; with several variants the list of them first."""
    t = view.words
    try:
        campaign = campaigns.get(db, campaign_id)
    except Problem:
        return notice(view, title=t("home.title"), heading=t("unknown.title"), text=t("unknown.text"), status=404)
    if campaign.state == State.DRAFT:
        return draw_refusal(Problem("campaign_not_open"), campaign, view, status=200)
    form = campaigns.form_of(db, campaign)
    named = variant if variant in form.variants else sole_variant(form)
    areas = {row.area_code: row.area_name for row in campaigns.strata_of(db, campaign.id)}
    names = variant_names(form, areas, t)
    drawn = form_view(form, t, variant=named) if named else None
    answer = page(
        "print.html",
        view,
        title=title_of(campaign, view),
        rehearsal=is_rehearsal(campaign),
        campaign_id=campaign.id,
        style=Markup(STYLE),  # noqa: S704 - our own file
        variants=[]
        if named
        else [(names[one], f"{view.link()}&variant={quote(one)}") for one in sorted(form.variants)],
        suffix=f"&variant={quote(named)}" if named and not sole_variant(form) else "",
        variant=names.get(named, named),
        version=form.version,
        form=drawn,
        groups=sections(drawn, t("background.title")) if drawn else [],
    )
    answer.headers["Content-Security-Policy"] = content_security_policy([STYLE_HASH])
    return answer
