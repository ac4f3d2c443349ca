"""What the office may set (可设数值): each value inside its limits, each setting used, units and periods that agree."""

from __future__ import annotations

from collections import Counter
from typing import Any

from survey_models.schemes.days import MONTHS, is_due_text
from survey_models.schemes.proofs.outline import Document, items, number, sources, stated, table, words
from survey_models.schemes.reading import Path
from survey_models.schemes.shelf import unit_list, unit_lists
from survey_models.schemes.words import plain

_LENGTHS = {**MONTHS, "two_years": 24}


def prove(doc: Document) -> None:
    """Settings, unit lists, due days, periods."""
    for name, body in table(doc.data.get("settings")).items():
        if isinstance(body, dict):
            _setting(name, body, doc)
    _units(doc)
    _duties(doc)
    for path, source, _ in sources(doc.data):
        _due((*path, "due"), source.get("due"), doc)
        _period((*path, "per"), source.get("per"), doc)


def _setting(name: str, body: dict[str, Any], doc: Document) -> None:
    path: Path = ("settings", name)
    value, low, high = body.get("value"), number(body.get("low")), number(body.get("high"))
    if name not in doc.used:
        doc.faults.add(path, "setting_unused", name=name)
    if low is not None and high is not None and low > high:
        doc.faults.add((*path, "low"), "limits_crossed", low=low, high=high)
    exact = number(value)
    below = low is not None and (exact is None or exact < low)
    above = high is not None and (exact is None or exact > high)
    if below or above:
        doc.faults.add((*path, "value"), "setting_out", value=value, low=low, high=high)
    choices = body.get("choices")
    if isinstance(choices, list) and choices and plain(value) not in [plain(one) for one in choices]:
        known = ", ".join(str(one) for one in choices)
        doc.faults.add((*path, "value"), "choice", text=value, known=known)


def _units(doc: Document) -> None:
    file = table(doc.data.get("units")).get("file")
    found = stated(doc.data)
    for name, n in found.items():
        if n < 0:
            doc.faults.add(("units", "stated", name), "negative", value=n)
    if not isinstance(file, str):
        return
    if file not in unit_lists():
        doc.faults.add(("units", "file"), "file_unknown", name=file, known=", ".join(unit_lists()))
        return
    listed = Counter(row["category"] for row in unit_list(file))
    for category in {*found, *listed}:
        if found.get(category, 0) != listed[category]:
            params = {"category": category, "stated": found.get(category, 0), "listed": listed[category]}
            doc.faults.add(("units", "stated", category), "units_differ", **params)
    codes = {row["code"] for row in unit_list(file)}
    for path, one in items(doc.data, "organisers", ()):
        if isinstance(one.get("unit"), str) and one["unit"] not in codes:
            doc.faults.add((*path, "unit"), "unit_unknown", name=one["unit"])


def _duties(doc: Document) -> None:
    for path, duty in items(doc.data, "duties", ()):
        _due((*path, "due"), duty.get("due"), doc)
        least, most = number(duty.get("least", 0)), number(duty.get("most", 0))
        if duty.get("most") is not None and least is not None and most is not None and least > most:
            doc.faults.add((*path, "least"), "limits_crossed", low=least, high=most)
        _period((*path, "per"), duty.get("per"), doc, yearly=True)
        for one in words(duty.get("names")):
            if not one.strip():
                doc.faults.add((*path, "names"), "shape", said="''")


def _due(path: Path, due: Any, doc: Document) -> None:
    if due is not None and not (isinstance(due, str) and is_due_text(due)):
        doc.faults.add(path, "due", text=due)


def _period(path: Path, per: Any, doc: Document, *, yearly: bool = False) -> None:
    """A round that is shorter than the period has none of them; a year's duty falls due in one round of the year."""
    each = table(doc.data.get("cadence")).get("each")
    if per not in _LENGTHS or each not in _LENGTHS or (yearly and per in {"quarter", "half_year", "year"}):
        return
    if _LENGTHS[per] > _LENGTHS[each]:
        doc.faults.add(path, "period_longer", per=per, each=each)
