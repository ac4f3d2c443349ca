"""``pingyi rounds documents`` and ``bundle``, ``pingyi results recompute``: written here, computed again anywhere."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path

import docx
import pytest

from api.auth import passwords
from api.db import unit_of_work
from api.keys import load_signer
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.core.archives import archive, unpacked
from survey_models.ledger.events import SYSTEM_LOG
from survey_models.ledger.sequencer import integrate
from survey_models.rounds import outcomes
from tests import published_round
from tests.cli.shell import PASSWORD, Shell, on_both
from tests.published_round import FEW, ROUND


@pytest.fixture
def scored(staffed: Shell) -> Shell:
    long_ago = clock.now() - timedelta(days=30)
    with unit_of_work(staffed.engine) as session:
        published_round.put(session, at=clock.now())
        password = passwords.new_hash(PASSWORD, name="auditor")
        accounts.create(session, "auditor", password_hash=password, roles=["auditor"], at=long_ago)
    staffed.ok("accounts login auditor --password-stdin", typed=f"{PASSWORD}\n")
    staffed.ok("accounts login setup --password-stdin", typed=f"{PASSWORD}\n")
    return staffed


def changed(files: dict[str, bytes], name: str, old: str, new: str) -> dict[str, bytes]:
    assert old.encode() in files[name]
    return {**files, name: files[name].replace(old.encode(), new.encode(), 1)}


@on_both
def test_bundles_are_computed_again_without_database(
    scored: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, whole = tmp_path / "public.zip", tmp_path / "auditor.zip"
    assert scored.refused(f"rounds bundle {ROUND} --out {public}") == "round_not_published"
    assert scored.refused(f"rounds bundle {ROUND} --kind auditor --out {whole}") == "forbidden"
    at = clock.now()
    with unit_of_work(scored.engine) as session:
        published_round.publish(session, outcomes.latest(session, ROUND), at=at)
    with unit_of_work(scored.engine) as session:
        signer = load_signer(scored.data_dir)
        integrate(session, SYSTEM_LOG, signer=signer, host="pingyi.test", at=at, today=at.date(), limit=10_000)
    scored.ok(f"rounds bundle {ROUND} --out {public}")
    scored.ok(f"rounds bundle {ROUND} --kind auditor --out {whole} --as auditor")
    counts = tmp_path / "counts.json"
    scored.ok(f"rounds counts {ROUND} --out {counts}")

    monkeypatch.setenv("PINGYI_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3")
    monkeypatch.setenv("PINGYI_DATA_DIR", "/nowhere/at/all")
    files = unpacked(whole.read_bytes())
    vkey = files["ledger/vkey"].decode().strip()
    said = scored.ok(f"results recompute {whole} --vkey {vkey}")
    assert said.count("通过  ") == 8
    assert "all 80 units equal" in said
    assert scored.ok(f"verify {counts} --vkey {vkey}").count("通过  ") == 5
    counts.write_bytes(counts.read_bytes().replace(ROUND.encode(), b"luohe-2016"))
    assert "FAILED  signature: " in scored(f"verify {counts}").out
    # The general command knows it for what it is.
    assert "ok  outcome: " in scored.ok(f"verify {whole} --vkey {vkey}")

    said = scored.ok(f"results recompute {public}")
    assert "79 units equal" in said
    assert said.count("not checkable  ") == 3
    shown = unpacked(public.read_bytes())
    assert "blind" not in json.loads(shown["round.json"]) or json.loads(shown["round.json"])["blind"] is None
    # Nor can what is hidden be tried out against the digest of what was read.
    assert json.loads(shown["round.json"])["inputs_digest"] != hashlib.sha256(files["inputs.json"]).hexdigest()
    asked = [json.loads(one["inputs.json"])["answers"] for one in (files, shown)]
    assert [FEW in {key[1] for key, _ in answers} for answers in asked] == [True, False]

    for name, old, new, key in (
        ("outcome.json", '"printed":"', '"printed":"1', "outcome"),
        ("inputs.json", '"counts":[["不了解",', '"counts":[["不了解",1', "inputs"),
        ("scheme.json", '"version":1', '"version":2', "scheme"),
        ("ledger/entry.json", '"no":1', '"no":2', "ledger"),
    ):
        other = tmp_path / "changed.zip"
        other.write_bytes(archive(changed(files, name, old, new)))
        told = scored(f"results recompute {other}")
        assert told.code == 1
        assert "FAILED  files: " in told.out
        assert f"FAILED  {key}: " in told.out, (name, told.out)
    assert scored.refused(f"results recompute {tmp_path / 'none.zip'}") == "bundle_unreadable"


def test_documents_are_written_to_a_folder(scored: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    assert "1 documents" in scored.ok(f"rounds documents {ROUND} --to {folder} --only ranking.docx")
    document = docx.Document(io.BytesIO((folder / "ranking.docx").read_bytes()))
    assert any("LH-080" in cell.text for table in document.tables for cell in table.columns[2].cells)
    assert scored.refused(f"rounds documents {ROUND} --to {folder} --only nothing.pdf") == "document_unknown"
    assert scored.refused(f"rounds documents none --to {folder}") == "round_unknown"
