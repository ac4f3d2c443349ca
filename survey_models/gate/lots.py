"""Lots (发放批次): what the office hands to a contractor, and what the contractor reports of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role, check_role
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.rules import Act, after
from survey_models.core.errors import Problem
from survey_models.gate import queries, rules
from survey_models.gate.rules import Sums
from survey_models.gate.tables import Cell, GateLot
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.tickets.tables import TicketState
from survey_models.uploads.tables import Upload


@dataclass(frozen=True)
class Wish:
    """What is handed out: a number of sheets of a stratum (and point), or the cards of a range of serial numbers.

    ``back_check``: per cent of a file's lines to be checked back before it is signed for.
    """

    contractor: str
    stratum_no: int
    point_no: int = 0
    issued: int = 0
    first_serial: int | None = None
    last_serial: int | None = None
    back_check: int = 10


@dataclass(frozen=True)
class LotStanding:
    """A lot with its account and the words for its place."""

    lot: GateLot
    sums: Sums
    stratum: str
    point: str


def hand_out(session: Session, campaign_id: str, wish: Wish, *, by: str, at: datetime) -> GateLot:
    """Write down what a contractor gets. More sheets for the same place add to the lot that is there.

    Raises ``campaign_unknown``, ``act_not_allowed``, ``account_unknown``, ``forbidden`` for an account that sends no
    files, ``stratum_unknown``, ``tablet_point_unknown``, ``request_malformed``, ``gate_range_taken``,
    ``paper_serial_unknown``, ``gate_range_small`` for a few cards, ``gate_back_check_drawn`` where a larger share to be
    checked back would come too late for a file.
    """
    campaign = campaigns.get(session, campaign_id, lock=True)
    after(campaign.state, Act.CHANGE_TICKETS)
    check_role(accounts.get(session, wish.contractor).roles, Role.CONTRACTOR, Role.SETUP, Role.PAPER)
    if wish.stratum_no not in queries.names_of_strata(session, campaign_id):
        raise Problem("stratum_unknown", strata=wish.stratum_no)
    if wish.point_no and wish.point_no not in queries.names_of_points(session, campaign_id):
        raise Problem("tablet_point_unknown")
    there = queries.lots(session, campaign_id)
    more = wish.issued if wish.first_serial is None else _cards(session, campaign_id, wish, there)
    if more < 1:
        raise Problem("request_malformed", where="issued")
    lot = _same(there, wish)
    if lot is None:
        lot = _new(campaign_id, 1 + max((one.no for one in there), default=0), wish, at=at)
        session.add(lot)
    lot.issued += more
    # More sheets may raise the share, and never lower what was fixed for those that are out.
    lot.back_check = max(lot.back_check, wish.back_check)
    session.flush()
    _refuse_late_share(session, campaign_id, wish.contractor)
    body = {
        "lot": lot.no,
        "contractor": lot.contractor,
        "stratum": lot.stratum_no,
        "point": lot.point_no,
        "issued": more,
        "serials": None if lot.first_serial is None else [lot.first_serial, lot.last_serial],
        "back_check": lot.back_check,
    }
    record(session, campaign_id, Event.GATE_HANDED_OUT, body, at=at, by=by)
    return lot


def _cards(session: Session, campaign_id: str, wish: Wish, there: Sequence[GateLot]) -> int:
    first, last = wish.first_serial or 0, wish.last_serial or wish.first_serial or 0
    taken = [(lot.first_serial, lot.last_serial or 0) for lot in there if lot.first_serial is not None]
    if last < first or rules.overlapping(first, last, taken):
        raise Problem("gate_range_taken", first=first, last=last)
    states = queries.cards_between(session, campaign_id, first, last)
    if sum(states.values()) != last - first + 1:
        raise Problem("paper_serial_unknown", serial=last)
    out = states.get(TicketState.LIVE, 0) + states.get(TicketState.SPENT, 0)
    # The account of a lot says how many of its cards came back: of one card that would be whether its holder answered.
    if out < SMALLEST:
        raise Problem("gate_range_small", cards=out, least=SMALLEST)
    return out


def share_asked(session: Session, upload: Upload) -> int:
    """The largest share, in per cent, that was fixed for one of the lots that the file's lines belong to."""
    found = queries.lots(session, upload.campaign_id, contractor=upload.sent_by)
    cells = queries.cells_of(session, upload.campaign_id, [upload])
    mine, _ = rules.returned_of(cells, places(found, upload.sent_by))
    return max((lot.back_check for lot in found if lot.no in mine), default=0)


