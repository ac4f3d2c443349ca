"""Draws by SHA-256 that anybody can repeat (可复算抽样).

Rule: the key of a frame entry is the SHA-256 of the UTF-8 bytes of
`seed + "," + salt + "," + id`; the 32 bytes are compared as one big-endian number;
the smallest keys are drawn. The key does not contain the stratum, so all strata share
one order; more lots prolong a draw and never change its beginning; the order
of the frame does not matter. The idea is Rivest's
(Consistent Sampling with Replacement, 2018). No random generator's stream is used, because
none is promised to stay the same between versions.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sampling.errors import (
    BadFrame,
    BadSeed,
    DuplicateId,
    SampleLargerThanStratum,
    ShapeMismatch,
    UncoveredStratum,
    UnknownStratum,
)

Positions = npt.NDArray[np.intp]
Labels = npt.NDArray[np.integer[Any]]
Heads = npt.NDArray[np.uint64]
# Ids whose keys are made together: few enough that keys and ids stay in the processor's cache.
BLOCK = 1 << 12
_CONTROL = "{} holds a control character (such as TAB or a line end)"


class FrameEntry(NamedTuple):
    """One line of a frame (抽样框): id, stratum and measure of size (1 for a person)."""

    id: str
    stratum: str
    size: int


class DrawnLot(NamedTuple):
    """One drawn entry: 0-based position in the frame, stratum, lot number from 1, reserve or not."""

    position: int
    stratum: str
    lot: int
    reserve: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class StratumDraw:
    """The lots of one stratum, in key order; positions are 0-based in the frame as given.

    Lot numbers (签号) run 1..len(main) and go on through the reserve (备用样本).
    """

    stratum: str
    population: int
    main: Positions
    reserve: Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class StratifiedDraw:
    """All strata of a draw, in the order in which `sizes` named them."""

    strata: tuple[StratumDraw, ...]

    def lots(self) -> Iterator[DrawnLot]:
        """Every drawn entry with its lot number, stratum after stratum."""
        for part in self.strata:
            drawn = [*part.main.tolist(), *part.reserve.tolist()]
            for lot, position in enumerate(drawn, start=1):
                yield DrawnLot(position, part.stratum, lot, lot > len(part.main))


def order_keys(ids: Sequence[str], *, seed: str, salt: str) -> list[bytes]:
    """The 32-byte key of every id, in the order given. Raises BadSeed, BadFrame, DuplicateId."""
    _check_seed(seed, salt)
    _check_ids(ids)
    keys = list(map(_hasher(seed, salt), map(str.encode, ids)))
    _key_order(keys, ids)
    return keys


def draw_srs(ids: Sequence[str], *, n: int, seed: str, salt: str) -> list[int]:
    """Simple random sample without replacement (简单随机抽样): the n smallest keys.

    Returns 0-based positions in key order: the first n of a larger draw are this draw.
    """
    if not 0 <= n <= len(ids):
        raise SampleLargerThanStratum(f"{n} entries are asked for, the frame has {len(ids)}")
    one_stratum = np.zeros(len(ids), dtype=np.int8)
    (drawn,) = _smallest(ids, one_stratum, np.array([n]), seed=seed, salt=salt)
    positions: list[int] = drawn.tolist()
    return positions


def draw_stratified(
    ids: Sequence[str],
    strata: Sequence[str],
    *,
    sizes: Mapping[str, int],
    seed: str,
    salt: str,
    reserve: Mapping[str, int] | None = None,
) -> StratifiedDraw:
    """Stratified simple random sample (分层随机抽样) with a reserve list per stratum.

    `strata[i]` is the stratum of `ids[i]`; `sizes` names every stratum of the frame, 0
    allowed; `reserve` the further lots (absent = 0). Raises UnknownStratum when names do
    not match, SampleLargerThanStratum when main and reserve exceed a stratum.
    """
    if len(ids) != len(strata):
        raise ShapeMismatch(f"{len(ids)} ids but {len(strata)} strata")
    extra = dict(reserve or {})
    places = {name: i for i, name in enumerate(sizes)}
    label = _labels(strata, places, extra)
    population = np.bincount(label, minlength=len(places))
    wanted = np.array([sizes[name] + extra.get(name, 0) for name in sizes], dtype=np.int64)
    lots = _smallest(ids, label, np.clip(wanted, 0, population), seed=seed, salt=salt)
    parts = [
        _lots_of(name, own, population=size, main=sizes[name], reserve=extra.get(name, 0))
        for name, own, size in zip(sizes, lots, population.tolist(), strict=True)
    ]
    return StratifiedDraw(strata=tuple(parts))


def inclusion_probabilities(population: Mapping[str, int], sample: Mapping[str, int]) -> dict[str, Fraction]:
    """pi_h = n_h/N_h of every stratum (入样概率), exact. Empty strata are left out."""
    if set(population) != set(sample):
        raise UnknownStratum(f"population and sample differ in {sorted(set(population) ^ set(sample))}")
    for name, size in population.items():
        if not 0 <= sample[name] <= size:
            raise SampleLargerThanStratum(f"stratum {name}: {sample[name]} of {size} cannot have been drawn")
    return {name: Fraction(sample[name], size) for name, size in population.items() if size}


def design_weights(population: Mapping[str, int], sample: Mapping[str, int]) -> dict[str, Fraction]:
    """w_h = N_h/n_h of every stratum (设计权数), exact.

    `sample` is the number that the weight is spread over: drawn, or valid sheets returned.
    Raises UncoveredStratum for a stratum with people and no sample.
    """
    chances = inclusion_probabilities(population, sample)
    for name, chance in chances.items():
        if not chance:
            raise UncoveredStratum(
                f"stratum {name} has {population[name]} people and no sheet: join it with another stratum"
            )
    return {name: 1 / chance for name, chance in chances.items()}


def canonical_frame(entries: Iterable[tuple[str, str, int]]) -> bytes:
    """The frame as bytes: lines `id TAB stratum TAB size LF`, sorted by id as UTF-8 bytes.

    The form does not depend on the order given. Raises DuplicateId and BadFrame.
    """
    rows = [FrameEntry(*entry) for entry in entries]
    _check_ids([row.id for row in rows])
    _check_distinct([row.id for row in rows])
    _check_printable([row.stratum for row in rows], what="a stratum")
    if any(row.size < 0 for row in rows):
        raise BadFrame("a frame entry has a negative size")
    lines = sorted((row.id.encode(), row.stratum.encode(), str(int(row.size)).encode()) for row in rows)
    return b"".join(b"%b\t%b\t%b\n" % line for line in lines)


def frame_digest(entries: Iterable[tuple[str, str, int]]) -> str:
    """SHA-256 of `canonical_frame`, 64 lower-case hexadecimal digits: published before the seed exists."""
    return hashlib.sha256(canonical_frame(entries)).hexdigest()


def _lots_of(name: str, own: Positions, *, population: int, main: int, reserve: int) -> StratumDraw:
    """Cut the beginning of one stratum's key order into main sample and reserve."""
    if main < 0 or reserve < 0 or main + reserve > population:
        raise SampleLargerThanStratum(
            f"stratum {name}: {main} and {reserve} in reserve are asked for, it has {population}"
        )
    return StratumDraw(stratum=name, population=population, main=own[:main], reserve=own[main : main + reserve])


