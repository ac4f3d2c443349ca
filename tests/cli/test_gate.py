"""``pingyi gate`` on a desk of the office."""

from __future__ import annotations

from pathlib import Path

from api.auth import passwords
from api.db import unit_of_work
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.uploads import service as uploads
from tests.api.poll import make_poll
from tests.cli.shell import PASSWORD, Shell


def test_lots_a_review_and_what_is_in_the_way(staffed: Shell, tmp_path: Path) -> None:
    make_poll(staffed.engine, "luohe", key_folder=tmp_path / "data")
    with unit_of_work(staffed.engine) as session:
        password_hash = passwords.new_hash(PASSWORD, name="承办")
        accounts.create(session, "承办", password_hash=password_hash, roles=["contractor"], at=clock.now())
    assert "共发出 12 份" in staffed.ok("gate hand-out luohe 承办 1 --issued 12 --back-check 0")
    assert "共发出 20 份" in staffed.ok("gate hand-out luohe 承办 1 --issued 8 --back-check 20")
    assert "20" in staffed.ok("gate lots luohe")
    with unit_of_work(staffed.engine) as session:
        arrival = uploads.examine("a.csv", uploads.template(session, "luohe", ending=".csv"))
        upload = uploads.receive(session, arrival, campaign_id="luohe", by="承办", at=clock.now()).upload.id
    assert "upload_state_wrong" in staffed.ok(f"gate show {upload}")
    assert staffed.refused(f"gate sign {upload} --statement 同意") == "upload_state_wrong"
    assert staffed.refused(f"gate note {upload} 3 confirmed") == "gate_line_not_drawn"
    assert staffed.refused(f"gate back-check {upload}") == "upload_state_wrong"
