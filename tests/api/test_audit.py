"""The audit view over HTTP: who did what when, with proofs, exports and the separation of duties."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from api.jobs.sequencer import Sequencer
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.ledger.merkle import includes, leaf_hash
from survey_models.ledger.notes import open_note
from tests.api.office import START, Browser, Office, open_office
from tests.api.poll import make_poll
from tests.survey_models.ledger.logs import ballot_bodies, put

ENTRIES = "/api/audit/entries"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """A closed campaign, whose counting li.wei asked for and wang.fang confirmed; an auditor."""
    settings = Settings(database_url=sqlite_url, data_dir=tmp_path, inline_sequencer=False, totp_roles="")
    with open_office(settings) as made, clock.frozen(START):
        made.add("li.wei", "setup")
        made.add("wang.fang", "release")
        made.add("sun.hong", "auditor")
        make_poll(made.engine, "luohe", stop_at="closed")
        put(made.engine, ballot_bodies(3), log="luohe")
        yield made


async def count_together(office: Office, *, later: timedelta = timedelta(minutes=5)) -> None:
    async with office.browser() as first, office.browser() as second:
        await first.sign_in("li.wei")
        number = (await first.post("/api/campaigns/luohe/count")).json()["number"]
        with clock.frozen(clock.now() + later):
            await second.sign_in("wang.fang")
            assert (await second.post(f"/api/acts/{number}/confirm")).status_code == 200


async def listed(browser: Browser, **wish: str) -> list[dict[str, Any]]:
    answer = await browser.get(f"{ENTRIES}?" + "&".join(f"{name}={value}" for name, value in wish.items()))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["lines"]
    return found


async def test_who_did_what_when(office: Office) -> None:
    await count_together(office)
    async with office.browser() as auditor:
        await auditor.sign_in("sun.hong")
        whole = (await auditor.get(ENTRIES)).json()
        assert whole["pages"] == -(-whole["total"] // 40)
        at = [line["at"] for line in whole["lines"]]
        assert at == sorted(at, reverse=True)
        assert {line["log"] for line in whole["lines"]} == {"system", "luohe"}
        assert "ballots:cast" not in json.dumps(whole), "sheets are not listed"
        two = await listed(auditor, kind="two_people")
        assert [(line["event"], line["by"], line["asked_by"]) for line in two] == [
            ("acts:confirmed", "wang.fang", "li.wei"),
            ("acts:asked", "li.wei", ""),
        ]
        assert two[0]["words"] == {"zh": "确认两人事项", "en": "Two-person act confirmed"}
        assert {"zh": "计票", "en": "Count the campaign"} in [fact["value"] for fact in two[0]["facts"]]
        own = await listed(auditor, person="li.wei")
        assert {line["event"] for line in own} >= {
            "acts:asked",
            "acts:confirmed",
            "accounts:signed_in",
            "accounts:made",
        }
        assert not any(line["by"] == "sun.hong" for line in own)
        assert {line["log"] for line in await listed(auditor, log="luohe")} == {"luohe"}
        day = clock.local_day(START, office.settings.timezone)
        assert {line["event"] for line in await listed(auditor, since=str(day), person="li.wei")} >= {"acts:asked"}
        assert await listed(auditor, until=str(day - timedelta(days=400))) == []
        assert await listed(auditor, page="999") == []
        assert (await auditor.get(f"{ENTRIES}?round=none")).json()["code"] == "round_unknown"
        assert (await auditor.get(f"{ENTRIES}?kind=none")).status_code == 422


async def test_by_round_and_a_page_at_a_time(office: Office) -> None:
    with office.work() as db:
        round_id = campaigns.get(db, "luohe").round_id
    put(office.engine, [b"{}"], log="system")
    async with office.browser() as auditor:
        await auditor.sign_in("sun.hong")
        lines = await listed(auditor, round=round_id)
        assert lines
        assert {line["log"] for line in lines} == {"luohe"}, "nothing of the house that is not about this round"
    with office.work() as db:
        for number in range(50):
            accounts.create(db, f"clerk{number:02}", password_hash="x", roles=["desk"], at=START, by="li.wei")
    async with office.browser() as auditor:
        await auditor.sign_in("sun.hong")
        first = (await auditor.get(f"{ENTRIES}?person=li.wei&kind=people")).json()
        second = (await auditor.get(f"{ENTRIES}?person=li.wei&kind=people&page=2")).json()
        ids = [line["id"] for line in (*first["lines"], *second["lines"])]
        assert (first["pages"], len(first["lines"])) == (2, 40)
        assert len(set(ids)) == len(ids) == first["total"]


async def test_each_act_is_proved(office: Office) -> None:
    async with office.browser() as auditor:
        await auditor.sign_in("sun.hong")
        line = (await listed(auditor, log="luohe"))[0]
        path = f"{ENTRIES}/luohe/{line['id']}"
        waiting = (await auditor.get(path)).json()
        assert (waiting["state"], waiting["seq"], waiting["proof"]) == ("promised", None, [])
        with clock.frozen(START + timedelta(minutes=2)):
            Sequencer(office.engine, office.app.state.signer, office.settings).run_once()
        found = (await auditor.get(path)).json()
        keys = (await auditor.get("/api/ledger/keys")).json()["logs"]
        head = open_note(found["checkpoint"], next(row["vkey"] for row in keys if row["log"] == "luohe"))
        steps = [bytes.fromhex(value) for value in found["proof"]]
        assert includes(head.root, head.size, found["seq"], leaf_hash(found["entry"].encode()), steps)
        assert found["digest"] == line["digest"]
        assert (await listed(auditor, log="luohe"))[0]["seq"] == found["seq"]
        for log, entry in (("system", line["id"]), ("luohe", "00000000-0000-4000-8000-000000000000")):
            assert (await auditor.get(f"{ENTRIES}/{log}/{entry}")).json()["code"] == "ledger_entry_unknown"


async def test_what_is_taken_out_stands_in_the_ledger(office: Office) -> None:
    await count_together(office)
    async with office.browser() as auditor:
        await auditor.sign_in("sun.hong")
        sheet = await auditor.get(f"{ENTRIES}.csv?kind=two_people")
        rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
        assert [row[2:6] for row in rows[1:]] == [
            ["确认两人事项", "Two-person act confirmed", "wang.fang", "li.wei"],
            ["提出两人事项", "Two-person act asked", "li.wei", ""],
        ]
        assert "类别：计票" in rows[1][6]
        assert "kind: Count the campaign" in rows[1][7]
        book = CalamineWorkbook.from_filelike(io.BytesIO((await auditor.get(f"{ENTRIES}.xlsx?log=luohe")).content))
        assert len(book.get_sheet_by_index(0).to_python()) > 3
        taken = await listed(auditor, kind="taken_out")
        assert [(line["event"], line["by"]) for line in taken] == [("exports:list_written", "sun.hong")] * 2
        foreign = await auditor.http.get(f"{ENTRIES}.csv", headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.json()["code"] == "csrf_refused"


async def test_who_let_the_second_person_in_is_asked_about(office: Office) -> None:
    await count_together(office)
    async with office.browser() as auditor:
        await auditor.sign_in("sun.hong")
        found = (await auditor.get("/api/audit/separation")).json()
        act = found["acts"][0]
        assert (act["asked_by"], act["confirmed_by"], act["asks"]) == ("li.wei", "wang.fang", [])
        people = {one["name"]: (one["asked"], one["confirmed"], one["both"]) for one in found["people"]}
        assert people == {"li.wei": (1, 0, False), "wang.fang": (0, 1, False)}, "an auditor can do neither"


async def test_a_made_second_person_and_a_quick_one_are_asked_about(office: Office) -> None:
    with office.work() as db:
        accounts.reset(
            db, "wang.fang", password_hash=office.account("wang.fang").password_hash or "", at=START, by="li.wei"
        )
    with office.work() as db:
        accounts.get(db, "wang.fang").first_password = False  # chosen anew
    with clock.frozen(START + timedelta(days=2)):
        await count_together(office, later=timedelta(seconds=20))
        async with office.browser() as auditor:
            await auditor.sign_in("sun.hong")
            found = (await auditor.get("/api/audit/separation")).json()
    assert found["acts"][0]["asks"] == ["let_in_by_asker", "quick"]
