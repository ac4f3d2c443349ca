"""The printed report of a campaign, put together from its newest stored result (打印报告)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import Purpose
from survey_models.core.clock import local_text
from survey_models.reports.pictures import Member, level_of, picture
from survey_models.reports.results_page import NOTHING, Aside, Block, Border, Line, Page, render
from survey_models.reports.results_sheet import difference_text, two_places
from survey_models.reports.results_words import Say, speaker
from survey_models.results import service as results
from survey_models.results.open_column import OpenUnit, units_of
from survey_models.results.sentences import place_sentence
from survey_models.results.tables import Result, ResultRow

WARNINGS = {Purpose.DEMO: "made_up", Purpose.REHEARSAL: "rehearsal"}


def results_html(session: Session, campaign_id: str, *, zone: str, lang: str, linked: bool = False) -> bytes:
    """The newest result of a campaign as a page to print, in ``lang`` (``zh`` or ``en``).

    ``zone``: the city's time zone; ``linked``: with a link to the other language, for where a server answers it.

    Raises:
        Problem: as ``results.service.latest``: nothing before counting, ``result_missing`` before the first run.
    """
    result = results.latest(session, campaign_id)
    campaign = campaigns.get(session, campaign_id)
    rows = results.rows(session, result)
    say = speaker(lang)
    warning = WARNINGS.get(Purpose(campaign.purpose))
    drawn = _Drawer(session, campaign_id, lang)
    page = Page(
        title=(campaign.title_en if lang == "en" else "") or campaign.title,
        title_zh=lang == "en" and not campaign.title_en,
        warning=say(warning) if warning else "",
        level=level_of(result),
        figures=_figures(result, rows, say, zone=zone),
        blocks=[
            _block(result, category, rows, say, drawn) for category in dict.fromkeys(row.category for row, _ in rows)
        ],
        pictures=[drawn("allocation"), drawn("weights")],
        method=result.method[lang],
        steps=[step[lang] for step in result.method.get("steps", [])],
        digests=_digests(result, say),
        other=("zh" if lang == "en" else "en") if linked else "",
        aside=_aside(result.method.get("set_aside"), rows, say),
        beside=_beside_heads(units_of(result.method), say),
    )
    return render(page, lang=lang)


class _Drawer:
    """Draws the pictures of one campaign in one language."""

    def __init__(self, session: Session, campaign_id: str, lang: str) -> None:
        self._session, self._campaign_id, self.lang = session, campaign_id, lang

    def __call__(self, name: str, category: str = "") -> str:
        return picture(self._session, self._campaign_id, name, category=category, lang=self.lang)


def _figures(result: Result, rows: Sequence[Member], say: Say, *, zone: str) -> list[tuple[str, str]]:
    return [
        (say("ballots"), f"{result.ballots:,}"),
        (say("units"), f"{len(rows):,}"),
        (say("made_at"), local_text(result.made_at, zone)),
        (say("run"), str(result.no)),
    ]


def _digests(result: Result, say: Say) -> list[tuple[str, str]]:
    """The digests, each with its name; results of before campaigns stated their estimation have two."""
    stated = result.method.get("estimation", {}).get("digest")
    found = {"inputs_digest": result.inputs_digest, "estimation_digest": stated, "result_digest": result.result_digest}
    return [(say(key), value) for key, value in found.items() if value]


def _aside(stored: Mapping[str, Any] | None, rows: Sequence[Member], say: Say) -> Aside | None:
    """Sheets that two people set aside, with both figures where these do not show what a few people said."""
    if stored is None:
        return None
    scores = stored["scores"] or {}
    return Aside(
        sentence=say("aside.some" if scores else "aside.few", n=f"{stored['sheets']:,}"),
        by=[
            say("aside.by", act=one["act"], n=f"{one['sheets']:,}", reason=one["reason"], where=_scope(one, say))
            for one in stored["by"]
        ],
        lines=[
            (name, two_places(row.score) or NOTHING, two_places(scores.get(row.unit_code)) or NOTHING)
            for row, name in rows
            if scores
        ],
    )


def _scope(void: Mapping[str, Any], say: Say) -> str:
    scope = void["scope"]
    kind = "cell" if "stratum" in scope else next(iter(scope))
    return say(f"aside.{kind}", **scope)


def _block(result: Result, category: str, rows: Sequence[Member], say: Say, drawn: _Drawer) -> Block:
    members = [(row, name) for row, name in rows if row.category == category]
    ranked, english = sum(row.rank is not None for row, _ in members), drawn.lang == "en"
    members.sort(key=lambda member: (member[0].rank is None, member[0].rank or 0, member[0].position))
    names = {row.unit_code: name for row, name in members}
    asked = [border for border in result.method.get("borders", []) if border["category"] == category]
    beside = _beside(units_of(result.method), say)

    def line(row: ResultRow, name: str) -> Line:
        said = place_sentence(row, ranked_of=ranked)[english]
        return Line.of(row, name, say, said=said, beside=beside.get(row.unit_code, ()))

    return Block(
        category=category,
        lines=[line(row, name) for row, name in members],
        borders=[_border(border, names, say) for border in asked],
        pictures=[drawn("places", category), drawn("scores", category)] if ranked else [],
    )


def _beside_heads(units: Mapping[str, OpenUnit], say: Say) -> list[str]:
    """Heads of the columns of the open QR; that of the calibrated one only where a unit has it."""
    names = ["open", "open_n", "open_difference"] if units else []
    calibrated = ["open_reference"] if any(unit.reference for unit in units.values()) else []
    return [say(f"col.{name}") for name in [*names, *calibrated]]


def _beside(units: Mapping[str, OpenUnit], say: Say) -> dict[str, list[str]]:
    """The cells of the open QR by unit, under those heads."""
    calibrated = any(unit.reference for unit in units.values())
    return {
        code: [
            two_places(unit.score) or NOTHING,
            f"{unit.n_judging:,}",
            difference_text(unit, mark=say("open.differs")),
            *([two_places(unit.reference) or NOTHING] if calibrated else []),
        ]
        for code, unit in units.items()
    }


def _border(border: Mapping[str, Any], names: Mapping[str, str], say: Say) -> Border:
    certain, possible = border["certain"], border["possible"]
    unsure = [unit for unit in possible if unit not in set(certain)]

    def listed(key: str, units: Sequence[str]) -> str:
        # In the order of the table below: by place.
        chosen = [name for unit, name in names.items() if unit in set(units)]
        return say(key, names=say("comma").join(chosen)) if chosen else ""

    return Border(
        sentence=say(f"border.{border['end']}", k=border["k"], certain=len(certain), possible=len(possible)),
        certain=listed("border.certain", certain),
        open=listed("border.open", unsure),
    )
