"""The second factor and access tokens on the command line."""

import re
import secrets
from datetime import timedelta

import pytest

from survey_models.accounts import one_time
from survey_models.core import clock
from tests.cli.shell import PASSWORD, Shell, on_both

SECRET = b"12345678901234567890"
STEP = timedelta(seconds=30)
CODE = re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$", re.MULTILINE)


def now_code(later: timedelta = timedelta(0)) -> str:
    return one_time.code_of(SECRET, one_time.step_at(clock.now() + later))


@on_both
def test_the_second_step_on_the_command_line(staffed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda size: (SECRET * 2)[:size])
    login = "accounts login setup --password-stdin"
    with clock.frozen(clock.now()):
        assert staffed.refused("totp set --password-stdin", typed="wrong\n") == "password_wrong"
        said = staffed.ok("totp set --password-stdin", typed=f"{PASSWORD}\n{now_code()}\n")
        assert "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" in said
        codes = CODE.findall(said)
        assert len(codes) == 10
        assert staffed.ok("accounts whoami") == "setup (setup)\n", "the own session goes on"
        assert staffed.refused(login, typed=f"{PASSWORD}\n{now_code()}\n") == "totp_wrong", "used"
        staffed.ok(login, typed=f"{PASSWORD}\n{now_code(STEP)}\n")
        staffed.ok(login, typed=f"{PASSWORD}\n{codes[0]}\n")
        renewed = CODE.findall(staffed.ok("totp codes --password-stdin", typed=f"{codes[1]}\n"))
        assert staffed.refused("totp remove --password-stdin", typed=f"{codes[2]}\n") == "totp_wrong"
        assert staffed.refused("totp reset setup") == "totp_own_reset"
        assert staffed.refused("totp reset setup --as release") == "forbidden"
        staffed.ok("totp remove --password-stdin", typed=f"{renewed[0]}\n")
        staffed.ok(login, typed=f"{PASSWORD}\n")


def test_after_the_grace_only_setting_up_is_open(staffed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_TOTP_GRACE_DAYS", "0")
    monkeypatch.setattr(secrets, "token_bytes", lambda size: (SECRET * 2)[:size])
    assert staffed.refused("accounts list") == "totp_required"
    assert staffed.ok("accounts whoami") == "setup (setup)\n"
    staffed.ok("totp set --password-stdin", typed=f"{PASSWORD}\n{now_code()}\n")
    staffed.ok("accounts list")


def test_own_password_and_tokens(staffed: Shell) -> None:
    make = "tokens make board --scope progress:read --days 30 --password-stdin"
    assert staffed.refused(make, typed="wrong\n") == "password_wrong"
    text = re.search(r"^pingyi_\S{43}$", staffed.ok(make, typed=f"{PASSWORD}\n"), re.MULTILINE)
    assert text
    marks = staffed.refused("tokens make x --scope marks:write --password-stdin", typed=f"{PASSWORD}\n")
    assert marks == "token_scope_not_yours"
    listed = staffed.ok("tokens list")
    number = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", listed)
    assert number
    assert text[0] not in listed
    assert number[0] not in staffed.ok("tokens list --as release"), "others see their own"
    assert staffed.refused(f"tokens revoke {number[0]} --as release") == "token_not_there"
    staffed.ok(f"tokens revoke {number[0]}")
    assert "ended" in staffed.ok("tokens list")
    staffed.ok("accounts password --password-stdin", typed=f"{PASSWORD}\nquite another walk\n")
    staffed.ok("accounts whoami")
    assert staffed.refused("accounts login setup --password-stdin", typed=f"{PASSWORD}\n") == "sign_in_failed"
    staffed.ok("accounts login setup --password-stdin", typed="quite another walk\n")
