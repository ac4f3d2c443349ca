"""What a killed process left of a workbook goes; what another one is writing stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from survey_models.exports import scratch

WRITES = """
import sys, tempfile, time
tempfile.tempdir = sys.argv[1]
from survey_models.exports import scratch
with scratch.folder() as made:
    open(made + "/rows", "w").write("secret")
    print(made, flush=True)
    time.sleep(600)
"""


def test_a_killed_process_leaves_nothing_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", WRITES, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        left = Path(writing.stdout.readline().strip())
        assert (left.stat().st_mode & 0o777, scratch.sweep(), left.exists()) == (0o700, 0, True), "it is being written"
        os.kill(writing.pid, signal.SIGKILL)
        writing.wait()
    (tmp_path / f"{scratch.PREFIX}begun").mkdir()
    assert (left / "rows").read_text() == "secret"
    with scratch.folder() as own:
        assert not left.exists()
        assert scratch.sweep() == 0
        assert Path(own).exists()
    assert [one.name for one in tmp_path.iterdir()] == [f"{scratch.PREFIX}begun"], "made this moment, maybe"
