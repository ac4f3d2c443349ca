"""The work of the office on the command line: open, close, count by two people, results, draws, units, tickets."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.db import unit_of_work
from survey_models.accounts import service as accounts
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from tests.api.poll import make_poll
from tests.cli.shell import Shell, on_both

UNITS = "code,name,category,order,superior_led,flags_source\nLH-001,公安,甲,1,0,test\nLH-002,电力,乙,2,1,test\n"


@pytest.fixture
def poll(staffed: Shell) -> Shell:
    make_poll(staffed.engine, "luohe", stop_at="ready")
    return staffed


def state(shell: Shell) -> str:
    with unit_of_work(shell.engine) as db:
        return campaigns.get(db, "luohe").state


@on_both
def test_from_opening_to_the_sheet_of_scores(poll: Shell, tmp_path: Path) -> None:
    assert poll.refused("campaigns open luohe --as release") == "forbidden"
    assert "pingyi acts confirm 1" in poll.ok("campaigns open luohe")
    assert poll.refused("acts confirm 1") == "act_same_person"
    assert state(poll) == "ready"
    poll.ok("acts confirm 1 --as release")
    assert poll.refused("results run luohe") == "campaign_open"
    assert poll.refused("campaigns count luohe") == "act_not_allowed"
    poll.ok("campaigns close luohe")
    assert poll.refused("results run luohe") == "campaign_not_counted"
    assert "pingyi acts confirm 2" in poll.ok("campaigns count luohe")
    assert poll.refused("acts confirm 2") == "act_same_person"
    assert poll.refused("acts confirm 3 --as release") == "act_unknown"
    assert state(poll) == "closed"
    poll.ok("acts confirm 2 --as release")
    assert state(poll) == "counted"
    assert "confirmed" in poll.ok("acts list")
    assert poll.refused("results show luohe") == "result_missing"
    poll.ok("results run luohe")
    assert "得分" in poll.ok("results show luohe")
    sheet = tmp_path / "scores.xlsx"
    poll.ok(f"results export luohe --out {sheet}")
    assert sheet.read_bytes().startswith(b"PK")
    report = tmp_path / "scores.html"
    poll.ok(f"results report luohe --out {report} --lang en")
    page = report.read_text(encoding="utf-8")
    assert "Report of results" in page
    assert "?lang=" not in page, "a file has no server to ask for the other language"
    poll.ok(f"results pictures luohe --out {tmp_path / 'pictures'}")
    drawn = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert {"luohe-allocation.svg", "luohe-weights.svg"} <= drawn
    events = poll.ok("ledger list --log luohe")
    for event in ("campaigns:opened", "campaigns:closed", "acts:asked", "acts:confirmed", "reports:exported"):
        assert event in events


def test_files_may_be_taken_after_closing(poll: Shell) -> None:
    poll.ok("campaigns open luohe")
    poll.ok("acts confirm 1 --as release")
    poll.ok("campaigns close luohe --accept-until 2999-01-01T08:00:00")
    with unit_of_work(poll.engine) as db:
        until = campaigns.get(db, "luohe").accept_until
        assert until is not None
        assert until.isoformat() == "2999-01-01T00:00:00+00:00", "typed in local time"
    assert poll.refused("campaigns count luohe") == "accept_until_not_reached"
    poll.ok("campaigns reopen luohe")
    poll.ok("acts confirm 2 --as release")
    assert state(poll) == "open"


def test_a_reset_account_cannot_confirm_for_a_day(poll: Shell) -> None:
    poll.ok("campaigns open luohe")
    poll.ok("acts confirm 1 --as release")
    poll.ok("campaigns close luohe")
    poll.ok("campaigns count luohe")
    with unit_of_work(poll.engine) as db:
        accounts.get(db, "release").renewed_at = clock.now() - timedelta(hours=23)
    assert poll.refused("acts confirm 2 --as release") == "account_too_new"
    assert state(poll) == "closed"


def test_looking_at_campaigns(poll: Shell) -> None:
    assert "luohe" in poll.ok("campaigns list")
    assert "ready → open" in poll.ok("campaigns show luohe")
    assert poll.refused("campaigns show nowhere") == "campaign_unknown"


def test_units_are_imported_whole_or_not(staffed: Shell, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text(UNITS, encoding="gb18030")
    assert staffed.refused(f"units import {file} --stated 3") == "units_count_differs"
    assert "LH-001" not in staffed.ok("units list")
    staffed.ok(f"units import {file} --stated 2")
    assert "电力" in staffed.ok("units list")
    for broken, code in (
        (UNITS.replace(",order", ""), "upload_columns_missing"),
        (UNITS.replace("order", "order,phone"), "upload_columns_unknown"),
        (UNITS.replace("公安", ""), "cell_missing"),
        (UNITS.replace(",1,0,", ",first,0,"), "cell_not_an_option"),
        (UNITS.replace(",1,0,", ",1,yes,"), "cell_not_an_option"),
    ):
        file.write_text(broken, encoding="utf-8")
        assert staffed.refused(f"units import {file} --stated 2") == code


def test_a_lost_card_is_withdrawn(poll: Shell) -> None:
    poll.ok("tickets void luohe 3 --reason lost")
    assert poll.refused("tickets void luohe 3 --reason lost") == "ticket_void"
    assert poll.refused("tickets void luohe 99 --reason lost") == "ticket_unknown"
    assert "tickets:voided" in poll.ok("ledger list --log luohe")


def test_a_lost_card_is_replaced_and_a_batch_voided_by_two(staffed: Shell) -> None:
    make_poll(staffed.engine, "luohe", reserve=1)
    assert "第 11 号备用卡" in staffed.ok("tickets replace luohe 3 --reason lost")
    assert staffed.refused("tickets replace luohe 4 --reason lost") == "reserve_empty"
    assert staffed.refused("tickets replace luohe 4 --reason lost --as release") == "forbidden"
    assert staffed.refused("tickets void-batch luohe 2 --reason stolen") == "batch_unknown"
    assert "pingyi acts confirm 1" in staffed.ok("tickets void-batch luohe 1 --reason stolen")
    assert staffed.refused("acts confirm 1") == "act_same_person"
    staffed.ok("acts confirm 1 --as release")
    assert "✓" in staffed.ok("tickets batches luohe")
    events = staffed.ok("ledger list --log luohe")
    assert "tickets:replaced" in events
    assert "tickets:batch_voided" in events


def test_a_voided_batch_is_issued_anew_and_opened_where_cards_are_printed(staffed: Shell, tmp_path: Path) -> None:
    make_poll(staffed.engine, "luohe")
    out, plain, key = tmp_path / "codes.sealed", tmp_path / "codes.csv", tmp_path / "printer"
    word = "eight cranes over the river"
    assert staffed.refused(f"tickets reissue luohe 1 --out {out}", typed=f"{word}\n{word}\n") == "batch_not_voided"
    staffed.ok("tickets void-batch luohe 1 --reason stolen")
    staffed.ok("acts confirm 1 --as release")
    assert staffed.refused(f"tickets reissue luohe 1 --out {out}", typed=f"{word}\nother\n") == "passphrase_differs"
    assert "10 cards" in staffed.ok(f"tickets reissue luohe 1 --out {out}", typed=f"{word}\n{word}\n")
    assert staffed.refused(f"tickets unseal {out} --out {plain}", typed="something else\n") == "hand_over_sealed"
    assert "10 cards" in staffed.ok(f"tickets unseal {out} --out {plain}", typed=f"{word}\n")
    assert len(plain.read_text(encoding="utf-8").splitlines()) == 11
    assert staffed.refused(f"tickets unseal {out} --out {plain}", typed=f"{word}\n") == "key_file_exists"

    staffed.ok("tickets void-batch luohe 2 --reason stolen")
    staffed.ok("acts confirm 2 --as release")
    public = staffed.ok(f"mix key --out {key} --unprotected").splitlines()[0]
    # A file that is there already is not overwritten, and then nothing is issued.
    assert staffed.refused(f"tickets reissue luohe 2 --out {out} --public {public}") == "key_file_exists"
    sealed, second = tmp_path / "second.sealed", tmp_path / "second.csv"
    staffed.ok(f"tickets reissue luohe 2 --out {sealed} --public {public}")
    assert staffed.refused(f"tickets unseal {sealed} --out {second}") == "hand_over_sealed"
    staffed.ok(f"tickets unseal {sealed} --out {second} --key {key}")
    assert "tickets:reissued" in staffed.ok("ledger list --log luohe")


def test_before_the_first_migration_the_remedy_is_named(
    staffed: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINGYI_DATABASE_URL", f"sqlite:///{tmp_path}/new/empty.sqlite3")
    assert staffed.refused("accounts whoami") == "not_ready"
    assert staffed("db check").code == 1
    assert staffed.ok("db current") == "-\n"
    staffed.ok("db upgrade")
    staffed.ok("db check")
    assert staffed.refused("accounts whoami") == "not_signed_in"
