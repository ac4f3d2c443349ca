"""``pingyi questionnaires``: from a template to a stored questionnaire."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import service
from survey_models.core import clock
from survey_models.questionnaires.service import load
from survey_models.schemes import shelf
from tests.cli.shell import PASSWORD, Shell

UNITS = Path(shelf.__file__).parent / "units" / "luohe_units.csv"


def test_from_a_template_to_a_stored_questionnaire(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("DATABASE_URL", sqlite_url), ("DATA_DIR", str(tmp_path / "data"))):
        monkeypatch.setenv(f"PINGYI_{name}", value)
    engine = make_engine(sqlite_url)
    shell = Shell(engine, tmp_path / "data")
    assert "luohe-opinions" in shell.ok("questionnaires templates")
    made = shell.ok(f"questionnaires make luohe-80 --units {UNITS} --variants peers")
    file = tmp_path / "form.yaml"
    file.write_text(made, encoding="utf-8")
    told = shell.ok(f"questionnaires lint {file}")
    assert "0 处不合格，3 处提醒。" in told
    with unit_of_work(engine) as db:
        hashed = passwords.new_hash(PASSWORD, name="setup")
        service.create(db, "setup", password_hash=hashed, roles=["setup"], at=clock.now())
    shell.ok("accounts login setup --password-stdin", typed=f"{PASSWORD}\n")
    assert "已保存" in shell.ok(f"questionnaires store {file} --id luohe")
    assert "[questionnaire_stored]" in shell(f"questionnaires store {file} --id luohe").err
    with unit_of_work(engine) as db:
        form, _ = load(db, "luohe", 1)
    assert len(form.variants) == 80
    assert not form.carries("peer-LH-007", form.items[6])
    spoiled = yaml.safe_load(made)
    spoiled["scales"]["satisfaction4"]["options"].pop(2)
    file.write_text(yaml.safe_dump(spoiled), encoding="utf-8")
    assert shell(f"questionnaires lint {file}").code == 1
    refused = shell(f"questionnaires store {file} --id luohe --version 2")
    assert (refused.code, "[questionnaire_faulty]" in refused.err) == (1, True)
    engine.dispose()
