"""Small frames and a plan for each method, brought as far as a test wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sampling.selection import FrameEntry
from survey_models.draws import bundles, service
from survey_models.draws.designs import Method, Plan
from survey_models.frames import service as frames
from survey_models.frames.service import FrameTitle

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
SEED = "60942387115506"
TITLE = FrameTitle(id="roll", title="名单", source="test", made_up=True)

FLAT = [
    FrameEntry(f"{stratum}{number:02}", stratum, 1 + number * number)
    for stratum, count in (("A", 30), ("乙", 17))
    for number in range(count)
]
TREE = [
    FrameEntry(f"T{town}-V{village:02}", f"411121/T{town}", 1) for town in range(6) for village in range(4 + town)
] + [FrameEntry(f"party-{number}", "411121-party", 1) for number in range(9)]

PLANS: dict[Method, Plan] = {
    method: Plan("d1", "luohe", "roll", "rows", sizes={"A": 6, "乙": 5}, method=method)
    for method in (Method.SYSTEMATIC, Method.PPS_SYSTEMATIC)
} | {
    method: Plan("d1", "luohe", "roll", "rows", sizes={"A": 6, "乙": 5}, reserve={"A": 3}, method=method)
    for method in (Method.STRATIFIED_SRS, Method.PPS_PARETO)
}
PLANS[Method.STAGES] = Plan(
    "d1",
    "luohe",
    "roll",
    "rows",
    method=Method.STAGES,
    takes={"411121": [2, 3], "411121-party": [2]},
    must=["T3", "party-7"],
)


def freeze(session: Session, entries: Sequence[FrameEntry]) -> None:
    """The list frame ``roll``."""
    frames.freeze_list(session, TITLE, entries=entries, by="li.wei", at=AT)


def planned(session: Session, plan: Plan, entries: Sequence[FrameEntry] | None = None) -> None:
    """The frame and the plan."""
    freeze(session, entries or (TREE if plan.method is Method.STAGES else FLAT))
    service.plan(session, plan, by="li.wei", at=AT)


def run(session: Session, plan: Plan, entries: Sequence[FrameEntry] | None = None, *, seed: str = SEED) -> None:
    """The frame, the plan, and the draw."""
    planned(session, plan, entries)
    service.run(session, plan.id, seed=seed, asked_by="li.wei", by="wang.fang", at=LATER)


def lots(session: Session, draw_id: str = "d1") -> list[tuple[str, int, str, bool, str | None]]:
    """What is stored, by stratum and lot."""
    rows = service.drawn_rows(session, draw_id)
    return sorted((row.stratum, row.lot, row.entry, row.reserve, row.probability) for row in rows)


def published(session: Session, *, with_frame: bool = True) -> dict[str, bytes]:
    """The bundle of ``d1``."""
    return bundles.bundle(session, "d1", with_frame=with_frame)


def changed(files: Mapping[str, bytes], path: Sequence[Any], value: Any) -> dict[str, bytes]:
    """The bundle with one value of draw.json replaced."""
    about = json.loads(files["draw.json"])
    place = about
    for step in path[:-1]:
        place = place[step]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return {**files, "draw.json": json.dumps(about).encode()}


@dataclass(frozen=True)
class Case:
    """A frame, a plan that fits it, and a seed."""

    entries: list[FrameEntry]
    plan: Plan
    seed: str


SEEDS = st.text("0123456789", min_size=6, max_size=20)


@st.composite
def flat_cases(draw: st.DrawFn, methods: Sequence[Method] = tuple(Method)) -> Case:
    """One to three strata with sizes, some of them large enough to be certain."""
    method = draw(st.sampled_from([method for method in methods if method is not Method.STAGES]))
    names = draw(st.lists(st.text("ab/南", min_size=1, max_size=3), min_size=1, max_size=3, unique=True))
    sizes = {name: draw(st.lists(st.sampled_from([0, 1, 2, 9, 500]), min_size=1, max_size=12)) for name in names}
    entries = [
        FrameEntry(f"{name}·{number:x}", name, size) for name in names for number, size in enumerate(sizes[name])
    ]
    by_size = method in {Method.PPS_PARETO, Method.PPS_SYSTEMATIC}
    able = {name: sum(size > 0 for size in own) if by_size else len(own) for name, own in sizes.items()}
    wanted = {name: draw(st.integers(0, able[name])) for name in names}
    spare = {}
    if method in {Method.PPS_PARETO, Method.STRATIFIED_SRS}:
        spare = {name: draw(st.integers(0, able[name] - wanted[name])) for name in names}
    plan = Plan("d1", "luohe", "roll", "rows", sizes=wanted, reserve=spare, method=method)
    return Case(entries, plan, draw(SEEDS))


@st.composite
def staged_cases(draw: st.DrawFn) -> Case:
    """Two or three stages below one or two paths, some entries and branches of which must be in."""
    entries: list[FrameEntry] = []
    takes: dict[str, list[int]] = {}
    for top in draw(st.lists(st.sampled_from(["x", "x/y", "z", "xx"]), min_size=1, max_size=2, unique=True)):
        if any(top.startswith(f"{other}/") or other.startswith(f"{top}/") for other in takes):
            continue
        depth = draw(st.integers(1, 3))
        takes[top] = [draw(st.integers(1, 3)) for _ in range(depth)]
        paths = [top]
        for _ in range(depth - 1):
            paths = [f"{path}/{branch}" for path in paths for branch in range(draw(st.integers(1, 3)))]
        for path in paths:
            entries += [FrameEntry(f"{path}:{no}", path, 1) for no in range(draw(st.integers(1, 4)))]
    names = [entry.id for entry in entries] + (["0", "1"] if any("/0" in e.stratum for e in entries) else [])
    known = {part for entry in entries for part in (entry.id, *entry.stratum.split("/")[1:])}
    must = [name for name in draw(st.lists(st.sampled_from(names), max_size=3)) if name in known and name != "y"]
    plan = Plan("d1", "luohe", "roll", "rows", method=Method.STAGES, takes=takes, must=must)
    return Case(entries, plan, draw(SEEDS))
