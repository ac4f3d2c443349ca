"""What people do with paper sheets (纸质问卷): type one, settle where two entries differ, set one aside.

Two clerks type every sheet, each for himself; the entries wait sealed. Once they agree, or a third person has settled,
a job hands the sheet to the ballot writer, whose transaction spends the card, stores the sheet and erases the entries:
all of it or nothing, and a second time is refused by the spent card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_models.ballots.intake import Cast
from survey_models.ballots.sealing import Plain
from survey_models.ballots.tables import Channel
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.rules import check_accepts_files
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.fieldwork import invalid
from survey_models.fieldwork.tables import Why
from survey_models.jobs import service as jobs
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.paper import queries, rules
from survey_models.paper.rules import Difference
from survey_models.paper.sealing import EntrySealer, Place
from survey_models.paper.tables import SETTLED, UNFINISHED, PaperEntry, PaperSheet, SheetState
from survey_models.questionnaires.rules import Form
from survey_models.tickets.rules import fit_reason

ENTER = "paper:enter"
# The door's refusals that will be the same for ever: somebody used or withdrew the card meanwhile.
FINAL = frozenset({"ticket_used", "ticket_void", "ticket_unknown"})


@dataclass(frozen=True)
class Typed:
    """What a clerk typed: one code for each item of one choice, ``more`` by item."""

    answers: str = field(repr=False)
    more: Mapping[str, Any] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Blank:
    """A sheet that may be typed: its number, its form and which variant of it."""

    serial: int
    variant: str
    form: Form


def blank_of(session: Session, campaign_id: str, typed: str, *, by: str, at: datetime) -> Blank:
    """The empty form of a sheet for this clerk; only reads.

    The same form for a number whose card is out, used or withdrawn, and whether others have typed it or not: looking up
    a number tells nothing of anybody.

    Raises:
        Problem: ``campaign_unknown``, ``act_not_allowed``, ``paper_serial_malformed``, ``paper_other_campaign``,
            ``paper_serial_unknown``, ``ticket_in_reserve``, ``paper_entry_yours``.
    """
    campaign = campaigns.get(session, campaign_id)
    check_accepts_files(campaign, at)
    serial = rules.read_serial(campaign_id, typed)
    if (sheet := queries.sheet(session, campaign_id, serial)) is not None:
        _refuse_again(sheet, by)
    return Blank(serial, _variant(session, campaign_id, serial), campaigns.form_of(session, campaign))


def _variant(session: Session, campaign_id: str, serial: int) -> str:
    found = queries.card(session, campaign_id, serial)
    rules.check_card(None if found is None else found[0], serial)
    return found[1] if found else ""


def _refuse_again(sheet: PaperSheet, by: str) -> None:
    if by in {sheet.first_by, sheet.second_by}:
        raise Problem("paper_entry_yours", serial=sheet.serial)


def _refuse_third(sheet: PaperSheet, by: str) -> None:
    """Each of two clerks types a sheet once. What became of it is not told to a third one."""
    _refuse_again(sheet, by)
    if sheet.second_by is not None:
        raise Problem("paper_sheet_full", serial=sheet.serial)


def keep(
    session: Session, campaign_id: str, number: str, typed: Typed, *, sealer: EntrySealer, by: str, at: datetime
) -> int:
    """Keep one clerk's entry, sealed; with the second one the sheet is compared. Gives the serial number.

    The same entry sent again by the same clerk, while it waits, is kept once. Nobody is told what was found.
    Raises as ``blank_of``, ``paper_sheet_full``, and what ``rules.checked_entry`` raises.
    """
    campaign = campaigns.get(session, campaign_id)
    check_accepts_files(campaign, at)
    serial = rules.read_serial(campaign_id, number)
    form = campaigns.form_of(session, campaign)
    if (known := queries.sheet(session, campaign_id, serial)) is not None:
        if _repeated(session, known, typed, sealer=sealer, by=by):
            return serial
        _refuse_third(known, by)
    variant = _variant(session, campaign_id, serial)
    entry = rules.checked_entry(form, variant, typed.answers, typed.more)
    sheet = queries.begun(session, campaign_id, serial, by=by, fields=rules.fields_of(form, variant))
    there = queries.entries(session, campaign_id, serial)
    if there:
        # The clerk who came at the same moment was the first.
        _refuse_third(sheet, by)
        sheet.second_by = by
    _add(session, sheet, entry, turn=len(there) + 1, sealer=sealer, by=by, form=form)
    if there:
        found = rules.differences(form, _opened(sheet, there[1], sealer), entry)
        sheet.differing = len(found)
        _move(session, sheet, SheetState.DIFFERS if found else SheetState.AGREED, at=at)
    session.flush()
    return serial


def _repeated(session: Session, sheet: PaperSheet, typed: Typed, *, sealer: EntrySealer, by: str) -> bool:
    """Whether this clerk's waiting entry says the same: his first answer was lost on its way."""
    own = [entry for entry in queries.entries(session, sheet.campaign_id, sheet.serial).values() if entry.made_by == by]
    if not own or own[0].turn == SETTLED:
        return False
    kept = _opened(sheet, own[0], sealer)
    return kept.answers == typed.answers and (kept.more or {}) == {k: v for k, v in typed.more.items() if v}


