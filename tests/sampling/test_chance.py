import hashlib

import numpy as np
import pytest

from sampling.chance import integers, normals, uniforms
from sampling.errors import BadSeed


def test_the_stream_is_shake_256_of_label_seed_and_part() -> None:
    raw = hashlib.shake_256(b"label\x007\x003").digest(16)
    first = int.from_bytes(raw[:8], "little") >> 11
    got = uniforms("7", "label", part=3, shape=(2, 1))
    assert got.shape == (2, 1)
    assert got[0, 0] == (first + 0.5) / 2**53


def test_normals_and_integers_have_their_moments() -> None:
    z = normals("seed", "z", part=0, shape=(200, 200))
    assert abs(z.mean()) < 0.02
    assert z.std() == pytest.approx(1, abs=0.02)
    below = np.array([1, 2, 7, 1000])
    k = integers("seed", "k", part=0, below=below, rows=20_000)
    assert (k.min(axis=0) == 0).all()
    assert (k.max(axis=0) == below - 1).all()
    np.testing.assert_allclose(np.bincount(k[:, 2]) / 20_000, 1 / 7, atol=0.012)


def test_parts_differ_and_repeat() -> None:
    one, two = (uniforms("s", "x", part=part, shape=(5,)) for part in (0, 1))
    assert not np.array_equal(one, two)
    assert np.array_equal(one, uniforms("s", "x", part=0, shape=(5,)))


@pytest.mark.parametrize("seed", ["", "a\0b"])
def test_a_seed_that_says_nothing_is_refused(seed: str) -> None:
    with pytest.raises(BadSeed):
        uniforms(seed, "x", part=0, shape=(1,))
