"""Promises: one signature, a path for each entry, and no second reading of either."""

from __future__ import annotations

import hashlib

import pytest
from msgspec.structs import replace

from survey_models.ledger.promises import Promise, promise_batch, verify_promise
from survey_models.ledger.signing import Signer

SIGNER = Signer(bytes(range(32)))


def digests(count: int) -> list[str]:
    return [hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(count)]


def kept(promise: Promise, log: str = "poll") -> bool:
    return verify_promise(promise, log=log, public=SIGNER.public)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 33])
def test_every_entry_of_a_batch_gets_a_promise(count: int) -> None:
    made = promise_batch("poll", digests(count), SIGNER)
    assert [promise.entry for promise in made] == digests(count)
    assert all(kept(promise) for promise in made)
    assert len({promise.signature for promise in made}) == 1
    assert set(made[0].wire()) == {"entry", "path", "index", "size", "root", "signature", "key"}


def test_an_empty_batch_promises_nothing() -> None:
    assert promise_batch("poll", [], SIGNER) == []


def test_an_altered_promise_is_none() -> None:
    one, other = promise_batch("poll", digests(6), SIGNER)[2:4]
    assert not kept(one, log="other")
    assert not verify_promise(one, log="poll", public=Signer(bytes(32)).public)
    altered = [
        replace(one, entry=other.entry),
        replace(one, entry=one.entry.upper()),
        replace(one, entry="no hex"),
        replace(one, index=3),
        replace(one, size=9),
        replace(one, root=other.entry),
        replace(one, root=one.root + " "),
        replace(one, signature=one.signature[:-4] + "AAA="),
        replace(one, signature="?"),
        replace(one, key="0" * 16),
        *(replace(one, path=[*one.path[:at], other.entry, *one.path[at + 1 :]]) for at in range(len(one.path))),
        replace(one, path=one.path[:-1]),
        replace(one, path=[*one.path, other.entry]),
        replace(one, path=[f" {one.path[0]}", *one.path[1:]]),
    ]
    assert [kept(promise) for promise in altered] == [False] * len(altered)
