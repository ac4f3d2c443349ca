"""The short form of the proof of tampering: the first form of each of twelve kinds, and the control."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from survey_models.core.canonical import blinded, digest
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Outcome
from survey_models.evidence.kinds import Kind
from tests.proofs.tampering import LOG, Scene, answers, failed, scene
from tests.proofs.tampers import KINDS, listed_anew

AUDITORS_ALONE = {"roots", "sealed", "box", "opened", "uploads", "tally", "scores", "printed", "texts"}
NEVER_FROM_THE_BUNDLE = {"signature", "witness", "opened"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("tampering"), sqlite_template) as made:
        yield made


@pytest.mark.proof
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found(built: Scene, kind: str) -> None:
    assert KINDS[kind][0](built) != []


@pytest.mark.proof
def test_an_untouched_bundle_passes_every_check(built: Scene) -> None:
    assert len(KINDS) == 12
    with built.insider() as honest:
        public, auditors = honest.bundle(Kind.PUBLIC), honest.bundle(Kind.AUDITOR)
        assert honest.bundle(Kind.PUBLIC) == public
    said = {finding.check.key: finding for finding in answers(auditors, built.trust)}
    assert {key for key, finding in said.items() if finding.outcome is not Outcome.OK} == set()
    told = {finding.check.key: finding.outcome for finding in answers(public, replace(built.trust, private=None))}
    unknown = {key for key, outcome in told.items() if outcome is not Outcome.OK}
    assert (unknown, {told[key] for key in unknown}) == (AUDITORS_ALONE, {Outcome.NOT_CHECKABLE})


@pytest.mark.proof
def test_without_trust_of_ones_own_the_bundle_says_so(built: Scene) -> None:
    with built.insider() as honest:
        auditors = honest.bundle(Kind.AUDITOR)
    told = {finding.check.key: finding.outcome for finding in answers(auditors, Trust())}
    unknown = {key for key, outcome in told.items() if outcome is not Outcome.OK}
    assert (unknown, {told[key] for key in unknown}) == (NEVER_FROM_THE_BUNDLE, {Outcome.NOT_CHECKABLE})
    other = Trust(witness={LOG: {"vkey": "nothing", "note": "nothing"}})
    assert {f.check.key for f in answers(auditors, other) if f.outcome is Outcome.FAILED} == {"signature", "witness"}


@pytest.mark.proof
def test_a_digest_tells_nothing_without_its_blinding_value(built: Scene) -> None:
    with built.insider() as honest:
        public, auditors = honest.bundle(Kind.PUBLIC), honest.bundle(Kind.AUDITOR)
    blinds, shown = json.loads(auditors["blinds.json"]), json.loads(public["result.json"])
    hidden = any(row["masked"] for row in shown["units"])
    assert hidden
    assert shown["blind"] is None
    rows = [[row["unit"], row["score"], row["se"]] for row in json.loads(auditors["scores.json"])]
    assert blinded(rows, blinds["result"]) == shown["digest"] != digest(rows)
    assert "blinds.json" not in public
    assert not any(blinds["tally"].encode() in raw for raw in public.values())
    opened = next(
        json.loads(line) for line in public["ledger/entries.jsonl"].splitlines() if b"campaigns:opened" in line
    )
    assert opened["blind"] == hashlib.sha256(bytes.fromhex(blinds["tally"])).hexdigest()
    for name, check in (("tally", "tally"), ("result", "result")):
        for other in (None, "0" * 64, "00"):
            files = {**auditors, "blinds.json": json.dumps({**blinds, name: other}).encode()}
            assert check in failed(listed_anew(files), built.trust), (name, other)


@pytest.mark.proof
def test_where_nothing_is_hidden_the_public_checks_the_logged_scores(built: Scene) -> None:
    with built.insider() as honest:
        public, auditors = honest.bundle(Kind.PUBLIC), honest.bundle(Kind.AUDITOR)
    blind = json.loads(auditors["blinds.json"])["result"]

    def said(change: str) -> Outcome:
        units = [{**row, "masked": ""} for row in json.loads(auditors["scores.json"])]
        units[1]["se"] += change
        whole = {**json.loads(public["result.json"]), "blind": blind, "units": units}
        files = listed_anew({**public, "result.json": json.dumps(whole).encode()})
        return {finding.check.key: finding.outcome for finding in answers(files, built.trust)}["result"]

    assert (said(""), said("1")) == (Outcome.OK, Outcome.FAILED)
