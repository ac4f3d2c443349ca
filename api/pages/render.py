"""Templates of kiosk/phone to HTML responses; every page is ``no-store``."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.pages.assets import ASSETS, FOLDER
from api.pages.words import View, Words
from survey_models.core.errors import Problem

_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
# Chinese as itself and not escaped: three bytes for a character instead of six.
_TEMPLATES.policies["json.dumps_kwargs"] = {"ensure_ascii": False}

HEADERS = {"Cache-Control": "no-store"}


def page(template: str, view: View, *, status: int = 200, **values: object) -> HTMLResponse:
    """Draw ``template`` and answer with it; ``title`` must be among ``values``."""
    return document(draw(template, view, **values), view, status=status)


def draw(template: str, view: View, **values: object) -> str:
    """The HTML of ``template``."""
    return _TEMPLATES.get_template(template).render(t=view.words, view=view, assets=ASSETS, **values)


def document(html: str, view: View, *, status: int = 200) -> HTMLResponse:
    """A drawn page as an answer."""
    return HTMLResponse(html, status_code=status, headers={**HEADERS, "Content-Language": view.words.lang})


def notice(view: View, *, title: str, heading: str, text: str, status: int, rehearsal: bool = False) -> HTMLResponse:
    """A page that says one thing politely: not open yet, ended, not found, used."""
    return page("notice.html", view, status=status, title=title, heading=heading, text=text, rehearsal=rehearsal)


def script_words(words: Words) -> dict[str, object]:
    """The sentences that the script shows; blanks are filled there."""
    pairs = {name: [words.raw(f"{key}.title"), words.raw(f"{key}.text")] for name, key in _PAIRS.items()}
    single = {name: words.raw(key) for name, key in _SINGLE.items()}
    refused = {state: [words.sentence(Problem(code)), words.remedy(Problem(code))] for state, code in _REFUSED.items()}
    return {"en": words.language == "en", **pairs, **single, **refused}


_PAIRS = {"sending": "sending", "offline": "offline", "spent": "used"}
_SINGLE = {
    "count": "head.count",
    "number": "review.count",
    "colon": "list.colon",
    "comma": "list.comma",
    "missing": "review.missing",
    "missing_blank": "review.missing_blank",
    "missing_required": "review.missing_required",
    "background": "review.background",
    "none": "background.none",
    "code_empty": "problem.code_empty",
    "limit": "limit",
    "unkept": "kept.refused",
    "old": "kept.expired",
    "offline_page": "offline.page",
    "aid_failed": "aid.failed",
}
_REFUSED = {"void": "ticket_void", "expired": "ticket_expired"}


def aids_words(words: Words) -> dict[str, list[str]]:
    """The sentences of the helps that are loaded when somebody asks for one."""
    return {name: [words.raw(f"{name}.{key}") for key in keys] for name, keys in _HELPS.items()}


def point_words(words: Words) -> dict[str, object]:
    """The sentences of the script of test points."""
    keys = ("counts", "keep_open", "kept", "held", "left", "left_memory", "idle", "pair_kept", "pair_offline")
    return {"en": words.language == "en", **{key: words.raw(f"point.{key}") for key in keys}}


_HELPS = {"find": ("title", "label", "none", "back"), "aloud": ("none", "options", "chosen")}