def _smallest(
    ids: Sequence[str], label: Labels, takes: npt.NDArray[np.int64], *, seed: str, salt: str
) -> list[Positions]:
    """The `takes[h]` smallest keys of every stratum h: positions in key order, everything checked.

    The first 64 bits of the keys decide; where two agree in them, the whole keys of the candidates are compared.
    """
    _check_seed(seed, salt)
    heads = _heads(ids, seed=seed, salt=salt)
    near = _candidates(heads, label, takes)
    own, first = label[near], heads[near]
    order = np.argsort(first)
    heads.sort()  # in place: the order of the frame is no longer needed
    if np.any(heads[1:] == heads[:-1]):
        _check_distinct(ids)
        key = _hasher(seed, salt)
        chosen = [ids[i] for i in near.tolist()]
        order = _key_order([key(one.encode()) for one in chosen], chosen)
    # a stable sort by stratum keeps the common key order inside each stratum; small integers are sorted by radix
    order = order[np.argsort(own[order], kind="stable")]
    starts = np.searchsorted(own[order], np.arange(len(takes)))
    return [near[order[start : start + take]] for start, take in zip(starts.tolist(), takes.tolist(), strict=True)]


def _heads(ids: Sequence[str], *, seed: str, salt: str) -> Heads:
    """The first 64 bits of every key. Raises BadFrame.

    Block by block, so that the keys and bytes of millions never lie in memory at once.
    """
    copy = hashlib.sha256(f"{seed},{salt},".encode()).copy
    heads = np.empty(len(ids), dtype=np.uint64)
    for start in range(0, len(ids), BLOCK):
        keys = []
        for identity in _encoded(ids[start : start + BLOCK]):
            # `_hasher` written out: a call for each of millions costs a tenth of the time.
            digest = copy()
            digest.update(identity)
            keys.append(digest.digest())
        heads[start : start + BLOCK] = np.frombuffer(b"".join(keys), dtype=">u8")[::4]
    return heads


