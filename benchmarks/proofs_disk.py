"""A disk that remembers: SQLite writes through it, and at any moment its power can be cut (断电).

What was flushed stays. Of what was written since, each 512-byte sector reaches the platter or does not, in any order,
and a sector under way may be torn; a file that was cut short or deleted may still be whole. Bytes outside a write are
never touched (SQLite's default assumption, PSOW). So a run is recorded once and cut at thousands of places.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import apsw

SECTOR = 512
TORN = 0.05


class Step(NamedTuple):
    """One thing that happened. ``kind``: write, truncate, delete, sync or said; ``said``: what was acknowledged."""

    kind: str
    file: str = ""
    offset: int = 0
    data: bytes = b""
    said: Any = None


class Recorder(apsw.VFS):
    """SQLite's own file system with a diary: every step of every file, in the order of their happening."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.lock = threading.Lock()
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802 - SQLite's name
        """Open a file that writes into the diary."""
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - SQLite's signature
        """Delete a file."""
        with self.lock:
            super().xDelete(filename, syncdir)
            self.steps.append(Step("delete", filename))
            if syncdir:
                self.steps.append(Step("sync", filename))

    def say(self, what: Any) -> None:
        """Note that somebody was told so, at this moment."""
        with self.lock:
            self.steps.append(Step("said", said=what))


class _File(apsw.VFSFile):
    def __init__(self, recorder: Recorder, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._recorder = recorder
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else name or ""

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's name
        with self._recorder.lock:
            super().xWrite(data, offset)
            self._recorder.steps.append(Step("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        with self._recorder.lock:
            super().xTruncate(newsize)
            self._recorder.steps.append(Step("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        with self._recorder.lock:
            super().xSync(flags)
            self._recorder.steps.append(Step("sync", self._name))


@dataclass
class _Platter:
    """What of one file is safe, and what has been asked for since. ``bytes_`` is None where there is no file."""

    bytes_: bytearray | None
    since: list[Step] = field(default_factory=list)

    def flush(self) -> None:
        for step in self.since:
            self.bytes_ = _done(self.bytes_, step)
        self.since.clear()

    def after_cut(self, chance: random.Random) -> bytearray | None:
        """The file as somebody finds it: each unflushed sector is there or is not, whatever came first."""
        found = None if self.bytes_ is None else bytearray(self.bytes_)
        share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        pieces = [piece for step in self.since for piece in _sectors(step) if chance.random() < share]
        if chance.random() < 0.5:
            chance.shuffle(pieces)
        for piece in pieces:
            found = _done(found, _torn(piece, chance))
        return found


@dataclass(frozen=True)
class Cut:
    """A moment without power: what is left of each file, and what had been acknowledged by then."""

    files: dict[str, bytes]
    said: list[Any]


def cuts(
    steps: Sequence[Step], begin: dict[str, bytes], places: Sequence[int], *, seed: int, flushes: bool = True
) -> Iterator[Cut]:
    """The disk after a cut before each of the steps at the sorted ``places``; ``begin`` are the files at the start.

    ``flushes``: False for a disk that only says that it has flushed.
    """
    chance = random.Random(seed)
    platters = {name: _Platter(bytearray(content)) for name, content in begin.items()}
    said: list[Any] = []
    at = 0
    for place in places:
        for step in steps[at:place]:
            platter = platters.setdefault(step.file, _Platter(None)) if step.file else _Platter(None)
            if step.kind == "said":
                said.append(step.said)
            elif step.kind != "sync":
                platter.since.append(step)
            elif flushes:
                platter.flush()
        at = place
        left = {name: platter.after_cut(chance) for name, platter in platters.items()}
        yield Cut({name: bytes(content) for name, content in left.items() if content is not None}, list(said))


def places_of(steps: Sequence[Step], number: int, *, seed: int) -> list[int]:
    """Where to cut: half of the places anywhere, half right behind an acknowledgement, where most is at stake."""
    chance = random.Random(seed)
    said = [place + 1 for place, step in enumerate(steps) if step.kind == "said"]
    half = number // 2
    return sorted([*chance.choices(said, k=half), *chance.choices(range(1, len(steps) + 1), k=number - half)])


def lay_out(cut: Cut, folder: Path) -> None:
    """Write the files as they were found into an empty folder."""
    for name, content in cut.files.items():
        (folder / Path(name).name).write_bytes(content)


def _done(content: bytearray | None, step: Step) -> bytearray | None:
    if step.kind == "delete":
        return None
    found = bytearray() if content is None else content
    if step.kind == "truncate":
        del found[step.offset :]
        return found
    end = step.offset + len(step.data)
    if len(found) < end:
        found.extend(bytes(end - len(found)))
    found[step.offset : end] = step.data
    return found


def _sectors(step: Step) -> Iterator[Step]:
    """The parts of a write that lie in sectors of their own; anything else whole."""
    if step.kind != "write":
        yield step
        return
    start, end = step.offset, step.offset + len(step.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield step._replace(offset=start, data=step.data[start - step.offset : stop - step.offset])
        start = stop


def _torn(piece: Step, chance: random.Random) -> Step:
    """A part of a sector now and then: the power went while it was under the head."""
    if piece.kind != "write" or chance.random() >= TORN:
        return piece
    return piece._replace(data=piece.data[: chance.randrange(len(piece.data))])
