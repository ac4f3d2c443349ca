"""A pytest plugin that notes what each part of `make test` took; run as a program it prints that, and the limit.

The steps before pytest (set-up, lint, types, front end) and every run of pytest leave their seconds in the file named
by `PINGYI_BUDGET`. The whole must stay within twelve minutes with everything still to install. Four runs of pytest
stand beside each other, so that the parts add up to more than the whole.
"""

import os
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

LIMIT_MINUTES = 12.0
PHASES = ("set-up", "lint and types", "unit", "two databases", "browser", "short proofs")
DATABASE_FIXTURES = {"database_url", "empty_database_url", "postgres_url", "postgres_server"}

_seconds: defaultdict[str, float] = defaultdict(float)
_phase_of: dict[str, str] = {}


def phase_of(item: pytest.Item) -> str:
    """Which line of the budget a test is charged to."""
    folders = item.path.parts
    if "browser" in folders:
        return "browser"
    if item.get_closest_marker("proof") or "proofs" in folders:
        return "short proofs"
    if "migrations" in folders or DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return "two databases"
    return "unit"


def table(seconds: dict[str, float], whole: float | None = None) -> list[str]:
    """The printed lines: phase and minutes taken; below the whole, minutes allowed, ratio.

    ``whole``: seconds by the clock; None: the sum of the phases.
    """
    total = (sum(seconds.values()) if whole is None else whole) / 60
    lines = [f"{'phase':<16}{'minutes':>9}{'limit':>8}{'ratio':>8}"]
    lines += [f"{phase:<16}{seconds.get(phase, 0.0) / 60:>9.2f}" for phase in PHASES]
    return [*lines, f"{'all':<16}{total:>9.2f}{LIMIT_MINUTES:>8.1f}{total / LIMIT_MINUTES:>8.2f}"]


def add_earlier(seconds: defaultdict[str, float], file: Path) -> None:
    """Add what the steps before pytest wrote down, one `phase<TAB>seconds` a line."""
    for line in file.read_text(encoding="utf-8").splitlines():
        phase, taken = line.split("\t")
        seconds[phase] += float(taken)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remember the phase of each test: reports carry only its name."""
    _phase_of.update({item.nodeid: phase_of(item) for item in items})


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Charge set-up, call and tear-down to the test's phase."""
    _seconds[_phase_of.get(report.nodeid, "unit")] += report.duration


def pytest_sessionfinish() -> None:
    """Leave the seconds of this run in the file."""
    file = os.environ.get("PINGYI_BUDGET")
    if file is not None:
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.writelines(f"{phase}\t{taken:.1f}\n" for phase, taken in _seconds.items())


def main() -> None:
    """Print the table of the file, and the whole by the clock since `PINGYI_STARTED`."""
    seconds: defaultdict[str, float] = defaultdict(float)
    add_earlier(seconds, Path(os.environ["PINGYI_BUDGET"]))
    lines = table(seconds, time.time() - float(os.environ["PINGYI_STARTED"]))
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
