"""The printed report of results (打印报告): one HTML file that holds everything, made for A4 and for a screen.

No script, no address outside the file, no ``style=``: one inline sheet whose hash a policy names. The same result
gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sampling.ranks import round_half_up
from survey_models.reports.results_sheet import two_places
from survey_models.reports.results_words import Say, speaker
from survey_models.results.tables import ResultRow

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "results_page.css").read_text(encoding="utf-8")
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
NOTHING = "—"
_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


@dataclass(frozen=True)
class Line:
    """One unit as it is printed: figures as text, a place with its range, and what may be said about it."""

    unit: str
    name: str
    place: str
    sentence: str
    score: str
    interval: str
    n: str
    n_eff: str
    satisfied: str
    dont_know: str
    beside: Sequence[str] = ()

    @classmethod
    def of(cls, row: ResultRow, name: str, say: Say, *, said: str, beside: Sequence[str] = ()) -> Line:
        """A stored row; ``said``: what may be said about its place; ``beside``: cells of the open QR.

        Figures with two decimals, half up; what is withheld or unknown is a dash.
        """
        low, high = two_places(row.ci_low), two_places(row.ci_high)
        return cls(
            unit=row.unit_code,
            name=name,
            place=_place(row, say),
            sentence=said,
            score=two_places(row.score) or NOTHING,
            interval=NOTHING if low is None or high is None else f"{low}–{high}",
            n=f"{row.n_judging:,}",
            n_eff=NOTHING if row.n_eff is None else f"{round_half_up(Decimal(row.n_eff), 0):,}",
            satisfied=two_places(row.satisfied_rate) or NOTHING,
            dont_know=two_places(row.dont_know_rate) or NOTHING,
            beside=beside,
        )


@dataclass(frozen=True)
class Border:
    """A border of rewards or reminders: what may be said, who surely is inside, who else possibly is."""

    sentence: str
    certain: str
    open: str


@dataclass(frozen=True)
class Block:
    """One category: its units by place, its borders, its pictures as SVG text."""

    category: str
    lines: Sequence[Line]
    borders: Sequence[Border]
    pictures: Sequence[str]


@dataclass(frozen=True)
class Aside:
    """Sheets set aside: what may be said, by which act and why; name, score and score with them of each unit."""

    sentence: str
    by: Sequence[str]
    lines: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Page:
    """A report in one language.

    ``level``: confidence in per cent, as text. ``other``: the language behind the switch, empty where there is no
    server to ask. ``beside``: heads of the columns of the open QR, empty where there are none.
    """

    title: str
    title_zh: bool
    warning: str
    level: str
    figures: Sequence[tuple[str, str]]
    blocks: Sequence[Block]
    pictures: Sequence[str]
    method: Sequence[str]
    steps: Sequence[str]
    digests: Sequence[tuple[str, str]]
    other: str = ""
    aside: Aside | None = None
    beside: Sequence[str] = ()


def render(page: Page, *, lang: str) -> bytes:
    """The report as UTF-8 HTML in ``lang`` (``zh`` or ``en``)."""
    html = _TEMPLATES.get_template("results_page.html").render(
        page=page,
        lang=lang,
        say=speaker(lang),
        style=Markup(STYLE),  # noqa: S704 - our own file
        style_hash=STYLE_HASH,
        # Names of units and categories are Chinese whatever the page speaks.
        zh=Markup(' lang="zh-CN"') if lang == "en" else "",
    )
    return html.encode()


def _place(row: ResultRow, say: Say) -> str:
    if row.rank is None:
        return NOTHING
    if row.rank_low is None:
        return say("place", rank=row.rank, low="?", high="?")
    return say("place", rank=row.rank, low=row.rank_low, high=row.rank_high)
