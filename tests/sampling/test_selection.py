import contextlib
import hashlib
import io
import random
import re
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import selection
from sampling.errors import (
    BadFrame,
    BadSeed,
    DuplicateId,
    SampleLargerThanStratum,
    ShapeMismatch,
    UncoveredStratum,
    UnknownStratum,
)
from sampling.selection import (
    DrawnLot,
    _candidates,
    _key_order,
    canonical_frame,
    design_weights,
    draw_srs,
    draw_stratified,
    frame_digest,
    inclusion_probabilities,
    order_keys,
)
from tests.sampling.properties import repeatable

GUIDE = Path(__file__).parents[2] / "docs" / "sampling.md"
visible = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
frames = st.lists(visible, unique=True, min_size=1, max_size=25)


def plain_order(ids: list[str], seed: str, salt: str) -> list[str]:
    return sorted(ids, key=lambda one: hashlib.sha256(f"{seed},{salt},{one}".encode()).hexdigest())


def test_keys_are_those_of_sha256sum() -> None:
    # printf '8841,luohe-2026,frame-0001' | sha256sum
    known = "d5fcc4eef78e1acba66672b06e17483aa841c6fa5cd047bb0dfabae301931293"
    assert order_keys(["frame-0001"], seed="8841", salt="luohe-2026")[0].hex() == known
    known = "ae9ebaf63e8b022b51be2cfeab39e67f3ef14a4e986edcefa13c447939d1781f"
    assert order_keys(["市民甲"], seed="种子", salt="盐")[0].hex() == known


@repeatable
@given(frames, st.data())
def test_the_smallest_keys_are_drawn_and_a_longer_draw_keeps_its_beginning(ids: list[str], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(ids)))
    drawn = draw_srs(ids, n=n, seed="7", salt="s")
    assert [ids[i] for i in drawn] == plain_order(ids, "7", "s")[:n]
    assert draw_srs(ids, n=len(ids), seed="7", salt="s")[:n] == drawn


