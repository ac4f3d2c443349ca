"""What the phone page answers: the form with what was filled in, or one polite sentence."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import HTMLResponse

from api.pages.forms import FIELD, Filled, first_open, form_view
from api.pages.render import document, draw, notice, point_words, script_words
from api.pages.words import View
from survey_models.campaigns.rules import Act, Level, after, level
from survey_models.campaigns.tables import Campaign, Purpose
from survey_models.core.errors import Problem
from survey_models.questionnaires.rules import BLANK, JUDGING, UNIT, Form, Item
from survey_models.units.pinyin import syllables

NAMED = 3
KEPT = 64
_OWN_WORDS = {"ticket_used": "used", "campaign_not_open": "not_open", "campaign_closed": "closed"}
_ABOUT_THE_CODE = frozenset({"ticket_mistyped", "ticket_unknown"})
_ABOUT_THE_UNITS = frozenset({"answers_missing", "ballot_empty", "ballot_unanswered"})
_ABOUT_AN_ITEM = frozenset({"too_many_chosen", "text_too_long", "text_holds_code"})


@dataclass(frozen=True)
class Sheet:
    """What a form holds: the ballot id it was shown with, the code as typed, one answer code per item of one choice.

    ``variant`` is empty as long as the code has not told it; ``more`` is what was ticked and written besides.
    """

    ballot_id: uuid.UUID
    code: str = field(repr=False)
    answers: str = field(repr=False)
    variant: str = ""
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Remark:
    """What stands above a form that was not taken: a sentence and a link to the first place to look at."""

    text: str
    anchor: str = ""
    link: str = ""


def title_of(campaign: Campaign, view: View) -> str:
    """The campaign's title in the view's language."""
    return (campaign.title_en or campaign.title) if view.lang == "en" else campaign.title


def is_rehearsal(campaign: Campaign) -> bool:
    """Whether every page of the campaign says that it is a rehearsal (演练)."""
    return campaign.purpose == Purpose.REHEARSAL


def notice_of(campaign: Campaign, view: View) -> dict[str, str]:
    """The office's own words in the notice of privacy: ``contact`` and ``text``, empty where it has none."""
    said = campaign.notice
    text = said.get("text") or {}
    return {"contact": said.get("contact") or "", "text": text.get(view.lang) or text.get("zh") or ""}


def readings(form: Form) -> dict[str, str]:
    """Pinyin of what is judged, by item key: one word, a capital where a syllable begins."""
    judged = (item for item in form.items if item.kind in JUDGING)
    return {item.key: "".join(map(str.capitalize, syllables(item.label))) for item in judged}


def sole_variant(form: Form) -> str:
    """The variant (问卷类型) of a questionnaire that has but one; else empty: the code has to tell it."""
    return next(iter(form.variants)) if len(form.variants) == 1 else ""


def unavailable(campaign: Campaign) -> Problem | None:
    """Why nothing can be cast now; None when the campaign is open."""
    try:
        after(campaign.state, Act.CAST)
    except Problem as problem:
        return problem
    return None


def draw_refusal(problem: Problem, campaign: Campaign, view: View, *, status: int) -> HTMLResponse:
    """A page with one sentence and the next step."""
    key = _OWN_WORDS.get(problem.code)
    t = view.words
    heading, text = (t(f"{key}.title"), t(f"{key}.text")) if key else (t.sentence(problem), t.remedy(problem))
    return notice(
        view,
        title=title_of(campaign, view),
        heading=heading,
        text=text,
        status=status,
        rehearsal=is_rehearsal(campaign),
    )


