"""``pingyi bundles`` and ``pingyi verify``: written by those who may, checked by anybody without a database."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from api.db import unit_of_work
from api.keys import load_signer
from survey_models.core import clock
from survey_models.core.archives import archive, unpacked
from survey_models.ledger.merkle import consistency_proof, leaf_hash, node_in, root_of
from survey_models.ledger.notes import Checkpoint, open_note, signed_note
from survey_models.ledger.sequencer import integrate
from tests.api.poll import make_poll
from tests.cli.shell import Shell


@pytest.fixture
def counted(staffed: Shell) -> Shell:
    """A campaign that nobody answered, counted and computed."""
    make_poll(staffed.engine, "luohe", stop_at="ready")
    staffed.ok("campaigns open luohe")
    staffed.ok("acts confirm 1 --as release")
    for line in ("campaigns close luohe", "campaigns count luohe", "acts confirm 2 --as release"):
        staffed.ok(line)
    staffed.ok("results run luohe")
    return staffed


def grow(shell: Shell) -> None:
    at = clock.now()
    with unit_of_work(shell.engine) as session:
        signer = load_signer(shell.data_dir)
        integrate(session, "luohe", signer=signer, host="pingyi.test", at=at, today=at.date(), limit=10_000)


def test_written_by_the_office_and_checked_without_it(
    counted: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "luohe.zip"
    assert counted.refused(f"bundles write luohe --out {file}") == "bundle_ledger_waiting"
    grow(counted)
    assert counted.refused(f"bundles write luohe --kind auditor --out {file}") == "forbidden"
    told = counted.ok(f"bundles write luohe --out {file}")
    files = unpacked(file.read_bytes())
    assert hashlib.sha256(files["manifest.json"]).hexdigest() in told
    # From here on there is neither a database nor a data folder.
    monkeypatch.setenv("PINGYI_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite3")
    monkeypatch.setenv("PINGYI_DATA_DIR", "/nowhere/at/all")
    vkey, note = files["ledger/vkey"].decode().strip(), files["ledger/checkpoint"].decode()
    state = tmp_path / "witness.json"
    state.write_text(json.dumps({"logs": {"luohe": {"vkey": vkey, "note": note}}}))
    said = counted.ok(f"verify {file} --vkey {vkey} --witness {state}")
    assert "通过  首部签名" in said
    assert "ok  witness: " in said
    assert "not checkable  box: " in said
    files["tallies.csv"] += b"LH-001,1,9,9,0,0,0,0,0\n"
    changed = tmp_path / "changed.zip"
    changed.write_bytes(archive(files))
    failed = counted(f"verify {changed}")
    assert failed.code == 1
    assert "FAILED  files: " in failed.out
    assert counted.refused(f"verify {state}") == "bundle_unreadable"
    assert counted.refused(f"verify {tmp_path / 'none.zip'}") == "bundle_unreadable"
    assert counted.refused(f"verify {file} --witness {file}") == "witness_state_unreadable"


def test_an_older_bundle_is_believed_with_a_proof_of_growth(counted: Shell, tmp_path: Path) -> None:
    grow(counted)
    file, state, growth = tmp_path / "luohe.zip", tmp_path / "witness.json", tmp_path / "growth.json"
    counted.ok(f"bundles write luohe --out {file}")
    files = unpacked(file.read_bytes())
    vkey = files["ledger/vkey"].decode().strip()
    head = open_note(files["ledger/checkpoint"].decode(), vkey)
    leaves = [leaf_hash(entry) for entry in [*files["ledger/entries.jsonl"][:-1].split(b"\n"), b"one more"]]
    later = Checkpoint(head.origin, len(leaves), root_of(leaves))
    note = signed_note(later, load_signer(counted.data_dir))
    state.write_text(json.dumps({"logs": {"luohe": {"vkey": vkey, "note": note}}}))
    refused = counted(f"verify {file} --witness {state}")
    assert (refused.code, "FAILED  witness: " in refused.out) == (1, True)
    proof = consistency_proof(head.size, later.size, node_in(leaves))
    growth.write_text(json.dumps({"proof": [value.hex() for value in proof]}))
    assert "ok  witness: " in counted.ok(f"verify {file} --witness {state} --growth {growth}")
    growth.write_text(json.dumps({"proof": [value.hex() for value in proof[1:]]}))
    assert counted(f"verify {file} --witness {state} --growth {growth}").code == 1
    changed_key(counted, tmp_path, vkey)


def changed_key(counted: Shell, tmp_path: Path, vkey: str) -> None:
    """A bundle under a new key is believed by who knows the old one, through the announcement in it alone."""
    counted.ok("ledger rotate")
    grow(counted)
    file, forged = tmp_path / "new.zip", tmp_path / "forged.zip"
    counted.ok(f"bundles write luohe --out {file}")
    files = unpacked(file.read_bytes())
    new = files["ledger/vkey"].decode().strip()
    assert new != vkey
    assert "announced under the trusted one" in counted.ok(f"verify {file} --vkey {vkey}")
    assert "signed by the trusted key" in counted.ok(f"verify {file} --vkey {new}")
    announced = json.loads(files["ledger/keys.json"])
    # Who knows the new key alone looks back by what was announced since.
    older, since = tmp_path / "luohe.zip", tmp_path / "keys.json"
    since.write_text(json.dumps({"announced": announced}))
    assert "FAILED  signature: " in counted(f"verify {older} --vkey {new}").out
    assert "announced under the trusted one" in counted.ok(f"verify {older} --vkey {new} --keys {since}")
    assert counted.refused(f"verify {older} --vkey {new} --keys {older}") == "witness_state_unreadable"
    files["ledger/keys.json"] = json.dumps({**announced, "changes": []}).encode()
    forged.write_bytes(archive(files))
    assert "FAILED  signature: " in counted(f"verify {forged} --vkey {vkey}").out