def _refuse_late_share(session: Session, campaign_id: str, contractor: str) -> None:
    """Lines are drawn once: no file that waits for its signature may need more of them than were planned."""
    for upload, per_cent in queries.drawn_from(session, campaign_id, contractor):
        asked = share_asked(session, upload)
        if asked > per_cent:
            raise Problem("gate_back_check_drawn", file=upload.filename, drawn=per_cent, asked=asked)


def _same(there: Sequence[GateLot], wish: Wish) -> GateLot | None:
    place = (wish.contractor, wish.stratum_no, wish.point_no)
    found = (lot for lot in there if (lot.contractor, lot.stratum_no, lot.point_no) == place)
    return next((lot for lot in found if lot.first_serial is None and wish.first_serial is None), None)


def _new(campaign_id: str, no: int, wish: Wish, *, at: datetime) -> GateLot:
    last = wish.last_serial if wish.last_serial is not None else wish.first_serial
    return GateLot(
        campaign_id=campaign_id,
        no=no,
        contractor=wish.contractor,
        stratum_no=wish.stratum_no,
        point_no=wish.point_no,
        first_serial=wish.first_serial,
        last_serial=last,
        issued=0,
        back_check=wish.back_check,
        results={},
        reported_by=None,
        reported_at=None,
        made_at=at,
    )


def report(
    session: Session,
    campaign_id: str,
    no: int,
    results: Mapping[str, int],
    *,
    by: str,
    at: datetime,
    contractor: str | None = None,
) -> LotStanding:
    """Write down what the contractor says of the sheets that do not come back: counts by result, anew each time.

    ``contractor``: only a lot of his. Raises ``gate_lot_unknown``, ``act_not_allowed``, ``request_malformed``,
    ``gate_more_returned``, ``gate_more_accounted``.
    """
    campaign = campaigns.get(session, campaign_id)
    after(campaign.state, Act.ACCEPT_FILES)
    lot = queries.lot(session, campaign_id, no, lock=True)
    if lot is None or (contractor is not None and lot.contractor != contractor):
        raise Problem("gate_lot_unknown", lot=no)
    lot.results = rules.checked_results(results)
    lot.reported_by, lot.reported_at = by, at
    session.flush()
    found = next(one for one in standing(session, campaign_id, contractor=lot.contractor) if one.lot.no == no)
    rules.check_sums(no, found.sums)
    record(session, campaign_id, Event.GATE_REPORTED, {"lot": no, "results": lot.results}, at=at, by=by)
    return found


def standing(
    session: Session, campaign_id: str, *, contractor: str | None = None, besides: uuid.UUID | None = None
) -> list[LotStanding]:
    """The lots with their accounts; ``besides``: counting the lines of this file, too. Raises ``campaign_unknown``."""
    campaigns.get(session, campaign_id)
    found = queries.lots(session, campaign_id, contractor=contractor)
    strata, points = queries.names_of_strata(session, campaign_id), queries.names_of_points(session, campaign_id)
    returned: dict[int, int] = {}
    for name in sorted({lot.contractor for lot in found}):
        files = queries.files_of(session, campaign_id, name, besides=besides)
        lines, _ = rules.returned_of(queries.cells_of(session, campaign_id, files), places(found, name))
        returned |= lines
    return [
        LotStanding(lot, _sums(session, lot, returned), strata[lot.stratum_no], points.get(lot.point_no, ""))
        for lot in found
    ]


def one(session: Session, campaign_id: str, no: int, *, contractor: str | None = None) -> LotStanding:
    """One lot with its account; with ``contractor`` only a lot of his. Raises ``gate_lot_unknown``."""
    found = (row for row in standing(session, campaign_id, contractor=contractor) if row.lot.no == no)
    if (lot := next(found, None)) is None:
        raise Problem("gate_lot_unknown", lot=no)
    return lot


def places(found: Sequence[GateLot], contractor: str) -> dict[Cell, int]:
    """Number of the contractor's lot of sheets by stratum and point."""
    mine = [lot for lot in found if lot.contractor == contractor and lot.first_serial is None]
    return {(lot.stratum_no, lot.point_no): lot.no for lot in mine}


def _sums(session: Session, lot: GateLot, returned: Mapping[int, int]) -> Sums:
    refused = sum(int(number) for number in lot.results.values())
    if lot.first_serial is None:
        return Sums(lot.issued, returned.get(lot.no, 0), refused)
    spent = queries.spent_between(session, lot.campaign_id, lot.first_serial, lot.last_serial or lot.first_serial)
    return Sums(lot.issued, spent, refused)
