"""What may not stand in a workbook (拒收的工作簿): looked for in its package before anything is parsed.

Nothing here believes a size that the file states: parts are inflated with a meter and thrown away.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from survey_models.core.errors import Problem

MAX_ENTRIES = 200
MAX_INFLATED = 128 * 1024 * 1024
# A table of words shrinks ten to forty times; only what was made for it shrinks more.
MAX_RATIO, SMALL = 100, 16 * 1024 * 1024

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK, _OVERLAP = 1 << 20, 256
_VBA_STREAM, _LOCKED_STREAM = "_VBA_PROJECT".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
_ACTIVE = ("xl/externallinks/", "xl/macrosheets/", "xl/embeddings/", "xl/activex/", "xl/querytables/", "customui/")
_DIRECTORY_END, _ZIP64, _TAIL = b"PK\x05\x06", b"PK\x06\x07", 22 + 0xFFFF
_LONGEST_ENTRY = 46 + 600
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_PLACE = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"')


def refuse_unsafe(content: bytes) -> None:
    """Refuse a workbook with programs, formulas, entities, a password or sizes beyond measure.

    Raises:
        Problem: ``upload_not_readable``, ``upload_active_content``, ``upload_has_password``, ``upload_too_large``,
            ``upload_holds_formulas`` with the first cell.
    """
    if content.startswith(ZIP):
        _refuse_package(content)
    elif _LOCKED_STREAM in content:
        raise Problem("upload_has_password")
    elif _VBA_STREAM in content:
        raise Problem("upload_active_content")


def _refuse_package(content: bytes) -> None:
    _refuse_long_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_directory(entries, len(content))
            for entry in entries:
                with archive.open(entry) as stream:
                    _refuse_part(entry.filename.lower(), _chunks(stream))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError):
        raise Problem("upload_not_readable") from None


def _refuse_long_directory(content: bytes) -> None:
    """Hundreds of thousands of entries are refused before a library makes an object of each."""
    tail = content[-_TAIL:]
    at = tail.find(_DIRECTORY_END)
    if at < 0 or _ZIP64 in tail:
        raise Problem("upload_not_readable")
    while at >= 0:
        record = tail[at : at + 22]
        if len(record) == 22 and struct.unpack_from("<I", record, 12)[0] > MAX_ENTRIES * _LONGEST_ENTRY:
            raise Problem("upload_too_large")
        at = tail.find(_DIRECTORY_END, at + 1)


def _refuse_directory(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Read the central directory before anything is inflated."""
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MAX_ENTRIES or "xl/workbook.xml" not in names or len(set(names)) < len(names):
        raise Problem("upload_not_readable")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Problem("upload_has_password")
    if any("vbaproject" in name or name == "xl/connections.xml" or name.startswith(_ACTIVE) for name in names):
        raise Problem("upload_active_content")
    inflated = sum(entry.file_size for entry in entries)
    if inflated > MAX_INFLATED or (inflated > SMALL and inflated > MAX_RATIO * size):
        raise Problem("upload_too_large")


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The inflated bytes in pieces that overlap. Stops at the stated size, where a longer part fails its checksum."""
    tail = b""
    while piece := stream.read(_CHUNK):
        yield tail + piece
        tail = piece[-_OVERLAP:]


def _refuse_part(name: str, chunks: Iterator[bytes]) -> None:
    markup, cells = name.endswith((".xml", ".rels", ".vml")), name.startswith("xl/worksheets/")
    for chunk in chunks:
        if markup and _ENTITIES.search(chunk):
            raise Problem("upload_not_readable")
        formula = _FORMULA.search(chunk) if cells and (b"<f" in chunk or b":f" in chunk) else None
        if formula:
            before = _PLACE.findall(chunk, 0, formula.start())
            raise Problem("upload_holds_formulas", cell=before[-1].decode() if before else "?")
