"""The short form of the proof of a hall that comes back: every tap once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import terminal_hall
from benchmarks.proofs_town import furnish

TERMINALS, TAPS = 12, 20


@pytest.mark.proof
def test_a_hall_that_comes_back_loses_nothing(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "town.sqlite3"
    shutil.copyfile(sqlite_template, file)
    town = furnish(f"sqlite:///{file}", tmp_path, tickets=16, units=4)
    found = terminal_hall.prove(town, terminals=TERMINALS, taps=TAPS, within=1.0)
    assert found.faults == []
    assert len(found.seconds) == TERMINALS
