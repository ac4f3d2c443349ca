"""Signed counts per stratum for the body above (报省汇总): what is left out, and what a check finds."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.evidence.cases import Trust
from survey_models.ledger.notes import Checkpoint, signed_note, vkey_of
from survey_models.ledger.signing import Signer
from survey_models.publications.counts_checks import COUNTED, FORMAT, signed_bytes, verify
from survey_models.publications.round_counts import hidden
from survey_models.publications.sheets import documents_of
from survey_models.reports.paper import Para
from survey_models.reports.round_method import method
from survey_models.reports.round_notice import notice, report
from survey_models.rosters import service as rosters
from survey_models.rosters.tables import RosterEntry
from survey_models.rounds import outcomes as outcomes_of_rounds
from tests import published_round

SIGNER, ORIGIN = Signer(b"k" * 32), "pingyi.test/ledger/system"
VKEY = vkey_of(ORIGIN, SIGNER.public)
START = datetime(2016, 11, 20, 1, 0, tzinfo=UTC)


def row(no: int, issued: int, returned: int, *, void: int = 0) -> dict[str, Any]:
    counts = {"returned": returned, "lines": 0, "valid": returned - void, "void": void}
    return {"no": no, "names": [f"层{no}"], "issued": issued, "withdrawn": 0, **counts}


def file_of(change: Callable[[dict[str, Any]], None] = lambda _: None, *, signer: Signer = SIGNER) -> bytes:
    """A file of one campaign with three strata, of which two are small, changed and then signed."""
    whole = [row(1, 500, 480, void=5), row(2, 60, 7), row(3, 40, 12, void=1)]
    total = {name: sum(one[name] for one in whole) for name in ("issued", "withdrawn", *COUNTED)}
    shown = [one if no == 0 else {**one, **dict.fromkeys(COUNTED)} for no, one in enumerate(whole)]
    campaign = {"kind": "questionnaire", "campaign": "luohe", "title": "问卷测评", "strata": shown, "total": total}
    log = {"checkpoint": signed_note(Checkpoint(ORIGIN, 9, b"r" * 32), SIGNER), "vkey": VKEY}
    body: dict[str, Any] = {"format": FORMAT, "round": "r", "smallest": 10, "campaigns": [campaign], "log": log}
    change(body)
    signature = base64.b64encode(signer.sign(signed_bytes(body))).decode()
    return canonical_bytes({"counts": body, "signature": signature, "vkey": VKEY}) + b"\n"


def outcomes(raw: bytes, vkey: str | None = VKEY) -> dict[str, str]:
    return {one.check.key: one.outcome.value for one in verify(raw, Trust(vkey=vkey))}


def failed(raw: bytes) -> list[str]:
    return [key for key, said in outcomes(raw).items() if said == "FAILED"]


def test_a_file_is_checked_without_database() -> None:
    assert set(outcomes(file_of()).values()) == {"ok"}
    assert outcomes(file_of(), None)["signature"] == "not checkable", "whose key it is, the file cannot say"
    other = vkey_of(ORIGIN, Signer(b"o" * 32).public)
    assert outcomes(file_of(), other)["signature"] == "FAILED"


def test_whatever_is_changed_is_found() -> None:
    changed = file_of().replace(b'"returned":480', b'"returned":481')
    assert failed(changed) == ["signature", "sums"]
    assert failed(json.dumps(json.loads(file_of())).encode()) == ["spelling"]
    assert failed(file_of(signer=Signer(b"o" * 32))) == ["signature"]

    def part(**values: Any) -> Callable[[dict[str, Any]], None]:
        return lambda body: body["campaigns"][0]["strata"][1].update(values)

    def whole(body: dict[str, Any]) -> None:
        body["campaigns"][0]["total"]["issued"] += 1

    def head(body: dict[str, Any]) -> None:
        body["log"]["checkpoint"] = body["log"]["checkpoint"].replace("\n9\n", "\n8\n")

    # Signed by the house itself, and wrong all the same.
    assert failed(file_of(whole)) == ["sums"]
    assert failed(file_of(head)) == ["ledger"]
    assert failed(file_of(part(returned=7, lines=0, valid=7, void=0))) == ["small"]
    assert failed(file_of(part(returned=70, lines=0, valid=70, void=0))) == ["sums", "small"]
    with pytest.raises(Problem) as refused:
        verify(b"[]", Trust())
    assert refused.value.code == "bundle_unreadable"


def test_small_strata_are_left_out_and_cannot_be_reckoned() -> None:
    assert hidden([480, 500, 12], [480, 500, 12]) == frozenset()
    assert hidden([480, 7, 500], [480, 7, 500]) == {0, 1}, "one more, for the total would tell the seven"
    assert hidden([3, 4, 20, 300], [3, 4, 20, 300]) == {0, 1, 2}, "three and four are seven"
    assert hidden([480, 30, 60], [480, 8, 60]) == {1, 2}, "few valid ones among many"
    assert hidden([7], [7]) == {0}
    assert hidden([480, 0], [480, 0]) == frozenset(), "where nobody was asked nobody is told of"
    chance = random.Random(7)
    for _ in range(400):
        returned = [chance.choice([0, 1, 5, 9, 10, 11, 80]) for _ in range(chance.randint(1, 6))]
        valid = [max(0, one - chance.randint(0, 3)) for one in returned]
        gone = hidden(returned, valid)
        for several in (returned, valid):
            assert not any(0 < one < 10 for place, one in enumerate(several) if place not in gone)
            rest, total = sum(several[place] for place in gone), sum(several)
            # A total that is small as a whole is left out itself.
            assert not gone or rest == 0 or rest >= 10 or rest == total


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as session:
        published_round.put(session, at=START)
        yield session
    engine.dispose()


def test_rosters_and_who_was_removed_stand_in_the_method_section(db: Session) -> None:
    def people(roster: str, number: int, *, new: int, removed: int = 0) -> None:
        rosters.make(db, roster, round_id=published_round.ROUND, kind="representatives", title="名册")
        for place in range(number):
            gone = place < removed
            entry = RosterEntry(roster_id=roster, id=new_id(), identity=f"{roster}-{place}", sealed=b"", hired_by="办")
            entry.new_this_round = place >= number - new
            entry.removed_on = date(2016, 3, 1) if gone else None
            entry.card_handed_in = place == 0 if gone else None
            db.add(entry)
        db.flush()

    people("a", 30, new=10, removed=3)
    people("b", 12, new=4)
    rosters.make(db, "c", round_id=published_round.ROUND, kind="citizens", title="空名册")
    row = outcomes_of_rounds.latest(db, published_round.ROUND)
    sheet = documents_of(db, row, zone="Asia/Shanghai").sheet
    wanted = "评议代表测评名册2份，在册39人，其中本轮新聘14人；取消资格3人，其中评议卡没有交回的2人"
    for blocks in (list(method(sheet)), notice(sheet).blocks, report(sheet, 1, "市委").blocks):
        said = [one.text for one in blocks if isinstance(one, Para) and "名册" in one.text]
        assert [one for one in said if one.startswith(wanted)], said
        assert not any("空名册" in one for one in said)
