"""The printed budget adds up."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests import budget


def test_the_table_shows_value_limit_and_ratio() -> None:
    lines = budget.table({"set-up": 90.0, "browser": 180.0})
    assert lines[1].split() == ["set-up", "1.50"]
    assert lines[-1].split() == ["all", "4.50", "12.0", "0.38"]
    assert budget.table({"unit": 90.0}, whole=720.0)[-1].split() == ["all", "12.00", "12.0", "1.00"]


def test_earlier_steps_are_added(tmp_path: Path) -> None:
    file = tmp_path / "phases"
    file.write_text("set-up\t30.5\nunit\t2.0\nset-up\t1.5\n", encoding="utf-8")
    seconds = defaultdict(float, {"unit": 1.0})
    budget.add_earlier(seconds, file)
    assert seconds == {"set-up": 32.0, "unit": 3.0}


def test_this_test_is_charged_to_unit(request: pytest.FixtureRequest) -> None:
    assert budget.phase_of(request.node) == "unit"


def test_a_test_on_the_server_is_charged_to_databases(postgres_server: object, request: pytest.FixtureRequest) -> None:
    assert budget.phase_of(request.node) == "two databases"
