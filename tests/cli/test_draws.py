"""Draws on the command line: planned before the seed, run once, drawn again."""

from pathlib import Path

import pytest
from sqlalchemy import update

from api.db import unit_of_work
from sampling.selection import FrameEntry
from survey_models.core import clock
from survey_models.draws.tables import DrawRow
from survey_models.frames import service as frames
from tests.cli.shell import Shell


@pytest.fixture
def framed(staffed: Shell, tmp_path: Path) -> Shell:
    """A list frame of two strata of twenty."""
    entries = [FrameEntry(f"{stratum}{number:02}", stratum, 1) for stratum in "AB" for number in range(20)]
    with unit_of_work(staffed.engine) as db:
        title = frames.FrameTitle(id="roll", title="名单", source="test", made_up=True)
        frames.freeze_list(db, title, entries=entries, by="test", at=clock.now())
    return staffed


def test_plan_run_replay(framed: Shell) -> None:
    plan = "draws plan d1 --campaign luohe --frame roll --size A=3 --size B=4 --reserve A=1"
    assert framed.refused(f"{plan} --as release") == "forbidden"
    framed.ok(plan)
    assert framed.refused("draws replay d1") == "draw_not_run"
    assert framed.refused("draws run d1 --seed short") == "seed_malformed"
    framed.ok("draws run d1 --seed 20261122083015")
    assert framed.refused("draws run d1 --seed 20261122083016") == "draw_already_run"
    shown = framed.ok("draws show d1")
    assert "20261122083015" in shown
    assert shown.count("True") == 1, "one reserve"
    assert "8" in framed.ok("draws replay d1")
    assert "d1" in framed.ok("draws list")
    with unit_of_work(framed.engine) as db:
        db.execute(update(DrawRow).where(DrawRow.stratum == "B", DrawRow.lot == 2).values(entry="B99"))
    changed = framed("draws replay d1")
    assert changed.code == 1
    assert "B #2" in changed.err


@pytest.mark.parametrize("size", ["A", "A=", "=3", "A=x", "A=-1"])
def test_a_misspelled_number_is_a_usage_error(framed: Shell, size: str) -> None:
    assert framed(f"draws plan d1 --campaign luohe --frame roll --size {size}").code == 2
    assert "d1" not in framed.ok("draws list")
