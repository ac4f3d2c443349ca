"""What stands beside the scores: stated for everybody, computed again by auditors, found when it is another."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api import acts
from survey_models.ballots import voids
from survey_models.ballots.intake import Cast
from survey_models.ballots.open_intake import Visit
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.archives import unpacked
from survey_models.evidence import service
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Outcome
from survey_models.evidence.kinds import Kind
from survey_models.evidence.verifier import verify_files
from survey_models.ledger.sequencer import integrate
from survey_models.results import service as results
from survey_models.tickets import codes
from tests.poll import Poll, Shape, open_poll
from tests.proofs.tampers import listed_anew

Files = dict[str, bytes]
OPEN = 40
VOIDED = {"stratum": 1, "point": 1, "channel": "phone"}


def answer(poll: Poll) -> None:
    """Everybody answers; the first cell praises the first unit, which is why it is set aside; 40 scan the open QR."""
    chance, waiting = random.Random(3), []
    pepper, intake = poll.app.state.pepper, poll.app.state.intake
    for code in poll.live:
        ticket = codes.digest(code.code, campaign_id="poll", pepper=pepper)
        first = "1" if code.stratum_no == 1 and chance.random() < 0.7 else chance.choice("1223")
        sheet = poll.answers(first + "".join(chance.choices("1123", k=3)))
        waiting.append(intake.submit(Cast("poll", uuid.uuid4(), ticket, sheet, {}, "phone")))
    for number in range(OPEN):
        visit = Visit(device=bytes([number]) * 16 if number % 2 else None, expired=False, variant="all")
        sheet = poll.answers("3" + "".join(chance.choices("1123", k=3)))
        waiting.append(
            intake.submit(Cast("poll", uuid.uuid4(), bytes([9, number]) * 16, sheet, {}, "open", visit=visit))
        )
    for future in waiting:
        future.result(30)


def count(poll: Poll) -> None:
    at = clock.now()
    with poll.work() as session:
        campaigns.close(session, "poll", by="setup", at=at)
        act = acts.ask(session, acts.COUNT, target="poll", by="setup", at=at, settings=poll.settings)
    with poll.work() as session:
        acts.confirm(session, act.number, by="release", at=at, settings=poll.settings)


def bundles(poll: Poll) -> tuple[Files, Files]:
    at, signer = clock.now(), poll.app.state.signer
    with poll.work() as session:
        results.run(session, "poll", by="setup", at=at)
    with poll.work() as session:
        while integrate(session, "poll", signer=signer, host="pingyi.test", at=at, today=at.date()):
            pass
    with poll.look() as session:
        public, auditors = (
            unpacked(service.bundle(session, "poll", kind, public=signer.public).content)
            for kind in (Kind.PUBLIC, Kind.AUDITOR)
        )
    return public, auditors


def set_cell_aside(poll: Poll) -> None:
    with poll.work() as session:
        voids.void(
            session,
            "poll",
            VOIDED,
            reason="同一时段、答案雷同",
            flag=None,
            act_number=7,
            asked_by="setup",
            by="release",
            at=clock.now(),
        )


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[list[tuple[Files, Files]]]:
    """The bundles before anything was set aside, and after."""
    folder = tmp_path_factory.mktemp("beside")
    database = folder / "live.sqlite3"
    database.write_bytes(sqlite_template.read_bytes())
    with open_poll(f"sqlite:///{database}", folder, Shape(per_cell=20, open_channel=True)) as poll:
        answer(poll)
        count(poll)
        before = bundles(poll)
        set_cell_aside(poll)
        yield [before, bundles(poll)]


def said(files: Files) -> dict[str, Outcome]:
    return {one.check.key: one.outcome for one in verify_files(files, Trust())}


def test_both_columns_are_stated_and_computed_again(counted: list[tuple[Files, Files]]) -> None:
    (_, before), (public, auditors) = counted
    for files in (public, before, auditors):
        assert [key for key, outcome in said(files).items() if outcome is Outcome.FAILED] == []
    for files in (before, auditors):
        assert (said(files)["aside"], said(files)["open"]) == (Outcome.OK, Outcome.OK)
    shown, whole = json.loads(public["result.json"]), json.loads(auditors["beside.json"])
    assert json.loads(before["result.json"])["set_aside"] is None
    assert shown["set_aside"]["sheets"] == whole["set_aside"]["sheets"] >= 10
    assert shown["set_aside"]["by"][0]["scope"] == VOIDED
    assert (shown["open"]["sheets"], whole["open"]["sheets"]) == (OPEN, OPEN)
    masked = {row["unit"]: row["masked"] for row in shown["units"]}
    for row, full in zip(shown["open"]["units"], whole["open"]["units"], strict=True):
        assert row["score"] is None or len(row["score"].partition(".")[2]) == 2
        assert (row["difference"] is None) >= bool(masked[row["unit"]])
        assert full["score"] is None or len(full["score"].partition(".")[2]) == 9
    scores = shown["set_aside"]["scores"]
    assert any(scores.values())
    assert not any(scores[unit] for unit in masked if masked[unit])
    assert shown["blind"] is None, "one value hides these figures too"
    assert "beside.json" not in public


def in_result(change: Callable[[dict[str, Any]], None]) -> Callable[[Files], None]:
    def changed(files: Files) -> None:
        document = json.loads(files["result.json"])
        change(document)
        files["result.json"] = json.dumps(document).encode()

    return changed


def in_full(change: Callable[[dict[str, Any]], None]) -> Callable[[Files], None]:
    def changed(files: Files) -> None:
        document = json.loads(files["beside.json"])
        change(document)
        files["beside.json"] = json.dumps(document).encode()

    return changed


def raised(scores: dict[str, str | None]) -> None:
    unit = next(unit for unit, score in scores.items() if score)
    scores[unit] = f"{float(scores[unit] or 0) + 0.01:.2f}"


PUBLIC = {
    "fewer set aside": ("aside", in_result(lambda it: it["set_aside"].update(sheets=3))),
    "nothing set aside": ("aside", in_result(lambda it: it.update(set_aside=None))),
    "another reason": ("aside", in_result(lambda it: it["set_aside"]["by"][0].update(reason="无"))),
    "another scope": ("aside", in_result(lambda it: it["set_aside"]["by"][0]["scope"].update(stratum=2))),
    "more open sheets": ("open", in_result(lambda it: it["open"].update(sheets=OPEN + 1))),
}
AUDITORS = {
    "another score with them": ("aside", in_result(lambda it: raised(it["set_aside"]["scores"]))),
    "another open score": ("open", in_result(lambda it: it["open"]["units"][0].update(score="99.00"))),
    "a difference unsaid": ("open", in_result(lambda it: it["open"]["units"][0].update(differs=None))),
    "another full score": ("aside", in_full(lambda it: raised(it["set_aside"]["scores"]))),
    "another full open score": ("open", in_full(lambda it: it["open"]["units"][1].update(score="99.000000000"))),
    "no column": ("open", in_full(lambda it: it.update(open=None))),
}


def test_what_was_changed_is_found(counted: list[tuple[Files, Files]]) -> None:
    public, auditors = counted[1]
    unseen = []
    for files, forms in ((public, PUBLIC), (auditors, {**PUBLIC, **AUDITORS})):
        for name, (check, change) in forms.items():
            changed = dict(files)
            change(changed)
            if said(listed_anew(changed))[check] is not Outcome.FAILED:
                unseen.append(name)
    assert unseen == []
