"""Merkle trees as RFC 6962 defines them (默克尔树): hashes, inclusion and consistency proofs, and their checks.

Pure and of the standard library alone, so that an outsider can copy this one file. Hashes are 32 raw bytes, sizes and
indices count leaves from 0. Leaf = SHA-256(0x00 | data), node = SHA-256(0x01 | left | right), empty tree =
SHA-256 of nothing (RFC 6962, 2.1). The checks follow RFC 9162, 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Node = Callable[[int, int], bytes]
"""``node(level, index)``: the root of the complete subtree of the ``2 ** level`` leaves from ``index << level`` on."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf with this content."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels of the tree over these leaf hashes, leaves first; a last node without a sibling moves up as it is."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    return levels_of(leaves)[-1][0] if leaves else EMPTY_ROOT


def path_of(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The inclusion proof of leaf ``index`` in a tree whose levels are at hand."""
    path = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path


def node_in(leaves: Sequence[bytes]) -> Node:
    """A reader of complete subtrees over leaf hashes at hand."""
    levels = levels_of(leaves)

    def node(level: int, index: int) -> bytes:
        if (index + 1) << level > len(leaves):
            raise IndexError(f"no complete subtree {index} of level {level} over {len(leaves)} leaves")
        return levels[level][index]

    return node


def tree_root(size: int, node: Node) -> bytes:
    """The root of the first ``size`` leaves."""
    return _range_root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root of the first ``size`` leaves, lowest first.

    Raises ValueError unless ``0 <= index < size``.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among {size}")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_root(middle, end, node))
            end = middle
        else:
            proof.append(_range_root(start, middle, node))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The hashes that show the first ``old`` leaves to be the beginning of the first ``new``; empty for equal sizes.

    Raises ValueError unless ``0 < old <= new``.
    """
    if not 0 < old <= new:
        raise ValueError(f"no proof from size {old} to {new}")
    proof = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_root(middle, end, node))
            end = middle
        else:
            proof.append(_range_root(start, middle, node))
            start = middle
    # An old tree that is one complete subtree is its own first hash: the checker has it.
    if start:
        proof.append(_range_root(start, end, node))
    return proof[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows leaf hash ``leaf`` at ``index`` of the tree of ``size`` leaves under ``root``."""
    if not 0 <= index < size or not _all_hashes(root, leaf, *proof):
        return False
    sides = _sides(index, size - 1, len(proof))
    if sides is None:
        return False
    running = leaf
    for sibling, on_left in zip(proof, sides, strict=True):
        running = node_hash(sibling, running) if on_left else node_hash(running, sibling)
    return running == root


def extends(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows the tree of ``old`` leaves to be the beginning of that of ``new``."""
    if not 0 <= old <= new or not _all_hashes(old_root, new_root, *proof):
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    if old == new:
        return not proof and old_root == new_root
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    # What is common to both trees below their first difference needs no proof.
    level = _trailing_ones(old - 1)
    sides = _sides(old - 1 >> level, new - 1 >> level, len(hashes) - 1)
    if sides is None:
        return False
    before = after = hashes[0]
    for sibling, on_left in zip(hashes[1:], sides, strict=True):
        if on_left:
            before = node_hash(sibling, before)
        after = node_hash(sibling, after) if on_left else node_hash(after, sibling)
    return before == old_root and after == new_root


def _range_root(start: int, end: int, node: Node) -> bytes:
    """The root of leaves ``start`` to ``end``, where ``start`` is a place at which the tree itself splits."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_range_root(start, middle, node), _range_root(middle, end, node))


def _split(width: int) -> int:
    """The largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1


def _sides(at: int, last: int, count: int) -> list[bool] | None:
    """On the way from node ``at`` up to the root: whether each sibling is on the left.

    ``last`` is the last node of the same level; a last node without a sibling moves up as it is. None unless the way
    has exactly ``count`` siblings.
    """
    sides = []
    while last > 0:
        if at % 2 or at < last:
            sides.append(at % 2 == 1)
        at, last = at >> 1, last >> 1
    return sides if len(sides) == count else None


def _trailing_ones(number: int) -> int:
    return (number ^ number + 1).bit_length() - 1


def _all_hashes(*values: bytes) -> bool:
    return all(len(value) == 32 for value in values)
