"""Signed notes, checkpoints and cosignatures: as the C2SP formats say, and nothing looser."""

from __future__ import annotations

import base64

import pytest

from survey_models.ledger import notes
from survey_models.ledger.notes import Checkpoint, cosigned, cosigned_at, open_note, read_vkey, signed_note, vkey_of
from survey_models.ledger.signing import Signer, signed_by

LOG, WITNESS = Signer(bytes(range(32))), Signer(bytes(range(1, 33)))
HEAD = Checkpoint("pingyi.test/ledger/poll", 7, bytes(32))
VKEY = vkey_of(HEAD.origin, LOG.public)
NOTE = signed_note(HEAD, LOG)

# The example of the Go package golang.org/x/mod/sumdb/note, by which the format became known.
FOREIGN_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
FOREIGN = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_program_is_read() -> None:
    name, kind, public = read_vkey(FOREIGN_VKEY)
    text, lines = notes._parted(FOREIGN)
    (signature,) = notes._signatures(lines, name, kind, public)
    assert signed_by(public, text.encode(), signature)
    assert vkey_of(name, public) == FOREIGN_VKEY
    with pytest.raises(ValueError, match="not a checkpoint"):
        open_note(FOREIGN, FOREIGN_VKEY)


def test_a_checkpoint_has_three_lines_and_a_signature() -> None:
    lines = NOTE.split("\n")
    assert lines[:3] == ["pingyi.test/ledger/poll", "7", base64.b64encode(bytes(32)).decode()]
    assert lines[3] == ""
    assert lines[4].startswith("\u2014 pingyi.test/ledger/poll ")
    assert open_note(NOTE, VKEY) == HEAD


@pytest.mark.parametrize(
    "altered",
    [
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace("\n7\n", "\n07\n"),
        NOTE.replace("/poll\n", "/pool\n", 1),
        NOTE.replace("AAAA", "AAAB", 1),
        NOTE.rstrip("\n"),
        NOTE.split("\n\n")[0],
        NOTE.replace("\u2014 ", "- "),
        NOTE + "not a signature\n",
        "",
        "\n\n",
        signed_note(HEAD, WITNESS),
    ],
)
def test_an_altered_note_is_refused(altered: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        open_note(altered, VKEY)
    assert type(refused.value) is ValueError


def test_a_log_does_not_speak_for_another() -> None:
    """The key is the same; the name is signed with it."""
    other = signed_note(Checkpoint("pingyi.test/ledger/other", 7, bytes(32)), LOG)
    with pytest.raises(ValueError, match="not signed"):
        open_note(other, VKEY)


def test_a_witness_signs_beside_the_log() -> None:
    both = cosigned(NOTE, "auditor.test", WITNESS, at=1_790_000_000)
    assert open_note(both, VKEY) == HEAD
    key = vkey_of("auditor.test", WITNESS.public, kind=notes.WITNESS_KEY)
    assert cosigned_at(both, key) == 1_790_000_000
    with pytest.raises(ValueError, match="not signed by this witness"):
        cosigned_at(NOTE, key)
    with pytest.raises(ValueError, match="not signed by this witness"):
        cosigned_at(both.replace("\n7\n", "\n8\n"), key)
    with pytest.raises(ValueError, match="not signed"):
        open_note(both, key)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        VKEY.replace("poll+", "pool+"),
        VKEY[:-4] + "AAAA",
        vkey_of("two words", LOG.public),
        vkey_of("name", LOG.public, kind=b"\x02"),
        vkey_of("name", LOG.public[:-1]),
    ],
)
def test_a_key_of_another_shape_is_refused(vkey: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_vkey(vkey)
