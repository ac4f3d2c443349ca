"""Badge photos (胸牌照片): JPEG or PNG alone, read part by part and written anew without anything but the picture.

What a file says of itself is not believed. Every part is walked; places, makers, comments, profiles and whatever stands
behind the end are left out, so that nothing but a picture is ever handed on.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from survey_models.core.errors import Problem

LARGEST = 256 * 1024
MOST_PIXELS = 2000
JPEG, PNG = "image/jpeg", "image/png"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
# Frames that every browser shows: baseline, extended, progressive.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
# What tells how colours are meant: JFIF and Adobe. Every other application part goes.
_JFIF, _ADOBE = 0xE0, 0xEE
_RESTARTS = frozenset(range(0xD0, 0xD8))


def clean(content: bytes) -> tuple[str, bytes]:
    """Kind and bytes of a photo without its extras. Raises ``photo_unfit``."""
    if len(content) > LARGEST:
        raise _unfit()
    try:
        if content.startswith(_PNG):
            return PNG, _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return JPEG, _jpeg(content)
    except (struct.error, IndexError, zlib.error):
        raise _unfit() from None
    raise _unfit()


def _unfit() -> Problem:
    return Problem("photo_unfit", kilobytes=LARGEST // 1024, pixels=MOST_PIXELS)


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise _unfit()


def _png(content: bytes) -> bytes:
    kept = [_PNG]
    names = []
    for name, data in _chunks(content):
        if name not in _PNG_KEPT:
            if not name[0] & 0x20:
                raise _unfit()
            continue
        if name == b"IHDR":
            _check_size(*struct.unpack(">II", data[:8]))
        names.append(name)
        kept.append(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
    if names[0] != b"IHDR" or names[-1] != b"IEND" or b"IDAT" not in names or names.count(b"IHDR") != 1:
        raise _unfit()
    return b"".join(kept)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and data of each chunk up to the end mark. Raises ``photo_unfit`` for a wrong checksum."""
    at = len(_PNG)
    while True:
        length, name = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", content[at + 8 + length : at + 12 + length])
        if len(data) != length or checksum != zlib.crc32(name + data):
            raise _unfit()
        yield name, data
        if name == b"IEND":
            return
        at += 12 + length


def _jpeg(content: bytes) -> bytes:
    kept = [content[:2]]
    at, frames, scans = 2, 0, 0
    while True:
        if content[at] != 0xFF:
            raise _unfit()
        kind = content[at + 1]
        if kind == _EOI:
            break
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        part = content[at : at + 2 + length]
        if length < 2 or len(part) != length + 2:
            raise _unfit()
        at += 2 + length
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", part[5:9])
            _check_size(width, height)
            frames += 1
        elif kind == _SOS:
            end = _scan_end(content, at)
            part, at, scans = part + content[at:end], end, scans + 1
        elif kind not in _TABLES and kind not in {_JFIF, _ADOBE}:
            if not (0xE1 <= kind <= 0xEF or kind == 0xFE):
                raise _unfit()
            continue
        kept.append(part)
    if frames != 1 or not scans:
        raise _unfit()
    return b"".join(kept) + b"\xff\xd9"


def _scan_end(content: bytes, at: int) -> int:
    """Where the next mark after the coded picture stands. IndexError where there is none."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError
        if content[at + 1] != 0 and content[at + 1] not in _RESTARTS:
            return at
        at += 2
