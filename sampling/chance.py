"""Reproducible chance for bootstrap figures: SHAKE-256 of a label and a seed (可重现的随机数).

No generator of a library is used, because none promises the same stream in its next version. The stream is
SHAKE-256 (FIPS 202) of the UTF-8 text "label NUL seed NUL part", read as little-endian unsigned integers: whoever has
a SHA-3 function gets the same numbers. These streams serve the errors of published figures; people are
drawn by another rule, the one of `sampling.selection`.
"""

import hashlib

import numpy as np
from scipy import special

from sampling.arrays import FloatArray, IntArray
from sampling.errors import BadSeed


def uniforms(seed: str, label: str, *, part: int, shape: tuple[int, ...]) -> FloatArray:
    """Numbers strictly between 0 and 1: (k + 1/2)/2^53 with the top 53 of each 64 bits."""
    raw = np.frombuffer(_stream(seed, label, part, 8 * int(np.prod(shape))), dtype="<u8")
    numbers: FloatArray = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return numbers.reshape(shape)


def normals(seed: str, label: str, *, part: int, shape: tuple[int, ...]) -> FloatArray:
    """Standard normal numbers by the inverse distribution function of `uniforms`."""
    return np.asarray(special.ndtri(uniforms(seed, label, part=part, shape=shape)), dtype=np.float64)


def integers(seed: str, label: str, *, part: int, below: IntArray, rows: int) -> IntArray:
    """Whole numbers 0 <= k < below[j], shape (rows, len(below)).

    floor(u below) with u of 32 bits: a number is preferred by at most below/2^32, without effect on errors.
    """
    raw = np.frombuffer(_stream(seed, label, part, 4 * rows * len(below)), dtype="<u4").reshape(rows, len(below))
    scaled = raw.astype(np.uint64)
    scaled *= below.astype(np.uint64)
    scaled >>= np.uint64(32)
    return scaled.view(np.int64)


def _stream(seed: str, label: str, part: int, length: int) -> bytes:
    if not seed or "\0" in seed:
        raise BadSeed("the seed of a bootstrap is empty or holds a NUL character")
    return hashlib.shake_256(f"{label}\0{seed}\0{part}".encode()).digest(length)