def draw_blank_form(campaign: Campaign, form: Form, view: View) -> HTMLResponse:
    """The form as a link opens it: the same for everybody but for a fresh ballot id, so it is drawn once and kept."""
    key = (campaign.id, title_of(campaign, view), level(campaign.key_kept), view, str(campaign.notice))
    drawn_from, html = _kept.get(key, (None, ""))
    if drawn_from != form:
        if len(_kept) >= KEPT:
            _kept.clear()
        sheet = Sheet(_PLACE_OF_ID, "", BLANK * len(form.items), sole_variant(form))
        html = _form_html(campaign, form, view, sheet, None, flag_open=False)
        _kept[key] = (form, html)
    return document(html.replace(str(_PLACE_OF_ID), str(uuid.uuid4())), view)


_kept: dict[tuple[str, str, Level, View, str], tuple[Form, str]] = {}
_PLACE_OF_ID = uuid.UUID(int=0)


def draw_form(
    campaign: Campaign,
    form: Form,
    view: View,
    sheet: Sheet,
    *,
    problem: Problem | None = None,
    code_missing: bool = False,
) -> HTMLResponse:
    """The form with what was filled in, or the code field alone as long as the variant is not known.

    After a problem: the remark above it, and the problem's status.
    """
    remark = _code_missing(view) if code_missing else remark_on(problem, form, view, sheet)
    status = 422 if code_missing else problem.entry.status if problem else 200
    flag_open = problem is not None and problem.code == "answers_missing"
    return document(_form_html(campaign, form, view, sheet, remark, flag_open=flag_open), view, status=status)


def _form_html(
    campaign: Campaign, form: Form, view: View, sheet: Sheet, remark: Remark | None, *, flag_open: bool
) -> str:
    t, title = view.words, title_of(campaign, view)
    if not sheet.variant:
        said = point_words(t) if view.point else {}
        mark = is_rehearsal(campaign)
        return draw("code.html", view, title=title, rehearsal=mark, code=sheet.code, problem=remark, point_words=said)
    return draw(
        "form.html",
        view,
        title=title,
        rehearsal=is_rehearsal(campaign),
        campaign_id=campaign.id,
        level=level(campaign.key_kept).value,
        small_group=campaign.small_group,
        notice=notice_of(campaign, view),
        form=form_view(form, t, variant=sheet.variant, answers=sheet.answers, more=sheet.more, flag_open=flag_open),
        ballot_id=sheet.ballot_id,
        code=sheet.code,
        variant="" if sole_variant(form) else sheet.variant,
        problem=remark,
        words=script_words(t),
        point_words=point_words(t) if view.point else {},
    )


def _code_missing(view: View) -> Remark:
    return Remark(view.words("problem.code_empty"), "code", view.words("problem.code_link"))


def remark_on(problem: Problem | None, form: Form, view: View, sheet: Sheet) -> Remark | None:
    """What stands above a form that was not taken."""
    if problem is None:
        return None
    text = view.words.sentence(problem) + view.words("list.gap") + view.words.remedy(problem)
    if problem.code in _ABOUT_THE_CODE:
        return Remark(text, "code", view.words("problem.code_link"))
    if problem.code in _ABOUT_THE_UNITS:
        filled = Filled(sheet.answers, sheet.more)
        missing = first_open(form, filled, sheet.variant, required=problem.code == "answers_missing")
        if not missing:
            # The sheet was drawn for another card: what is missing does not stand on it.
            return Remark(text, "code", view.words("problem.code_link"))
        if problem.code == "answers_missing":
            text = _missing_text(missing, view)
        return Remark(text, FIELD + missing[0].key, view.words("problem.first_missing"))
    if problem.code in _ABOUT_AN_ITEM:
        item = next(item for item in form.extras if item.label == problem.params["item"])
        return Remark(text, FIELD + item.key, view.words("problem.item_link"))
    return Remark(text)


def _missing_text(missing: list[Item], view: View) -> str:
    t = view.words
    names = t("list.comma").join(item.called(view.lang) for item in missing[:NAMED])
    many = "_many" if len(missing) > NAMED else ""
    what = "problem.missing" if all(item.kind == UNIT for item in missing) else "problem.missing_items"
    return t(what + many, count=len(missing), names=names)
