"""The proof of the trees: every honest statement about a tree is believed, every altered one is refused.

``python -m tests.proofs.trees`` runs the long form (10,000 trees) and prints value, limit and ratio.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from survey_models.ledger.merkle import (
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    levels_of,
    path_of,
    root_of,
)
from survey_models.ledger.notes import Checkpoint, open_note, signed_note, vkey_of
from survey_models.ledger.signing import Signer
from survey_models.ledger.tiles import Forest

ORIGIN = "pingyi.test/ledger/poll"
SIGNER = Signer(bytes(range(32)))
VKEY = vkey_of(ORIGIN, SIGNER.public)
MOST_LEAVES = 600
# Most statements about a tree share its two notes: a signature that was found good once is not checked again.
opened = lru_cache(maxsize=64)(open_note)
TREES, SHORT = 10_000, 300


@dataclass(frozen=True)
class Inclusion:
    """What a person checks: this entry is at this place of the tree of this checkpoint."""

    note: str
    entry: bytes
    index: int
    proof: tuple[bytes, ...]

    def holds(self) -> bool:
        """Signature, size, root, place and path, as an outsider checks them."""
        try:
            head = opened(self.note, VKEY)
        except ValueError:
            return False
        return includes(head.root, head.size, self.index, leaf_hash(self.entry), self.proof)


@dataclass(frozen=True)
class Growth:
    """What a witness checks: the tree of one checkpoint is the beginning of that of another."""

    old_note: str
    new_note: str
    proof: tuple[bytes, ...]

    def holds(self) -> bool:
        """Both signatures, sizes, roots and the path."""
        try:
            old, new = opened(self.old_note, VKEY), opened(self.new_note, VKEY)
        except ValueError:
            return False
        return extends(old.root, old.size, new.root, new.size, self.proof)


@dataclass
class Tally:
    """What a run has seen."""

    trees: int = 0
    believed: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, statement: Inclusion | Growth, *, true: bool, what: str) -> None:
        """Count the answer to one statement."""
        if statement.holds() is true:
            self.believed += true
            self.refused += not true
        else:
            self.wrong.append(what)


def examine(seed: int, size: int, index: int, old: int, tally: Tally) -> None:
    """Build one tree tile by tile, state what is true of it, and alter each statement in every way."""
    entries = [hashlib.sha256(f"{seed} {place}".encode()).digest() for place in range(size)]
    leaves = [leaf_hash(entry) for entry in entries]
    forest = _grown(leaves, seed)
    root, old_root = root_of(leaves), root_of(leaves[:old])
    path = inclusion_proof(index, size, forest.node)
    if path != path_of(levels_of(leaves), index):
        tally.wrong.append("the tiles give another path than the leaves")
    note, old_note = (
        signed_note(Checkpoint(ORIGIN, count, top), SIGNER) for count, top in ((size, root), (old, old_root))
    )
    tally.trees += 1
    inclusion = Inclusion(note, entries[index], index, tuple(path))
    tally.expect(inclusion, true=True, what=f"inclusion of {index} in {size}")
    for what, altered in altered_inclusions(inclusion, size):
        tally.expect(altered, true=False, what=f"{what}: inclusion of {index} in {size}")
    growth = Growth(old_note, note, tuple(consistency_proof(old, size, forest.node)))
    tally.expect(growth, true=True, what=f"growth from {old} to {size}")
    for what, changed in altered_growths(growth, old, size):
        tally.expect(changed, true=False, what=f"{what}: growth from {old} to {size}")


def _grown(leaves: Sequence[bytes], seed: int) -> Forest:
    """The tree grown in steps of uneven size, its tiles stored and read in between."""
    stored: dict[tuple[int, int], bytes] = {}
    at, step = 0, seed % 97 + 1
    while at < len(leaves):
        forest = Forest(lambda level, tile: stored.get((level, tile), b""))
        forest.append(at, leaves[at : at + step])
        stored.update(forest.changed)
        at, step = at + step, step * 3 % 389 + 1
    return Forest(lambda level, tile: stored.get((level, tile), b""))


def altered_inclusions(statement: Inclusion, size: int) -> Iterator[tuple[str, Inclusion]]:
    """Every single alteration of an inclusion statement."""
    yield "entry", replace(statement, entry=_flipped(statement.entry))
    for index in {statement.index - 1, statement.index + 1, size, size - 1 - statement.index} - {statement.index}:
        yield "index", replace(statement, index=index)
    for what, note in _altered_notes(statement.note):
        yield what, replace(statement, note=note)
    for what, proof in _altered_proofs(statement.proof):
        yield what, replace(statement, proof=proof)


def altered_growths(statement: Growth, old: int, size: int) -> Iterator[tuple[str, Growth]]:
    """Every single alteration of a consistency statement."""
    for what, note in _altered_notes(statement.old_note):
        yield f"old {what}", replace(statement, old_note=note)
    for what, note in _altered_notes(statement.new_note):
        yield f"new {what}", replace(statement, new_note=note)
    for what, proof in _altered_proofs(statement.proof):
        yield what, replace(statement, proof=proof)
    if old < size:
        yield "order", replace(statement, old_note=statement.new_note, new_note=statement.old_note)
    # The log signs a second history of the same length: only the proof can tell.
    fork = signed_note(Checkpoint(ORIGIN, size, _flipped(open_note(statement.new_note, VKEY).root)), SIGNER)
    yield "fork", replace(statement, new_note=fork)


def _altered_notes(note: str) -> Iterator[tuple[str, str]]:
    """Size and root said otherwise under the old signature; the signature altered; another log's checkpoint."""
    head = open_note(note, VKEY)
    signature = note.split("\n\n")[1]
    for size in (head.size - 1, head.size + 1):
        yield "size", f"{replace(head, size=size).text}\n{signature}"
    yield "root", f"{replace(head, root=_flipped(head.root)).text}\n{signature}"
    yield "signature", note[:-12] + ("A" if note[-12] != "A" else "B") + note[-11:]
    yield "key", signed_note(head, Signer(bytes(32)))
    yield "log", signed_note(replace(head, origin="pingyi.test/ledger/other"), SIGNER)


