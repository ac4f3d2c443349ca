"""Pinyin (拼音) of unit names, for finding a unit by typed letters: own small dictionary, polyphones by word."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("pinyin.txt")
_LEVEL_1 = ("啊", "座")


@dataclass(frozen=True)
class Readings:
    """The dictionary. ``words``: phrase → its syllables; ``more``: character → syllable; ``first``: see the file."""

    words: dict[str, tuple[str, ...]]
    more: dict[str, str]
    first: tuple[tuple[int, str], ...]

    @cached_property
    def pieces(self) -> re.Pattern[str]:
        """A known phrase, the longest first, or one character."""
        return re.compile("|".join([*sorted(self.words, key=len, reverse=True), "."]), re.DOTALL)

    def of(self, char: str) -> str:
        """The syllable of one character; a Latin letter or digit is its own; empty where none is known."""
        if char.isascii():
            return char.lower() if char.isalnum() else ""
        if char in self.more:
            return self.more[char]
        place = _place(char)
        if not _place(_LEVEL_1[0]) <= place <= _place(_LEVEL_1[1]):
            return ""
        return self.first[bisect_right(self.first, (place, "~")) - 1][1]


def syllables(name: str) -> tuple[str, ...]:
    """The syllables of a name: 漯河商业银行 → luo, he, shang, ye, yin, hang."""
    return tuple(_syllables(_dictionary(), name))


def initials(name: str) -> str:
    """The first letter of each syllable: 漯河商业银行 → lhsyyh."""
    return "".join(syllable[0] for syllable in syllables(name))


def _syllables(known: Readings, name: str) -> Iterator[str]:
    for piece in known.pieces.findall(name):
        yield from known.words[piece] if piece in known.words else filter(None, [known.of(piece)])


def _place(char: str) -> int:
    """Where the character stands in GB 2312; 0 when it does not."""
    try:
        return int.from_bytes(char.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return 0


@lru_cache(maxsize=1)
def _dictionary() -> Readings:
    parts = dict(re.findall(r"^\[(\w+)\]\n([^\[]*)", _FILE.read_text(encoding="utf-8"), re.MULTILINE))
    words = (entry.split() for entry in re.split(r"[;\n]", parts["words"]) if entry.strip())
    return Readings(
        words={word: tuple(read) for word, *read in words},
        more={entry[-1]: entry[:-1] for entry in parts["more"].split()},
        first=tuple((_place(entry[-1]), entry[:-1]) for entry in parts["first"].split()),
    )
