"""A stranger repeats the draws with the rule of docs/sampling.md, from plain SQL and hashlib alone."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import Any

import pytest

from tests.demo.installation import Demo

Drawn = dict[str, list[str]]


def key(seed: str, salt: str, entry: str) -> str:
    """The order key of an entry."""
    return hashlib.sha256(f"{seed},{salt},{entry}".encode()).hexdigest()


def again(frame: list[tuple[Any, ...]], sizes: dict[str, int], *, seed: str, salt: str) -> Drawn:
    """The entries with the smallest keys of each stratum, in the order of their keys."""
    strata: defaultdict[str, list[str]] = defaultdict(list)
    for entry, stratum in frame:
        strata[stratum].append(entry)
    return {
        stratum: sorted(strata[stratum], key=lambda entry: key(seed, salt, entry))[:number]
        for stratum, number in sizes.items()
    }


def stored(demo: Demo, draw: str) -> Drawn:
    """The drawn entries by stratum, in the order of their lots."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    rows = demo.rows("SELECT stratum, lot, entry FROM draw_rows WHERE draw_id = :draw ORDER BY stratum, lot", draw=draw)
    for stratum, lot, entry in rows:
        found[stratum].append(entry)
        assert lot == len(found[stratum])
    return dict(found)


def plan(demo: Demo, draw: str) -> tuple[dict[str, int], str, str]:
    """Sizes, seed and salt as published."""
    design, seed, salt = demo.rows("SELECT design, seed, salt FROM draws WHERE id = :draw", draw=draw)[0]
    sizes = (json.loads(design) if isinstance(design, str) else design)["sizes"]
    return sizes, seed, salt


@pytest.mark.parametrize(
    ("draw", "frame", "number"),
    [
        ("luohe-list", "SELECT id, stratum FROM frame_rows WHERE frame_id = 'luohe-list'", 10_000),
        ("luohe-points", "SELECT id, area_code FROM frame_points WHERE frame_id = 'luohe-counts'", 12),
    ],
)
def test_a_draw_is_repeated_from_the_published_rule(demo: Demo, draw: str, frame: str, number: int) -> None:
    sizes, seed, salt = plan(demo, draw)
    drawn = stored(demo, draw)
    assert sum(len(entries) for entries in drawn.values()) == sum(sizes.values()) == number
    assert again(demo.rows(frame), sizes, seed=seed, salt=salt) == drawn
    assert again(demo.rows(frame), sizes, seed=seed + "0", salt=salt) != drawn


def test_the_plan_stood_in_the_ledger_before_the_seed(demo: Demo) -> None:
    rows = demo.rows("SELECT event, body, at FROM ledger_entries WHERE log = 'system' AND event LIKE 'draws:%'")
    bodies = {(event, json.loads(bytes(body))["draw"]): (json.loads(bytes(body)), at) for event, body, at in rows}
    for draw in ("luohe-points", "luohe-list"):
        planned, run = bodies["draws:planned", draw], bodies["draws:run", draw]
        assert "seed" not in planned[0]
        assert run[0]["seed"] == plan(demo, draw)[1]
        assert planned[1] <= run[1]


def test_the_frame_digest_is_that_of_its_lines(demo: Demo) -> None:
    rows = demo.rows("SELECT id, stratum, size FROM frame_rows WHERE frame_id = 'luohe-list'")
    lines = sorted(f"{entry}\t{stratum}\t{size}\n".encode() for entry, stratum, size in rows)
    published = demo.rows("SELECT digest FROM frames WHERE id = 'luohe-list'")[0][0]
    assert hashlib.sha256(b"".join(lines)).hexdigest() == published


def test_the_drawn_points_are_the_campaign_s_points(demo: Demo) -> None:
    names = dict(demo.rows("SELECT id, name FROM frame_points WHERE frame_id = 'luohe-counts'"))
    for campaign in ("luohe", "luohe-closed"):
        kept: defaultdict[str, list[str]] = defaultdict(list)
        query = "SELECT area_code, name FROM points WHERE campaign_id = :campaign ORDER BY no"
        for area, name in demo.rows(query, campaign=campaign):
            kept[area].append(name)
        drawn = stored(demo, "luohe-points")
        assert kept == {area: [names[entry] for entry in entries] for area, entries in drawn.items()}
