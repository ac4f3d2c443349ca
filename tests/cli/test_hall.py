"""The hall manager's windows and terminals, and the clerk's test points, on the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from api.auth import passwords
from api.db import unit_of_work
from survey_models.accounts import posts
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.devices import service as devices
from survey_models.tablets import service as tablets
from tests.api.poll import make_poll
from tests.cli.shell import PASSWORD, Shell

UNITS = "code,name,category,order,superior_led,flags_source\nLH-001,公安,甲,1,0,test\n"


def signed_in(shell: Shell, name: str, **more: object) -> None:
    at = clock.now() - timedelta(days=30)
    with unit_of_work(shell.engine) as db:
        hashed = passwords.new_hash(PASSWORD, name=name)
        accounts.create(db, name, password_hash=hashed, roles=[name], at=at, **more)  # type: ignore[arg-type]
    shell.ok(f"accounts login {name} --password-stdin", typed=f"{PASSWORD}\n")


def word_like_an_id(text: str) -> str:
    return next(word for word in text.split() if word.count("-") == 4)


def code_in(text: str) -> str:
    """The pairing code that a command printed."""
    return text.partition("Pairing code ")[2].partition(",")[0]


def test_a_hall_manager_and_a_clerk_do_their_work_here(staffed: Shell, tmp_path: Path) -> None:
    make_poll(staffed.engine, "luohe", stop_at="ready")
    units = tmp_path / "units.csv"
    units.write_text(UNITS, encoding="utf-8")
    staffed.ok(f"units import {units} --stated 1")
    signed_in(staffed, "hall")
    a_window_and_its_terminal(staffed, tmp_path)
    today = clock.now().date()
    signed_in(staffed, "point", trained_on=today - timedelta(days=60), undertaking_on=today - timedelta(days=60))
    assert staffed.refused("points list luohe") == "not_own_point"
    assert staffed.refused("tablets pair luohe --point 1") == "not_own_point"
    with unit_of_work(staffed.engine) as db:
        posts.assign(db, "point", "luohe", points=[1], by="setup", at=clock.now())
    a_test_point_and_its_tablet(staffed)


def a_window_and_its_terminal(shell: Shell, tmp_path: Path) -> None:
    assert shell.refused("windows set w-1 --name 社保") == "staff_malformed", "a new one needs a number, too"
    shell.ok("windows set w-1 --number 01 --name 社保 --hall 政务大厅 --mode case")
    shell.ok("windows set w-1 --business 社保卡 --phone 0395-12345 --unit LH-001")
    shown = shell.ok("windows show w-1")
    assert all(text in shown for text in ("社保卡", "政务大厅", "0395-12345", "LH-001", "case"))
    promise = tmp_path / "promise.txt"
    promise.write_text("当场办结", encoding="utf-8")
    shell.ok(f"windows board LH-001 --promise {promise}")
    assert "当场办结" in shell.ok("windows board LH-001 --as release")
    assert shell.refused("windows pair w-1 --as release") == "forbidden"
    code = code_in(shell.ok("windows pair w-1"))
    with unit_of_work(shell.engine) as db:
        device, _ = devices.pair(db, code, at=clock.now())
        number = str(device.id)
        devices.pause(db, device.id, wrong=60, at=clock.now())
    assert "paused" in shell.ok("terminals list")
    shell.ok(f"terminals resume {number}")
    assert shell.refused(f"terminals resume {number}") == "device_not_paused"
    assert shell.refused(f"terminals decide {number} --count --reason 核实") == "forbidden"
    assert shell.refused(f"terminals decide {number} --count --reason 核实过的 --as setup") == "nothing_aside"
    shell.ok("terminals aside")
    shell.ok(f"terminals revoke {number}")
    assert "revoked" in shell.ok("terminals list")
    assert "01" in shell.ok("windows list")
    shell.ok("windows months")
    assert shell.refused("windows months 2999-01") == "month_not_counted"
    poster = tmp_path / "posters.pdf"
    shell.ok(f"windows posters --out {poster}")
    assert poster.read_bytes().startswith(b"%PDF")
    assert shell.refused("points list luohe") == "forbidden"


def a_test_point_and_its_tablet(shell: Shell) -> None:
    assert shell.refused("windows list") == "forbidden"
    code = code_in(shell.ok("tablets pair luohe --point 1"))
    with unit_of_work(shell.engine) as db:
        tablet, _ = tablets.pair(db, code, at=clock.now())
        tablets.pause(db, tablet.id, wrong=60, at=clock.now())
        name = tablets.point_name(db, "luohe", 1)
    listed = shell.ok("points list luohe")
    line = next(line for line in listed.splitlines() if name in line).split()
    assert line[0] == "1"
    assert line[-2:] == ["1", "1"], "one tablet, which is paused"
    number = word_like_an_id(shell.ok("tablets list"))
    shell.ok(f"tablets resume {number}")
    assert shell.ok("points list luohe").count(name) == 1
    shell.ok(f"tablets withdraw {number}")
    assert shell.refused(f"tablets withdraw {number}") == "device_unknown_id"
