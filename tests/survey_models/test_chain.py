"""The chain of a terminal's outbox: the same lines as in the browser, and a key that WebCrypto would make."""

from __future__ import annotations

import pytest

from survey_models.ratings.chain import GENESIS, Link, hash_of, is_signed_by, public_key_of
from tests.terminal import Terminal

LINK = Link(
    seq=7,
    id="0b7d3b5e-0000-4000-8000-000000000001",
    window_id="hall-01",
    code="1",
    reasons=["slow", "rules"],
    device_time="2026-11-22T10:00:00+08:00",
)


def test_the_hash_is_that_of_the_browser() -> None:
    """The same vector stands in kiosk/terminal/sha256.test.ts."""
    assert hash_of("d0", GENESIS, LINK) == "4be66bbbc6a5a69561c75b4ff186b34f517959e7265aabe7d6afa86caedd7d04"


def test_what_is_no_key_or_no_signature_is_refused() -> None:
    terminal = Terminal()
    public_key_of(terminal.public_key)
    for wrong in ("", "AAAA", terminal.public_key[:-2], "é" * 87, "A" * 87):
        with pytest.raises(ValueError, match=r"."):
            public_key_of(wrong)
        assert not is_signed_by(terminal.public_key, wrong, b"text")
