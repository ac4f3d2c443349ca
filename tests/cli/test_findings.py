"""Findings on the command line."""

import re
from datetime import timedelta
from pathlib import Path

import docx

from api.db import unit_of_work
from survey_models.calendar import service as calendar
from survey_models.core import clock
from survey_models.findings import service as findings
from survey_models.rounds import plans
from survey_models.rounds.plans import Wish
from survey_models.units.tables import Unit
from tests.cli.shell import Shell


def test_a_supervision_notice_and_its_file(staffed: Shell, tmp_path: Path) -> None:
    with unit_of_work(staffed.engine) as db:
        calendar.seed(db, at=clock.now())
        unit = Unit(code="U-1", name="单位", category="市直", position=1, superior_led=False, flags_source="made up")
        db.add(unit)
    assert staffed.refused("findings open supervision U-1 --text 台账不全 --as setup") == "finding_needs"
    opened = staffed.ok("findings open supervision U-1 --text 台账不全 --limit 2099-01-05 --as setup")
    found = re.search(r"Recorded: (\S+)", opened)
    assert found
    assert "supervision" in staffed.ok("findings list --as setup")
    paper = tmp_path / "notice.pdf"
    paper.write_bytes(b"%PDF-1.7 made up")
    assert "SHA-256" in staffed.ok(f"findings attach {found[1]} {paper} --as setup")
    assert staffed.refused(f"findings move {found[1]} report --note x --as setup") == "forbidden"
    shown = staffed.ok(f"findings show {found[1]} --as setup")
    assert "withdraw" in shown
    assert "2099-01-05" in staffed.ok("findings list --kind supervision --as setup")
    line = f"findings notice {found[1]} --as setup --out {tmp_path}"
    assert staffed.refused(f"{line}/notice.docx") == "calendar_ends", "nothing is guessed past the calendar's end"
    assert staffed.refused(f"{line}/notice.txt") == "document_unknown"
    soon = (clock.now() + timedelta(days=20)).date()
    opened = staffed.ok(f"findings open supervision U-1 --text 台账不全 --limit {soon} --as setup")
    number = opened.split("Recorded: ")[1].split()[0]
    staffed.ok(f"findings notice {number} --as setup --out {tmp_path}/notice.docx")
    said = "".join(one.text for one in docx.Document(str(tmp_path / "notice.docx")).paragraphs)
    assert f"请于{soon.year}年{soon.month}月{soon.day}日前" in said
    assert staffed.ok("findings waiting --as setup").count("supervision") == 0
    assert staffed.ok("findings must-check p1 --as setup") == ""
    price = "nowhere/inspection/item_06"
    line = f"findings discretion {found[1]} withdraw --price {price} --note x --as setup"
    assert staffed.refused(line) == "request_malformed", "withdrawing costs nothing"


def test_the_matter_of_a_case_reaches_the_score(staffed: Shell) -> None:
    answers = {"units": [{"code": "U-1", "name": "单位", "category": "市直单位"}]}
    with unit_of_work(staffed.engine) as db:
        calendar.seed(db, at=clock.now())
        planned = plans.plan(db, Wish("xuancheng-2019-48", "2019"), answers, by="setup", at=clock.now())
        number = planned.round.id
    opened = staffed.ok("findings open inspection U-1 --text 台账不全 --as setup")
    found = opened.split("Recorded: ")[1].split()[0]
    staffed.ok(f"findings move {found} confirm --price {number}/inspection/item_06 --matter 台账 --note x --as setup")
    with unit_of_work(staffed.engine) as db:
        assert [one.matter for one in findings.deductions_of(db, number)] == ["台账"]