def _altered_proofs(proof: tuple[bytes, ...]) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """Each hash altered, left out or doubled; neighbours exchanged; a hash too many or cut short."""
    for at, value in enumerate(proof):
        yield "hash", (*proof[:at], _flipped(value), *proof[at + 1 :])
        yield "hash left out", (*proof[:at], *proof[at + 1 :])
        yield "hash doubled", (*proof[:at], value, *proof[at:])
        yield "hash cut", (*proof[:at], value[:-1], *proof[at + 1 :])
        if at and proof[at - 1] != value:
            yield "hashes exchanged", (*proof[: at - 1], value, proof[at - 1], *proof[at + 1 :])
    yield "hash too many", (*proof, bytes(32))
    yield "hash before", (bytes(32), *proof)


def _flipped(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


def trees(count: int) -> Callable[[Tally], None]:
    """Runs ``examine`` on ``count`` trees that hypothesis chooses."""

    def run(tally: Tally) -> None:
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def one(data: st.DataObject) -> None:
            size = data.draw(st.one_of(st.integers(1, 40), st.integers(1, MOST_LEAVES)))
            index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
            examine(data.draw(st.integers(0, 2**32)), size, index, old, tally)

        one()

    return run


def main() -> None:
    """The long form: figures for docs/proofs.md. Ends with 1 when a limit is missed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--trees", type=int, default=TREES)
    count = asked.parse_args().trees
    tally, begun = Tally(), time.perf_counter()
    trees(count)(tally)
    print(f"trees             {tally.trees:>9,}  limit >= {count:,}  ratio {tally.trees / count:.2f}")
    print(f"true, believed    {tally.believed:>9,}  limit = {2 * tally.trees:,}")
    print(f"altered, refused  {tally.refused:>9,}")
    print(f"wrong answers     {len(tally.wrong):>9,}  limit = 0")
    print(f"seconds           {time.perf_counter() - begun:>9.1f}")
    for what in tally.wrong[:20]:
        print(f"  {what}")
    raise SystemExit(bool(tally.wrong) or tally.trees < count)


if __name__ == "__main__":
    main()
