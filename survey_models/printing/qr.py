"""QR codes by the thousand (二维码, ISO/IEC 18004): what all of one batch have in common is worked out once.

The library places modules one by one and tries eight masks so. Where each bit goes and what each mask does to it
depends on the size alone, so both are learned from the library once for a size; a code is then its bits put into their
places, and the mask with the fewest penalty points (7.8.3 of the standard) is found for all eight at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData, create_data

Modules = npt.NDArray[np.bool_]
QUIET = 4
"""Light modules that the standard wants around a code."""
_MASKS = 8
# Dark, light, three dark, light, dark and four light: what looks like a finder pattern.
_FINDER = 0b10111010000
_MIRRORED = 0b00001011101


@dataclass(frozen=True, eq=False)
class _Size:
    """``masked`` (8, n, n): a code of zeros under each mask; ``place`` (bits,): where each bit stands, row by row."""

    masked: Modules
    place: npt.NDArray[np.intp]


def modules(address: str, code: str = "") -> Modules:
    """The dark modules of ``address`` followed by ``code``, without the quiet zone. ``code``: capitals and figures."""
    parts = [QRData(address.encode(), mode=MODE_8BIT_BYTE)]
    if code:
        parts.append(QRData(code.encode(), mode=MODE_ALPHA_NUM))
    return drawn(parts)


def drawn(parts: list[QRData], mask: int | None = None) -> Modules:
    """The code of ``parts`` at error correction M. ``mask``: which of eight; None takes the best."""
    version = _version(parts)
    size = _size(version)
    bits = np.unpackbits(np.array(create_data(version, ERROR_CORRECT_M, parts), dtype=np.uint8)).astype(bool)
    data = np.zeros(size.masked[0].size, dtype=bool)
    # The last places of some sizes hold no data (remainder bits, zero).
    data[size.place[: len(bits)]] = bits
    found: Modules = size.masked ^ data.reshape(size.masked[0].shape)
    chosen = int(np.argmin(_penalty(found))) if mask is None else mask
    best: Modules = found[chosen]
    return best


def _version(parts: list[QRData]) -> int:
    made = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    made.data_list = parts
    found: int = made.best_fit()
    return found


@lru_cache(maxsize=8)
def _size(version: int) -> _Size:
    count = len(create_data(version, ERROR_CORRECT_M, []))
    zeros = [_by_library(version, mask, np.zeros(count, dtype=np.uint8)) for mask in range(_MASKS)]
    numbers = np.arange(count * 8)
    written = np.zeros(zeros[0].shape, dtype=np.intp)
    # Each data module is told its number bit by bit.
    for power in range(int(numbers[-1]).bit_length()):
        data = np.packbits((numbers >> power & 1).astype(np.uint8))
        written |= (_by_library(version, 0, data) ^ zeros[0]).astype(np.intp) << power
    ones = _by_library(version, 0, np.full(count, 255, dtype=np.uint8)) ^ zeros[0]
    where = np.flatnonzero(ones)
    place = np.empty(count * 8, dtype=np.intp)
    place[written.reshape(-1)[where]] = where
    return _Size(np.array(zeros), place)


def _by_library(version: int, mask: int, data: npt.NDArray[np.uint8]) -> Modules:
    made = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_M, border=0)
    made.data_cache = data.tolist()
    made.makeImpl(False, mask)  # noqa: FBT003 - the library's own signature
    return np.array(made.modules, dtype=bool)


def _penalty(found: Modules) -> npt.NDArray[np.int64]:
    """Penalty points (7.8.3.1) of each of ``found`` (k, n, n)."""
    points = np.zeros(len(found), dtype=np.int64)
    for way in (found, found.transpose(0, 2, 1)):
        points += _runs(way) + 40 * _finders(way)
    blocks = (found[:, 1:, 1:] == found[:, :-1, 1:]) & (found[:, 1:, 1:] == found[:, 1:, :-1])
    blocks &= found[:, 1:, 1:] == found[:, :-1, :-1]
    points += 3 * blocks.sum(axis=(1, 2))
    share = found.mean(axis=(1, 2)) * 100
    points += 10 * (np.abs(share - 50) // 5).astype(np.int64)
    return points


def _runs(found: Modules) -> npt.NDArray[np.int64]:
    """Three points for five alike in a row, one for each further one."""
    same = found[:, :, 1:] == found[:, :, :-1]
    # Four equal neighbours in a row: five modules alike. Each run of k such places is one of k + 4 modules.
    five = same[:, :, 3:] & same[:, :, 2:-1] & same[:, :, 1:-2] & same[:, :, :-3]
    begins = five.copy()
    begins[:, :, 1:] &= ~five[:, :, :-1]
    return np.asarray(five.sum(axis=(1, 2)) + 2 * begins.sum(axis=(1, 2)), dtype=np.int64)


def _finders(found: Modules) -> npt.NDArray[np.int64]:
    width = found.shape[2] - 10
    window = np.zeros((*found.shape[:2], width), dtype=np.int16)
    for shift in range(11):
        window |= found[:, :, shift : shift + width].astype(np.int16) << (10 - shift)
    return np.asarray(((window == _FINDER) | (window == _MIRRORED)).sum(axis=(1, 2)), dtype=np.int64)
