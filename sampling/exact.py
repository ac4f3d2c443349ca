"""Public draws in whole numbers (公开抽样的精确算法): the same on every machine, to the last unit.

`sampling.unequal` calculates in floats, whose sums depend on how a machine adds. A draw that a stranger repeats with
pencil rules must not: here probabilities are fractions, and every comparison is one of integers. The hashes are those
of `sampling.selection`. Sources: Cochran, Sampling Techniques, 3rd ed., ch. 8 (systematic); Madow, Ann. Math. Stat. 20
(1949) 333 (systematic PPS); Rosén, J. Stat. Planning and Inference 62 (1997) 159 (Pareto order sampling).
"""

import hashlib
from collections.abc import Sequence
from fractions import Fraction

from sampling.errors import BadSize, SampleLargerThanStratum, ShapeMismatch
from sampling.selection import order_keys

BITS = 53
RANK_BITS = 256


def start(*, seed: str, salt: str) -> int:
    """The random start as a whole number of 2^-53: the first 53 bits of the SHA-256 of `seed,salt,start`."""
    digest = hashlib.sha256(f"{seed},{salt},start".encode()).digest()
    return _head(digest)


def probabilities(sizes: Sequence[int], *, n: int) -> list[Fraction]:
    """pi_k = n·x_k/sum(x), and 1 for those that would reach it, the rest shared again (必选单位), exact.

    Raises BadSize for a negative size, SampleLargerThanStratum when fewer than `n` have a size above 0.
    """
    if any(size < 0 for size in sizes):
        raise BadSize("a measure of size is negative")
    able = sum(size > 0 for size in sizes)
    if not 0 <= n <= able:
        raise SampleLargerThanStratum(f"{n} entries are asked for, {able} have a size above 0")
    certain: set[int] = set()
    while True:
        left = n - len(certain)
        whole = sum(size for k, size in enumerate(sizes) if k not in certain)
        over = {k for k, size in enumerate(sizes) if k not in certain and size > 0 and left * size >= whole}
        if not over:
            break
        certain |= over
    return [
        Fraction(1) if k in certain else Fraction(left * size, whole) if whole else Fraction(0)
        for k, size in enumerate(sizes)
    ]


def systematic(size: int, *, n: int, seed: str, salt: str) -> list[int]:
    """Every (N/n)-th of `size` entries from a random start (等距抽样); 0-based positions, ascending.

    Position j is floor((u + j)·N/n), u = `start`/2^53. Every entry has probability n/N.
    """
    if not 0 <= n <= size:
        raise SampleLargerThanStratum(f"{n} entries are asked for, the frame has {size}")
    begin = start(seed=seed, salt=salt)
    return [((begin + (j << BITS)) * size) // (n << BITS) for j in range(n)]


def pps_systematic(sizes: Sequence[int], *, n: int, seed: str, salt: str) -> list[int]:
    """Systematic draw with probability proportional to size (PPS 等距抽样); positions, ascending.

    The certain ones are in. Of the others, k is in when floor(C_k - u) > floor(C_{k-1} - u), C the running sum of
    their probabilities in frame order, u = `start`/2^53.
    """
    chances = probabilities(sizes, n=n)
    begin = Fraction(start(seed=seed, salt=salt), 1 << BITS)
    free = [k for k, chance in enumerate(chances) if chance < 1]
    left, whole = n - (len(sizes) - len(free)), sum(sizes[k] for k in free)
    # C_k - u = left·S_k/whole - u, in whole numbers over one denominator
    scale, offset = left * begin.denominator, begin.numerator * whole
    under = whole * begin.denominator
    drawn = [k for k, chance in enumerate(chances) if chance == 1]
    sofar = 0
    steps = -offset // under if under else 0
    for k in free:
        sofar += sizes[k]
        reached = (scale * sofar - offset) // under if under else steps
        if reached > steps:
            drawn.append(k)
        steps = reached
    return sorted(drawn)


def pareto_order(ids: Sequence[str], sizes: Sequence[int], *, n: int, seed: str, salt: str) -> list[int]:
    """Every entry with a size above 0 in the order of Pareto sampling (帕累托次序抽样); the first `n` are the sample.

    The certain ones come first, by id. The others follow by floor(2^256 · u/(1-u) · (1-pi)/pi), smallest first, with
    u = (2h + 1)/2^54 and h the first 53 bits of the entry's order key; equal ones by id. What follows the first `n`
    is the reserve list. The probabilities pi belong to this `n` and hold nearly (Rosén).
    """
    if len(ids) != len(sizes):
        raise ShapeMismatch(f"{len(ids)} ids but {len(sizes)} sizes")
    chances = probabilities(sizes, n=n)
    keys = order_keys(ids, seed=seed, salt=salt)

    def place(k: int) -> tuple[int, bytes]:
        odd = 2 * _head(keys[k]) + 1
        pi = chances[k]
        above = odd * (pi.denominator - pi.numerator) << RANK_BITS
        return above // (((2 << BITS) - odd) * pi.numerator), ids[k].encode()

    certain = sorted((k for k, pi in enumerate(chances) if pi == 1), key=lambda k: ids[k].encode())
    return certain + sorted((k for k, pi in enumerate(chances) if 0 < pi < 1), key=place)


def _head(digest: bytes) -> int:
    """The first 53 bits as a number."""
    return int.from_bytes(digest[:8], "big") >> (64 - BITS)
