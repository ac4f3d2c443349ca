"""Sealed sheets: what goes in comes out, nothing else opens, and their length tells nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_models.ballots.sealing import (
    BLOCK,
    OVERHEAD,
    Opener,
    SealBroken,
    Sealer,
    bound_to,
    new_keypair,
    open_sealed,
    padded,
    public_of,
    seal,
    unpadded,
)

PRIVATE, PUBLIC = new_keypair()
SEALER, OPENER = Sealer(PUBLIC), Opener(PRIVATE)
ID = uuid.UUID(int=7)
AAD = bound_to("poll", ID, 3, "phone", 1)
texts = st.text(max_size=700)
extras = st.none() | st.dictionaries(
    st.text(max_size=9), texts | st.integers() | st.lists(st.text(max_size=9)), max_size=3
)


@given(answers=st.text(alphabet="0123-!", max_size=600), more=extras, aad=st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_sheet_opens_as_it_was_sealed(answers: str, more: dict[str, object] | None, aad: bytes) -> None:
    plain = padded(answers, more)
    sealed = SEALER.seal(plain, aad)
    assert len(plain) % BLOCK == 0
    assert len(sealed) == len(plain) + OVERHEAD
    assert unpadded(OPENER.open(sealed, aad)) == (answers, more or None)


@given(place=st.integers(min_value=0, max_value=BLOCK + OVERHEAD - 1), change=st.integers(min_value=1, max_value=255))
@settings(max_examples=200, deadline=None)
def test_a_changed_byte_does_not_open(place: int, change: int) -> None:
    sealed = bytearray(SEALER.seal(padded("1230--", None), AAD))
    sealed[place] ^= change
    with pytest.raises(SealBroken):
        OPENER.open(bytes(sealed), AAD)


@pytest.mark.parametrize(
    "other",
    [
        bound_to("pole", ID, 3, "phone", 1),
        bound_to("poll", uuid.UUID(int=8), 3, "phone", 1),
        bound_to("poll", ID, 4, "phone", 1),
        bound_to("poll", ID, 3, "point", 1),
        bound_to("poll", ID, 3, "phone", 2),
    ],
)
def test_a_sheet_moved_to_another_row_does_not_open(other: bytes) -> None:
    with pytest.raises(SealBroken):
        OPENER.open(SEALER.seal(padded("12", None), AAD), other)


@pytest.mark.parametrize(
    "cut", [lambda sealed: sealed[:-1], lambda sealed: sealed + b"\0", lambda _: b"", lambda _: b"\1"]
)
def test_bytes_of_another_length_do_not_open(cut: Callable[[bytes], bytes]) -> None:
    with pytest.raises(SealBroken):
        OPENER.open(cut(SEALER.seal(padded("12", None), AAD)), AAD)


def test_another_key_opens_nothing() -> None:
    sealed = seal(PUBLIC, padded("12", None), AAD)
    other, _ = new_keypair()
    with pytest.raises(SealBroken):
        open_sealed(other, sealed, AAD)
    assert unpadded(open_sealed(PRIVATE, sealed, AAD)).answers == "12"
    assert public_of(PRIVATE) == PUBLIC


def test_a_sender_s_key_of_small_order_is_refused() -> None:
    sealed = SEALER.seal(padded("12", None), AAD)
    with pytest.raises(SealBroken):
        OPENER.open(sealed[:1] + bytes(32) + sealed[33:], AAD)


def test_equal_sheets_have_equal_lengths_and_nothing_else_in_common() -> None:
    lengths = {len(SEALER.seal(padded(code * 80, None), AAD)) for code in "0123-"}
    lengths |= {len(SEALER.seal(padded("1" * number, None), AAD)) for number in range(1, 400)}
    assert lengths == {BLOCK + OVERHEAD}
    bodies = {SEALER.seal(padded("1" * 80, None), AAD)[33:] for _ in range(50)}
    assert len(bodies) == 50


def test_the_sender_s_key_changes_with_the_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr("survey_models.ballots.sealing.time.monotonic", lambda: seconds[0])
    sealer = Sealer(PUBLIC)
    senders = []
    for now in (0.0, 59.0, 61.0, 100.0, 130.0):
        seconds[0] = now
        sealed = sealer.seal(padded("12", None), AAD)
        assert unpadded(OPENER.open(sealed, AAD)).answers == "12"
        senders.append(sealed[1:33])
    assert [senders.index(sender) for sender in senders] == [0, 0, 2, 2, 4]


def test_what_was_sealed_and_is_no_sheet_is_refused() -> None:
    for plain in (b"", bytes(512), b"\0\0\0\2{}", b"\0\0\0\4null", padded("1", None).replace(b'"1"', b"123")):
        with pytest.raises(SealBroken):
            unpadded(plain)


def test_a_stranger_opens_it_from_the_description_alone() -> None:
    """The format as docs/security.md has it, spelled out anew."""
    sealed = SEALER.seal(padded("1230", None), AAD)
    sender, nonce, body = sealed[1:33], sealed[33:45], sealed[45:]
    agreed = X25519PrivateKey.from_private_bytes(PRIVATE).exchange(X25519PublicKey.from_public_bytes(sender))
    info = b"pingyi/sheet/v1" + sender + PUBLIC
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(agreed)
    plain = AESGCM(key).decrypt(
        nonce, body, b"pingyi/sheet/v1\npoll\n00000000-0000-0000-0000-000000000007\n3\nphone\n1"
    )
    length = int.from_bytes(plain[:4], "big")
    assert sealed[:1] == b"\x01"
    assert plain[4 : 4 + length] == b'{"answers":"1230","more":null}'
    assert set(plain[4 + length :]) == {0}
