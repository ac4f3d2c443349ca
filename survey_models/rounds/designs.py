"""Strata, variants and questionnaires of the campaigns of a round (抽样层, 问卷): from kinds and answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from sampling.allocation import largest_remainder, nested
from sampling.errors import SamplingError
from survey_models.campaigns.service import StratumPlan
from survey_models.core.errors import Problem
from survey_models.questionnaires import making, variants
from survey_models.questionnaires.rules import UNIT
from survey_models.schemes import raters
from survey_models.schemes.added import area_of
from survey_models.schemes.inputs import RatedUnit
from survey_models.schemes.language import CampaignKind, OptionMap, Scheme
from survey_models.tickets.service import CellOrder

CITY = ("city", "全市")
KEY_AREA = ("key", "重点参评对象")
FLAGGED = "flagged"
MOST_PEOPLE, MOST_STRATA = 100_000_000, 1_000
LONGEST = {"area": 20, "area_name": 60, "kind": 20, "kind_name": 40}
# 满意 and its neighbours, as the scales of the templates spell them.
_CODES = {"非常满意": "5", "满意": "1", "基本满意": "2", "不满意": "3", "非常不满意": "4", "不了解": "0"}
_FIVE = {"非常满意": "5", "满意": "4", "基本满意": "3", "不满意": "2", "非常不满意": "1", "不了解": "0"}
_ENGLISH = {
    "非常满意": "Very satisfied",
    "满意": "Satisfied",
    "基本满意": "Mostly satisfied",
    "不满意": "Dissatisfied",
    "非常不满意": "Very dissatisfied",
    "不了解": "Don't know",
}
_SATISFIED = frozenset({"非常满意", "满意", "基本满意"})


@dataclass(frozen=True)
class Layer:
    """A stratum with the variant of the questionnaire that its people get; empty: each ticket its own (单位互评)."""

    plan: StratumPlan
    variant: str


def rated_by_area(kind: CampaignKind) -> bool:
    """Whether a county's own units (县区增加的单位) can stand on the sheets of its people: those of areas, on units."""
    if kind.frame not in {"counts", "open"} or kind.variant != "all":
        return False
    return kind.questionnaire not in making.templates() or making.rates_units(kind.questionnaire)


def by_area(units: Sequence[RatedUnit]) -> dict[str, list[str]]:
    """The codes of the units that each area added, in order."""
    found: dict[str, list[str]] = {}
    for unit in units:
        area = area_of(unit.flags)
        if area is not None:
            found.setdefault(area, []).append(unit.code)
    return found


def asked_about(kind: CampaignKind, units: Sequence[RatedUnit]) -> list[RatedUnit]:
    """The units that a campaign has on any sheet: a county's own only where sheets know their area."""
    return [unit for unit in units if area_of(unit.flags) is None or rated_by_area(kind)]


def layers_of(
    kind: CampaignKind, answers: Mapping[str, Any], units: Sequence[RatedUnit], *, made_up: bool
) -> list[Layer]:
    """The strata of a campaign in their order. Raises ``plan_answers_faulty``."""
    units = asked_about(kind, units) if kind.frame not in {"counts", "open"} else units
    variant = FLAGGED if kind.variant == "flagged" else "all"
    if kind.frame in {"counts", "open"}:
        own = by_area(asked_about(kind, units))
        strata = _by_area(kind, answers, made_up=made_up)
        found = [Layer(one, variants.of_area(one.area[0]) if one.area[0] in own else variant) for one in strata]
    elif kind.frame == "units":
        number = len(units) * (kind.per_unit or 1)
        found = [Layer(StratumPlan(CITY, ("units", "被评议单位"), number, number, made_up=made_up), "")]
    elif kind.variant == "own_unit":
        found = list(_by_unit(kind, answers, units, made_up=made_up))
    else:
        found = [Layer(one, variant) for one in _by_rater(kind, answers, made_up=made_up)]
    return [*found, *_key_raters(kind, answers, units, made_up=made_up)]