def _add(
    session: Session, sheet: PaperSheet, entry: Plain, *, turn: int, sealer: EntrySealer, by: str, form: Form
) -> None:
    place = Place(sheet.campaign_id, sheet.serial, turn, by)
    sealed = sealer.seal(entry, place, room=form.room)
    session.add(PaperEntry(**place._asdict(), sealed=sealed))


def _opened(sheet: PaperSheet, entry: PaperEntry, sealer: EntrySealer) -> Plain:
    return sealer.opened(entry.sealed, Place(sheet.campaign_id, sheet.serial, entry.turn, entry.made_by))


def _move(session: Session, sheet: PaperSheet, state: SheetState, *, at: datetime) -> None:
    sheet.state = state.value
    if state is SheetState.AGREED:
        send(session, sheet, at=at)


def send(session: Session, sheet: PaperSheet, *, at: datetime) -> None:
    """Have an agreed sheet entered by a job; a second wish while one waits is the same wish."""
    lock_key = f"paper:{sheet.campaign_id}:{sheet.serial}"
    if not jobs.waiting(session, lock_key=lock_key):
        payload = {"campaign": sheet.campaign_id, "serial": sheet.serial}
        jobs.enqueue(session, ENTER, payload, lock_key=lock_key, at=at)


def to_settle(session: Session, campaign_id: str, *, by: str, after: int = 0) -> list[int]:
    """Numbers beyond ``after`` of the sheets whose entries differ and that ``by`` did not type; at most 1,000."""
    campaigns.get(session, campaign_id)
    return list(queries.differing_for(session, campaign_id, by=by, after=after, limit=queries.PAGE))


def differences(
    session: Session, campaign_id: str, serial: int, *, sealer: EntrySealer, by: str, lock: bool = False
) -> tuple[PaperSheet, Form, list[Difference]]:
    """The places in which the two entries of a sheet differ, and no others, for a third person.

    Raises ``campaign_unknown``, ``paper_nothing_differs``, ``paper_own_difference``.
    """
    form = campaigns.form_of(session, campaigns.get(session, campaign_id))
    sheet = queries.sheet(session, campaign_id, serial, lock=lock)
    if sheet is None or sheet.state != SheetState.DIFFERS:
        raise Problem("paper_nothing_differs", serial=serial)
    if by in {sheet.first_by, sheet.second_by}:
        raise Problem("paper_own_difference", serial=serial)
    there = queries.entries(session, campaign_id, serial)
    return sheet, form, rules.differences(form, *(_opened(sheet, there[turn], sealer) for turn in (1, 2)))


