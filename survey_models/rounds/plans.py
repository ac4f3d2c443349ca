"""Planning a round from a scheme (建立评议周期): one act makes everything it needs, twice makes nothing new."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey_models.campaigns.tables import Purpose
from survey_models.core.canonical import digest
from survey_models.core.columns import SLUG
from survey_models.core.errors import Problem
from survey_models.inspections import sites, visits
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import additions, asking, campaigning, lists, proposing, service
from survey_models.rounds.asking import Known, Question, layered, questions, resolve
from survey_models.rounds.designs import layers_of, orders_of
from survey_models.rounds.gathering import units_of
from survey_models.rounds.periods import EXAMPLES, Period, read_period
from survey_models.rounds.tables import Level, Round, RoundUnit
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from survey_models.schemes.added import flag_of
from survey_models.schemes.language import Scheme
from survey_models.tickets.service import CellOrder

_UNIT = re.compile(r"[0-9A-Za-z_-]{0,20}")
# What of a plan may differ, as the plan's page calls it.
_WORDS = {
    "scheme": "评分办法",
    "title": "名称",
    "purpose": "性质",
    "settings": "办公室可以设定的值",
    "units": "单位名单",
    "added_units": "增加的单位",
    "flags": "单位标记",
    "campaigns": "问卷评议",
    "draws": "实地考评抽取",
}


@dataclass(frozen=True)
class Wish:
    """What is to be planned. ``of``: the unit that runs it itself; ``like``: a round whose answers are kept."""

    preset: str
    period: str
    of: str = ""
    like: str = ""

    @property
    def round_id(self) -> str:
        """``nanyang-2014-27-2015h1``."""
        return "-".join(filter(None, [self.preset, self.period.lower(), self.of.lower()]))


@dataclass(frozen=True)
class Planned:
    """A planned round; ``made`` False: it was there before, unchanged."""

    round: Round
    made: bool


@dataclass(frozen=True)
class _Draft:
    """A round before it is made: everything checked, nothing stored."""

    wish: Wish
    period: Period
    level: Level
    text: str
    scheme: Scheme
    answers: dict[str, Any]
    digest: str


def text_of(session: Session, name: str) -> str:
    """The document of a preset, or of the newest stored scheme of that name. Raises ``scheme_preset_unknown``."""
    if name in loading.presets():
        return loading.preset(name)
    try:
        return schemes.get(session, name).text
    except Problem:
        return loading.preset(name)


def ask(session: Session, wish: Wish, given: Mapping[str, Any] | None = None) -> list[Question]:
    """What has to be answered before the round can be made, with what is known as default.

    Raises ``scheme_preset_unknown``, ``period_unknown``, ``period_unfit``, ``round_unknown`` for ``like``.
    """
    loaded, period = loading.read(text_of(session, wish.preset)), read_period(wish.period)
    scheme = loaded.scheme
    if level_of(scheme, period) is Level.YEAR:
        return []
    asked = [
        proposing.with_proposal(session, one, wish.like, period)
        for one in questions(scheme, period, replace(_known(session, scheme, period), added=loaded.added))
    ]
    before = layered(_kept(session, wish), additions.read_in(given or {}))
    return [_with_default(one, asking.read(before, one.path)) for one in asked]


def _with_default(one: Question, value: Any) -> Question:
    if value is None:
        return one
    return Question(one.path, one.zh, one.en, value, required=one.required, form=one.form)


def _kept(session: Session, wish: Wish) -> dict[str, Any]:
    """The answers of the round to be copied, without its title; flags go along to units that were renamed or merged.

    Key units are those of their round alone: the next one names its own.
    """
    if not wish.like:
        return {}
    kept = dict(service.get(session, wish.like).answers or {})
    for key in ("title", "of"):
        kept.pop(key, None)
    late = asking.late_flags(loading.read(text_of(session, wish.preset)).scheme)
    period = read_period(wish.period)
    flags = {flag: codes for flag, codes in (kept.pop("flags", None) or {}).items() if flag not in late}
    stands = lists.standing(session, {code for codes in flags.values() for code in codes}, period)
    moved = {flag: sorted({one for code in codes for one in stands[code]}) for flag, codes in flags.items()}
    return {**kept, **({"flags": moved} if moved else {})}


def level_of(scheme: Scheme, period: Period) -> Level:
    """Whether a period is a round of the scheme, or the year of its rounds. Raises ``period_unfit``."""
    each = scheme.cadence.each
    if period.each == each:
        return Level.ROUND
    if period.each in {"year", "half_year", "quarter"} and scheme.cadence.year == "mean" and _longer(period.each, each):
        return Level.YEAR
    named = dict.fromkeys([each] if scheme.cadence.year == "none" else [each, "year"])
    fit = "、".join(EXAMPLES[one] for one in named)
    raise Problem("period_unfit", scheme=scheme.scheme, period=period.name, fit=fit)


def _longer(period: str, each: str) -> bool:
    order = ("month", "quarter", "half_year", "year")
    return each in order and order.index(period) > order.index(each)


def plan(session: Session, wish: Wish, given: Mapping[str, Any] | None = None, *, by: str, at: datetime) -> Planned:
    """Make the round: scheme stored and locked, units there, every campaign in draft. In the caller's transaction.

    Planned before with the same answers, it is given back as it is. Raises ``plan_answers_faulty`` with all that is
    missing, ``round_planned_otherwise``, ``scheme_faulty`` for settings that do not fit, and as ``ask``.
    """
    draft = _drafted(session, wish, asking.exact(additions.read_in(given or {})))
    found = session.get(Round, wish.round_id)
    if found is not None:
        _refuse_other(session, found, draft)
        return Planned(found, made=False)
    try:
        with session.begin_nested():
            return Planned(_made(session, wish, draft, by=by, at=at), made=True)
    except IntegrityError:
        # Somebody planned the same at the same moment: theirs stands, if it says the same.
        there = session.get(Round, wish.round_id)
        if there is None:
            raise
        _refuse_other(session, there, draft)
        return Planned(there, made=False)


def _made(session: Session, wish: Wish, draft: _Draft, *, by: str, at: datetime) -> Round:
    said = draft.answers
    row = schemes.store(
        session, draft.text, by=by, at=at, settings=said.get("settings"), lacking=said.get(asking.LACKING)
    )
    schemes.lock(session, row.id, row.version, at=at, by=by)
    found = Round(
        id=wish.round_id,
        title=draft.answers["title"],
        scheme_id=row.id,
        scheme_version=row.version,
        period_from=draft.period.first,
        period_to=draft.period.last,
        made_at=at,
        period=draft.period.name,
        level=draft.level.value,
        purpose=draft.answers["purpose"],
        answers={**draft.answers, "of": wish.of},
    )
    session.add(found)
    session.flush()
    _units(session, found, draft, by=by, at=at)
    made = [] if draft.level is Level.YEAR else _campaigns(session, found, draft, by=by, at=at)
    if draft.level is Level.ROUND:
        sites.make(session, found, draft.scheme, draft.answers, by=by, at=at)
    body = {
        "round": found.id,
        "period": found.period,
        "scheme": row.digest,
        "units": len(service.units_of(session, found.id)),
        "campaigns": made,
        "answers": digest(found.answers),
    }
    record(session, SYSTEM_LOG, Event.ROUND_PLANNED, body, at=at, by=by)
    return found


def _drafted(session: Session, wish: Wish, given: Mapping[str, Any]) -> _Draft:
    text, period = text_of(session, wish.preset), read_period(wish.period)
    loaded = loading.read(text)
    _check_ids(wish, loaded.scheme)
    level = level_of(loaded.scheme, period)
    if level is Level.YEAR:
        title = {"title": given.get("title") or f"{loaded.scheme.title.zh}{period.called}"}
        answers = {**_of_year(session, wish, loaded.scheme, period), **title}
    else:
        answers = resolve(ask(session, wish), layered(_kept(session, wish), given))
        if answers["purpose"] not in asking.PURPOSES:
            asking.refuse([{"key": "purpose", "zh": "、".join(asking.PURPOSES), "en": ", ".join(asking.PURPOSES)}])
    in_force = loading.read(text, settings=answers.get("settings"), lacking=answers.get(asking.LACKING))
    return _Draft(wish, period, level, text, in_force.scheme, answers, in_force.digest)


def _check_ids(wish: Wish, scheme: Scheme) -> None:
    """The ids of the round and its campaigns must find room; ``of`` is the code of a unit."""
    ids = [wish.round_id, *(f"{wish.round_id}-{kind.id}" for kind in scheme.campaigns)]
    if max(map(len, ids)) > SLUG or not _UNIT.fullmatch(wish.of):
        asking.refuse([{"key": "of", "zh": f"编号最长 {SLUG} 个字符", "en": f"ids have at most {SLUG} characters"}])


def _of_year(session: Session, wish: Wish, scheme: Scheme, period: Period) -> dict[str, Any]:
    """A year runs the scheme of its last round. Raises ``round_part_missing`` where no round is planned."""
    parts = lists.rounds_in(session, scheme.scheme, period, wish.of)
    if not parts:
        raise Problem("round_part_missing", round=wish.round_id, missing=period.name)
    last = parts[-1].answers or {}
    kept = {asking.LACKING: last[asking.LACKING]} if asking.LACKING in last else {}
    return {"settings": last.get("settings") or {}, "purpose": parts[-1].purpose, **kept}


def _refuse_other(session: Session, found: Round, draft: _Draft) -> None:
    kept = {**draft.answers, "of": draft.wish.of}
    there = found.answers or {}
    differs = sorted(key for key in {*kept, *there} if kept.get(key) != there.get(key))
    if found.scheme_id is None or schemes.get(session, found.scheme_id, found.scheme_version).digest != draft.digest:
        differs.append("scheme")
    if differs:
        named = "、".join(f"{_WORDS[key]} {key}" if key in _WORDS else key for key in differs)
        raise Problem("round_planned_otherwise", round=found.id, differs=named)


def _known(session: Session, scheme: Scheme, period: Period) -> Known:
    rows = loading.units_of(scheme)
    there = {unit.code: unit for unit in lists.listed(session, rows, period)}
    flags = {flag: lists.with_flag(flag, rows, there) for flag in asking.flags_of(scheme)}
    return Known(flags, has_list=bool(rows))


def _units(session: Session, found: Round, draft: _Draft, *, by: str, at: datetime) -> None:
    if draft.level is Level.YEAR:
        last = lists.rounds_in(session, draft.scheme.scheme, draft.period, draft.wish.of)[-1]
        for link, _ in service.units_of(session, last.id):
            copied = {"category": link.category, "position": link.position, "flags": list(link.flags or ())}
            session.add(RoundUnit(round_id=found.id, unit_code=link.unit_code, **copied))
    else:
        added = additions.rows(session, draft.scheme, draft.answers)
        rated = lists.bring(
            session, draft.scheme, draft.period, draft.answers, by=by, at=at, added=added, of=draft.wish.of
        )
        named = draft.answers.get("flags") or {}
        for position, unit in enumerate(rated, start=1):
            of_added = [flag_of(unit.row["area"])] if "area" in unit.row else []
            flags = sorted([*of_added, *(flag for flag, codes in named.items() if unit.code in codes)])
            own = {"category": unit.category, "position": position, "flags": flags}
            session.add(RoundUnit(round_id=found.id, unit_code=unit.code, **own))
    session.flush()


def _campaigns(session: Session, found: Round, draft: _Draft, *, by: str, at: datetime) -> list[str]:
    rated, made = units_of(session, found.id), []
    for kind in draft.scheme.campaigns:
        if kind.flag is not None and not any(kind.flag in unit.flags for unit in rated):
            continue  # about units that there are none of
        made.append(campaigning.make(session, found, kind, (draft.scheme, draft.answers), by=by, at=at))
    return made


def orders(session: Session, round_id: str) -> dict[str, list[CellOrder]]:
    """The tickets to issue for each campaign of a planned round, by id of the campaign.

    People who are met on visits (走访) get theirs at the drawn places alone. Raises ``draw_not_run`` before that draw,
    ``inspection_no_place``.
    """
    found, scheme_id, version = service.with_scheme(session, round_id)
    scheme = schemes.document_of(schemes.get(session, scheme_id, version))
    rated, there = units_of(session, round_id), service.campaigns_of(session, round_id)
    ordered = {}
    for kind in scheme.campaigns:
        if kind.id in there:
            answers = dict(((found.answers or {}).get("campaigns") or {}).get(kind.id) or {})
            answers = campaigning.with_frame(session, answers)
            layers = layers_of(kind, answers, rated, made_up=found.purpose == Purpose.DEMO)
            own = orders_of(kind, layers, rated, reserve=answers.get(asking.RESERVE) or 0)
            if visits.check(session, there[kind.id], scheme, kind.id):
                areas = {no: layer.plan.area[0] for no, layer in enumerate(layers, start=1)}
                own = visits.shared(session, there[kind.id], own, areas)
            ordered[there[kind.id].id] = own
    return ordered
