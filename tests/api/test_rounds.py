"""A round from its plan to its publication, over HTTP, on both databases."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from survey_models.core import clock
from survey_models.core.archives import archive, unpacked
from survey_models.core.canonical import blinded, digest
from survey_models.core.errors import Problem
from survey_models.evidence.cases import Trust
from survey_models.evidence.kinds import Kind
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.sequencer import integrate
from survey_models.publications import counts_checks, round_bundles
from survey_models.publications.recomputing import verify
from survey_models.rounds.outcomes import latest
from survey_models.tickets.service import IssuedCode
from tests.api.office import Browser, Office, open_office
from tests.docs.events import differences
from tests.poll import settings_for
from tests.small_round import ANSWERS, MARKS, PEERS, PEOPLE, SCHEME, open_all, send_marks

ROUND = "six-units-2015h1"
NOUNS = ("schemes:", "rounds:")


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(settings_for(database_url, tmp_path, inline_worker=False)) as found:
        for name in ("setup", "release", "auditor"):
            found.add(name, name)
        yield found


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def confirmed(asked: httpx.Response, release: Browser) -> Any:
    number = ok(asked, 202)["number"]
    return ok(await release.post(f"/api/acts/{number}/confirm"))


async def cast_all(browser: Browser, codes: dict[str, list[IssuedCode]]) -> None:
    # Tickets of peers are issued in the order of their units, each without its own unit.
    for campaign, sheets in ((f"{ROUND}-people", PEOPLE), (f"{ROUND}-peers", list(PEERS.values()))):
        for code, answers in zip(codes[campaign], sheets, strict=True):
            body = {"id": str(uuid.uuid4()), "code": code.code, "answers": answers}
            ok(await browser.post(f"/api/campaigns/{campaign}/ballots", json=body), 201)


async def count_all(setup: Browser, release: Browser, codes: dict[str, list[IssuedCode]]) -> None:
    for campaign in codes:
        ok(await setup.post(f"/api/campaigns/{campaign}/close"))
        await confirmed(await setup.post(f"/api/campaigns/{campaign}/count"), release)


async def test_a_round_from_plan_to_publication(office: Office, tmp_path: Path) -> None:
    async with office.browser() as setup, office.browser() as release:
        await setup.sign_in("setup")
        await release.sign_in("release")
        stored = ok(await setup.post("/api/schemes", json={"text": SCHEME}), 201)
        assert ok(await setup.post("/api/schemes", json={"text": SCHEME}), 201) == stored

        asked = ok(await setup.get("/api/rounds/plan?preset=six-units&period=2015H1"))
        open_ones = {one["key"] for one in asked if one["required"] and one["default"] is None}
        assert open_ones == {"units", "campaigns.people.strata", "campaigns.people.tickets"}
        wish = {"preset": "six-units", "period": "2015H1"}
        deep = b'{"preset":"six-units","period":"2015H1","answers":{"a":' + b"[" * 800 + b"]" * 800 + b"}}"
        headers = {**setup.headers, "Content-Type": "application/json"}
        ok(await setup.http.post("/api/rounds", content=deep, headers=headers), 422)
        refused = ok(await setup.post("/api/rounds", json=wish), 422)
        assert (refused["code"], refused["count"]) == ("plan_answers_faulty", 3)
        made = ok(await setup.post("/api/rounds", json={**wish, "answers": ANSWERS}), 201)
        assert {one["kind"] for one in made["campaigns"]} == {"people", "peers"}
        assert ok(await setup.post("/api/rounds", json={**wish, "answers": ANSWERS}), 201) == made
        other = {**wish, "answers": {**ANSWERS, "settings": {"peer_points": 10}}}
        assert ok(await setup.post("/api/rounds", json=other), 422)["code"] == "scheme_faulty"
        other = {**wish, "answers": {**ANSWERS, "title": "另一个名称"}}
        assert ok(await setup.post("/api/rounds", json=other), 409)["code"] == "round_planned_otherwise"
        assert ok(await setup.get("/api/schemes/six-units"))["locked_at"] is not None

        with office.work() as session:
            codes = open_all(
                session, ROUND, pepper=office.app.state.pepper, folder=office.settings.data_dir, at=clock.now()
            )
            send_marks(session, ROUND, MARKS, at=clock.now())
        await cast_all(setup, codes)
        waiting = ok(await setup.post(f"/api/rounds/{ROUND}/results"), 409)
        assert (waiting["code"], waiting["count"]) == ("round_not_counted", 2)
        await count_all(setup, release, codes)

        first = ok(await setup.post(f"/api/rounds/{ROUND}/results"), 201)
        with office.work() as session:
            row = latest(session, ROUND)
            # Six answers are found by trying, where a digest over them is not blinded.
            assert digest(row.inputs) != row.inputs_digest == blinded(row.inputs, row.blind)
        await decided_and_published(office, setup, release, first)


async def decided_and_published(office: Office, setup: Browser, release: Browser, first: dict[str, Any]) -> None:
    cards = {row["unit"]: row for row in first["rows"]}
    # People: nine 满意 and three 基本满意 of twelve, 90; peers: five 满意, 100; the office 90.
    assert cards["U-1"]["exact"] == "92"
    assert (cards["U-1"]["rank"], cards["U-2"]["rank"], cards["U-3"]["rank"]) == (1, 1, 3)
    (question,) = [one for one in first["questions"] if one["kind"] == "tie"]
    assert (question["about"], question["category"], question["units"]) == ("praised", "甲类", ["U-1", "U-2"])
    asked = await setup.post(f"/api/rounds/{ROUND}/publish", json={"no": 1})
    assert ok(asked, 409)["code"] == "round_questions_open"

    card = ok(await setup.get(f"/api/rounds/{ROUND}/scorecards/U-1"))
    lines = {line["id"]: line for line in card["root"]["children"]}
    # Six papers are few: they are counted and not shown alone; nor is a line from which, and the total, they follow.
    assert (card["root"]["points"], card["means"]) == ("92.00", {})
    for name in ("people", "peers"):
        assert (lines[name]["points"], lines[name]["hidden"], lines[name]["counts"]) == (None, True, [])

    body = {"about": "praised", "category": "甲类", "way": "draw", "seed": "2718281828", "reason": "得分相同，当众抽签"}
    for wrong in ({"witnesses": ["张", "张"]}, {"witnesses": ["张", "李"], "seed": "甲乙丙丁戊己"}):
        unfit = await setup.post(f"/api/rounds/{ROUND}/decisions", json={**body, **wrong})
        assert ok(unfit, 422)["code"] == "round_decision_unfit"
    wanted = await setup.post(f"/api/rounds/{ROUND}/decisions", json={**body, "witnesses": ["张", "李"]})
    alone = await setup.post(f"/api/acts/{ok(wanted, 202)['number']}/confirm")
    assert ok(alone, 409)["code"] == "act_same_person"
    await confirmed(wanted, release)
    again = await setup.post(
        f"/api/rounds/{ROUND}/decisions", json={**body, "seed": "314159", "witnesses": ["张", "李"]}
    )
    assert ok(again, 409)["code"] == "round_drawn"
    stale = await setup.post(f"/api/rounds/{ROUND}/publish", json={"no": 1})
    assert ok(stale, 409)["code"] == "round_result_stale"

    second = ok(await setup.post(f"/api/rounds/{ROUND}/results"), 201)
    assert second["no"] == 2
    assert second["questions"] == []
    praised = [row["unit"] for row in second["rows"] if "praised" in row["consequences"]]
    told = ok(await setup.get(f"/api/rounds/{ROUND}/questions"))
    assert [one for one in praised if one in {"U-1", "U-2"}] == told["decisions"][0]["units"][:1]
    if second["borders"]:
        asked = await setup.post(f"/api/rounds/{ROUND}/publish", json={"no": 2})
        assert ok(asked, 409)["code"] == "round_borders_unconfirmed"
        assert ok(await setup.post(f"/api/rounds/{ROUND}/borders"), 403)["code"] == "forbidden"
        ok(await release.post(f"/api/rounds/{ROUND}/borders"))
    await confirmed(await setup.post(f"/api/rounds/{ROUND}/publish", json={"no": 2}), release)
    shown = ok(await setup.get(f"/api/rounds/{ROUND}"))
    assert shown["result"]["published_no"] == 2
    with office.work() as session, pytest.raises(Problem) as locked:
        send_marks(session, ROUND, {"U-1": "10"}, at=clock.now())
    assert locked.value.code == "round_locked"
    drawn_again(office)
    await counted_for_the_province(office, setup)
    await compared_and_remembered(office, setup, second)
    await cancelled(setup, release)


def drawn_again(office: Office) -> None:
    """The draw follows from its seed and from the share that was fixed with the first result: another share, or one
    that does not follow from it, is found."""
    with office.work() as session:
        made = round_bundles.bundle(session, ROUND, Kind.AUDITOR, public=bytes(32))
    files = unpacked(made.content)
    (draw,) = json.loads(files["round.json"])["draws"]
    assert (draw["seed"], draw["result_no"], sorted(draw["units"])) == ("2718281828", 1, ["U-1", "U-2"])
    fixed = sha256(f"tie-draw\n{draw['blind']}\npraised\n甲类".encode()).hexdigest()
    assert draw["share"] == fixed
    keys = {
        code: sha256(f"2718281828,{ROUND}/praised/甲类/{fixed},{code}".encode()).hexdigest() for code in draw["units"]
    }
    assert draw["units"] == sorted(keys, key=keys.__getitem__)
    assert outcome_of(made.content) == "ok"
    for name in ("share", "blind"):
        other = {**files, "round.json": files["round.json"].replace(draw[name].encode(), b"0" * 64)}
        assert outcome_of(archive(other)) == "FAILED", name


async def counted_for_the_province(office: Office, setup: Browser) -> None:
    """Sheets per stratum, signed: twelve of the people are told, six papers of units are not; no answer is in it."""
    path, at = f"/api/rounds/{ROUND}/counts", clock.now()
    assert ok(await setup.get(path), 409)["code"] == "bundle_ledger_waiting"
    signer = office.app.state.signer
    with office.work() as session:
        integrate(session, "system", signer=signer, host="pingyi.test", at=at, today=at.date(), limit=10_000)
    sent = await setup.get(path)
    vkey = vkey_of("pingyi.test/ledger/system", signer.public)
    assert {one.outcome.value for one in counts_checks.verify(sent.content, Trust(vkey=vkey))} == {"ok"}
    peers, people = sent.json()["counts"]["campaigns"]
    came = {"issued": 12, "withdrawn": 0, "returned": 12, "lines": 0, "valid": 12, "void": 0}
    assert people["strata"] == [{"no": 1, "names": ["甲区 城镇"], **came}]
    assert people["total"] == came
    assert {(one["returned"], one["valid"]) for one in (*peers["strata"], peers["total"])} == {(None, None)}
    assert "满意" not in sent.text
    written = [json.loads(body) for event, body in office.ledger("system") if event == "rounds:bundle_written"]
    assert (written[-1]["kind"], written[-1]["manifest"]) == ("counts", sha256(sent.content).hexdigest())


def outcome_of(raw: bytes) -> str:
    return next(one.outcome.value for one in verify(raw, Trust()) if one.check.key == "draws")


async def compared_and_remembered(office: Office, setup: Browser, second: dict[str, Any]) -> None:
    """Other option numbers, the round before, and what stands in the ledger."""
    compared = ok(
        await setup.post(
            f"/api/rounds/{ROUND}/compare", json={"maps": {"three": {"满意": 100, "基本满意": 100, "不满意": 0}}}
        )
    )
    assert {one["unit"] for one in compared["shifts"]} == {f"U-{number}" for number in range(1, 7)}
    # Option by option the totals would tell what the six answered.
    assert {one["printed_other"] for one in compared["shifts"]} == {None}
    history = ok(await setup.get(f"/api/rounds/{ROUND}/history"))
    assert history["before"] is None
    mine = [(event, json.loads(body)) for event, body in office.ledger("system") if event.startswith(NOUNS)]
    assert {event for event, _ in mine} >= {"schemes:stored", "schemes:locked", "rounds:planned", "rounds:scored"}
    assert [fault for event, body in mine for fault in differences(event, "system", body)] == []
    assert {one["unit"] for one in history["terms"]} == {
        row["unit"] for row in second["rows"] if "warned" in row["consequences"]
    }


async def cancelled(setup: Browser, release: Browser) -> None:
    """A cancelled result has no score and no place; who stood below moves up."""
    body = {"unit": "U-4", "standing": "cancelled", "reason": "拉票，评议成绩取消"}
    unfit = await setup.post(f"/api/rounds/{ROUND}/standings", json={**body, "unit": "U-9"})
    assert ok(unfit, 404)["code"] == "round_unit_unknown"
    await confirmed(await setup.post(f"/api/rounds/{ROUND}/standings", json=body), release)
    third = ok(await setup.post(f"/api/rounds/{ROUND}/results"), 201)
    cards = {row["unit"]: row for row in third["rows"]}
    assert (cards["U-4"]["printed"], cards["U-4"]["rank"], cards["U-4"]["standing"]) == (None, None, "cancelled")
    assert cards["U-5"]["rank"] == 1
    # What was published stays as it was published.
    assert ok(await setup.get(f"/api/rounds/{ROUND}"))["result"]["published_no"] == 2


async def test_a_scheme_without_key_units_takes_none(office: Office) -> None:
    async with office.browser() as setup, office.browser() as release:
        await setup.sign_in("setup")
        await release.sign_in("release")
        ok(await setup.post("/api/schemes", json={"text": SCHEME}), 201)
        wish = {"preset": "six-units", "period": "2015H1", "answers": ANSWERS}
        ok(await setup.post("/api/rounds", json=wish), 201)
        assert ok(await setup.get(f"/api/rounds/{ROUND}/key-units")) == []
        body = {"units": ["R-1"]}
        refused = ok(await setup.post(f"/api/rounds/{ROUND}/key-units", json=body), 409)
        assert refused["code"] == "round_key_units_none"
        # The office plans; who releases does not.
        ok(await release.post(f"/api/rounds/{ROUND}/key-units", json=body), 403)