def settle(
    session: Session,
    campaign_id: str,
    serial: int,
    values: Mapping[str, Any],
    *,
    sealer: EntrySealer,
    by: str,
    at: datetime,
) -> None:
    """Settle the differing places of a sheet as the third person reads the paper; the sheet is entered then.

    Raises as ``differences``, ``act_not_allowed``, ``paper_not_settled``, and what ``rules.checked_entry`` raises.
    """
    check_accepts_files(campaigns.get(session, campaign_id), at)
    sheet, form, found = differences(session, campaign_id, serial, sealer=sealer, by=by, lock=True)
    card = queries.card(session, campaign_id, serial)
    rules.check_card(None if card is None else card[0], serial)
    first = _opened(sheet, queries.entries(session, campaign_id, serial)[1], sealer)
    answers, more = rules.settled(form, first, found, values)
    entry = rules.checked_entry(form, card[1] if card else "", answers, more)
    _add(session, sheet, entry, turn=SETTLED, sealer=sealer, by=by, form=form)
    sheet.settled_by = by
    _move(session, sheet, SheetState.AGREED, at=at)
    session.flush()


def cast_of(session: Session, campaign_id: str, serial: int, *, sealer: EntrySealer) -> Cast | None:
    """An agreed sheet as the ballot writer takes it; None in any other state. Only reads.

    The ballot's id is drawn here, each time anew, and stored nowhere beside the serial number.
    """
    sheet = queries.sheet(session, campaign_id, serial)
    card = queries.card(session, campaign_id, serial)
    if sheet is None or sheet.state != SheetState.AGREED or card is None:
        return None
    there = queries.entries(session, campaign_id, serial)
    answers, more = _opened(sheet, there.get(SETTLED) or there[1], sealer)
    return Cast(
        campaign_id=campaign_id,
        id=new_id(),
        ticket=card[2],
        answers=answers,
        more=more or {},
        channel=Channel.PAPER.value,
        serial=serial,
    )


def give_up(session: Session, campaign_id: str, serial: int, problem: Problem) -> None:
    """The ballot door refused an agreed sheet for good: it says why, and its entries are erased."""
    sheet = queries.sheet(session, campaign_id, serial, lock=True)
    if sheet is not None and sheet.state == SheetState.AGREED:
        sheet.state, sheet.refused = SheetState.REFUSED.value, problem.code
        queries.erase_entries(session, campaign_id, [serial])
        invalid.note(session, campaign_id, queries.cells_of(session, campaign_id, [serial]), Why.PAPER)
        session.flush()


def set_aside(
    session: Session, campaign_id: str, serials: Sequence[int] | None, *, reason: str, by: str, at: datetime
) -> list[int]:
    """Take sheets out of paper entry with a reason, entries erased: they may be typed anew. None: all unfinished ones.

    Gives their numbers. Raises ``campaign_unknown``, ``reason_unfit``, ``paper_sheet_unknown`` and
    ``paper_sheet_entered``.
    """
    said = fit_reason(reason)
    campaigns.get(session, campaign_id)
    if serials is None:
        serials = [sheet.serial for sheet in queries.in_states(session, campaign_id, UNFINISHED)]
    done = sorted(set(serials))
    refused = []
    for serial in done:
        sheet = queries.sheet(session, campaign_id, serial, lock=True)
        if sheet is None:
            raise Problem("paper_sheet_unknown", serial=serial)
        if sheet.state == SheetState.ENTERED:
            raise Problem("paper_sheet_entered", serial=serial)
        refused += [serial] if sheet.state == SheetState.REFUSED else []
        session.delete(sheet)
    queries.erase_entries(session, campaign_id, done)
    again = queries.cells_of(session, campaign_id, refused)
    invalid.note(session, campaign_id, {cell: -number for cell, number in again.items()}, Why.PAPER)
    if done:
        body = {"serials": done, "reason": said}
        record(session, campaign_id, Event.PAPER_SET_ASIDE, body, at=at, by=by)
    session.flush()
    return done


def send_agreed(session: Session, campaign_id: str, *, at: datetime) -> int:
    """Have every agreed sheet entered that waits without a job, say after a fault; how many are agreed."""
    campaigns.get(session, campaign_id)
    agreed = queries.in_states(session, campaign_id, [SheetState.AGREED.value])
    for sheet in agreed:
        send(session, sheet, at=at)
    return len(agreed)
