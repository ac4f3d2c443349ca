"""Draws in stages: 阳光漯河's counties, Xuancheng's year of inspections, Nanyang's key raters."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.errors import MustIncludeTooMany, SampleLargerThanStratum
from sampling.stages import draw_clients, draw_stages, draw_with_must, inspect_next

TOWNSHIPS = {f"T{no:02}": [f"T{no:02}-V{village}" for village in range(30 if no % 2 else 20)] for no in range(14)}


def test_two_townships_and_three_villages_weigh_what_the_example_says() -> None:
    chosen = draw_stages(TOWNSHIPS, takes=(2, 3), seed="20200617", salt="county")
    assert len(chosen) == 6
    assert len({entry.path[0] for entry in chosen}) == 2
    for entry in chosen:
        large = len(TOWNSHIPS[entry.path[0]]) == 30
        assert entry.probability == Fraction(2, 14) * Fraction(3, 30 if large else 20)
        assert round(float(entry.weight), 4) == (70.0 if large else 46.6667)


def test_five_counties_bring_the_counts_of_the_document() -> None:
    kinds = {
        "党务机构": [f"p{no}" for no in range(9)],
        "县直部门": [f"d{no}" for no in range(20)],
        "审批部门": [f"a{no}" for no in range(12)],
        "便民中心": [f"c{no}" for no in range(14)],
    }
    counties = [f"county-{no}" for no in range(5)]
    sites = sum(len(draw_stages(kinds, takes=(4, 2), seed="20200617", salt=county)) for county in counties)
    villages = sum(len(draw_stages(TOWNSHIPS, takes=(2, 3), seed="20200617", salt=county)) for county in counties)
    assert (sites, villages) == (5 * 8, 30)


def test_every_village_comes_in_as_often_as_its_probability_says() -> None:
    small = {"A": ["A1", "A2"], "B": ["B1", "B2", "B3"], "C": ["C1"]}
    seen: Counter[str] = Counter()
    for trial in range(3000):
        for entry in draw_stages(small, takes=(2, 1), seed=f"{trial:06}", salt="t"):
            seen[entry.path[-1]] += 1
    expected = {"A1": 1 / 3, "A2": 1 / 3, "B1": 2 / 9, "B2": 2 / 9, "B3": 2 / 9, "C1": 2 / 3}
    for village, chance in expected.items():
        assert abs(seen[village] / 3000 - chance) < 4 * (chance * (1 - chance) / 3000) ** 0.5


def test_must_include_entries_are_in_with_weight_one() -> None:
    chosen = draw_stages(TOWNSHIPS, takes=(2, 3), seed="1234567", salt="x", must={"T03", "T03-V7"})
    must = [entry for entry in chosen if entry.path == ("T03", "T03-V7")]
    assert must[0].probability == 1
    assert {entry.probability for entry in chosen if entry.path[0] != "T03"} <= {
        Fraction(1, 13) * Fraction(3, 30),
        Fraction(1, 13) * Fraction(3, 20),
    }


@given(st.integers(0, 12), st.integers(0, 12), st.text("0123456789", min_size=6, max_size=8))
def test_musts_and_draws_fill_the_number(n: int, m: int, seed: str) -> None:
    ids = [f"u{no}" for no in range(10)]
    must = set(ids[:m])
    if len(must) > n:
        with pytest.raises(MustIncludeTooMany):
            draw_with_must(ids, n=n, seed=seed, salt="s", must=must)
        return
    if n > 10:
        with pytest.raises(SampleLargerThanStratum):
            draw_with_must(ids, n=n, seed=seed, salt="s", must=must)
        return
    drawn = draw_with_must(ids, n=n, seed=seed, salt="s", must=must)
    assert len({entry for entry, _ in drawn}) == n
    assert must <= {entry for entry, _ in drawn}
    assert sum(1 / chance for _, chance in drawn) == (10 if n > len(must) else len(must))


def test_a_must_outside_the_frame_is_refused() -> None:
    with pytest.raises(MustIncludeTooMany):
        draw_with_must(["a"], n=1, seed="123456", salt="s", must=["b"])
    with pytest.raises(MustIncludeTooMany):
        inspect_next(["a"], done=[], must=["b"], periods_left=1, seed="123456", salt="s")


@given(st.integers(1, 40), st.sets(st.integers(0, 39)), st.text("0123456789", min_size=6, max_size=8))
def test_a_year_of_inspections_visits_every_unit_and_the_problem_ones_again(
    size: int, problems: set[int], seed: str
) -> None:
    units = [f"u{no}" for no in range(size)]
    done: set[str] = set()
    must: set[str] = set()
    for quarter in range(4):
        visited = inspect_next(units, done=done, must=must, periods_left=4 - quarter, seed=seed, salt=f"Q{quarter}")
        assert must <= set(visited)
        done |= set(visited)
        must = {unit for unit in visited if int(unit[1:]) in problems}
    assert done == set(units)


def test_key_raters_are_all_in_or_a_stratum_of_their_own() -> None:
    clients = [f"c{no}" for no in range(100)]
    key = clients[:13]
    everybody = draw_clients(clients, key=key, n=30, seed="123456", salt="u1")
    assert [chance for entry, chance in everybody if entry in key] == [1] * 13
    assert len(everybody) == 30
    some = draw_clients(clients, key=key, n=30, seed="123456", salt="u1", key_take=6)
    assert sum(entry in key for entry, _ in some) == 6
    assert sum(1 / chance for _, chance in some) == 100
    with pytest.raises(SampleLargerThanStratum):
        draw_clients(clients, key=key, n=30, seed="123456", salt="u1", key_take=14)
