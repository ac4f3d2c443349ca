"""Drawing by a stored design (按方案抽取): a pure function of frame entries, design, salt, seed and extensions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sampling import exact
from sampling.selection import FrameEntry, draw_stratified
from sampling.stages import Tree, draw_stages
from survey_models.draws.designs import Method, branch_of

Extensions = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, order=True)
class Lot:
    """One drawn entry: stratum, lot number in it (签号), entry; ``probability`` of an entry of the main sample, exact.

    A reserve (备用) has none: it was not drawn to stand for anybody yet.
    """

    stratum: str
    lot: int
    entry: str
    reserve: bool
    probability: str | None


def draw_lots(
    design: Mapping[str, Any], entries: Sequence[FrameEntry], *, seed: str, salt: str, extensions: Extensions = ()
) -> list[Lot]:
    """Every lot, sorted by stratum and lot number. ``entries`` are those that the draw chooses from.

    ``extensions`` are ``{"stratum", "more"}`` in the order in which they were decided.
    """
    ordered = sorted(entries, key=lambda entry: entry.id.encode())
    method = Method(design["method"])
    if method is Method.STRATIFIED_SRS:
        lots = _simple(design, ordered, seed=seed, salt=salt, extensions=extensions)
    elif method is Method.STAGES:
        lots = _staged(design, ordered, seed=seed, salt=salt)
    else:
        lots = _by_stratum(method, design, ordered, seed=seed, salt=salt)
    return sorted(lots)


def sizes_after(design: Mapping[str, Any], extensions: Extensions) -> tuple[dict[str, int], dict[str, int]]:
    """Numbers of the main sample and of the reserve by stratum, after ``extensions``.

    An extension takes from the reserve list first; what the list does not hold is drawn on in key order.
    """
    main, reserve = dict(design["sizes"]), dict(design.get("reserve", {}))
    for step in extensions:
        name, more = step["stratum"], step["more"]
        main[name] += more
        reserve[name] = max(reserve.get(name, 0) - more, 0)
    return main, reserve


def order_key(design: Mapping[str, Any], *, stratum: str, entry: str, seed: str, salt: str) -> str:
    """The order key of an entry, 64 hexadecimal digits: what its owner can calculate with the seed alone."""
    own = f"{salt}/{stratum}" if design["method"] == Method.STAGES else salt
    return hashlib.sha256(f"{seed},{own},{entry}".encode()).hexdigest()


def digest_of(rows: Iterable[tuple[str, int, str]]) -> str:
    """SHA-256 over lines ``stratum TAB lot TAB entry LF``, sorted by stratum and lot."""
    lines = [f"{stratum}\t{lot}\t{entry}\n" for stratum, lot, entry in sorted(rows)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _simple(
    design: Mapping[str, Any], entries: Sequence[FrameEntry], *, seed: str, salt: str, extensions: Extensions
) -> Iterator[Lot]:
    main, reserve = sizes_after(design, extensions)
    outcome = draw_stratified(
        [entry.id for entry in entries],
        [entry.stratum for entry in entries],
        sizes=main,
        reserve=reserve,
        seed=seed,
        salt=salt,
    )
    chances = {
        part.stratum: str(Fraction(len(part.main), part.population)) for part in outcome.strata if part.population
    }
    for lot in outcome.lots():
        chance = None if lot.reserve else chances[lot.stratum]
        yield Lot(lot.stratum, lot.lot, entries[lot.position].id, lot.reserve, chance)


def _by_stratum(
    method: Method, design: Mapping[str, Any], entries: Sequence[FrameEntry], *, seed: str, salt: str
) -> Iterator[Lot]:
    """The strata one by one, each with a salt of its own for the random start."""
    members: dict[str, list[FrameEntry]] = {stratum: [] for stratum in design["sizes"]}
    for entry in entries:
        members[entry.stratum].append(entry)
    for stratum, n in design["sizes"].items():
        own = members[stratum]
        ids, sizes, apart = [entry.id for entry in own], [entry.size for entry in own], f"{salt}/{stratum}"
        if method is Method.SYSTEMATIC:
            chances = [Fraction(n, len(own))] * len(own)
            order = exact.systematic(len(own), n=n, seed=seed, salt=apart)
        elif method is Method.PPS_SYSTEMATIC:
            chances = exact.probabilities(sizes, n=n)
            order = exact.pps_systematic(sizes, n=n, seed=seed, salt=apart)
        else:
            chances = exact.probabilities(sizes, n=n)
            order = exact.pareto_order(ids, sizes, n=n, seed=seed, salt=salt)
            order = order[: n + design.get("reserve", {}).get(stratum, 0)]
        for lot, place in enumerate(order, start=1):
            yield Lot(stratum, lot, ids[place], lot > n, None if lot > n else str(chances[place]))


def _staged(design: Mapping[str, Any], entries: Sequence[FrameEntry], *, seed: str, salt: str) -> Iterator[Lot]:
    """Branch by branch; the lots are numbered inside each frame stratum, in the order in which they came."""
    members: dict[str, list[FrameEntry]] = {}
    for entry in entries:
        members.setdefault(branch_of(design["takes"], entry.stratum) or "", []).append(entry)
    for path, own in members.items():
        chosen = draw_stages(
            _tree(path, own), takes=design["takes"][path], seed=seed, salt=f"{salt}/{path}", must=set(design["must"])
        )
        numbers: dict[str, int] = {}
        for one in chosen:
            stratum = "/".join((path, *one.path[:-1]))
            numbers[stratum] = numbers.get(stratum, 0) + 1
            yield Lot(stratum, numbers[stratum], one.path[-1], reserve=False, probability=str(one.probability))


def _tree(path: str, entries: Sequence[FrameEntry]) -> Tree:
    """The branches below ``path`` by name, the entries of the last one by id."""
    here: list[str] = []
    below: dict[str, list[FrameEntry]] = {}
    for entry in entries:
        if entry.stratum == path:
            here.append(entry.id)
        else:
            name = entry.stratum[len(path) + 1 :].split("/")[0]
            below.setdefault(name, []).append(entry)
    if below:
        names = sorted(below, key=str.encode)
        return {name: _tree(f"{path}/{name}", below[name]) for name in names}
    return here
