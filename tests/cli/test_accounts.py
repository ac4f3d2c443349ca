"""Signing in on the command line; making and resetting accounts."""

import re
import stat
from datetime import timedelta

from sqlalchemy import select

from api.db import reading
from survey_models.core import clock
from survey_models.ledger.tables import LedgerEntry
from tests.cli.shell import PASSWORD, Shell


def printed_password(out: str) -> str:
    found = re.search(r"Password \(shown once\): (\S+)", out)
    assert found
    return found[1]


def events(shell: Shell) -> list[str]:
    with reading(shell.engine) as db:
        return list(db.scalars(select(LedgerEntry.event).where(LedgerEntry.log == "system")))


def test_the_first_account_needs_nobody(shell: Shell) -> None:
    password = printed_password(shell.ok("accounts create li.wei --role setup"))
    assert shell.refused("accounts create wang.fang --role release") == "not_signed_in"
    shell.ok("accounts login li.wei --password-stdin", typed=f"{password}\n")
    shell.ok("accounts create wang.fang --role release --password-stdin", typed=f"{PASSWORD}\n")
    listed = shell.ok("accounts list")
    assert "li.wei" in listed
    assert "release" in listed
    assert events(shell).count("accounts:made") == 2


def test_the_session_file_is_its_owners_alone(staffed: Shell) -> None:
    folder = staffed.data_dir / "sessions"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("setup.token", "release.token", "current"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


def test_who_acts_can_be_chosen_anywhere(staffed: Shell) -> None:
    assert staffed.ok("accounts whoami") == "setup (setup)\n", "the last who signed in"
    for line in ("--as release accounts whoami", "accounts whoami --as release", "accounts --as=release whoami"):
        assert staffed.ok(line) == "release (release)\n"
    assert staffed.refused("accounts whoami --as nobody") == "not_signed_in"
    assert staffed.refused("accounts whoami --as ../setup") == "request_malformed"
    assert staffed("accounts whoami --as").code == 2


def test_signing_out_ends_the_session_on_the_server(staffed: Shell) -> None:
    file = staffed.data_dir / "sessions" / "setup.token"
    token = file.read_text()
    staffed.ok("accounts logout")
    assert not file.exists()
    assert staffed.refused("accounts whoami") == "not_signed_in"
    file.write_text(token)
    assert staffed.refused("accounts whoami --as setup") == "not_signed_in"
    assert staffed.ok("accounts whoami --as release") == "release (release)\n"


def test_a_session_lasts_eight_hours_without_a_break(staffed: Shell) -> None:
    begun = clock.now()
    with clock.frozen(begun + timedelta(hours=7, minutes=59)):
        staffed.ok("accounts whoami")
    with clock.frozen(begun + timedelta(hours=8, minutes=1)):
        assert staffed.refused("accounts whoami") == "not_signed_in"


def test_wrong_passwords_are_refused_and_slowed(staffed: Shell) -> None:
    line = "accounts login setup --password-stdin"
    for _ in range(5):
        assert staffed.refused(line, typed="not the password\n") == "sign_in_failed"
    assert staffed.refused(line, typed=f"{PASSWORD}\n") == "sign_in_slowed"
    staffed.ok("accounts whoami")


def test_the_password_is_asked_for_hidden(staffed: Shell) -> None:
    said = staffed.ok("accounts login setup", typed=f"{PASSWORD}\n")
    assert "密码" in said
    assert PASSWORD not in said


def test_a_reset_needs_the_server_alone_and_ends_sessions(staffed: Shell) -> None:
    staffed.ok("accounts logout --as setup")
    staffed.ok("accounts logout --as release")
    password = printed_password(staffed.ok("accounts reset release"))
    assert staffed.refused("accounts login release --password-stdin", typed=f"{PASSWORD}\n") == "sign_in_failed"
    staffed.ok("accounts login release --password-stdin", typed=f"{password}\n")
    assert staffed.refused("acts confirm 1") == "own_password_first"
    same = staffed.refused("accounts password --password-stdin", typed=f"{password}\n{password}\n")
    assert same == "password_unchanged"
    staffed.ok("accounts password --password-stdin", typed=f"{password}\n{PASSWORD}\n")
    assert staffed.refused("accounts list") == "forbidden"
    assert staffed.refused("accounts unlink setup") == "oidc_not_linked"
    assert events(staffed).count("accounts:reset") == 1
    assert staffed.refused("accounts reset nobody") == "account_unknown"


def test_weak_passwords_and_taken_names(staffed: Shell) -> None:
    line = "accounts create new.one --role auditor --password-stdin"
    assert staffed.refused(line, typed="password1234\n") == "password_weak"
    assert staffed.refused("accounts create setup --role auditor") == "account_exists"
    assert staffed("accounts create new.one --role king").code == 2
    assert staffed.refused("accounts create new.one --role auditor --as release") == "forbidden"


def test_passwords_and_tokens_are_in_no_ledger_entry(staffed: Shell) -> None:
    password = printed_password(staffed.ok("accounts reset release"))
    token = (staffed.data_dir / "sessions" / "setup.token").read_text()
    with reading(staffed.engine) as db:
        bodies = b"\n".join(db.scalars(select(LedgerEntry.body)))
    for secret in (password, token, PASSWORD, "argon2"):
        assert secret.encode() not in bodies
