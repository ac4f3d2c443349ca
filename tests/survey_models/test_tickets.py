"""Tickets by the serial numbers of their cards: withdrawn, replaced from the reserve, voided by the batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from survey_models.campaigns import queries as campaign_queries
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.ledger.tables import LedgerEntry
from survey_models.tables import Base
from survey_models.tickets import codes, rules, service
from survey_models.tickets.service import CellOrder, IssuedCode
from survey_models.tickets.tables import Ticket, TicketBatch
from tests.poll import Poll, Shape, open_poll


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(Problem) as refused:
        work()
    return refused.value.code


def states(poll: Poll) -> dict[int, str]:
    with poll.look() as session:
        query = select(Ticket.serial, Ticket.state).where(Ticket.campaign_id == poll.shape.id)
        return {row.serial: row.state for row in session.execute(query)}


def entries(poll: Poll, event: str) -> list[dict[str, Any]]:
    with poll.look() as session:
        return [json.loads(raw) for raw in session.scalars(select(LedgerEntry.body).where(LedgerEntry.event == event))]


def replace(poll: Poll, serial: int, reason: str = "丢失") -> int:
    with poll.work() as session:
        return service.replace(session, "poll", serial, reason=reason, by="setup", at=clock.now())


def void(poll: Poll, serial: int, reason: str = "丢失") -> None:
    with poll.work() as session:
        service.void(session, "poll", serial, reason=reason, by="setup", at=clock.now())


def void_batch(poll: Poll, number: int, reason: str = "交接文件遗失") -> None:
    with poll.work() as session:
        at = clock.now()
        service.void_batch(session, "poll", number, reason=reason, asked_by="setup", by="release", at=at)


def cell_of(code: IssuedCode) -> tuple[int, int]:
    return code.stratum_no, code.point_no


async def test_a_lost_card_is_replaced_from_the_sealed_reserve_of_its_own_cell(
    database_url: str, tmp_path: Path
) -> None:
    with open_poll(database_url, tmp_path, Shape(reserve=2)) as poll:
        lost = poll.live[7]
        sealed = sorted(code.serial for code in poll.codes if code.reserve and cell_of(code) == cell_of(lost))
        assert replace(poll, lost.serial) == sealed[0]
        by_serial = {code.serial: code for code in poll.codes}
        assert (await poll.cast(lost, "1111")).json()["code"] == "ticket_void"
        assert (await poll.cast(by_serial[sealed[1]], "1111")).json()["code"] == "ticket_unknown"
        assert (await poll.cast(by_serial[sealed[0]], "1111")).status_code == 201
        assert refusal(lambda: replace(poll, lost.serial)) == "ticket_void"
        assert refusal(lambda: replace(poll, sealed[0])) == "ticket_used"
        assert refusal(lambda: replace(poll, sealed[1])) == "ticket_in_reserve"
        assert refusal(lambda: replace(poll, 99_999)) == "ticket_unknown"
        [entry] = entries(poll, "tickets:replaced")
        assert (entry["serial"], entry["replacement"], entry["reason"]) == (lost.serial, sealed[0], "丢失")
        other = next(code for code in poll.live if cell_of(code) == cell_of(lost) and code != lost)
        assert replace(poll, other.serial) == sealed[1]
        third = next(c for c in poll.live if cell_of(c) == cell_of(lost) and c not in {lost, other})
        before = states(poll)
        assert refusal(lambda: replace(poll, third.serial)) == "reserve_empty"
        assert states(poll) == before, "a refused replacement withdraws nothing"


async def test_a_voided_batch_takes_no_sheet_and_keeps_what_was_cast(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:
        mine = [code for code in poll.codes if cell_of(code) == cell_of(poll.live[0])]
        used, unused = mine[0], mine[1]
        assert (await poll.cast(used, "1111")).status_code == 201
        issued = poll_issued(poll)
        void_batch(poll, 1)
        assert (await poll.cast(unused, "1111")).json()["code"] == "ticket_void"
        assert poll.stored() == 1
        found = states(poll)
        assert sorted(found[code.serial] for code in mine) == ["spent"] + ["void"] * 5
        assert {found[code.serial] for code in poll.codes if code not in mine} == {"live", "reserve"}
        assert poll_issued(poll) == issued - 4, "what two people withdrew is out no more"
        [entry] = entries(poll, "tickets:batch_voided")
        assert (entry["withdrawn"], entry["reserve"], entry["asked_by"], entry["by"]) == (4, 1, "setup", "release")
        assert refusal(lambda: void_batch(poll, 1)) == "ticket_void"
        assert refusal(lambda: void_batch(poll, 77)) == "batch_unknown"
        with poll.look() as session:
            first, second = service.batches_of(session, "poll")[:2]
        assert (first.voided_at is not None, first.reserve_left) == (True, 0)
        assert (second.voided_at, second.reserve_left) == (None, 1)


def poll_issued(poll: Poll) -> int:
    with poll.look() as session:
        issued, _ = campaign_queries.ticket_totals(session, poll.shape.id)
        assert issued == sum(cell.issued for cell in campaign_queries.cell_progress(session, poll.shape.id))
        return issued


async def test_what_was_voided_may_be_issued_anew_and_nothing_beyond(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path) as poll:

        def issue(count: int, reserve: int = 1) -> list[IssuedCode]:
            with poll.work() as session:
                orders, pepper = [CellOrder(1, 1, count, reserve)], poll.app.state.pepper
                return service.issue(session, "poll", orders, pepper=pepper, by="setup", at=clock.now())

        assert refusal(lambda: issue(5)) == "ticket_batch_exists"
        void_batch(poll, 1)
        assert refusal(lambda: issue(6)) == "ticket_batch_exists"
        fresh = issue(5)
        assert min(code.serial for code in fresh) > max(code.serial for code in poll.codes)
        assert (await poll.cast(fresh[0], "1111")).status_code == 201
        assert refusal(lambda: issue(1)) == "ticket_batch_exists"
        assert [entry["batch"] for entry in entries(poll, "tickets:issued")].count(9) == 1


def test_tickets_are_settled_when_counting_has_begun(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        with poll.work() as session:
            campaigns.get(session, "poll", lock=True).state = "counting"
        serial = poll.live[0].serial
        for work in (lambda: void(poll, serial), lambda: replace(poll, serial), lambda: void_batch(poll, 1)):
            assert refusal(work) == "act_not_allowed"


def test_a_reason_is_given_and_never_holds_a_code(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path) as poll:
        code = poll.live[0]
        for reason in ("", "  ", "长" * 201, f"卡 {codes.printed(code.code)} 丢了", f"x{code.code.lower()}y"):
            assert refusal(lambda reason=reason: void(poll, code.serial, reason)) == "reason_unfit"  # type: ignore[misc]
        assert rules.fit_reason("  两张  粘在一起 ") == "两张 粘在一起"
        assert rules.fit_reason("2026-11-22 14:05 现场 3 号桌") == "2026-11-22 14:05 现场 3 号桌"


def test_the_order_of_making_does_not_show_in_the_table(database_url: str, tmp_path: Path) -> None:
    """Rows lie in the order of their digests: serial numbers, and so cells, are shuffled over each batch."""
    with open_poll(database_url, tmp_path, Shape(per_cell=40, reserve=0)) as poll:
        place = Ticket.__table__.c.digest if poll.engine.dialect.name == "sqlite" else None
        with poll.look() as session:
            query = select(Ticket.serial).where(Ticket.campaign_id == "poll", Ticket.batch_no == 1)
            serials = list(session.scalars(query if place is None else query.order_by(place)))
            roots = list(session.scalars(select(TicketBatch.root)))
        assert sorted(serials) == list(range(1, 41))
        assert serials != sorted(serials)
        assert len(set(roots)) == len(roots)


def test_no_column_and_no_key_joins_a_roster_with_a_ticket() -> None:
    """Who holds which code is in no table: reminders (催办) can only go to everybody of a stratum."""
    tables = Base.metadata.tables
    people = {name for name in tables if name.startswith("roster")}
    cards = {name for name in tables if "ticket" in name} | {"ballots", "open_devices"}
    assert people
    assert {"tickets", "ticket_batches"} <= cards
    for name in people | cards:
        reached = {key.referred_table.name for key in tables[name].foreign_key_constraints}
        assert not (name in people and reached & cards), name
        assert not (name in cards and reached & people), name
    shared = {"campaign_id", "id", "round_id", "kind", "title", "day"}
    columns = {
        side: {column.name for name in side for column in tables[name].columns}
        for side in (frozenset(people), frozenset(cards))
    }
    mine, theirs = columns.values()
    assert mine & theirs <= shared, "a column of the same name on both sides would join them"
    assert not {name for name in mine if any(word in name for word in ("ticket", "serial", "code", "batch", "ballot"))}
    told = ("person", "roster", "name", "phone", "identity", "address")
    assert not {name for name in theirs if any(word in name for word in told)}