@repeatable
@given(frames, st.randoms(use_true_random=False))
def test_the_order_of_the_frame_does_not_matter(ids: list[str], rng: random.Random) -> None:
    strata = {one: "甲" if len(one) % 2 else "乙" for one in ids}
    sizes = {name: (list(strata.values()).count(name) + 1) // 2 for name in sorted(set(strata.values()))}
    shuffled = rng.sample(ids, len(ids))

    def drawn(order: list[str]) -> list[tuple[str, str, int]]:
        result = draw_stratified(order, [strata[one] for one in order], sizes=sizes, seed="9", salt="s")
        return [(order[lot.position], lot.stratum, lot.lot) for lot in result.lots()]

    assert drawn(ids) == drawn(shuffled)


def test_a_stratified_draw_takes_each_stratum_in_the_common_order() -> None:
    ids = [f"id-{i}" for i in range(200)]
    strata = ["ab"[i % 3 == 0] for i in range(200)]
    sizes, reserve = {"b": 5, "a": 11}, {"a": 4}
    draw = draw_stratified(ids, strata, sizes=sizes, seed="1", salt="x", reserve=reserve)
    assert [part.stratum for part in draw.strata] == ["b", "a"]
    assert [part.population for part in draw.strata] == [strata.count("b"), strata.count("a")]
    for part in draw.strata:
        own = [one for one, stratum in zip(ids, strata, strict=True) if stratum == part.stratum]
        order = plain_order(own, "1", "x")
        n = sizes[part.stratum]
        assert [ids[i] for i in part.main] == order[:n]
        assert [ids[i] for i in part.reserve] == order[n : n + reserve.get(part.stratum, 0)]
    lots = list(draw.lots())
    assert [lot.lot for lot in lots] == [*range(1, 6), *range(1, 16)]
    assert [lot.reserve for lot in lots] == [False] * 16 + [True] * 4
    assert lots[0] == DrawnLot(int(draw.strata[0].main[0]), "b", 1, reserve=False)


@pytest.mark.parametrize("people", [3 * selection.BLOCK, 2 * selection.BLOCK + 1, selection.BLOCK - 1])
def test_a_large_frame_is_drawn_as_a_small_one(people: int) -> None:
    ids = [f"居民{i}" for i in range(people)]
    strata = ["small" if i % 50 == 7 else "abc"[i % 3] for i in range(people)]
    sizes = {"a": 3, "b": people // 8, "small": 60, "c": 0}
    draw = draw_stratified(ids, strata, sizes=sizes, seed="4", salt="x", reserve={"a": 40, "c": 1})
    order = plain_order(ids, "4", "x")
    stratum = dict(zip(ids, strata, strict=True))
    for part in draw.strata:
        own = [one for one in order if stratum[one] == part.stratum]
        drawn = [ids[i] for i in [*part.main, *part.reserve]]
        assert part.population == len(own)
        assert drawn == own[: len(drawn)]
    assert [(len(part.main), len(part.reserve)) for part in draw.strata] == [(3, 40), (people // 8, 0), (60, 0), (0, 1)]


def test_keys_that_begin_alike_are_compared_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    real = hashlib.sha256

    class Alike:
        """Hashes whose first 64 bits are one of sixteen."""

        def __init__(self, text: bytes) -> None:
            self.hash = real(text)

        def copy(self) -> "Alike":
            other = Alike(b"")
            other.hash = self.hash.copy()
            return other

        def update(self, text: bytes) -> None:
            self.hash.update(text)

        def digest(self) -> bytes:
            whole = self.hash.digest()
            return bytes([whole[0] & 0xF0, *bytes(7)]) + whole[8:]

    def key(one: str) -> bytes:
        hashed = Alike(b"1,x,")
        hashed.update(one.encode())
        return hashed.digest()

    ids = [f"p{i}" for i in range(3_000)]
    order = sorted(range(3_000), key=lambda i: key(ids[i]))
    assert order != sorted(range(3_000), key=lambda i: key(ids[i])[:8])
    monkeypatch.setattr(selection.hashlib, "sha256", Alike)  # type: ignore[attr-defined]
    assert draw_srs(ids, n=40, seed="1", salt="x") == order[:40]
    draw = draw_stratified(ids, ["ab"[i % 2] for i in range(3_000)], sizes={"b": 9, "a": 800}, seed="1", salt="x")
    assert [part.main.tolist() for part in draw.strata] == [
        [i for i in order if i % 2][:9],
        [i for i in order if i % 2 == 0][:800],
    ]


def test_candidates_hold_the_smallest_however_the_heads_lie() -> None:
    label = np.arange(8_000) % 2
    heads = np.arange(8_000, dtype=np.uint64)[::-1] + np.uint64(2**63)
    near = set(_candidates(heads, label, np.array([5, 0])).tolist())
    assert {7_998, 7_996, 7_994, 7_992, 7_990} <= near
    uniform = np.random.default_rng(1).integers(0, 2**64, 8_000, dtype=np.uint64)
    assert len(_candidates(uniform, label, np.array([100, 0]))) < 400


def test_an_equal_id_is_found_wherever_it_stands() -> None:
    ids = [f"p{i}" for i in range(10_000)]
    for place in (1, 5_000, 9_999):
        doubled = [*ids[:place], "p0", *ids[place + 1 :]]
        with pytest.raises(DuplicateId, match="id p0 stands"):
            draw_srs(doubled, n=1, seed="1", salt="s")


def test_seed_and_salt_both_change_the_draw() -> None:
    ids = [str(i) for i in range(100)]
    draws = {tuple(draw_srs(ids, n=10, seed=seed, salt=salt)) for seed in "12" for salt in "xy"}
    assert len(draws) == 4


def test_every_entry_has_the_same_chance() -> None:
    ids = [f"p{i}" for i in range(20)]
    times = [0] * 20
    for seed in range(2000):
        for position in draw_srs(ids, n=5, seed=str(seed), salt="chance"):
            times[position] += 1
    # expected 500 each, standard deviation 19.4; chi-square with 19 degrees of freedom, 0.1 % point 43.8
    assert sum((n - 500) ** 2 / (500 * 0.75) for n in times) * 19 / 20 < 43.8


def test_keys_are_compared_to_their_last_byte() -> None:
    end = [bytes(31) + bytes([b]) for b in (2, 0, 1)]
    assert _key_order(end, "abc").tolist() == [1, 2, 0]
    third = [bytes(16) + bytes([b]) + bytes(15) for b in (255, 127, 128)]
    assert _key_order(third, "abc").tolist() == [1, 2, 0]
    first = [bytes([b]) + bytes(31) for b in (200, 100)]
    assert _key_order(first, "ab").tolist() == [1, 0]
    assert _key_order([], "").tolist() == []


def test_a_city_district_is_drawn_in_a_moment() -> None:
    ids = [f"LH-{i:07d}" for i in range(240_000)]
    strata = [f"s{i % 6}" for i in range(240_000)]
    start = time.process_time()
    draw_stratified(ids, strata, sizes={f"s{h}": 1_000 for h in range(6)}, seed="1", salt="speed")
    assert time.process_time() - start < 2.5, "about 0.5 s on a quiet machine"


@pytest.mark.parametrize(
    ("ids", "seed", "salt", "error"),
    [
        (["a", "b", "a"], "1", "s", DuplicateId),
        (["a", ""], "1", "s", BadFrame),
        (["a\tb"], "1", "s", BadFrame),
        (["a\nb", "c"], "1", "s", BadFrame),
        (["a", "\n"], "1", "s", BadFrame),
        (["a\x7f"], "1", "s", BadFrame),
        (["\ud800"], "1", "s", BadFrame),
        (["a"], "", "s", BadSeed),
        (["a"], "1", "", BadSeed),
        (["a"], "1 ", "s", BadSeed),
        (["a"], "1\n2", "s", BadSeed),
        (["a"], "1", "\ud800", BadSeed),
    ],
)
def test_unusable_frames_and_seeds(ids: list[str], seed: str, salt: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        order_keys(ids, seed=seed, salt=salt)
    with pytest.raises(error):
        draw_srs(ids, n=1, seed=seed, salt=salt)


def test_a_doubled_id_is_named() -> None:
    with pytest.raises(DuplicateId, match="id b stands"):
        order_keys(["a", "b", "c", "b"], seed="1", salt="s")


def test_nobody_can_draw_more_than_there_is() -> None:
    for n in (-1, 3):
        with pytest.raises(SampleLargerThanStratum):
            draw_srs(["a", "b"], n=n, seed="1", salt="s")
    for sizes, reserve in (({"x": 3}, {}), ({"x": 2}, {"x": 1}), ({"x": -1}, {}), ({"x": 1}, {"x": -1})):
        with pytest.raises(SampleLargerThanStratum, match="stratum x"):
            draw_stratified(["a", "b"], ["x", "x"], sizes=sizes, seed="1", salt="s", reserve=reserve)


def test_names_of_strata_must_match() -> None:
    for sizes, reserve in (({"x": 1}, {}), ({"x": 1, "y": 1, "z": 0}, {}), ({"x": 1, "y": 0}, {"z": 1})):
        with pytest.raises(UnknownStratum):
            draw_stratified(["a", "b"], ["x", "y"], sizes=sizes, seed="1", salt="s", reserve=reserve)
    with pytest.raises(ShapeMismatch):
        draw_stratified(["a", "b"], ["x"], sizes={"x": 1}, seed="1", salt="s")


def test_weights_are_exact() -> None:
    population, sample = {"a": 30, "b": 7, "empty": 0}, {"a": 9, "b": 7, "empty": 0}
    assert inclusion_probabilities(population, sample) == {"a": Fraction(3, 10), "b": 1}
    assert design_weights(population, sample) == {"a": Fraction(10, 3), "b": 1}
    with pytest.raises(UncoveredStratum):
        design_weights({"a": 3}, {"a": 0})
    with pytest.raises(SampleLargerThanStratum):
        design_weights({"a": 3}, {"a": 4})
    with pytest.raises(UnknownStratum):
        inclusion_probabilities({"a": 3}, {"b": 1})


def test_the_canonical_frame_is_one_line_per_entry_sorted_by_bytes() -> None:
    entries = [("é", "north", 1), ("z", "", 12), ("Z", "南", 0)]
    expected = "Z\t南\t0\nz\t\t12\né\tnorth\t1\n".encode()
    assert canonical_frame(entries) == canonical_frame(reversed(entries)) == expected
    assert frame_digest(entries) == hashlib.sha256(expected).hexdigest()
    assert canonical_frame([]) == b""


@pytest.mark.parametrize(
    "entries", [[("a", "s", -1)], [("a", "s\n", 1)], [("a\t", "s", 1)], [("", "s", 1)], [("a", "s", 1), ("a", "t", 1)]]
)
def test_frames_without_a_canonical_form(entries: list[tuple[str, str, int]]) -> None:
    with pytest.raises(BadFrame):
        canonical_frame(entries)


def test_the_example_in_the_guide_draws_what_the_product_draws() -> None:
    block = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    names: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(block[1], names)
    frame = [("A1", "north"), ("A2", "north"), ("A3", "north"), ("B1", "south"), ("B2", "south")]
    assert names["frame"] == frame
    draw = draw_stratified(
        [one for one, _ in frame],
        [stratum for _, stratum in frame],
        sizes={"north": 2, "south": 1},
        seed="88413",
        salt="demo-2026",
    )
    lines = [f"{part.stratum} {[frame[i][0] for i in part.main]}\n" for part in draw.strata]
    assert said.getvalue() == "".join(lines)