def _encoded(ids: Sequence[str]) -> list[bytes]:
    """Every id as UTF-8, in one pass; checked as by `_check_ids`. A valid id holds no line end to be cut at."""
    if not all(ids):
        raise BadFrame("a frame entry has an empty id")
    joined = _utf8("\n".join(ids), BadFrame)
    if _controls(joined) != len(ids) - 1:
        raise BadFrame(_CONTROL.format("an id"))
    return joined.split(b"\n")


def _candidates(heads: Heads, label: Labels, takes: npt.NDArray[np.int64]) -> Positions:
    """Positions, ascending, among which are the `takes[h]` smallest heads of every stratum h, and few more.

    Heads are uniform, so a bound a little above n/N hardly ever leaves out one of the n smallest of N: it lies six
    standard deviations higher. Where fewer than n are below it all the same, the whole stratum is taken; so what is
    drawn never depends on the bound.
    """
    everything = np.iinfo(np.uint64).max
    share = (takes + 6 * np.sqrt(takes) + 20) / np.maximum(np.bincount(label, minlength=len(takes)), 1)
    bound = np.where(share < 0.5, (np.minimum(share, 0.5) * 2.0**64).astype(np.uint64), everything)
    near = np.flatnonzero(heads <= bound[label])
    short = np.bincount(label[near], minlength=len(takes)) < takes
    if short.any():
        bound[short] = everything
        near = np.flatnonzero(heads <= bound[label])
    return near


def _hasher(seed: str, salt: str) -> Callable[[bytes], bytes]:
    """The key of an id in bytes: one hash object that has read seed and salt is copied for every id."""
    copy = hashlib.sha256(f"{seed},{salt},".encode()).copy

    def key(identity: bytes) -> bytes:
        digest = copy()
        digest.update(identity)
        return digest.digest()

    return key


def _key_order(keys: Sequence[bytes], ids: Sequence[str]) -> Positions:
    """Positions sorted by key, smallest first. Raises DuplicateId: equal ids have equal keys, and meet here.

    Compared as big-endian 64-bit words: numpy's byte strings drop trailing NUL bytes.
    """
    words = np.frombuffer(b"".join(keys), dtype=">u8").reshape(len(keys), 4)
    first = words[:, 0].astype(np.uint64)
    order = np.argsort(first)
    ranked = first[order]
    if np.any(ranked[1:] == ranked[:-1]):
        _check_distinct(ids)
        order = np.lexsort(tuple(words[:, column].astype(np.uint64) for column in (3, 2, 1, 0)))
    return order


def _check_seed(seed: str, salt: str) -> None:
    for what, text in (("seed", seed), ("salt", salt)):
        if not text or text != text.strip():
            raise BadSeed(f"the {what} must not be empty nor begin or end with a blank")
        if _has_control([text], BadSeed):
            raise BadSeed(f"the {what} holds a control character")


def _check_ids(ids: Sequence[str]) -> None:
    if not all(ids):
        raise BadFrame("a frame entry has an empty id")
    _check_printable(ids, what="an id")


def _check_distinct(ids: Sequence[str]) -> None:
    if len(set(ids)) < len(ids):
        twice = next(one for one, other in pairwise(sorted(ids)) if one == other)
        raise DuplicateId(f"id {twice} stands more than once in the frame")


def _check_printable(texts: Sequence[str], *, what: str) -> None:
    if _has_control(texts, BadFrame):
        raise BadFrame(_CONTROL.format(what))


def _has_control(texts: Sequence[str], error: type[BadFrame] | type[BadSeed]) -> bool:
    """Whether any text holds an ASCII control character; all texts in one pass over their bytes."""
    return _controls(_utf8("".join(texts), error)) > 0


def _utf8(text: str, error: type[BadFrame] | type[BadSeed]) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as failure:
        raise error("a text is not valid Unicode and has no UTF-8 form") from failure


def _controls(text: bytes) -> int:
    """The number of ASCII control characters."""
    octets = np.frombuffer(text, dtype=np.uint8)
    return int(np.count_nonzero(octets < 0x20) + np.count_nonzero(octets == 0x7F))


def _labels(strata: Sequence[str], places: Mapping[str, int], reserve: Mapping[str, int]) -> npt.NDArray[np.int32]:
    """The number of each entry's stratum. Raises UnknownStratum when the names do not match."""
    try:
        label = np.fromiter(map(places.__getitem__, strata), dtype=np.int32, count=len(strata))
    except KeyError:
        unnamed = set(strata) - set(places)
        raise UnknownStratum(f"the frame has strata without a sample size: {', '.join(sorted(unnamed))}") from None
    present = np.bincount(label, minlength=len(places)) > 0
    unknown = (set(reserve) - set(places)) | {name for name, place in places.items() if not present[place]}
    if unknown:
        raise UnknownStratum(f"sizes name strata that the frame does not have: {', '.join(sorted(unknown))}")
    return label.astype(np.int16) if len(places) < 1 << 15 else label
