"""Trees against the reference values of Certificate Transparency, and against the definition itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest

from survey_models.ledger.merkle import (
    EMPTY_ROOT,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    node_in,
    root_of,
    tree_root,
)

# Leaves, roots and proofs of the reference implementation of RFC 6962 (google/certificate-transparency).
DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in DATA]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], B, D]),
]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[3]]), (2, 5, [B, D])]


def hexed(proof: Sequence[bytes]) -> list[str]:
    return [value.hex() for value in proof]


def defined(leaves: Sequence[bytes]) -> bytes:
    """The root word for word as RFC 6962, 2.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


def test_roots_are_those_of_the_reference() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [root_of(LEAVES[:size]).hex() for size in range(1, 9)] == ROOTS


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(index: int, size: int, proof: list[str]) -> None:
    assert hexed(inclusion_proof(index, size, node_in(LEAVES))) == proof
    raw = [bytes.fromhex(value) for value in proof]
    assert includes(bytes.fromhex(ROOTS[size - 1]), size, index, LEAVES[index], raw)


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(old: int, new: int, proof: list[str]) -> None:
    assert hexed(consistency_proof(old, new, node_in(LEAVES))) == proof
    raw = [bytes.fromhex(value) for value in proof]
    assert extends(bytes.fromhex(ROOTS[old - 1]), old, bytes.fromhex(ROOTS[new - 1]), new, raw)


def test_every_proof_of_every_small_tree_holds() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(66)]
    roots = [defined(leaves[:size]) for size in range(len(leaves) + 1)]
    for size in range(1, len(leaves) + 1):
        node = node_in(leaves[:size])
        assert root_of(leaves[:size]) == tree_root(size, node) == roots[size]
        for index in range(size):
            assert includes(roots[size], size, index, leaves[index], inclusion_proof(index, size, node))
            old = index + 1
            assert extends(roots[old], old, roots[size], size, consistency_proof(old, size, node))


def test_an_empty_tree_begins_every_tree() -> None:
    assert extends(EMPTY_ROOT, 0, root_of(LEAVES), 8, [])
    assert not extends(root_of(LEAVES[:1]), 0, root_of(LEAVES), 8, [])
    assert not extends(EMPTY_ROOT, 0, root_of(LEAVES), 8, [LEAVES[0]])
    assert not extends(EMPTY_ROOT, 0, LEAVES[0], 0, [])


def test_a_shorter_tree_extends_none() -> None:
    assert not extends(root_of(LEAVES), 8, root_of(LEAVES[:6]), 6, [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_place_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not among"):
        inclusion_proof(index, size, node_in(LEAVES))
    assert not includes(EMPTY_ROOT, size, index, LEAVES[0], [])


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_sizes_in_the_wrong_order_have_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        consistency_proof(old, new, node_in(LEAVES))


def test_a_reader_has_complete_subtrees_only() -> None:
    with pytest.raises(IndexError):
        node_in(LEAVES[:3])(1, 1)
