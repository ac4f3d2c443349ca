"""Codes in plain text stand in the hand-over file and nowhere else; private files are private."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from api.keys import load_pepper
from tests.demo.installation import Demo


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def some_codes(demo: Demo) -> list[str]:
    """Used, unused, kept and reserve ones: every hundredth line of both files."""
    found: list[str] = []
    for campaign in ("luohe", "luohe-closed"):
        lines = demo.folder.codes(campaign).read_text(encoding="utf-8").splitlines()[1:]
        found += [line.split(",")[1] for line in lines[::100]]
    return found


def leftovers(demo: Demo) -> bytes:
    """All bytes of the database, its journal included, and of the keys."""
    files = [path for path in demo.settings.data_dir.glob("**/*") if path.is_file() and path.parent != demo.folder.path]
    assert any(path.name == "pingyi.sqlite3" for path in files)
    return b"".join(path.read_bytes() for path in files)


def words(content: bytes) -> bytes:
    """What is left to search for codes in: wherever one may stand, a tenth as long as the whole."""
    return b"\n".join(re.findall(rb"[0-9A-Za-z-]{8,}", content))


def spellings(code: str) -> set[str]:
    return {code, code.replace("-", ""), code.lower(), code.replace("-", "").lower()}


def test_no_code_stands_in_the_database_file(sqlite_demo: Demo) -> None:
    content = leftovers(sqlite_demo)
    codes = some_codes(sqlite_demo)
    assert len(codes) > 100
    written = words(content)
    for code in codes:
        assert not [spelling for spelling in spellings(code) if spelling.encode() in written]
    assert "源汇区".encode() in content
    assert codes[7].encode() in words(content + codes[7].encode()), "the search would find it"


def test_no_password_stands_in_the_database_file(sqlite_demo: Demo) -> None:
    content = leftovers(sqlite_demo)
    for line in sqlite_demo.folder.passwords.read_text(encoding="utf-8").splitlines():
        assert line.split()[1].encode() not in content


def test_no_code_stands_in_the_tables(postgres_demo: Demo) -> None:
    tables = postgres_demo.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    everything = "\n".join(
        str(row) for (table,) in tables if table != "frame_rows" for row in postgres_demo.rows(f"SELECT * FROM {table}")
    )
    written = words(everything.encode())
    for code in some_codes(postgres_demo):
        assert not [spelling for spelling in spellings(code) if spelling.encode() in written]


def test_private_files_are_for_the_owner_alone(demo: Demo) -> None:
    load_pepper(demo.settings.data_dir)
    for path in (demo.folder.path, demo.settings.data_dir / "keys"):
        assert mode(path) == 0o700
        assert {mode(file) for file in path.rglob("*") if file.is_file()} == {0o600}
        assert {mode(folder) for folder in path.rglob("*") if folder.is_dir()} <= {0o700}


def test_the_kept_codes_are_five_live_ones_of_the_first_cell(demo: Demo) -> None:
    lines = [line.split(",") for line in demo.folder.codes("luohe").read_text(encoding="utf-8").splitlines()[1:]]
    kept = demo.folder.kept("luohe")
    assert kept == [line[1] for line in lines[:5]]
    assert {(line[2], line[5], line[6]) for line in lines[:5]} == {("1", lines[0][5], "0")}
