"""The hand-over file: written once, plain for demos alone, sealed otherwise; the key is made once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.handover import (
    Line,
    demo_folder,
    lines_of,
    open_sealed,
    read_plain,
    set_aside,
    write_plain,
    write_sealed,
)
from api.keys import load_pepper, write_private
from api.settings import Settings
from survey_models.core.errors import Problem
from survey_models.tickets.codes import new_code, printed
from survey_models.tickets.service import IssuedCode

PASSPHRASE = "八个字的口令也可以 but longer"
ISSUED = [IssuedCode(serial, new_code(), 1 + serial % 2, serial % 3, serial > 4) for serial in range(1, 7)]
LINES = lines_of(ISSUED, strata={1: ("源汇区", "城镇"), 2: ("郾城区", "农村")}, points={1: "文化宫", 2: "大厅, 一楼"})


def test_lines_carry_what_a_printer_needs() -> None:
    assert LINES[1] == Line(2, printed(ISSUED[1].code), 1, "源汇区", "城镇", "大厅, 一楼", reserve=False)
    assert LINES[2].point == ""
    assert [line.reserve for line in LINES] == [False] * 4 + [True] * 2
    assert ISSUED[0].code not in repr(ISSUED[0])
    assert LINES[0].code not in repr(LINES[0])


@pytest.mark.parametrize("purpose", ["demo", "rehearsal"])
def test_a_plain_file_is_read_back(tmp_path: Path, purpose: str) -> None:
    path = tmp_path / "demo" / "codes.csv"
    write_plain(path, LINES, purpose=purpose)
    assert read_plain(path) == LINES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_real_campaign_is_never_written_plain(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sealed only"):
        write_plain(tmp_path / "codes.csv", LINES, purpose="real")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    write_plain(path, LINES, purpose="demo")
    with pytest.raises(FileExistsError):
        write_plain(path, LINES[:1], purpose="demo")
    with pytest.raises(FileExistsError):
        write_sealed(path, LINES[:1], passphrase=PASSPHRASE)
    assert read_plain(path) == LINES


def test_a_sealed_file_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    path = tmp_path / "codes.sealed"
    write_sealed(path, LINES, passphrase=PASSPHRASE)
    content = path.read_bytes()
    assert not any(line.code.encode() in content or line.area.encode() in content for line in LINES)
    assert open_sealed(path, passphrase=PASSPHRASE) == LINES
    with pytest.raises(ValueError, match="wrong"):
        open_sealed(path, passphrase=PASSPHRASE + " ")
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ValueError, match="changed"):
        open_sealed(path, passphrase=PASSPHRASE)
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="not a sealed"):
        open_sealed(path, passphrase=PASSPHRASE)


def test_a_weak_passphrase_seals_nothing(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        write_sealed(tmp_path / "codes.sealed", LINES, passphrase="luohe")
    assert refused.value.code == "password_weak"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read", [read_plain, lambda path: open_sealed(path, passphrase=PASSPHRASE)])
def test_a_missing_file_is_named(tmp_path: Path, read: object) -> None:
    with pytest.raises(Problem) as refused:
        read(tmp_path / "nowhere.csv")  # type: ignore[operator]
    assert refused.value.code == "hand_over_missing"
    assert "nowhere.csv" in refused.value.sentence()


def test_what_lies_in_the_way_is_kept_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    for number in range(3):
        set_aside(path)
        write_private(path, str(number).encode())
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "codes.csv": "2",
        "codes-2.csv": "0",
        "codes-3.csv": "1",
    }


def test_the_key_is_made_once_whoever_asks_first(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_pepper(tmp_path), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["pepper"]
    assert stat.S_IMODE((tmp_path / "keys" / "pepper").stat().st_mode) == 0o600


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    load_pepper(tmp_path)
    (tmp_path / "keys" / "pepper").write_bytes(b"short")
    with pytest.raises(ValueError, match="5 bytes"):
        load_pepper(tmp_path)


def test_a_second_database_has_a_folder_of_its_own(tmp_path: Path) -> None:
    embedded = Settings(data_dir=tmp_path, database_url="")
    other = Settings(data_dir=tmp_path, database_url="postgresql+psycopg://me:secret@db.example/city")
    assert demo_folder(embedded) == demo_folder(other)
    write_private(tmp_path / "demo" / "database", b"embedded\n")
    assert demo_folder(embedded).path == tmp_path / "demo"
    assert demo_folder(other).path.parent == tmp_path / "demo"
    renewed = Settings(data_dir=tmp_path, database_url="postgresql+psycopg://me:changed@db.example/city")
    assert demo_folder(renewed) == demo_folder(other)
