"""Counting: all sealed sheets, nothing but them, shuffled inside published cells; or nothing at all."""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from api import acts
from survey_models.acts import service as act_service
from survey_models.ballots import mixing
from survey_models.ballots import service as ballots
from survey_models.ballots.intake import Cast
from survey_models.ballots.sealing import bound_to, padded, seal, sheet_digest
from survey_models.ballots.tables import Ballot, BallotVoid, IntakeSheet, Mix, MixMember
from survey_models.campaigns import queries as campaign_queries
from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.campaigns.cells import Cell
from survey_models.core import clock
from survey_models.core.canonical import canonical_bytes
from survey_models.core.errors import Problem
from survey_models.core.walls import take_down
from survey_models.ledger.events import Event
from survey_models.ledger.service import ballot_entry, recorded
from survey_models.ledger.tables import LedgerEntry
from survey_models.tickets import codes
from survey_models.tickets.tables import Ticket, TicketBatch
from tests.docs.events import differences
from tests.poll import Poll, Shape, open_poll
from tests.sealed import PUBLIC, count

CODES = "0123-"


@dataclass(frozen=True)
class Told:
    """What one person sent: batch of the ticket, channel, answers, ballot id."""

    batch: int
    channel: str
    answers: str
    id: uuid.UUID


def batches(poll: Poll) -> dict[tuple[int, int], int]:
    with poll.look() as session:
        query = select(TicketBatch.stratum_no, TicketBatch.point_no, TicketBatch.no)
        return {(stratum, point): no for stratum, point, no in session.execute(query)}


def send(
    poll: Poll, *, seed: int = 1, leave_out: Callable[[int, int], bool] = lambda _place, _serial: False
) -> list[Told]:
    """Everybody answers at random, a third at a test point; ``leave_out`` by the cell's number and a running number."""
    chance, numbers, told = random.Random(seed), batches(poll), []
    waiting = []
    for serial, code in enumerate(poll.live):
        batch = numbers[code.stratum_no, code.point_no]
        if leave_out(batch, serial):
            continue
        answers = poll.answers("1" + "".join(chance.choices(CODES, k=poll.shape.n_units - 1)))
        channel = "point" if serial % 3 == 0 else "phone"
        ticket = codes.digest(code.code, campaign_id="poll", pepper=poll.app.state.pepper)
        one = Told(batch, channel, answers, uuid.UUID(int=chance.getrandbits(128), version=4))
        waiting.append(poll.app.state.intake.submit(Cast("poll", one.id, ticket, answers, {}, channel)))
        told.append(one)
    assert not any(future.result(30).replay for future in waiting)
    return told


def close_and_count(poll: Poll) -> None:
    """As two people do it; the office follows where it has the key."""
    at = clock.now()
    with poll.work() as session:
        campaigns.close(session, "poll", by="setup", at=at)
        if not poll.shape.key_on_server:
            count(session, "poll", at=at)
            return
        act = acts.ask(session, acts.COUNT, target="poll", by="setup", at=at, settings=poll.settings)
    with poll.work() as session:
        acts.confirm(session, act.number, by="release", at=at, settings=poll.settings)


def state(poll: Poll) -> str:
    with poll.look() as session:
        return campaigns.get(session, "poll").state


@pytest.fixture(params=["server", "office"])
def where(request: pytest.FixtureRequest) -> bool:
    """Whether the key is on the server."""
    return bool(request.param == "server")


def test_the_box_holds_what_was_sent_cell_by_cell_under_other_ids(
    database_url: str, tmp_path: Path, where: bool
) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=40, key_on_server=where)) as poll:
        told = send(poll)
        with poll.look() as session:
            before = {row.id: row.sealed for row in session.scalars(select(IntakeSheet))}
        assert poll.box() == []
        close_and_count(poll)
        assert state(poll) == "counted"
        box = poll.box()
        places = {no: cell for cell, no in batches(poll).items()}
        sent = Counter((*places[one.batch], one.channel, one.answers) for one in told)
        assert Counter((row.stratum_no, row.point_no, row.channel, row.answers) for row in box) == sent
        assert not {row.id for row in box} & set(before)
        with poll.look() as session:
            assert {row.id: row.sealed for row in session.scalars(select(IntakeSheet))} == before
            members = session.scalars(select(MixMember)).all()
            assert {row.id for row in members} == set(before)
            whole = campaigns.form_of(session, campaigns.get(session, "poll"))
            assert int(tallies.tally(session, whole, "poll").sheets.sum()) == len(told) == 320


