"""The tree in tiles (树块), as c2sp.org/tlog-tiles lays it out: 256 hashes wide, 8 levels high.

Tile ``index`` of tile level ``level`` holds, one after the other, the nodes ``256 * index`` onward of tree level
``8 * level``. A full tile never changes; the last one of a level is partial and grows. Pure: what reads the stored
tiles is handed in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from survey_models.core.canonical import canonical_bytes
from survey_models.ledger.merkle import Node, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32
LONGEST_ENTRY = 0xFFFF

ReadTile = Callable[[int, int], bytes]
"""``read(level, index)``: the hashes of a stored tile, one after the other; empty when there is none."""

_PATH = re.compile(r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True)
class TileName:
    """Which tile: ``level`` is None for a bundle of entries; ``width`` below 256 for a partial one."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """Its address below ``tile/``, such as ``0/x001/234.p/17``."""
        digits = f"{self.index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level is None else self.level
        return f"{level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")


def read_path(path: str) -> TileName:
    """The tile that an address names. Raises ValueError for anything that ``TileName.path`` does not write."""
    found = _PATH.fullmatch(path)
    if found is None or len(path) > 60:
        raise ValueError("not the address of a tile")
    level = None if found[1] == "entries" else int(found[1])
    name = TileName(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH))
    if name.path != path or (level or 0) > 7:
        raise ValueError("not the address of a tile")
    return name


class Forest:
    """The nodes of a tree out of its tiles, each tile read once; new leaves may be put to its end."""

    def __init__(self, read: ReadTile) -> None:
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}
        self.changed: dict[tuple[int, int], bytes] = {}

    @property
    def node(self) -> Node:
        """A reader of complete subtrees."""
        return self._node

    def append(self, size: int, leaves: Sequence[bytes]) -> None:
        """Put leaf hashes behind the ``size`` that are there; ``changed`` then holds the tiles to store."""
        level, start, hashes = 0, size, list(leaves)
        while hashes:
            first, last = start // WIDTH, (start + len(hashes) - 1) // WIDTH
            for index in range(first, last + 1):
                low, high = max(start, index * WIDTH), min(start + len(hashes), (index + 1) * WIDTH)
                before = self._tile(level, index)[: (low - index * WIDTH) * HASH]
                self._keep(level, index, before + b"".join(hashes[low - start : high - start]))
            # Tiles that became full have a root, which is a node of the next level.
            full = (start + len(hashes)) // WIDTH
            hashes = [root_of(_split(self._tile(level, index))) for index in range(first, full)]
            level, start = level + 1, first

    def _node(self, level: int, index: int) -> bytes:
        tile_level, height = divmod(level, HEIGHT)
        tile, place = divmod(index << height, WIDTH)
        hashes = _split(self._tile(tile_level, tile)[place * HASH : (place + (1 << height)) * HASH])
        if len(hashes) != 1 << height:
            raise LookupError(f"tile {tile} of level {tile_level} lacks node {index} of level {level}")
        return root_of(hashes)

    def _tile(self, level: int, index: int) -> bytes:
        key = level, index
        if key not in self._tiles:
            self._tiles[key] = self._read(level, index)
        return self._tiles[key]

    def _keep(self, level: int, index: int, hashes: bytes) -> None:
        self._tiles[level, index] = self.changed[level, index] = hashes


def leaf_data(body: bytes) -> bytes:
    """What stands in the tree for an entry: its body; for one too long for a bundle, its length and SHA-256."""
    if len(body) <= LONGEST_ENTRY:
        return body
    return canonical_bytes({"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()})


def bundle_of(entries: Iterable[bytes]) -> bytes:
    """A bundle of entries: each with its length in two bytes before it. Raises OverflowError above 65,535 bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_in(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when one is cut off."""
    found, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise ValueError("a bundle ends inside an entry")
        found.append(bundle[at + 2 : end])
        at = end
    return found


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
