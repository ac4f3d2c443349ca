"""Draws on the command line: planned before the seed, run by two people, extended, drawn again, published."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from api.db import reading, unit_of_work
from sampling.selection import FrameEntry
from survey_models.core import clock
from survey_models.draws.tables import DrawRow
from survey_models.frames import service as frames
from survey_models.ledger import service as ledger
from survey_models.ledger.events import SYSTEM_LOG, Event
from tests.cli.shell import Shell

PLAN = "draws plan d1 --campaign luohe --frame roll --size A=3 --size B=4 --reserve A=1"


@pytest.fixture
def framed(staffed: Shell) -> Shell:
    """A list frame of two strata of twenty."""
    entries = [FrameEntry(f"{stratum}{number:02}", stratum, 1) for stratum in "AB" for number in range(20)]
    with unit_of_work(staffed.engine) as db:
        title = frames.FrameTitle(id="roll", title="名单", source="test", made_up=True)
        frames.freeze_list(db, title, entries=entries, by="test", at=clock.now())
    return staffed


@pytest.fixture
def drawn(framed: Shell) -> Shell:
    """The same, planned and drawn."""
    framed.ok(PLAN)
    framed.ok("draws run d1 --seed 20261122083015")
    framed.ok("acts confirm 1 --as release")
    return framed


def test_plan_run_confirm_replay(framed: Shell) -> None:
    assert framed.refused(f"{PLAN} --as release") == "forbidden"
    said = framed.ok(PLAN)
    assert "frame_digest" in said
    assert "design_digest" in said
    assert framed.refused(PLAN) == "draw_exists"
    assert framed.refused("draws replay d1") == "draw_not_run"
    assert framed.refused("draws run d1 --seed short") == "seed_malformed"
    assert framed.refused("draws run d2 --seed 20261122083015") == "draw_unknown"
    assert "pingyi acts confirm 1" in framed.ok("draws run d1 --seed 20261122083015")
    assert framed.refused("draws replay d1") == "draw_not_run", "asking draws nothing"
    assert framed.refused("acts confirm 1") == "act_same_person"
    framed.ok("acts confirm 1 --as release")
    assert framed.refused("draws run d1 --seed 20261122083016") == "draw_already_run"
    shown = framed.ok("draws show d1")
    assert "20261122083015" in shown
    assert "3/20" in shown
    assert shown.count("True") == 1, "one reserve"
    assert "8" in framed.ok("draws replay d1")
    assert "stratified-srs" in framed.ok("draws list")


def test_a_changed_lot_is_named(drawn: Shell) -> None:
    with unit_of_work(drawn.engine) as db:
        db.execute(update(DrawRow).where(DrawRow.stratum == "B", DrawRow.lot == 2).values(entry="B99"))
    changed = drawn("draws replay d1")
    assert changed.code == 1
    assert "B #2" in changed.err
    assert "≠ B99" in changed.err


def test_further_lots(drawn: Shell) -> None:
    assert drawn.refused("draws extend d1 --stratum A --more 18") == "sample_too_large"
    drawn.ok("draws extend d1 --stratum A --more 2")
    assert "8" in drawn.ok("draws replay d1")
    drawn.ok("acts confirm 2 --as release")
    shown = drawn.ok("draws show d1")
    assert "extension A +2" in shown
    assert "True" not in shown
    assert "9" in drawn.ok("draws replay d1")
    assert "draws:extended" in drawn.ok("ledger list --log system")


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_what_is_published_can_be_checked_alone(drawn: Shell, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"bundle{ending}"
    drawn.ok(f"draws export d1 {out} --with-frame")
    folder = tmp_path / "folder"
    drawn.ok(f"draws export d1 {folder}")
    assert sorted(path.name for path in folder.iterdir()) == ["draw.json", "drawn.tsv", "verify_draw.py"]
    for place in (out, folder):
        command = [sys.executable, "-I", str(folder / "verify_draw.py"), str(place)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "EQUAL: 8 lots" in done.stdout
    with reading(drawn.engine) as db:
        written = ledger.recorded(db, SYSTEM_LOG, Event.DRAW_EXPORTED)
    assert sorted((body["frame"], body["by"]) for body in written) == [(False, "setup"), (True, "setup")]


def test_an_undrawn_draw_has_nothing_to_publish(framed: Shell, tmp_path: Path) -> None:
    framed.ok(PLAN)
    assert framed.refused(f"draws export d1 {tmp_path / 'x.zip'}") == "draw_not_run"
    assert not (tmp_path / "x.zip").exists()


def test_stages(framed: Shell) -> None:
    plan = "draws plan d2 --campaign luohe --frame roll --method stages --take A=2 --take B=3"
    assert framed.refused(f"{plan} --must C07") == "must_unknown"
    framed.ok(f"{plan} --must B07")
    framed.ok("draws run d2 --seed 20261122083015")
    framed.ok("acts confirm 1 --as release")
    shown = framed.ok("draws show d2")
    assert "B07" in shown
    assert "2/19" in shown
    assert "5" in framed.ok("draws replay d2")


@pytest.mark.parametrize("size", ["A", "A=", "=3", "A=x", "A=-1"])
def test_a_misspelled_number_is_a_usage_error(framed: Shell, size: str) -> None:
    assert framed(f"draws plan d1 --campaign luohe --frame roll --size {size}").code == 2
    assert framed(f"draws plan d1 --campaign luohe --frame roll --method stages --take {size},1").code == 2
    assert "d1" not in framed.ok("draws list")
