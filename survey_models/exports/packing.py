"""An export as it leaves the house (导出包): data, code book and, last, the manifest with rows and hashes.

A folder's files stand under their names only when all of them are whole; an archive has its index at the end. Whatever
breaks on the way leaves nothing that looks whole.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from survey_models.core.errors import Problem

FORM = "pingyi-export/1"
MANIFEST = "manifest.json"
_DAY = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Written:
    """One file of an export: rows (without heads), bytes and SHA-256."""

    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """A file to be: its name, how many rows it has to have, and what writes it and says how many it wrote."""

    name: str
    rows: int
    write: Callable[[BinaryIO], int]


class Metered:
    """A stream that is written to and never gone back in: how much, and its digest."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._digest, self.size = out, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        """As a file does."""
        self._digest.update(content)
        self.size += len(content)
        return self._out.write(content)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """As a file does."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """As a file does."""
        self._out.flush()

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()


def written(part: Part, out: IO[bytes]) -> Written:
    """Write one file. Raises ``export_incomplete`` where the rows are not as many as were counted before."""
    meter = Metered(out)
    rows = part.write(cast("BinaryIO", meter))
    if rows != part.rows:
        raise Problem("export_incomplete", file=part.name, rows=rows, counted=part.rows)
    return Written(part.name, rows, meter.size, meter.sha256)


def manifest(about: dict[str, str], files: list[Written]) -> bytes:
    """The manifest as JSON."""
    said = {"form": FORM, **about, "files": [asdict(one) for one in files]}
    return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


def to_archive(out: BinaryIO, parts: list[Part], about: dict[str, str]) -> list[Written]:
    """All files in one zip archive, the manifest last; what they are."""
    found: list[Written] = []
    with _archive(out) as archive:
        for part in parts:
            with archive.open(_entry(part.name), "w", force_zip64=True) as stream:
                found.append(written(part, stream))
        archive.writestr(_entry(MANIFEST), manifest(about, found))
    return found


@contextmanager
def _archive(out: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """An archive whose index is written when all is in it, and not after a failure."""
    archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    try:
        yield archive
    except BaseException:
        # Closing would write the index of what is there, and half an export would open as a whole one.
        archive.fp = None
        raise
    archive.close()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return entry


def to_folder(folder: Path, parts: list[Part], about: dict[str, str]) -> list[Written]:
    """All files in a folder that is not there yet; it gets its name when all are whole.

    Raises ``export_exists``, and whatever stops a file.
    """
    if folder.exists():
        raise Problem("export_exists", path=str(folder))
    making = folder.with_name(f"{folder.name}.part")
    making.mkdir(parents=True, mode=0o700)
    try:
        found = []
        for part in parts:
            with (making / part.name).open("wb") as out:
                found.append(written(part, out))
        (making / MANIFEST).write_bytes(manifest(about, found))
        making.rename(folder)
    except BaseException:
        for path in making.iterdir():
            path.unlink()
        making.rmdir()
        raise
    return found


def checked(folder: Path) -> list[Written]:
    """The files of an exported folder, all there and as the manifest says. Raises ``export_damaged``."""
    try:
        said = json.loads((folder / MANIFEST).read_bytes())
        files = [Written(**one) for one in said["files"]]
        for one in files:
            content = (folder / Path(one.name).name).read_bytes()
            if len(content) != one.bytes or hashlib.sha256(content).hexdigest() != one.sha256:
                raise Problem("export_damaged", file=one.name)
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem("export_damaged", file=MANIFEST) from None
    return files
