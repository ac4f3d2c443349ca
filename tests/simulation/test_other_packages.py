"""The benchmark's lines about other packages say what happened, whatever is installed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import other_packages
from benchmarks.other_packages import NOT_INSTALLED, OTHERS, Other, other_lines

READS = """
import sys
import numpy as np
d = np.fromfile(sys.argv[1], dtype="<f8").reshape(2 * int(sys.argv[3]) + 2, int(sys.argv[2]))
print(d[0].sum() + d[-1].max())
"""


@pytest.fixture
def program() -> Other:
    # A package that is there wherever the tests run stands for one that is installed.
    return Other("numpy", "reads", "numpy", READS)


def test_a_package_that_is_there_is_timed_on_the_columns(monkeypatch: pytest.MonkeyPatch, program: Other) -> None:
    monkeypatch.setattr(other_packages, "OTHERS", (program,))
    columns = np.column_stack([[1.0, 2.0], [1.0, 1.0], [5.0, 5.0], [0.0, 7.0]])
    (line,) = other_lines(columns, units=1)
    assert line.value == "10.00 s"
    assert line.good


def test_a_package_that_is_not_there_is_called_so(tmp_path: Path, program: Other) -> None:
    file = tmp_path / "sheets"
    file.write_bytes(bytes(32))
    absent = replace(program, package="no_such_package")
    assert absent.seconds(file, ballots=1, units=1) == NOT_INSTALLED
    assert replace(program, interpreter="no-such-interpreter").seconds(file, ballots=1, units=1) == NOT_INSTALLED


def test_a_package_whose_interface_is_another_is_not_called_absent(tmp_path: Path, program: Other) -> None:
    file = tmp_path / "sheets"
    file.write_bytes(bytes(32))
    said = replace(program, program="import numpy\nnumpy.survey()").seconds(file, ballots=1, units=1)
    assert said.startswith("did not run: AttributeError")


def test_the_three_that_are_named() -> None:
    assert [other.name for other in OTHERS] == ["R survey", "svy", "samplics"]
    for other in OTHERS[1:]:
        assert other.interpreter == sys.executable
        compile(other.program, other.name, "exec")
