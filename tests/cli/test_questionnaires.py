"""``pingyi questionnaires``: from a template to a stored questionnaire."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine

from api.auth import passwords
from api.db import make_engine, reading, unit_of_work
from api.demo import sources
from survey_models.accounts import service
from survey_models.campaigns.service import form_of, get, strata_of
from survey_models.core import clock
from survey_models.frames import service as frames
from survey_models.frames.service import CountCell, FrameTitle
from survey_models.questionnaires.service import load
from survey_models.rounds import service as rounds
from survey_models.schemes import shelf
from survey_models.units import service as units
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
        for name in ("release", "setup"):
            hashed = passwords.new_hash(PASSWORD, name=name)
            service.create(db, name, password_hash=hashed, roles=[name], at=clock.now() - timedelta(days=30))
    for name in ("release", "setup"):
        shell.ok(f"accounts login {name} --password-stdin", typed=f"{PASSWORD}\n")
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
    _wave_of_2500(shell, engine, monkeypatch)
    engine.dispose()


def _wave_of_2500(shell: Shell, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opinions, nominations and 知晓率 from the template, over a frozen frame: one command, then it can be opened."""
    areas = [
        CountCell((f"a{no}", f"区{no}"), ("all", "居民"), 1000 * no, made_up=False, source="census") for no in (1, 2, 3)
    ]
    with unit_of_work(engine) as db:
        rated = units.import_units(db, sources.unit_rows(), stated=80, by="setup", at=clock.now())
        rounds.create(db, "r", title="周期", units=rated, at=clock.now())
        frames.freeze_counts(
            db, FrameTitle("f", "人口", "census", made_up=False), cells=areas, candidates=(), by="setup", at=clock.now()
        )
    monkeypatch.setenv("PINGYI_SEALING_KEY_ON_SERVER", "1")
    secret = shell.data_dir / "secret"
    secret.write_text("a passphrase of the printers\n", encoding="utf-8")
    wave = f"campaigns wave wave --round r --frame f --out {shell.data_dir / 'out'} --passphrase-file {secret}"
    told = shell.ok(wave)
    assert "2500" in told
    assert "✓" in told
    assert (shell.data_dir / "out" / "wave.cards").exists()
    assert "[round_planned_otherwise]" in shell(f"{wave} --sheets 900").err
    shell.ok("campaigns open wave")
    shell.ok("acts confirm 1 --as release")
    with reading(engine) as db:
        found = get(db, "wave")
        form = form_of(db, found)
        assert [row.sample_size for row in strata_of(db, "wave")] == [417, 833, 1250]
    assert sorted(item.kind for item in form.extras) == ["multiple", "nomination", "text"]
    assert (found.state, found.purpose) == ("open", "real")