def test_roots_in_the_ledger_are_those_of_intake_and_box(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=40)) as poll:
        send(poll)
        close_and_count(poll)
        with poll.look() as session:
            (body,) = recorded(session, "poll", Event.BALLOTS_MIXED)
            mix = session.scalars(select(Mix)).one()
            casts = session.scalars(select(LedgerEntry.digest).where(LedgerEntry.event == "ballots:cast")).all()
            opened = recorded(session, "poll", Event.CAMPAIGN_OPENED)
        rows = [
            mixing.BoxRow(row.id, Cell(row.stratum_no, row.point_no, row.channel), 1, row.answers, row.more, False)
            for row in poll.box()
        ]
        assert (mix.sheets, mix.box_root, mix.intake_root) == (320, body["box_root"], body["intake_root"])
        assert body["box_root"] == mixing.box_root("poll", sorted(rows))
        assert body["intake_root"] == mixing.intake_root(casts)
        assert sum(cell[-1] for cell in body["cells"]) == 320
        for event, one in (("ballots:mixed", body), ("campaigns:opened", opened[0])):
            assert differences(event, "poll", one) == []


def test_nothing_of_a_sheet_is_readable_before_counting(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=12, n_units=40)) as poll:
        told = send(poll)
        content = b"".join(path.read_bytes() for path in tmp_path.glob("pingyi.sqlite3*"))
        assert str(told[0].id).encode() in content
        assert not any(one.answers.encode() in content for one in told)
        close_and_count(poll)
        content = b"".join(path.read_bytes() for path in tmp_path.glob("pingyi.sqlite3*"))
        assert all(one.answers.encode() in content for one in told)


def order_of(session: Session) -> list[str]:
    """The answers of the box in the order in which the database file holds the rows."""
    physical = "ctid" if session.get_bind().dialect.name == "postgresql" else "rowid"
    return list(session.scalars(text(f"SELECT answers FROM ballots ORDER BY {physical}")))


def test_the_order_of_the_box_tells_nothing_of_the_order_of_casting(database_url: str, tmp_path: Path) -> None:
    """Neither the rows' place in the file nor their ids: rank correlation under 0.1 for 1,600 sheets (3.9 errors)."""
    shape = Shape(per_cell=200, n_units=24, reserve=0)
    with open_poll(database_url, tmp_path, shape, intake_queue=2000) as poll:
        told = send(poll)
        close_and_count(poll)
        came = {one.answers: place for place, one in enumerate(told)}
        assert len(came) == len(told) == 1600
        with poll.look() as session:
            held = [came[answers] for answers in order_of(session)]
        named = [came[row.answers] for row in sorted(poll.box(), key=lambda row: row.id)]
    for order in (held, named):
        assert abs(np.corrcoef(np.arange(len(order)), order)[0, 1]) < 0.1
    # The measure sees an order that is there.
    assert np.corrcoef(np.arange(len(held)), sorted(held))[0, 1] > 0.99


@contextmanager
def counting_refused(poll: Poll, code: str) -> Iterator[None]:
    """What happens inside spoils the counting: it is refused with ``code`` and leaves everything as it was."""
    send(poll)
    with poll.work() as session:
        campaigns.close(session, "poll", by="setup", at=clock.now())
    yield
    with pytest.raises(Problem) as refused, poll.work() as session:
        count(session, "poll", at=clock.now())
    assert refused.value.code == code
    assert poll.box() == []
    assert state(poll) == "closed"
    with poll.look() as session:
        assert session.scalars(select(Mix)).all() == []
        assert recorded(session, "poll", Event.CAMPAIGN_COUNTED) == []


