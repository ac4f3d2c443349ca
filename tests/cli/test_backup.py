"""``pingyi backup``: what comes back is what was there; a copy that is not, or lacks what was witnessed, is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from api.backups import contents, keeping
from api.db import make_engine, unit_of_work
from api.keys import load_pepper, load_signer
from survey_models.core.errors import Problem
from survey_models.ledger import queries
from survey_models.ledger.events import Event
from survey_models.ledger.sequencer import integrate
from survey_models.ledger.service import record
from survey_models.ledger.tiles import LONGEST_ENTRY
from tests.api.poll import UNITS, make_poll
from tests.cli.shell import Shell, on_both

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def kept(shell: Shell, tmp_path: Path) -> Path:
    """A database with a poll and a grown ledger, and its backup."""
    make_poll(shell.engine, "poll", pepper=load_pepper(shell.data_dir), units=UNITS)
    with unit_of_work(shell.engine) as session:  # an entry too long for its bundle stands in the tree by its digest
        record(session, "poll", Event.UPLOAD_CHECKED, {"upload": "x" * LONGEST_ENTRY}, at=AT)
    _grow(shell)
    shell.ok(f"backup write {tmp_path / 'kept'}")
    return tmp_path / "kept"


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An empty database of the same kind, another data folder; commands act there from now on."""
    monkeypatch.setenv("PINGYI_DATA_DIR", str(tmp_path / "other"))
    if shell.engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path / 'other' / 'pingyi.sqlite3'}"
        monkeypatch.setenv("PINGYI_DATABASE_URL", url)
        yield url
        return
    with request.getfixturevalue("postgres_server").database() as url:
        monkeypatch.setenv("PINGYI_DATABASE_URL", url)
        monkeypatch.setenv("PINGYI_ALLOW_UNSAFE_DATABASE", "true")
        yield url


@on_both
def test_what_comes_back_is_what_was_there(kept: Path, shell: Shell, elsewhere: str, tmp_path: Path) -> None:
    before = _contents(shell.engine.url.render_as_string(hide_password=False))
    assert before[0]["tickets"].rows == 10
    assert before[1]["poll"].size > 2
    shell.ok(f"backup check {kept}")
    said = shell(f"backup restore {kept} --witness {_witness(shell, tmp_path)}")
    assert said.code == 0, said.err
    assert "keys" in said.err  # no key of codes in this folder: nothing printed on a card would be known
    assert _contents(elsewhere) == before
    assert shell.refused(f"backup restore {kept}") == "backup_target_not_empty"
    (tmp_path / "other" / "keys").mkdir(parents=True)
    shutil.copy(shell.data_dir / "keys" / "pepper", tmp_path / "other" / "keys" / "pepper")
    assert "keys" not in shell(f"backup check {kept}").err


def test_nothing_is_written_over(kept: Path, shell: Shell) -> None:
    assert shell.refused(f"backup write {kept}") == "backup_exists"
    kept.rename(kept.with_name("kept2.half"))
    assert shell.refused(f"backup write {kept.with_name('kept2')}") == "backup_exists"


@on_both
def test_a_copy_that_changed_is_refused(kept: Path, shell: Shell, elsewhere: str) -> None:
    file = next(kept.glob("database.*"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for act in ("check", "restore"):
        assert shell.refused(f"backup {act} {kept}") == "backup_changed"
    file.write_bytes(whole)
    _alter(kept, lambda manifest: manifest["tables"]["tickets"].update(rows=11))
    assert shell.refused(f"backup restore {kept}") == "backup_changed"
    (kept / "manifest.json").write_text("{}", encoding="utf-8")
    assert shell.refused(f"backup check {kept}") == "backup_unreadable"
    assert elsewhere


def test_a_copy_of_another_kind_is_refused(kept: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "postgresql+psycopg://nobody@127.0.0.1:1/none" if shell.engine.dialect.name == "sqlite" else "sqlite:///no"
    monkeypatch.setenv("PINGYI_DATABASE_URL", other)
    assert shell.refused(f"backup restore {kept}") == "backup_of_other_kind"


def test_a_witness_tells_what_a_backup_lacks(kept: Path, shell: Shell, elsewhere: str, tmp_path: Path) -> None:
    make_poll(shell.engine, "later", pepper=load_pepper(shell.data_dir), units=UNITS)
    _grow(shell, "later")
    assert shell.refused(f"backup check {kept} --witness {_witness(shell, tmp_path)}") == "backup_behind_witness"
    seen = _witness(shell, tmp_path, log="poll")
    seen.write_text(seen.read_text().replace(_root(shell), "A" * 43 + "="), encoding="utf-8")
    assert shell.refused(f"backup restore {kept} --witness {seen}") == "ledger_fork"
    assert elsewhere


def test_a_ledger_that_left_its_heads_is_not_backed_up(kept: Path, shell: Shell, tmp_path: Path) -> None:
    with shell.engine.begin() as connection:
        connection.execute(text("UPDATE ledger_heads SET root = :root WHERE log = 'poll'"), {"root": "0" * 64})
    assert kept.exists()
    assert shell.refused(f"backup write {tmp_path / 'second'}") == "backup_ledger_broken"


def test_a_missing_tool_is_named(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(postgres_url, allow_unsafe=True)
    monkeypatch.setattr("api.backups.copying.shutil.which", lambda _name: None)
    monkeypatch.setattr("api.backups.copying.Path.glob", lambda _self, _pattern: iter(()))
    with pytest.raises(Problem, match="backup_tool_missing"):
        keeping.write(engine, tmp_path / "kept", data_dir=tmp_path, at=AT, told=lambda _name: None)
    engine.dispose()


def _grow(shell: Shell, log: str = "poll") -> None:
    signer = load_signer(shell.data_dir)
    with unit_of_work(shell.engine) as session:
        while integrate(session, log, signer=signer, host="pingyi.test", at=AT, today=AT.date()):
            pass


def _contents(url: str) -> tuple[dict[str, contents.Table], dict[str, contents.Tree]]:
    engine = make_engine(url, allow_unsafe=True)
    with engine.connect() as connection:
        found = contents.all_of(connection, told=lambda _name: None)
    engine.dispose()
    return found


def _witness(shell: Shell, folder: Path, *, log: str | None = None) -> Path:
    """A witness's state file, as ``pingyi witness`` keeps it."""
    with unit_of_work(shell.engine) as session:
        heads = [queries.head(session, log=row.log) for row in queries.logs(session) if log in {None, row.log}]
        notes = {head.log: {"vkey": "", "note": head.note} for head in heads if head is not None}
    file = folder / "witness.json"
    file.write_text(json.dumps({"name": "auditor.test", "logs": notes}), encoding="utf-8")
    return file


def _root(shell: Shell) -> str:
    with unit_of_work(shell.engine) as session:
        head = queries.head(session, log="poll")
        assert head is not None
        return head.note.splitlines()[2]


def _alter(folder: Path, change: Any) -> None:
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")
