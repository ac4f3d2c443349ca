"""The short form of the proof against power cuts, and that it can fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import proofs_power
from benchmarks.proofs_disk import Step, cuts, places_of
from benchmarks.proofs_town import furnish

DISK = {"a": b"old" * 400}


@pytest.mark.proof
def test_what_was_acknowledged_survives_power_cuts(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "town.sqlite3"
    shutil.copyfile(sqlite_template, file)
    town = furnish(f"sqlite:///{file}", tmp_path, tickets=64, units=4)
    found = proofs_power.prove(town, tmp_path, number=60, control=12)
    assert proofs_power.faults(found) == []
    assert found["FULL"].cuts == 60
    assert found["FULL"].acked > 600
    assert found["NORMAL"].lost > 0


def test_a_proof_that_sees_nothing_fails() -> None:
    whole, losing = proofs_power.Tally(cuts=1), proofs_power.Tally(cuts=1, lost=1)
    assert proofs_power.faults({"FULL": whole, "NORMAL": losing, "lying disk": losing}) == []
    assert len(proofs_power.faults({"FULL": losing, "NORMAL": losing, "lying disk": losing})) == 1
    assert len(proofs_power.faults({"FULL": whole, "NORMAL": whole, "lying disk": whole})) == 2


def test_what_was_flushed_stays_and_the_rest_may_be_torn() -> None:
    steps = [
        Step("write", "a", 0, b"new" * 400),
        Step("sync", "a"),
        Step("said", said=1),
        Step("write", "a", 100, b"x" * 1000),
    ]
    left = list(cuts(steps, DISK, [1] * 200 + [3] * 50 + [4] * 200, seed=1))
    before, flushed, after = left[:200], left[200:250], left[250:]
    assert {cut.files["a"] for cut in flushed} == {b"new" * 400}
    assert all(cut.said == [1] for cut in flushed + after)
    assert {b"old" * 400, b"new" * 400} < {cut.files["a"] for cut in before}
    assert all(cut.files["a"][:100] == (b"new" * 400)[:100] for cut in after)
    # Three sectors are written in part, each there or not, some of them torn.
    assert len({cut.files["a"] for cut in after}) > 8


def test_a_lying_disk_forgets_what_it_flushed() -> None:
    steps = [Step("write", "b", 0, b"new"), Step("sync", "b"), Step("delete", "a"), Step("sync", "a")]
    found = {tuple(sorted(cut.files)) for cut in cuts(steps, DISK, [4] * 100, seed=1, flushes=False)}
    assert found == {(), ("a",), ("b",), ("a", "b")}
    assert {tuple(cut.files) for cut in cuts(steps, DISK, [4] * 100, seed=1)} == {("b",)}
    assert set(places_of([*steps, Step("said")], 100, seed=1)) >= {1, 2, 3, 4, 5}
