"""Marks, duties and rosters on the command line: one walk through a round."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.rosters import service as rosters
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.cli.shell import PASSWORD, Shell
from tests.survey_models.marks.city import INSPECTION, ROUND, make_round
from tests.survey_models.rosters.test_rosters import nine, person


@pytest.fixture
def shell(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Setup, two people of one assessing office and a unit's account, all signed in."""
    monkeypatch.setenv("PINGYI_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PINGYI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    shell = Shell(make_engine(sqlite_url, allow_unsafe=True), tmp_path / "data")
    people: list[tuple[str, str, str | None, str | None]] = [
        ("setup", "setup", None, None),
        ("ann", "assessor", INSPECTION, None),
        ("bob", "assessor", INSPECTION, None),
        ("unit", "unit", None, "C-2"),
    ]
    with unit_of_work(shell.engine) as session:
        make_round(session)
        rosters.make(session, "reps", round_id=ROUND, kind="representatives", title="评议代表")
        at = clock.now() - timedelta(days=30)
        for name, role, office, unit in people:
            stored = passwords.new_hash(PASSWORD, name=name)
            accounts.create(session, name, password_hash=stored, roles=[role], office=office, unit_code=unit, at=at)
    for name, *_ in people:
        shell.ok(f"accounts login {name} --password-stdin", typed=f"{PASSWORD}\n")
    return shell


def test_a_walk_through_a_round(shell: Shell, tmp_path: Path) -> None:
    file, paper = tmp_path / "m.xlsx", tmp_path / "signed.pdf"
    paper.write_bytes(b"%PDF-1.7")
    shell.ok(f"marks template {ROUND} M --out {file} --as ann")
    sheet = read(file.read_bytes(), file.name)
    rows = [list(cells) for _, cells in sheet.rows]
    rows[0][2], rows[1][2] = "92.5", "101"
    file.write_bytes(xlsx_bytes([Table("评分", sheet.header, rows)]))
    said = shell(f"marks import {ROUND} M {file} --as ann")
    assert (said.code, "C3" in said.out, "[file_faulty]" in said.err) == (1, True, True)
    rows[1][2] = "88"
    file.write_bytes(xlsx_bytes([Table("评分", sheet.header, rows)]))
    assert "2 new" in shell.ok(f"marks import {ROUND} M {file} --attachment {paper} --as ann")
    assert shell.refused(f"marks approve {ROUND} M --as ann") == "act_same_person"
    assert "2 approved" in shell.ok(f"marks approve {ROUND} M --as bob")
    lacking = shell.ok(f"marks missing {ROUND} --as bob")
    assert "C-3" in lacking
    assert "市委组织部" not in lacking
    assert "逾期 late" in lacking

    assert shell.ok(f"duties list {ROUND} --as unit").count("市公安局") == 4
    assert "东县" in shell.ok(f"duties late {ROUND} --as setup")
    assert shell.refused(f"duties late {ROUND} --as unit") == "forbidden"
    assert "check" in shell.ok(f"duties late {ROUND} --remind 0 --as setup")
    hand_in_duties(shell, tmp_path, paper)

    shell.ok(f"rosters template reps {file} --as setup")
    header = read(file.read_bytes(), file.name).header
    file.write_bytes(xlsx_bytes([Table("名册", header, [person(1)])]))
    assert shell.refused(f"rosters import reps {file} --opens 2027-05-04 --as setup") == "file_faulty"
    file.write_bytes(xlsx_bytes([Table("名册", header, nine())]))
    assert "3 of them new" in shell.ok(f"rosters import reps {file} --opens 2027-05-04 --as setup")
    assert "reps" in shell.ok(f"rosters list {ROUND} --as setup")
    assert "新聘不少于 1 人" in shell.ok("rosters draw reps --people 3 --id reps-1 --as setup")
    shell.ok("draws run reps-1 --seed 60415238 --as setup")
    assert shell.ok("rosters drawn reps reps-1 --as setup").count("/") == 0, "nobody before two people ran it"
    shell.engine.dispose()


def hand_in_duties(shell: Shell, tmp_path: Path, paper: Path) -> None:
    """What a unit and the office hand in: their own, with what the duty asks for, for a receipt."""
    text = tmp_path / "check.txt"
    text.write_text("本季度自查无问题。", encoding="utf-8")
    check = f"duties submit {ROUND} check"
    assert shell.refused(f"{check} C-1 {text} --period 2015Q1 --as unit") == "not_own_unit"
    assert shell.refused(f"{check} C-2 {text} --period 2015Q1 --as bob") == "forbidden"
    assert shell.refused(f"{check} C-2 {text} --period 2016Q1 --as unit") == "duty_unknown"
    assert shell.refused(f"{check} C-2 --text {'字' * 21} --period 2015Q1 --as unit") == "duty_too_long"
    assert shell.refused(f"{check} C-2 --period 2015Q1 --as unit") == "duty_empty"
    first = shell.ok(f"{check} C-2 {text} --period 2015Q1 --as unit")
    assert "version 1, receipt" in first
    assert "version 2, receipt" in shell.ok(f"{check} C-2 --text 更正 --period 2015Q1 --as setup")

    bound = f"duties submit {ROUND} bound C-2"
    assert shell.refused(f"{bound} --part 封面={paper} --as unit") == "duty_part_unknown"
    assert shell.refused(f"{bound} --part 方案={paper} --as unit") == "duty_parts_missing"
    assert shell(f"{bound} --part 方案={tmp_path / 'none.pdf'} --as unit").code == 2
    shell.ok(f"{bound} --part 方案={paper} --part 机构={paper} --part 总结={paper} --as unit")
    assert shell.refused(f"duties submit {ROUND} deeds C-2 --deed 修路 --as unit") == "duty_deeds_number"
    shell.ok(f"duties submit {ROUND} deeds C-2 --deed 修路 --deed 装灯 --as unit")

    receipt = first.split("receipt ")[1].split(".")[0]
    stood = shell.ok(f"duties list {ROUND} --as unit")
    assert receipt not in stood, "the newest version stands there"
    assert stood.count("late") == 3, stood