def orders_of(
    kind: CampaignKind, layers: Sequence[Layer], units: Sequence[RatedUnit], *, reserve: int = 0
) -> list[CellOrder]:
    """The tickets to issue: of each stratum with its variant; of peers one for each unit, without itself on it.

    ``reserve``: sealed reserve cards of a stratum in percent of its tickets, rounded up, for cards that are lost.
    """
    found = []
    for no, layer in enumerate(layers, start=1):
        if layer.variant:
            spare = -(-layer.plan.sample_size * reserve // 100)
            found.append(CellOrder(no, 0, layer.plan.sample_size, spare, layer.variant))
        else:
            each = kind.per_unit or 1
            names = [f"peer-{unit.code}" if kind.variant == "all_but_own" else "all" for unit in units]
            amounts = {name: each * names.count(name) for name in dict.fromkeys(names)}
            found += [CellOrder(no, 0, number, 0, name) for name, number in amounts.items()]
    return found


def _by_area(kind: CampaignKind, answers: Mapping[str, Any], *, made_up: bool) -> list[StratumPlan]:
    rows = answers["strata"]
    if not isinstance(rows, list) or not rows or not all(_is_stratum(row) for row in rows):
        raise _unfit(kind, "strata", "逐行写 area, area_name, kind, kind_name, people", "rows of area, kind and people")
    if len({(str(row["area"]), str(row["kind"])) for row in rows}) < len(rows) or len(rows) > MOST_STRATA:
        raise _unfit(kind, "strata", "同一地区同一类别只写一行", "one row for each area and kind")
    areas: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        areas.setdefault(str(row["area"]), []).append(row)
    amounts = _allocated(kind, answers, [[int(row["people"]) for row in several] for several in areas.values()])
    together = [row for several in areas.values() for row in several]
    return [
        StratumPlan(
            (str(row["area"]), str(row["area_name"])),
            (str(row["kind"]), str(row["kind_name"])),
            int(row["people"]),
            amount,
            made_up=made_up or bool(row.get("made_up")),
        )
        for row, amount in zip(together, amounts, strict=True)
    ]


def _is_stratum(row: Any) -> bool:
    names = {"area", "area_name", "kind", "kind_name", "people"}
    if not isinstance(row, Mapping) or not names <= set(row) or not _is_number(row["people"]):
        return False
    return all(0 < len(str(row[name])) <= most for name, most in LONGEST.items())


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_PEOPLE


def _allocated(kind: CampaignKind, answers: Mapping[str, Any], areas: Sequence[Sequence[int]]) -> list[int]:
    """Tickets of each stratum: areas first, by their people, then the kinds inside each area."""
    people = sum(sum(kinds) for kinds in areas)
    tickets = answers["tickets"] if answers["tickets"] is not None else people
    if not _is_number(tickets):
        raise _unfit(kind, "tickets", "写一个大于 0 的整数", "a whole number above 0")
    try:
        return [number for area in nested(min(tickets, people), areas) for number in area]
    except SamplingError as error:
        raise _unfit(kind, "tickets", str(error), str(error)) from error


def _by_unit(
    kind: CampaignKind, answers: Mapping[str, Any], units: Sequence[RatedUnit], *, made_up: bool
) -> Iterator[Layer]:
    """One stratum for each unit: its own clients, who rate it alone (固定服务对象)."""
    people, tickets = answers["people"], answers["tickets"]
    for unit in units:
        own = people.get(unit.code) if isinstance(people, Mapping) else people
        asked = tickets.get(unit.code) if isinstance(tickets, Mapping) else tickets
        if not _is_number(own) or not _is_number(asked):
            raise _unfit(kind, "people", f"{unit.code} 要有人数和抽取数", f"{unit.code} needs people and tickets")
        area = (unit.code, unit.name[:60])
        plan = StratumPlan(area, ("clients", "固定服务对象"), own, min(own, asked), made_up=made_up)
        yield Layer(plan, f"unit-{unit.code}")


def _by_rater(kind: CampaignKind, answers: Mapping[str, Any], *, made_up: bool) -> list[StratumPlan]:
    people = answers["people"]
    if not isinstance(people, Mapping) or set(people) != set(kind.raters) or not all(map(_is_number, people.values())):
        named = "、".join(kind.raters)
        raise _unfit(kind, "people", f"逐类写人数：{named}", f"people of each of {', '.join(kind.raters)}")
    sizes = [int(people[name]) for name in kind.raters]
    tickets = answers["tickets"] if answers["tickets"] is not None else sum(sizes)
    if not _is_number(tickets):
        raise _unfit(kind, "tickets", "写一个大于 0 的整数", "a whole number above 0")
    amounts = largest_remainder(min(tickets, sum(sizes)), sizes)
    return [
        StratumPlan(CITY, (name[:20], raters.called(name)[:40]), size, amount, made_up=made_up)
        for name, size, amount in zip(kind.raters, sizes, amounts, strict=True)
    ]


def _key_raters(
    kind: CampaignKind, answers: Mapping[str, Any], units: Sequence[RatedUnit], *, made_up: bool
) -> Iterator[Layer]:
    """All of them are asked, about the flagged units alone; without such a unit there is nothing to ask."""
    for one in kind.key_raters:
        number = (answers.get("key_raters") or {}).get(one.id)
        if not any(one.flag in unit.flags for unit in units):
            continue
        if not _is_number(number):
            raise _unfit(kind, f"key_raters.{one.id}", "写一个大于 0 的整数", "a whole number above 0")
        plan = StratumPlan(KEY_AREA, (one.id[:20], one.title.zh[:40]), number, number, made_up=made_up)
        yield Layer(plan, f"{FLAGGED}-{one.flag}")


def document_of(kind: CampaignKind, scheme: Scheme, units: Sequence[RatedUnit], *, title: str) -> dict[str, Any]:
    """The questionnaire of a campaign: its template, or each unit on the options of the scheme's map; with variants."""
    units = asked_about(kind, units)
    if kind.variant == "flagged":
        # Nobody is asked about the others: on the questionnaire they would seem to be rated by nobody.
        about = _with_flag(kind.flag, units)
        units = [unit for unit in units if unit.code in about] or units
    rows = [{"code": unit.code, "name": unit.name, "category": unit.category} for unit in units]
    words = {"zh": title, "en": kind.title.en}
    options = scheme.maps[kind.map] if kind.map else None
    if kind.questionnaire in making.templates():
        doc = making.make(kind.questionnaire, rows, title=words, any_number=True)
        if options is not None:
            doc["scales"] = {name: _scored(scale, options) for name, scale in doc["scales"].items()}
    elif options is not None:
        doc = _plain_document(rows, options, words, cite=(*kind.cite, kind.title.zh)[0])
    else:
        raise Problem("template_unknown", template=kind.questionnaire, known="、".join(making.templates()))
    return {**doc, "variants": _variants(kind, doc, units)}


def _variants(kind: CampaignKind, doc: Mapping[str, Any], units: Sequence[RatedUnit]) -> variants.Variants:
    if kind.variant == "all_but_own":
        found = variants.peers(doc)
    elif kind.variant == "own_unit":
        found = variants.single(doc)
    elif kind.variant == "flagged":
        found = variants.flagged(doc, _with_flag(kind.flag, units), name=FLAGGED)
    else:
        own = by_area(units)
        found = variants.areas(doc, own) if own else {"all": None}
    for flag in dict.fromkeys(one.flag for one in kind.key_raters):
        if _with_flag(flag, units):
            found = {**found, **variants.flagged(doc, _with_flag(flag, units), name=f"{FLAGGED}-{flag}")}
    return found


def _with_flag(flag: str | None, units: Sequence[RatedUnit]) -> list[str]:
    return [unit.code for unit in units if flag in unit.flags and area_of(unit.flags) is None]


def _plain_document(
    rows: Sequence[Mapping[str, str]], options: OptionMap, title: Mapping[str, str], *, cite: str
) -> dict[str, Any]:
    items = [
        {
            "key": row["code"],
            "kind": UNIT,
            "scale": "options",
            "label": {"zh": row["name"], "en": ""},
            "group": row["category"],
        }
        for row in rows
    ]
    codes = _FIVE if "非常满意" in options.options else _CODES
    spare = iter("456789abcdefghijk")
    scale = {
        "options": [
            {
                "code": codes.get(word) or next(spare),
                "label": {"zh": word, "en": _ENGLISH.get(word, "")},
                "score": None if value is None else _whole(value),
                "satisfied": word in _SATISFIED,
            }
            for word, value in options.options.items()
        ]
    }
    return {"title": dict(title), "cites": cite, "scales": {"options": scale}, "items": items, "blank_allowed": True}


def _scored(scale: Mapping[str, Any], options: OptionMap) -> dict[str, Any]:
    """The scale with the numbers of the map, where the map knows all its words."""
    words = [option["label"]["zh"] for option in scale["options"]]
    if not set(words) & set(options.options):
        return dict(scale)
    found = []
    for option in scale["options"]:
        value = options.options.get(option["label"]["zh"])
        found.append({**option, "score": None if value is None else _whole(value)})
    return {**scale, "options": found}


def _whole(value: Decimal) -> int:
    """Questionnaires score in whole numbers; the scheme itself scores from the shares, in any."""
    return int(value.to_integral_value())


def _unfit(kind: CampaignKind, name: str, zh: str, en: str) -> Problem:
    key = f"campaigns.{kind.id}.{name}"
    faults = [{"key": key, "zh": zh, "en": en}]
    return Problem("plan_answers_faulty", count=1, first=f"{key} {zh}", faults=faults)