def some_sheet(session: Session) -> IntakeSheet:
    return session.scalars(select(IntakeSheet).order_by(IntakeSheet.id)).first()  # type: ignore[return-value]


def put_in(session: Session, answers: str, *, listed: bool = True) -> None:
    """A sheet that never passed the door: anybody who may write to the database has the public key."""
    forged = uuid.uuid4()
    sealed = seal(PUBLIC, padded(answers, None), bound_to("poll", forged, 1, "phone", 1))
    session.add(
        IntakeSheet(campaign_id="poll", id=forged, batch_no=1, channel="phone", questionnaire_version=1, sealed=sealed)
    )
    if listed:
        session.add(LedgerEntry(**ballot_entry("poll", forged, sheet_digest(sealed))))


def change_a_byte(session: Session) -> None:
    row = some_sheet(session)
    changed = bytes([*row.sealed[:-1], row.sealed[-1] ^ 1])
    session.execute(update(IntakeSheet).where(IntakeSheet.id == row.id).values(sealed=changed))


def change_a_byte_and_the_ledger(session: Session) -> None:
    change_a_byte(session)
    row = some_sheet(session)
    session.refresh(row)
    entry = ballot_entry("poll", row.id, sheet_digest(row.sealed))
    session.execute(update(LedgerEntry).where(LedgerEntry.id == row.id).values(digest=entry["digest"]))


def swap_cells(session: Session) -> None:
    row = some_sheet(session)
    session.execute(update(IntakeSheet).where(IntakeSheet.id == row.id).values(batch_no=row.batch_no % 8 + 1))


SPOILED: Sequence[tuple[str, Callable[[Session], object]]] = (
    ("intake_changed", change_a_byte),
    (
        "intake_changed",
        lambda session: session.execute(delete(IntakeSheet).where(IntakeSheet.id == some_sheet(session).id)),
    ),
    ("intake_changed", lambda session: put_in(session, "1111--", listed=False)),
    ("sheets_unreadable", change_a_byte_and_the_ledger),
    ("sheets_unreadable", swap_cells),
    ("sheets_unreadable", lambda session: put_in(session, "1x11--")),
    ("sheets_unreadable", lambda session: put_in(session, "111--")),
)


@pytest.mark.parametrize(("code", "spoil"), SPOILED)
def test_what_was_tampered_with_stops_the_counting(
    code: str, spoil: Callable[[Session], object], sqlite_url: str, tmp_path: Path
) -> None:
    shape = Shape(per_cell=12, key_on_server=False)
    with open_poll(sqlite_url, tmp_path, shape) as poll, counting_refused(poll, code), poll.work() as session:
        take_down(session.connection())
        spoil(session)


def test_another_key_counts_nothing(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12, key_on_server=False)) as poll:
        send(poll)
        with poll.work() as session:
            campaigns.close(session, "poll", by="setup", at=clock.now())
        with pytest.raises(Problem, match="sealing_key_wrong"), poll.work() as session:
            count(session, "poll", at=clock.now(), private=bytes(31) + b"\1")
        assert (state(poll), poll.box()) == ("closed", [])


def test_cells_that_bring_few_are_joined_before_a_sheet_is_opened(database_url: str, tmp_path: Path) -> None:
    """Stratum 2 brings 3 sheets and stratum 1 twenty: its people go with those of stratum 1."""
    with open_poll(database_url, tmp_path, Shape(per_cell=30, n_units=4)) as poll:
        cells = {no: cell for cell, no in batches(poll).items()}
        seen: Counter[int] = Counter()

        def leave_out(batch: int, _serial: int) -> bool:
            seen[cells[batch][0]] += 1
            return seen[cells[batch][0]] > {1: 30, 2: 3}.get(cells[batch][0], 60)

        told = send(poll, leave_out=leave_out)
        close_and_count(poll)
        box = Counter((row.stratum_no, row.point_no, row.channel) for row in poll.box())
        assert min(box.values()) >= 10
        assert sum(box.values()) == len(told)
        assert {stratum for stratum, _, _ in box} == {1, 3, 4}
        with poll.look() as session:
            assert campaigns.joined_strata_of(session, "poll") == {2: 1}
            (body,) = recorded(session, "poll", Event.BALLOTS_MIXED)
            assert body["joins"] == campaigns.joins_text(campaigns.moves_of(session, "poll")[1])
            assert any(cell[0] == 2 for cell, _ in body["joins"])


