"""Systematic draws and draws with unequal probabilities (等距抽样, 与规模成比例抽样), from the same hashes.

Sources: Cochran ch. 8 (systematic); Madow, Ann. Math. Stat. 20 (1949) 333 (systematic PPS); Rosén, J. Stat.
Planning and Inference 62 (1997) 159 (Pareto order sampling); Hájek, Ann. Math. Stat. 35 (1964) 1491.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.arrays import FloatArray
from sampling.errors import BadSize, SampleLargerThanStratum
from sampling.selection import Positions, order_keys

_BITS = 53


@dataclass(frozen=True, kw_only=True, eq=False)
class UnequalDraw:
    """What was drawn (抽中单位) and with which chances.

    `positions`: 0-based in the frame; `probabilities` (N,): first-order inclusion probabilities
    (入样概率) of the whole frame; `certain` (N,): entries that are in whatever the seed.
    """

    positions: Positions
    probabilities: FloatArray
    certain: npt.NDArray[np.bool_]

    @property
    def weights(self) -> FloatArray:
        """Design weights of the drawn entries, 1/pi, in the order of `positions`."""
        inverse: FloatArray = 1.0 / self.probabilities[self.positions]
        return inverse


def uniforms(ids: Sequence[str], *, seed: str, salt: str) -> FloatArray:
    """A number in (0, 1) for every id: the first 53 bits of its order key, plus a half, over 2^53."""
    heads = [int.from_bytes(key[:8], "big") >> (64 - _BITS) for key in order_keys(ids, seed=seed, salt=salt)]
    numbers: FloatArray = (np.array(heads, dtype=np.float64) + 0.5) / 2.0**_BITS
    return numbers


def random_start(*, seed: str, salt: str) -> float:
    """The start u in [0, 1) of a systematic draw: 53 bits of SHA-256 of `seed,salt,start`."""
    digest = hashlib.sha256(f"{seed},{salt},start".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / 2.0**_BITS


def systematic(size: int, *, n: int, seed: str, salt: str) -> Positions:
    """Every (N/n)-th entry from a random start (等距抽样); the frame's published order is an implicit stratification.

    Position j is floor((u + j)·N/n) with the u of `random_start`. Every entry has probability n/N.
    """
    if not 0 < n <= size:
        raise SampleLargerThanStratum(f"{n} entries are asked for, the frame has {size}")
    start = random_start(seed=seed, salt=salt)
    drawn = np.floor((start + np.arange(n)) * (size / n)).astype(np.intp)
    positions: Positions = np.minimum(drawn, size - 1)
    return positions


def size_probabilities(sizes: npt.ArrayLike, *, n: int) -> FloatArray:
    """pi_k = n·x_k/sum(x), and 1 for those that would exceed it, the rest shared again (必选单位), shape (N,)."""
    measure = np.asarray(sizes, dtype=np.float64)
    if measure.ndim != 1 or not np.all(np.isfinite(measure)) or np.any(measure < 0):
        raise BadSize("a measure of size is negative or not a finite number")
    if not 0 < n <= np.count_nonzero(measure):
        raise SampleLargerThanStratum(f"{n} entries are asked for, {np.count_nonzero(measure)} have a size above 0")
    pi = np.zeros(len(measure))
    certain = np.zeros(len(measure), dtype=np.bool_)
    while True:
        rest = ~certain
        pi[rest] = (n - certain.sum()) * measure[rest] / measure[rest].sum() if measure[rest].sum() else 0.0
        over = rest & (pi >= 1.0)
        if not over.any():
            break
        certain |= over
        pi[over] = 1.0
    return pi


def pps_systematic(sizes: npt.ArrayLike, *, n: int, seed: str, salt: str) -> UnequalDraw:
    """Systematic draw with probability proportional to size (PPS 等距抽样).

    k is in when a whole number lies in (C_{k-1} - u, C_k - u], C the running sum of the probabilities.
    """
    pi = size_probabilities(sizes, n=n)
    certain = pi >= 1.0
    free = np.flatnonzero(~certain)
    edges = _edges(pi[free])
    start = random_start(seed=seed, salt=salt)
    hits = np.floor(edges[1:] - start) - np.floor(edges[:-1] - start)
    drawn = np.concatenate([np.flatnonzero(certain), free[hits > 0]])
    return UnequalDraw(positions=np.sort(drawn).astype(np.intp), probabilities=pi, certain=certain)


def pps_pareto(ids: Sequence[str], sizes: npt.ArrayLike, *, n: int, seed: str, salt: str) -> UnequalDraw:
    """PPS by order sampling (帕累托次序抽样): the n smallest of [u/(1-u)]/[pi/(1-pi)], u from each id's own hash.

    Whoever has one id, its probability and the seed can compute its rank. The rank depends on the probabilities and
    these on `n`: with the same probabilities a longer list keeps its beginning, but a draw with another `n` has other
    ones, and its entries need not begin with those of the shorter (unlike `draw_srs`). To go on later, take the order
    of `sampling.exact.pareto_order`, which keeps the probabilities of its `n` behind the n-th entry. The
    probabilities hold nearly (the error falls with 1/n; below 0.002 at n = 20), as Rosén shows.
    Positions are in order of rank, the certain ones first.
    """
    pi = size_probabilities(sizes, n=n)
    if len(ids) != len(pi):
        raise BadSize(f"{len(ids)} ids but {len(pi)} sizes")
    certain = pi >= 1.0
    u = uniforms(ids, seed=seed, salt=salt)
    with np.errstate(divide="ignore"):
        rank = (u / (1 - u)) / np.where(certain, np.inf, pi / np.where(certain, 1.0, 1 - pi))
    rank[pi == 0] = np.inf
    drawn = np.argsort(rank, kind="stable")[:n]
    return UnequalDraw(positions=drawn.astype(np.intp), probabilities=pi, certain=certain)


def joint_srs(size: int, n: int) -> float:
    """Joint inclusion probability of any two entries of a simple random sample: n(n-1)/(N(N-1))."""
    return n * (n - 1) / (size * (size - 1)) if size > 1 else float(n)


def joint_systematic(probabilities: npt.ArrayLike) -> FloatArray:
    """Joint inclusion probabilities (N, N) of `pps_systematic`, exact; the diagonal holds the first-order ones.

    The sample is constant between two neighbouring starts at which an entry comes or goes.
    """
    pi = np.asarray(probabilities, dtype=np.float64)
    free = np.flatnonzero(pi < 1.0)
    edges = _edges(pi[free])
    cuts = np.unique(np.concatenate([[0.0, 1.0], edges % 1.0]))
    lengths = np.diff(cuts)
    middles = (cuts[:-1] + cuts[1:]) / 2
    member = np.ones((len(middles), len(pi)))
    hits = np.floor(edges[None, 1:] - middles[:, None]) - np.floor(edges[None, :-1] - middles[:, None])
    member[:, free] = hits > 0
    joint: FloatArray = member.T @ (member * lengths[:, None])
    return joint


def joint_hajek(probabilities: npt.ArrayLike) -> FloatArray:
    """Hájek's approximation for high-entropy draws such as Pareto's, shape (N, N).

    pi_k·pi_l·[1 - (1-pi_k)(1-pi_l)/d] with d = sum pi(1-pi); first-order probabilities on the diagonal.
    """
    pi = np.asarray(probabilities, dtype=np.float64)
    spread = float((pi * (1 - pi)).sum())
    product = np.outer(pi, pi)
    joint: FloatArray = product if spread == 0 else product * (1 - np.outer(1 - pi, 1 - pi) / spread)
    np.fill_diagonal(joint, pi)
    return joint


def _edges(pi: FloatArray) -> FloatArray:
    """0 and the running sums; the last one is a whole number and is made so."""
    edges = np.concatenate([[0.0], np.cumsum(pi)])
    edges[-1] = np.round(edges[-1])
    return edges
