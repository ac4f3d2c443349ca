"""Field work over HTTP: a rehearsal walked through every state, what marks it, and what it never enters."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import func, select

from api import handover
from survey_models.ballots import voids
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.base import Base
from survey_models.core.errors import Problem
from survey_models.fieldwork import board, invalid
from survey_models.gate import quotas
from survey_models.gate.quotas import Claim, QuotaWish
from survey_models.ledger.tables import LedgerEntry
from survey_models.paper import service as paper
from survey_models.paper.tables import PaperSheet
from survey_models.rounds import gathering, publishing
from survey_models.rounds import service as rounds
from survey_models.rounds.tables import Round, RoundCampaign
from survey_models.schemes.language import Scheme
from survey_models.spreadsheets.read import read
from survey_models.tickets.rules import holds_code
from survey_models.tickets.tables import Ticket
from tests.poll import Poll, Shape, open_poll

PASSPHRASE = "eight words that nobody would ever guess here"
COPY = "poll-yl1"
ANSWERS = ("1111--", "1230--", "3321--", "2210--")


async def test_a_rehearsal_walks_every_state_and_counts_nowhere(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, sealing_key_on_server=True) as poll:
        before = _original(poll)
        async with poll.signed_in("setup") as setup, poll.signed_in("release") as release, poll.client() as phone:
            wanted = {"sheets": 36, "passphrase": PASSPHRASE}
            large = await setup.post("/api/campaigns/poll/rehearsals", json={**wanted, "sheets": 41})
            assert (large.status_code, large.json()["code"]) == (422, "rehearsal_size")
            made = await setup.post("/api/campaigns/poll/rehearsals", json=wanted)
            assert (made.status_code, made.json()["campaign_id"], made.json()["ready"]) == (201, COPY, True)
            lines = handover.open_content(base64.b64decode(made.json()["file"]), passphrase=PASSPHRASE)
            assert len(lines) == made.json()["cards"] == 36
            assert not {line.code.replace("-", "") for line in lines} & {code.code for code in poll.codes}
            again = await setup.post(f"/api/campaigns/{COPY}/rehearsals", json=wanted)
            assert again.json()["code"] == "rehearsal_of_rehearsal"

            opening = await setup.post(f"/api/campaigns/{COPY}/open")
            assert (await release.post(f"/api/acts/{opening.json()['number']}/confirm")).status_code == 200
            assert "演练：不是正式评议" in (await phone.get(f"/b/{COPY}")).text
            assert "演练" not in (await phone.get("/b/poll")).text
            assert "演练：不是正式评议" in (await phone.get(f"/b/{COPY}/print")).text
            for place, line in enumerate(lines):
                sheet = {"id": str(uuid.uuid4()), "code": line.code, "answers": ANSWERS[place % 4]}
                sent = await phone.post(f"/api/campaigns/{COPY}/ballots", json=sheet)
                assert sent.status_code == 201
            receipt = sent.json()["receipt"]
            assert "演练：不是正式评议" in (await phone.get(f"/b/{COPY}/receipt/{receipt}")).text
            assert (await setup.post(f"/api/campaigns/{COPY}/close")).status_code == 200
            counting = await setup.post(f"/api/campaigns/{COPY}/count")
            assert (await release.post(f"/api/acts/{counting.json()['number']}/confirm")).status_code == 200
            counted = (await setup.get(f"/api/campaigns/{COPY}")).json()
            assert (counted["state"], counted["purpose"], counted["done"]) == ("counted", "rehearsal", 36)
            scored = await setup.post(f"/api/campaigns/{COPY}/results")
            assert scored.status_code == 201, scored.text
            printed = await setup.get(f"/api/campaigns/{COPY}/results.html")
            assert "演练：不是正式评议的结果" in printed.text
            assert (await setup.delete(f"/api/campaigns/{COPY}")).status_code == 405
        assert _original(poll) == before
        _never_in_a_round(poll)


def _original(poll: Poll) -> tuple[int | None, int | None, str]:
    with poll.look() as session:
        entries = session.scalar(select(func.count()).where(LedgerEntry.log == "poll"))
        tickets = session.scalar(select(func.count()).where(Ticket.campaign_id == "poll"))
        return entries, tickets, campaigns.get(session, "poll").state


def _never_in_a_round(poll: Poll) -> None:
    """Neither its own round is scored or published, nor another one that it is put into."""
    with poll.look() as session, pytest.raises(Problem, match="rehearsal_apart"):
        publishing.check(session, COPY, 1)
    with poll.work() as session:
        found = session.get_one(Round, "round")
        found.scheme_id, found.scheme_version, found.purpose = "any", 1, "real"
        session.add(RoundCampaign(round_id=found.id, kind="masses", campaign_id=COPY))
        assert rounds.campaigns_of(session, found.id)
        with pytest.raises(Problem, match="rehearsal_apart"):
            gathering.refuse_before_counted(session, found.id, cast("Scheme", None))
        session.rollback()


async def test_everybody_is_reminded_alike_and_no_code_goes_out(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        assert (await poll.cast(poll.live[0], "1111")).status_code == 201
        async with poll.signed_in("setup") as setup:
            door = "/api/campaigns/poll/reminders"
            planned = await setup.post(door, params={"dry_run": True}, json={"way": "wechat", "stratum": 2})
            assert (planned.json()["messages"], planned.json()["name"]) == (1, "")
            assert not (tmp_path / "outbox").exists()
            sent = await setup.post(door, json={"way": "wechat"})
            assert (len(sent.json()["to"]), planned.json()["to"][0] in sent.json()["to"]) == (4, True)
            assert (sent.status_code, sent.json()["messages"]) == (201, 4)
            coded = await setup.post(door, json={"way": "wechat", "text": f"您的码是 {poll.live[0].code}"})
            assert coded.json()["code"] == "reminder_unfit"
            assert (await setup.post(door, json={"way": "sms"})).json()["code"] == "reminder_nobody"
        written = (tmp_path / "outbox" / sent.json()["name"]).read_text(encoding="utf-8")
        messages = [json.loads(line) for line in written.splitlines()]
        assert len({message["text"] for message in messages}) == 1
        assert not any(holds_code(line) for line in written.splitlines())
        assert [path.name for path in (tmp_path / "outbox").iterdir()] == [sent.json()["name"]]


def test_no_table_holds_a_person_beside_a_code() -> None:
    """Columns that tell a person, a ticket or a code never meet in one table, nor by a reference between them."""
    person, ticket = {"roster_entries"}, {"tickets", "ticket_batches", "intake_sheets", "ballots"}
    for table in Base.metadata.tables.values():
        linked = {key.column.table.name for key in table.foreign_keys} | {table.name}
        columns = set(table.columns.keys())
        knows_ticket = bool(linked & ticket) or "serial" in columns
        assert not (knows_ticket and (linked & person or columns & {"entry_id", "identity", "phone"})), table.name


async def test_the_board_forecasts_by_the_days_gone_and_flags_who_is_behind(sqlite_url: str, tmp_path: Path) -> None:
    first, last = date(2026, 6, 1), date(2026, 6, 10)
    assert [board.share(first, last, day) for day in (first, date(2026, 6, 5), last, date(2026, 7, 1))] == [
        Fraction(1, 10), Fraction(1, 2), 1, 1,
    ]  # fmt: skip
    assert (board.forecast(3, Fraction(1, 2)), board.forecast(3, None)) == (6, None)
    shape = Shape(expires_at=clock.now() + timedelta(hours=1))
    with open_poll(sqlite_url, tmp_path, shape) as poll:
        for code in [one for one in poll.live if (one.stratum_no, one.point_no) == (1, 1)]:
            assert (await poll.cast(code, "1230")).status_code == 201
        async with poll.signed_in("setup") as setup:
            rows = (await setup.get("/api/campaigns/poll/progress")).json()["rows"]
    full = [row for row in rows if row["done"]]
    assert [(row["done"] >= row["target"], row["behind"]) for row in full] == [(True, False)]
    assert all(row["behind"] for row in rows if not row["done"])


PAPER = {
    "campaign_id": "poll", "state": "agreed", "first_by": "a", "second_by": "b", "settled_by": None, "fields": 4,
    "differing": 0, "refused": None,
}  # fmt: skip


async def test_what_came_in_and_does_not_count_stands_on_the_board_and_in_its_file(
    sqlite_url: str, tmp_path: Path
) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        here = [code for code in poll.live if (code.stratum_no, code.point_no) == (1, 1)]
        for code in here[:3]:
            assert (await poll.cast(code, "1230")).status_code == 201
        with poll.work() as session:
            at = clock.now()
            session.add(PaperSheet(**PAPER, serial=here[0].serial))
            session.flush()
            paper.give_up(session, "poll", here[0].serial, Problem("ticket_used"))
            quotas.put(session, "poll", QuotaWish(2, 0), by="setup", at=at)
            quotas.claimed(session.connection(), "poll", uuid.uuid4(), [Claim(2, 1, "123---")])
            batch = session.scalar(select(Ticket.batch_no).where(Ticket.serial == here[0].serial))
            scope = {"batch": batch}
            voids.void(session, "poll", scope, reason="替填", flag=None, act_number=1, asked_by="a", by="b", at=at)
        async with poll.signed_in("setup") as setup:
            board_now = (await setup.get("/api/campaigns/poll/progress")).json()
            cells = {
                (row["stratum_no"], row["point_no"]): row["invalid"] for row in board_now["rows"] if row["invalid"]
            }
            assert (cells, board_now["invalid"]) == ({(1, 1): 4, (2, 0): 1}, 5)
            sheet = read((await setup.get("/api/campaigns/poll/progress.xlsx")).content, "board.xlsx")
            assert [cells[6] for _, cells in sheet.rows if cells[0] == "合计 Total"] == ["5"]
        with poll.work() as session:
            paper.set_aside(session, "poll", [here[0].serial], reason="重录", by="setup", at=at)
            assert invalid.by_cell(session, "poll") == {(1, 1): 3, (2, 0): 1}
