"""``pingyi ledger``: the root of a day, to post and to keep; a new key in the place of the old one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.db import reading
from api.jobs.sequencer import Sequencer
from api.keys import load_signer
from api.settings import Settings
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger import queries, rotation
from survey_models.ledger.changes import keys_from
from survey_models.ledger.notes import open_note, vkey_of
from survey_models.ledger.signing import Signer
from tests.cli.shell import PASSWORD, Shell, on_both


@on_both
def test_the_key_is_changed_beside_a_running_sequencer(staffed: Shell) -> None:
    folder = staffed.data_dir
    kept = load_signer(folder)
    first, settings = kept.current(), Settings()
    sequencer = Sequencer(staffed.engine, kept, settings)
    assert sequencer.run_once() > 0
    assert staffed.refused("--as release ledger rotate") == "forbidden"
    assert first.public == kept.public
    said = staffed.ok("ledger rotate")
    assert kept.public != first.public
    assert kept.public.hex() in said
    assert not (folder / "keys" / "ledger-next").exists()
    staffed.ok("accounts login release --password-stdin", typed=f"{PASSWORD}\n")
    # The lease is free at once, and the key in memory is the new one.
    assert sequencer.run_once() == 1
    with reading(staffed.engine) as session:
        keys = keys_from(first.public, rotation.announced(session))
        head = queries.head(session, log="system")
    assert head is not None
    assert keys.opened(head.note)[1] == kept.public
    with pytest.raises(ValueError, match="not signed"):
        open_note(head.note, vkey_of(head.note.split("\n")[0], first.public))


def test_a_change_that_was_interrupted_is_finished(staffed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_signer(staffed.data_dir).public
    with monkeypatch.context() as broken:
        broken.setattr("api.keys.use_next_signer", lambda _folder: (_ for _ in ()).throw(OSError("power is gone")))
        with pytest.raises(OSError, match="power"):
            staffed("ledger rotate")
    assert load_signer(staffed.data_dir).public == first
    settings = Settings()
    staffed.ok("accounts login release --password-stdin", typed=f"{PASSWORD}\n")
    with pytest.raises(Problem) as refused:
        Sequencer(staffed.engine, load_signer(staffed.data_dir), settings).run_once()
    assert refused.value.code == "ledger_key_differs"
    assert "第 1 次" in staffed.ok("--as setup ledger rotate")
    assert load_signer(staffed.data_dir).public != first
    with reading(staffed.engine) as session:
        assert rotation.current_key(session) == load_signer(staffed.data_dir).public
        assert len(rotation.announced(session).changes) == 1
    with clock.frozen(clock.now() + timedelta(seconds=11)):
        assert Sequencer(staffed.engine, load_signer(staffed.data_dir), settings).run_once() == 1


def test_the_root_of_a_day_is_printed(staffed: Shell) -> None:
    assert staffed.refused("ledger root") == "ledger_unknown"
    settings = Settings()
    assert Sequencer(staffed.engine, Signer(bytes(32)), settings).run_once() > 0
    with staffed.engine.connect() as connection:
        root, size = connection.exec_driver_sql("SELECT root, size FROM ledger_heads WHERE log = 'system'").one()
    said = staffed.ok("ledger root").splitlines()
    assert said[0] == root
    assert said[1].split()[:2] == ["system", str(size)]
    assert len(said) > 20, "a QR code follows"
    today = clock.local_day(clock.now(), settings.timezone)
    assert staffed.ok(f"ledger root --day {today}").splitlines()[0] == root
    assert staffed.refused(f"ledger root --day {today - timedelta(days=1)}") == "ledger_unknown"
    assert staffed.refused("ledger root --log nothing") == "ledger_unknown"
