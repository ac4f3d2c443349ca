"""``pingyi ledger root``: the root of a day, to post and to keep."""

from __future__ import annotations

from datetime import timedelta

from api.jobs.sequencer import Sequencer
from api.settings import Settings
from survey_models.core import clock
from survey_models.ledger.signing import Signer
from tests.cli.shell import Shell


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
