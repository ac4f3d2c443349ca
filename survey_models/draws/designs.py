"""Designs of draws (抽样方案): the document that is fixed and hashed before the seed exists.

A design holds ``method``, ``what`` (``rows`` or ``points``), ``populations`` (entries by stratum), and for the method:

- ``stratified-srs`` (分层随机): ``sizes``, ``reserve``
- ``systematic`` (等距): ``sizes``
- ``pps-systematic`` (PPS 等距): ``sizes``, ``totals`` (sums of the measure of size by stratum)
- ``pps-pareto`` (PPS 次序): ``sizes``, ``reserve``, ``totals``
- ``stages`` (多阶段): ``takes`` (numbers of each stage by the beginning of a stratum's path), ``must`` (必选)

Only integers, texts, lists and objects: a design has one spelling and one digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from survey_models.core.errors import Problem
from survey_models.frames.rules import StratumSize

SEED = re.compile(r"[0-9A-Za-z]{6,80}")
ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
NAMED_AT_MOST = 5


class Method(StrEnum):
    """How entries are chosen; the rules stand in docs/sampling.md."""

    STRATIFIED_SRS = "stratified-srs"
    SYSTEMATIC = "systematic"
    PPS_SYSTEMATIC = "pps-systematic"
    PPS_PARETO = "pps-pareto"
    STAGES = "stages"


WITH_RESERVE = frozenset({Method.STRATIFIED_SRS, Method.PPS_PARETO})
BY_SIZE = frozenset({Method.PPS_SYSTEMATIC, Method.PPS_PARETO})
EXTENDABLE = frozenset({Method.STRATIFIED_SRS})


@dataclass(frozen=True)
class Plan:
    """What is fixed before the seed exists: frame, method, and the numbers that the method asks for."""

    id: str
    campaign_id: str
    frame_id: str
    what: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    reserve: Mapping[str, int] = field(default_factory=dict)
    method: Method = Method.STRATIFIED_SRS
    takes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    must: Sequence[str] = ()


def document(wanted: Plan, strata: Mapping[str, StratumSize], *, names: Iterable[str] = ()) -> dict[str, Any]:
    """The design of ``wanted`` over a frame with these ``strata``; ``names`` are the ids of its entries.

    Raises ``design_malformed`` (a part that the method does not know, or stages that do not fit the frame),
    ``stratum_unknown``, ``sample_too_large``, ``must_unknown``.
    """
    _check_parts(wanted)
    about: dict[str, Any] = {"method": wanted.method.value, "what": wanted.what}
    about["populations"] = {name: size.entries for name, size in strata.items()}
    if wanted.method is Method.STAGES:
        _check_stages(wanted, strata)
        _check_must(wanted, strata, names)
        takes = {path: [int(take) for take in stages] for path, stages in wanted.takes.items()}
        return {**about, "takes": takes, "must": sorted(set(wanted.must))}
    _check_sizes(wanted, strata)
    about["sizes"] = {name: int(number) for name, number in wanted.sizes.items()}
    if wanted.method in WITH_RESERVE:
        about["reserve"] = {name: int(number) for name, number in wanted.reserve.items()}
    if wanted.method in BY_SIZE:
        about["totals"] = {name: size.total for name, size in strata.items()}
    return about


def branch_of(takes: Mapping[str, Sequence[int]], stratum: str) -> str | None:
    """The one path of ``takes`` that ``stratum`` is or lies below; None when there is none or more than one."""
    found = [path for path in takes if stratum == path or stratum.startswith(f"{path}/")]
    return found[0] if len(found) == 1 else None


def check_seed(seed: str) -> None:
    """Refuse what cannot have been thrown or drawn in public. Raises ``seed_malformed``."""
    if not SEED.fullmatch(seed):
        raise Problem("seed_malformed")


def check_id(draw_id: str) -> None:
    """A draw's id is its salt, so it has one spelling. Raises ``draw_id_malformed``."""
    if not ID.fullmatch(draw_id):
        raise Problem("draw_id_malformed")


def _check_parts(wanted: Plan) -> None:
    stages = wanted.method is Method.STAGES
    parts = {
        "sizes": bool(wanted.sizes) and stages,
        "reserve": bool(wanted.reserve) and wanted.method not in WITH_RESERVE,
        "takes": bool(wanted.takes) != stages,
        "must": bool(wanted.must) and not stages,
        "what": wanted.what not in {"rows", "points"},
    }
    for part, wrong in parts.items():
        if wrong:
            raise Problem("design_malformed", method=wanted.method.value, part=part)


def _check_sizes(wanted: Plan, strata: Mapping[str, StratumSize]) -> None:
    unlike = {*wanted.sizes} ^ {*strata} | {*wanted.reserve} - {*strata}
    if unlike or not strata:
        raise Problem("stratum_unknown", strata=_listed(unlike))
    for name, size in strata.items():
        numbers = wanted.sizes[name], wanted.reserve.get(name, 0)
        able = size.positive if wanted.method in BY_SIZE else size.entries
        if min(numbers) < 0 or sum(numbers) > able:
            raise Problem("sample_too_large", stratum=name, wanted=sum(numbers), available=able)


def _check_stages(wanted: Plan, strata: Mapping[str, StratumSize]) -> None:
    homes = {name: branch_of(wanted.takes, name) for name in strata}
    unlike = {name for name, path in homes.items() if path is None} | {*wanted.takes} - {*homes.values()}
    if unlike or not strata:
        raise Problem("stratum_unknown", strata=_listed(unlike))
    for name, path in homes.items():
        below = name[len(path or "") :].split("/")[1:]
        takes = wanted.takes[path or ""]
        if len(takes) != len(below) + 1 or min(takes) < 1 or "" in below:
            raise Problem("design_malformed", method=wanted.method.value, part=f"takes {path}")


def _check_must(wanted: Plan, strata: Mapping[str, StratumSize], names: Iterable[str]) -> None:
    branches = {part for name in strata for part in name[len(branch_of(wanted.takes, name) or "") :].split("/")[1:]}
    missing = {*wanted.must} - branches - {*names}
    if missing:
        raise Problem("must_unknown", entries=_listed(missing))


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:NAMED_AT_MOST]) + (" …" if len(ordered) > NAMED_AT_MOST else "")