def test_a_voided_batch_is_in_the_box_and_in_no_tally(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=40, points=False, key_on_server=False)) as poll:
        told = send(poll)
        with poll.work() as session:
            scope = {"batch": 2}
            at = clock.now()
            session.add(
                BallotVoid(campaign_id="poll", id=uuid.uuid4(), scope=scope, reason="x", act_number=1, made_at=at)
            )
        close_and_count(poll)
        aside = [row.answers for row in poll.box() if row.set_aside]
        assert Counter(aside) == Counter(one.answers for one in told if one.batch == 2)
        with poll.look() as session:
            form = campaigns.form_of(session, campaigns.get(session, "poll"))
            assert int(tallies.tally(session, form, "poll").sheets.sum()) == len(told) - len(aside) == 120


def test_a_replay_is_answered_after_counting_too(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=12)) as poll:
        code = poll.live[0]
        ticket = codes.digest(code.code, campaign_id="poll", pepper=poll.app.state.pepper)
        cast = Cast("poll", uuid.uuid4(), ticket, "1230--", {}, "phone")
        first = poll.app.state.intake.submit(cast).result(30)
        close_and_count(poll)
        again = poll.app.state.intake.submit(cast).result(30)
        assert (again.code, again.entry, again.replay) == (first.code, first.entry, True)
        with poll.look() as session:
            assert session.scalars(select(Ticket.state).where(Ticket.state == "spent")).all() == ["spent"]


def test_channels_are_counted_before_and_after(database_url: str, tmp_path: Path) -> None:
    with open_poll(database_url, tmp_path, Shape(per_cell=40)) as poll:
        told = Counter(one.channel for one in send(poll))
        for _ in range(2):
            with poll.look() as session:
                assert campaign_queries.channel_totals(session, "poll") == told
            if state(poll) == "open":
                close_and_count(poll)
        with poll.look() as session:
            (body,) = recorded(session, "poll", Event.CAMPAIGN_COUNTED)
        assert body["channels"] == told


def test_counting_itself_is_confirmed_by_two(sqlite_url: str, tmp_path: Path) -> None:
    with open_poll(sqlite_url, tmp_path, Shape(per_cell=12, key_on_server=False)) as poll:
        send(poll)
        with poll.look() as session, pytest.raises(Problem, match="act_not_allowed"):
            ballots.open_sheets(session, "poll", bytes(32))
        with poll.work() as session:
            assert act_service.listed(session) == []


def test_rows_are_drawn_under_random_ids() -> None:
    sheet = mixing.Opened(1, "phone", 1, "1", None)
    rows = mixing.shuffled([(Cell(1, 1, "phone"), False, sheet._replace(answers=str(n))) for n in range(500)])
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    assert {row.id.version for row in rows} == {4}
    assert len({row.id for row in rows}) == 500
    assert [int(row.answers) for row in rows] != list(range(500))


def test_the_canonical_bytes_of_a_ballot_name_no_sheet() -> None:
    row = mixing.BoxRow(uuid.UUID(int=1), Cell(2, 3, "phone"), 1, "12", None, True)
    body: dict[str, Any] = json.loads(mixing.box_bytes("poll", row))
    for odd in ("12", '1"\\2', "评\n"):
        raw = mixing.box_bytes("poll", row._replace(answers=odd))
        assert raw == canonical_bytes({**body, "answers": odd})
    assert set(body) == {"campaign", "ballot", "cell", "version", "answers", "more", "set_aside"}
    assert Ballot.__table__.columns.keys().count("ticket") == 0
