"""``pingyi paper`` on a desk of the office."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from api.auth import passwords
from api.db import unit_of_work
from api.keys import load_pepper
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.paper import service
from survey_models.paper.sealing import EntrySealer
from survey_models.paper.service import Typed
from tests.api.poll import make_poll
from tests.cli.shell import PASSWORD, Shell


def test_progress_differences_and_setting_aside(staffed: Shell, tmp_path: Path) -> None:
    poll = make_poll(staffed.engine, "luohe", key_folder=tmp_path / "data")
    assert len(poll.codes) == 10
    sealer = EntrySealer(load_pepper(tmp_path / "data"))
    with unit_of_work(staffed.engine) as session:
        for name, answers in (("甲", "11110--"), ("乙", "11120--")):
            password_hash = passwords.new_hash(PASSWORD, name=name)
            day = date(2026, 1, 5)
            accounts.create(
                session,
                name,
                password_hash=password_hash,
                roles=["paper"],
                at=clock.now(),
                trained_on=day,
                undertaking_on=day,
            )
            service.keep(session, "luohe", "3", Typed(answers), sealer=sealer, by=name, at=clock.now())
    shown = staffed.ok("paper show luohe")
    assert "142.86‰" in shown
    assert "11110" not in shown
    assert "0 份" in staffed.ok("paper send luohe")
    assert "1 份" in staffed.ok("paper set-aside luohe --serial 3 --reason 污损")
    assert "waiting" in staffed.ok("paper show luohe")
