"""The short form of the proof of repeated and cut-off requests, and that it can fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import proofs_replay
from benchmarks.proofs_crowd import Answer
from benchmarks.proofs_replay import Outcome
from benchmarks.proofs_server import served
from benchmarks.proofs_town import Town, furnish

BALLOTS, CUTS, THEFTS = 2_000, 20, 20


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Town:
    file = tmp_path / "town.sqlite3"
    shutil.copyfile(sqlite_template, file)
    return furnish(f"sqlite:///{file}", tmp_path, tickets=BALLOTS + CUTS + 2 * THEFTS, units=4)


@pytest.mark.proof
def test_the_same_request_counts_once(town: Town) -> None:
    copies, cut, thefts = proofs_replay.prove(town, ballots=BALLOTS, cut=CUTS, stolen=THEFTS)
    assert copies.faults + cut.faults + thefts.faults == []
    assert copies.counts["stored"] == BALLOTS
    assert copies.counts["replays"] > BALLOTS
    assert cut.counts["cut"] >= CUTS
    assert cut.counts["looked at"] == 3 * CUTS
    assert thefts.counts["looked at"] >= 4 * THEFTS


@pytest.mark.proof
def test_a_stolen_ballot_id_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    made = furnish(postgres_url, tmp_path, tickets=2 * THEFTS, units=4)
    pairs = [(made.sheets[2 * number], made.sheets[2 * number + 1]) for number in range(THEFTS)]
    with served(made, allow_unsafe_database=True) as server:
        found = proofs_replay.thefts(server, made, pairs)
    assert found.faults == []


def test_what_must_not_be_is_seen() -> None:
    found = Outcome("made up", 1)
    proofs_replay._expect_refusal(Answer(201, {"receipt": "AAAA"}), found)
    found.expect(true=True, what="nothing")
    assert found.faults == ["the thief got (201, None)"]
    assert found.counts["looked at"] == 2
