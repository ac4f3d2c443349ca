"""The working-day calendar on the command line."""

from pathlib import Path

from tests.cli.shell import Shell


def test_seed_show_and_import(staffed: Shell, tmp_path: Path) -> None:
    assert "2013" in staffed.ok("calendar seed --as setup")
    shown = staffed.ok("calendar show 2019 --as release")
    assert "2019-09-29" in shown
    assert "班 work" in shown
    file = tmp_path / "notice.csv"
    file.write_text("date,kind\n2019-10-08,off\n", encoding="utf-8")
    assert staffed.refused(f"calendar import {file} --year 2019 --source x --as release") == "forbidden"
    staffed.ok(f"calendar import {file} --year 2019 --source 通知 --as setup")
    shown = staffed.ok("calendar show 2019 --as setup")
    assert "2019-10-08" in shown
    assert "2019-09-29" not in shown, "the file is the whole year"
