"""The short form of the proof of the trees, and that it can fail."""

from __future__ import annotations

import pytest

from survey_models.ledger import merkle
from tests.proofs import trees


@pytest.mark.proof
def test_true_statements_are_believed_and_altered_ones_refused() -> None:
    tally = trees.Tally()
    trees.trees(trees.SHORT)(tally)
    assert tally.wrong == []
    assert tally.trees >= trees.SHORT
    assert tally.believed == 2 * tally.trees
    assert tally.refused > 20 * tally.trees


@pytest.mark.parametrize("broken", ["node_hash", "leaf_hash"])
def test_a_broken_tree_is_seen(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that forget what they hash make altered statements pass: then the proof must fail."""
    monkeypatch.setattr(merkle if broken == "node_hash" else trees, broken, lambda *parts: bytes(32))
    tally = trees.Tally()
    trees.examine(1, 9, 4, 5, tally)
    assert tally.wrong != []
