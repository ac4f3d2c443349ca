"""Addresses and bundles as c2sp.org/tlog-tiles writes them."""

from __future__ import annotations

import pytest

from survey_models.ledger.merkle import leaf_hash
from survey_models.ledger.tiles import Forest, TileName, bundle_of, entries_in, read_path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 0, 256), "0/000"),
        (TileName(0, 7, 1), "0/007.p/1"),
        (TileName(1, 1234067, 256), "1/x001/x234/067"),
        (TileName(None, 5, 255), "entries/005.p/255"),
        (TileName(None, 1000, 256), "entries/x001/000"),
    ],
)
def test_a_tile_has_one_address(name: TileName, path: str) -> None:
    assert name.path == path
    assert read_path(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/1",
        "0/0001",
        "00/001",
        "0/001.p/0",
        "0/001.p/256",
        "0/001.p/999",
        "8/001",
        "0/x000/001",
        "0/x001",
        "-1/001",
        "0/001/",
        "0/001.p/01",
        "data/001",
        "0/" + "x001/" * 30 + "001",
        "0/\u0661\u0661\u0661",
    ],
)
def test_what_is_no_address_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        read_path(path)


def test_a_bundle_gives_its_entries_back() -> None:
    entries = [b"", b"a", b"b" * 65_535]
    assert entries_in(bundle_of(entries)) == entries
    with pytest.raises(OverflowError):
        bundle_of([b"b" * 65_536])
    for cut in (b"\x00", b"\x00\x02a"):
        with pytest.raises(ValueError, match="inside an entry"):
            entries_in(cut)


def test_a_missing_tile_is_said() -> None:
    forest = Forest(lambda _level, _index: b"")
    forest.append(0, [leaf_hash(b"a")] * 3)
    with pytest.raises(LookupError, match="lacks node"):
        forest.node(2, 0)
