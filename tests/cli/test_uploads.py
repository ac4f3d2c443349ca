"""Contractors' files on the command line, from the template to the counted file."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.auth import passwords
from api.db import reading, unit_of_work
from api.jobs.worker import Worker
from api.settings import Settings
from survey_models.accounts import assignments
from survey_models.accounts import service as accounts
from survey_models.ballots.writer import IntakeWriter
from survey_models.campaigns import tallies
from survey_models.core import clock
from survey_models.spreadsheets.read import read
from tests.cli.shell import PASSWORD, Shell
from tests.survey_models.uploads.paper import CAMPAIGN, FORM, LAYOUT, file_of, make_campaign, rows


@pytest.fixture
def firm(staffed: Shell) -> Shell:
    """An office with an open survey, and a contractor who signed in last."""
    with unit_of_work(staffed.engine) as session:
        make_campaign(session)
        for name in ("firm", "rival"):
            password_hash = passwords.new_hash(PASSWORD, name=name)
            accounts.create(session, name, password_hash=password_hash, roles=["contractor"], at=clock.now())
            assignments.assign(session, name, CAMPAIGN, by="setup", at=clock.now())
    for name in ("rival", "firm"):
        staffed.ok(f"accounts login {name} --password-stdin", typed=f"{PASSWORD}\n")
    return staffed


@pytest.fixture
def worker(firm: Shell) -> Iterator[Worker]:
    settings = Settings()
    writer = IntakeWriter(firm.engine, zone=settings.timezone, capacity=100)
    writer.start()
    yield Worker(firm.engine, writer, settings)
    writer.stop()


def test_from_template_to_accepted(firm: Shell, worker: Worker, tmp_path: Path) -> None:
    template, filled = tmp_path / "t.csv", tmp_path / "filled.csv"
    firm.ok(f"uploads template {CAMPAIGN} --out {template}")
    assert read(template.read_bytes(), "t.csv").header == list(LAYOUT.printed)
    book = tmp_path / "t.xlsx"
    firm.ok(f"uploads template {CAMPAIGN} --out {book}")
    assert read(book.read_bytes(), "t.xlsx").header == list(LAYOUT.printed)
    filled.write_bytes(file_of(rows(12)))
    assert "12 rows, 0 faults" in firm.ok(f"uploads check {CAMPAIGN} {filled}")
    assert firm.ok("uploads list").count("filled.csv") == 0, "a check stores nothing"
    said = firm.ok(f"uploads send {CAMPAIGN} {filled}")
    upload = re.findall(r"[0-9a-f-]{36}", said)[0]
    assert "had come before" in firm.ok(f"uploads send {CAMPAIGN} {filled}")
    assert firm.refused(f"uploads accept {upload}") == "upload_state_wrong"
    assert worker.run_once()
    assert "checked 0/12" in firm.ok(f"uploads show {upload}")
    firm.ok(f"uploads accept {upload}")
    assert worker.run_once()
    assert "accepted 12/12" in firm.ok(f"uploads show {upload}")
    assert upload in firm.ok(f"uploads list --campaign {CAMPAIGN}")
    with reading(firm.engine) as session:
        assert int(tallies.tally(session, FORM, CAMPAIGN).sheets.sum()) == 12
    assert firm.refused(f"uploads show {upload} --as rival") == "upload_unknown"
    assert upload not in firm.ok("uploads list --as rival")
    assert firm.refused(f"uploads withdraw {upload} --reason x --as release") == "forbidden"
    firm.ok(f"uploads withdraw {upload} --reason mistake --as setup")
    assert "withdrawn 12/12 mistake" in firm.ok(f"uploads show {upload}")


def test_faults_are_listed(firm: Shell, worker: Worker, tmp_path: Path) -> None:
    body = rows(60)
    for row in body:
        row[5] = "很好"
    filled = tmp_path / "faulty.csv"
    filled.write_bytes(file_of(body))
    said = firm(f"uploads check {CAMPAIGN} {filled}")
    assert said.code == 1
    assert "F2" in said.out
    assert "cell_not_an_option" in said.out
    assert "10 more." in said.out
    assert "60 rows, 60 faults." in said.out
    upload = re.findall(r"[0-9a-f-]{36}", firm.ok(f"uploads send {CAMPAIGN} {filled}"))[0]
    assert worker.run_once()
    shown = firm.ok(f"uploads show {upload}")
    assert "rejected 0/60" in shown
    assert "F51" in shown


def test_columns_are_named_on_the_command_line(firm: Shell, tmp_path: Path) -> None:
    header = [*LAYOUT.printed, "备注"]
    header[0] = "样本编号"
    filled = tmp_path / "own.csv"
    filled.write_bytes(file_of([[*row, "王"] for row in rows(4)], header=header))
    said = firm.ok(f"uploads columns {CAMPAIGN} {filled}")
    assert "guessed" in said
    assert "unknown" in said
    assert firm(f"uploads check {CAMPAIGN} {filled}").code == 1
    maps = "--map 样本编号=问卷编号 --map 备注="
    assert "4 rows, 0 faults" in firm.ok(f"uploads check {CAMPAIGN} {filled} {maps}")
    firm.ok(f"uploads send {CAMPAIGN} {filled} {maps}")
    assert "4 rows, 0 faults" in firm.ok(f"uploads check {CAMPAIGN} {filled}"), "it was remembered"
    assert firm.refused(f"uploads check {CAMPAIGN} {filled} --map 没有=问卷编号") == "upload_mapping_unfit"
