"""What the guides say about codes, states, settings and events is what the program does."""

from __future__ import annotations

import ast
import re

import pytest

from survey_models.campaigns.rules import RULES, Act
from survey_models.core.catalogue import CATALOGUE
from survey_models.ledger.events import Event
from tests.architecture.tree import ROOT, dotted, parsed, sources
from tests.docs.events import documented_fields
from tests.docs.tables import ACTS, TABLES, between_marks, table

REMEDY = "write it anew: python -m tests.docs.tables"


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_table_is_the_one_the_program_makes(name: str) -> None:
    assert between_marks(page(name)) == TABLES[name](), REMEDY


def test_every_error_has_a_line_with_its_status_and_sentences() -> None:
    lines = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page("errors.md"), re.MULTILINE))
    assert list(lines) == list(CATALOGUE)
    for code, entry in CATALOGUE.items():
        status, happened, following = lines[code].split(" | ")
        assert (status, happened) == (str(entry.status), f"{entry.zh}<br>{entry.en}"), code
        assert following == f"{entry.next_zh}<br>{entry.next_en}", code


def test_every_act_has_a_line() -> None:
    assert set(ACTS) == set(Act) == set(RULES)


def test_every_event_is_listed_once_and_no_other() -> None:
    assert list(documented_fields()) != []
    assert sorted(documented_fields()) == sorted(event.value for event in Event)


def test_system_events_are_those_written_to_the_system_log() -> None:
    system = {Event[name].value for name in _recorded_under("SYSTEM_LOG")}
    assert system == {event for event, (log, _) in documented_fields().items() if log == "system"}


def _recorded_under(log: str) -> set[str]:
    """Names of the events that services write to the log that is named by the variable ``log``."""
    calls = [
        node
        for path in sources("survey_models")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] == "record" and len(node.args) > 2
    ]
    assert len(calls) > len(Event) // 2
    named = [call.args for call in calls if dotted(call.args[1]) == log]
    return {dotted(arguments[2]).removeprefix("Event.") for arguments in named}


def test_a_changed_table_is_seen() -> None:
    assert table(("a", "b"), [("1|2", "3")]) == ["| a | b |", "| --- | --- |", "| 1&#124;2 | 3 |"]
    with pytest.raises(AssertionError):
        between_marks("no table here")
