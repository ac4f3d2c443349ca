"""``pingyi witness``: believes a log that grows, and nothing else; what contradicts is kept as evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from survey_models.core.errors import Problem
from survey_models.ledger.notes import WITNESS_KEY, cosigned_at, open_note, vkey_of
from survey_models.ledger.signing import Signer
from survey_models.ledger.witness import Seen, believe
from tests.cli.loglike import ORIGIN, Keeper, served


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    with served(Keeper([f"entry {number}".encode() for number in range(5)])) as made:
        yield made


class Witness:
    """An auditor's machine."""

    def __init__(self, keeper: Keeper, folder: Path) -> None:
        self.keeper, self.file = keeper, folder / "state.json"

    def run(self, *more: str) -> tuple[int, str]:
        """Exit code and, when it failed, the codes it named."""
        words = ["witness", "--url", self.keeper.url, "--state", str(self.file), "--name", "auditor.test", *more]
        done = CliRunner().invoke(app, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        codes = [line.rpartition("[")[2].rstrip("]") for line in done.stderr.splitlines() if line.endswith("]")]
        return done.exit_code, " ".join(codes)

    @property
    def kept(self) -> dict[str, Any]:
        """What the state file holds of the log."""
        held: dict[str, Any] = json.loads(self.file.read_text())["logs"]["poll"]
        return held


@pytest.fixture
def witness(keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Witness:
    monkeypatch.setenv("PINGYI_DATA_DIR", str(tmp_path / "data"))
    return Witness(keeper, tmp_path)


def test_a_log_that_grows_is_believed_and_cosigned(keeper: Keeper, witness: Witness) -> None:
    for more in ([], [], [b"six", b"seven"], [b"eight"]):
        keeper.entries += more
        assert witness.run() == (0, "")
        head = open_note(witness.kept["cosigned"], keeper.vkey)
        assert (head.size, head.root) == (len(keeper.entries), keeper.root)
    signer = Signer((witness.file.parent / "state.json.key").read_bytes())
    key = vkey_of("auditor.test", signer.public, kind=WITNESS_KEY)
    assert cosigned_at(witness.kept["cosigned"], key) > 1_700_000_000
    assert (witness.file.parent / "state.json.key").stat().st_mode & 0o777 == 0o600
    assert "evidence" not in witness.kept


def rolled_back(keeper: Keeper) -> None:
    del keeper.entries[-1]


def rewritten(keeper: Keeper) -> None:
    keeper.entries[1] = b"another"


def rewritten_and_grown(keeper: Keeper) -> None:
    keeper.entries[1] = b"another"
    keeper.entries += [b"more"]


def inserted(keeper: Keeper) -> None:
    keeper.entries.insert(2, b"between")


def exchanged(keeper: Keeper) -> None:
    keeper.entries[0], keeper.entries[1] = keeper.entries[1], keeper.entries[0]
    keeper.entries += [b"more"]


def signed_by_another(keeper: Keeper) -> None:
    keeper.signer = Signer(bytes(32))


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (rolled_back, "ledger_rollback"),
        (rewritten, "ledger_fork"),
        (rewritten_and_grown, "ledger_fork"),
        (inserted, "ledger_fork"),
        (exchanged, "ledger_fork"),
        (signed_by_another, "ledger_signature_wrong"),
    ],
)
def test_a_log_that_was_tampered_with_is_not(keeper: Keeper, witness: Witness, tamper: Any, code: str) -> None:
    assert witness.run() == (0, "")
    before = witness.kept["note"]
    tamper(keeper)
    assert witness.run() == (1, code)
    assert witness.kept["note"] == before
    assert [piece["code"] for piece in witness.kept["evidence"]] == [code]


NEW = Signer(bytes(32))


def test_a_new_key_is_believed_by_its_announcement(keeper: Keeper, witness: Witness) -> None:
    first = keeper.vkey
    assert witness.run() == (0, "")
    keeper.change_key(NEW)
    keeper.entries += [b"more"]
    assert witness.run() == (0, "")
    assert witness.kept["vkey"] == keeper.vkey != first
    assert "evidence" not in witness.kept
    # Who begins with the old printed key gets there too, and who begins with the new one can look back.
    (witness.file).unlink()
    assert witness.run("--vkey", first) == (0, "")
    assert witness.kept["vkey"] == keeper.vkey
    # The old key, in whoever's hands, is none any more.
    keeper.signer, keeper.entries = Signer(bytes(range(32))), [*keeper.entries, b"by the old key"]
    assert witness.run() == (1, "ledger_signature_wrong")


@pytest.mark.parametrize(
    "announce",
    [
        lambda keeper: keeper.change_key(NEW, forged_by=Signer(b"9" * 32)),
        lambda keeper: setattr(keeper, "signer", NEW),
    ],
    ids=["not signed by the old key", "not announced"],
)
def test_a_new_key_without_both_signatures_is_not(keeper: Keeper, witness: Witness, announce: Any) -> None:
    assert witness.run() == (0, "")
    announce(keeper)
    keeper.entries += [b"more"]
    assert witness.run() == (1, "ledger_signature_wrong")


def test_a_service_that_takes_no_signature_is_said(witness: Witness) -> None:
    assert witness.run("--hand-in") == (1, "cosignature_not_taken")
    assert "cosigned" in witness.kept
    assert "handed_in" not in witness.kept
    assert witness.run() == (0, "")


def test_a_log_that_is_gone_is_said(keeper: Keeper, witness: Witness) -> None:
    assert witness.run() == (0, "")
    keeper.down = True
    assert witness.run() == (1, "ledger_unreachable")
    assert witness.run("--log", "poll") == (1, "ledger_unreachable")
    keeper.down = False
    assert witness.run("--log", "poll") == (0, "")


def test_the_first_look_may_insist_on_a_key(keeper: Keeper, witness: Witness) -> None:
    other = vkey_of(ORIGIN, Signer(bytes(32)).public)
    assert witness.run("--vkey", other) == (1, "ledger_signature_wrong")
    assert witness.run("--vkey", vkey_of("pingyi.test/ledger/other", Signer(bytes(32)).public))[0] == 1
    assert witness.run("--vkey", keeper.vkey) == (0, "")


def test_a_proof_that_is_none_is_a_fork() -> None:
    keeper = Keeper([b"a", b"b"])
    seen = Seen(keeper.vkey, str(keeper.answer("/ledger/poll/checkpoint")))
    keeper.entries += [b"c"]
    note = str(keeper.answer("/ledger/poll/checkpoint"))
    for proof in ([], [bytes(32)], [b"short"]):
        with pytest.raises(Problem) as refused:
            believe("poll", seen, note, keeper.vkey, lambda _old, _new, proof=proof: proof)  # type: ignore[misc]
        assert refused.value.code == "ledger_fork"
