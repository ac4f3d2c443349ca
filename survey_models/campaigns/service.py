"""What people do with a campaign (评议活动). Each act decides by the rules, changes the state, writes the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.campaigns import queries, tallies
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.cells import SMALLEST, Kind, Moves, joined_strata, joins
from survey_models.campaigns.estimation import stated
from survey_models.campaigns.queries import Sheet as Sheet  # noqa: PLC0414 - told on to the nouns that build on it
from survey_models.campaigns.rules import Act, after
from survey_models.campaigns.tables import Campaign, CellJoin, JoinReason, Point, Purpose, State, Stratum
from survey_models.core.canonical import blinded, digest, new_blind
from survey_models.core.clock import local_text
from survey_models.core.errors import Problem
from survey_models.fieldwork.tables import Target
from survey_models.flags.rules import RUN as LOOK_FOR_FLAGS
from survey_models.flags.rules import rule_set
from survey_models.jobs import service as jobs
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.questionnaires.rules import Form
from survey_models.questionnaires.service import load


@dataclass(frozen=True)
class StratumPlan:
    """A stratum as planned: area, kind, population and number of sheets to bring."""

    area: tuple[str, str]
    kind: tuple[str, str]
    population: int
    sample_size: int
    made_up: bool = False


@dataclass(frozen=True)
class CampaignPlan:
    """What a campaign is made from. ``points``: area code and name of each drawn and kept test point."""

    id: str
    round_id: str
    title: str
    title_en: str
    purpose: Purpose
    questionnaire: tuple[str, int]
    strata: Sequence[StratumPlan]
    points: Sequence[tuple[str, str]] = ()
    points_as_psu: bool = False
    estimator: str = "domain"
    min_cell: int = 10
    notice: Mapping[str, Any] | None = None
    margins: Sequence[tuple[str, Mapping[str, int]]] = ()
    borders: Mapping[str, Mapping[str, int]] | None = None
    open_channel: bool = False
    cell_tickets: int = 50
    small_group: bool = False


def create(session: Session, plan: CampaignPlan, *, by: str, at: datetime) -> Campaign:
    """Make a campaign in the state ``draft``."""
    campaign = Campaign(
        id=plan.id,
        round_id=plan.round_id,
        title=plan.title,
        title_en=plan.title_en,
        purpose=plan.purpose.value,
        state=State.DRAFT.value,
        questionnaire_id=plan.questionnaire[0],
        questionnaire_version=plan.questionnaire[1],
        estimator=plan.estimator,
        points_as_psu=plan.points_as_psu,
        min_cell=max(plan.min_cell, 5),
        notice=dict(plan.notice or {}),
        margins=[{"item": item, "totals": dict(totals)} for item, totals in plan.margins],
        borders={category: dict(asked) for category, asked in (plan.borders or {}).items()},
        open_channel=plan.open_channel,
        cell_tickets=max(plan.cell_tickets, SMALLEST),
        small_group=plan.small_group,
        made_at=at,
    )
    session.add(campaign)
    session.flush()
    for no, stratum in enumerate(plan.strata, start=1):
        session.add(_stratum(plan.id, no, stratum))
    for no, (area, name) in enumerate(plan.points, start=1):
        session.add(Point(campaign_id=plan.id, no=no, area_code=area, name=name))
    session.flush()
    record(session, plan.id, Event.CAMPAIGN_MADE, {"purpose": plan.purpose.value, "title": plan.title}, at=at, by=by)
    return campaign


def _stratum(campaign_id: str, no: int, plan: StratumPlan) -> Stratum:
    return Stratum(
        campaign_id=campaign_id,
        no=no,
        area_code=plan.area[0],
        area_name=plan.area[1],
        kind_code=plan.kind[0],
        kind_name=plan.kind[1],
        population=plan.population,
        sample_size=plan.sample_size,
        made_up=plan.made_up,
    )


def set_targets(session: Session, campaign_id: str, cells: Mapping[tuple[int, int], int]) -> None:
    """State how many sheets each cell (stratum, point) should bring."""
    for (stratum_no, point_no), target in sorted(cells.items()):
        session.add(Target(campaign_id=campaign_id, stratum_no=stratum_no, point_no=point_no, target=target))
    session.flush()


def get(session: Session, campaign_id: str, *, lock: bool = False) -> Campaign:
    """A campaign; ``lock`` holds its row until the transaction ends. Raises ``campaign_unknown``."""
    query = select(Campaign).where(Campaign.id == campaign_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise Problem("campaign_unknown")
    return found


def form_of(session: Session, campaign: Campaign) -> Form:
    """The questionnaire version of a campaign."""
    return load(session, campaign.questionnaire_id, campaign.questionnaire_version)[0]


def prepare(session: Session, campaign_id: str, *, by: str, at: datetime) -> Campaign:
    """draft → ready: check that nothing is missing; questionnaire, strata and tickets are frozen from here on."""
    campaign = get(session, campaign_id, lock=True)
    state = after(campaign.state, Act.PREPARE)
    layers = queries.strata(session, campaign_id)
    issued, _ = queries.ticket_totals(session, campaign_id)
    missing = [
        name
        for name, there in (
            ("strata 层", layers),
            ("tickets 评议码", issued),
            ("items 题目", form_of(session, campaign).asked),
        )
        if not there
    ]
    if missing:
        raise Problem("campaign_not_ready", missing="、".join(missing))
    form, doc = load(session, campaign.questionnaire_id, campaign.questionnaire_version)
    if campaign.open_channel and form.open_variant is None:
        raise Problem("open_variant_missing", variants="、".join(form.variants))
    key = queries.sealing_key(session, campaign_id)
    if key is None:
        raise Problem("sealing_key_missing", campaign=campaign_id)
    body = {
        "questionnaire": {"id": form.id, "version": form.version, "digest": digest(doc)},
        "strata": [[row.area_code, row.kind_code, row.population, row.sample_size] for row in layers],
        "issued": issued,
        "sealing": {"public": key.public.hex(), "kept": key.kept},
        "cell_tickets": campaign.cell_tickets,
        "flag_rules": rule_set().hash,
    }
    campaign.state = state.value
    record(session, campaign_id, Event.CAMPAIGN_READY, body, at=at, by=by)
    return campaign


def check_openable(session: Session, campaign_id: str) -> None:
    """Refuse an opening that is impossible now: ``act_not_allowed``, ``campaign_too_small``."""
    campaign = get(session, campaign_id)
    after(campaign.state, Act.OPEN)
    _refuse_too_small(campaign, sum(queries.cell_tickets(session, campaign_id).values()))


def _refuse_too_small(campaign: Campaign, tickets: int) -> None:
    if 0 < tickets < SMALLEST and not campaign.small_group:
        raise Problem("campaign_too_small", tickets=tickets, smallest=SMALLEST)


def open_campaign(session: Session, campaign_id: str, *, by: str, at: datetime) -> Campaign:
    """ready → open, an act of two people: sheets are taken from now on. Cells with few tickets are joined before.

    The joins are printed.

    Raises ``campaign_too_small`` for fewer than ten tickets in all, unless it is a group inside a component.
    """
    campaign = get(session, campaign_id, lock=True)
    campaign.state = after(campaign.state, Act.OPEN).value
    tickets = queries.cell_tickets(session, campaign_id)
    _refuse_too_small(campaign, sum(tickets.values()))
    sizes = {cell: (number,) for cell, number in tickets.items()}
    moves = joins(sizes, smallest=campaign.cell_tickets, strata=kinds_of(session, campaign_id))
    keep_joins(session, campaign_id, moves, JoinReason.FEW_TICKETS)
    campaign.opened_at = at
    # Chance enters places and errors by way of the digest of the tally: it is fixed before there is an answer.
    campaign.tally_blind = new_blind()
    body = {
        "cells": len(tickets) - len(moves),
        "joins": joins_text(moves),
        "estimation": stated(campaign).digest,
        "blind": blind_digest(campaign.tally_blind),
    }
    record(session, campaign_id, Event.CAMPAIGN_OPENED, body, at=at, by=by)
    return campaign


def kinds_of(session: Session, campaign_id: str) -> dict[int, Kind]:
    """Area and kind of each stratum, by which small ones are joined."""
    return {row.no: Kind(row.area_code, row.kind_code) for row in queries.strata(session, campaign_id)}


def keep_joins(session: Session, campaign_id: str, moves: Moves, reason: JoinReason) -> None:
    """Write down which cells were joined and why."""
    for cell, into in sorted(moves.items()):
        here = {"stratum_no": cell.stratum_no, "point_no": cell.point_no, "channel": cell.channel}
        there = {"into_stratum": into.stratum_no, "into_point": into.point_no, "into_channel": into.channel}
        session.add(CellJoin(campaign_id=campaign_id, **here, **there, reason=reason.value))
    session.flush()


def joins_text(moves: Moves) -> list[list[list[Any]]]:
    """Joined cells as the ledger keeps them: pairs of stratum, point and channel."""
    return [[list(cell), list(into)] for cell, into in sorted(moves.items())]


def moves_of(session: Session, campaign_id: str) -> tuple[Moves, Moves]:
    """Where joined cells went: at opening, and at counting."""
    return queries.moves(session, campaign_id)


def joined_strata_of(session: Session, campaign_id: str) -> dict[int, int]:
    """Strata that were joined whole to another, and to which."""
    return joined_strata(*queries.moves(session, campaign_id))


def close(
    session: Session, campaign_id: str, *, by: str, at: datetime, accept_until: datetime | None = None
) -> Campaign:
    """open → closed: no new answer from a person; files are taken until ``accept_until`` (now, if not given)."""
    campaign = get(session, campaign_id, lock=True)
    campaign.state = after(campaign.state, Act.CLOSE).value
    campaign.closed_at = at
    campaign.accept_until = accept_until or at
    body = {"accept_until": campaign.accept_until.isoformat()}
    record(session, campaign_id, Event.CAMPAIGN_CLOSED, body, at=at, by=by)
    return campaign


def reopen(session: Session, campaign_id: str, *, by: str, at: datetime) -> Campaign:
    """closed → open, an act of two people."""
    campaign = get(session, campaign_id, lock=True)
    campaign.state = after(campaign.state, Act.REOPEN).value
    campaign.closed_at = None
    campaign.accept_until = None
    record(session, campaign_id, Event.CAMPAIGN_REOPENED, {}, at=at, by=by)
    return campaign


def check_countable(session: Session, campaign_id: str, *, at: datetime, zone: str) -> Campaign:
    """Refuse counting that is too early: before ``accept_until``, while a file or a sheet of paper is being entered."""
    campaign = get(session, campaign_id)
    after(campaign.state, Act.COUNT)
    if campaign.accept_until is not None and at < campaign.accept_until:
        raise Problem("accept_until_not_reached", until=local_text(campaign.accept_until, zone))
    if queries.entering_uploads(session, campaign_id):
        raise Problem("upload_state_wrong", state="entering")
    if waiting := queries.unfinished_paper(session, campaign_id):
        raise Problem("paper_waiting", count=waiting)
    return campaign


def begin_counting(session: Session, campaign_id: str, *, by: str, at: datetime, zone: str) -> Campaign:
    """closed → counting, an act of two people: nothing enters any more. Opening the sheets is of ``ballots``."""
    campaign = get(session, campaign_id, lock=True)
    check_countable(session, campaign_id, at=at, zone=zone)
    campaign.state = after(campaign.state, Act.COUNT).value
    record(session, campaign_id, Event.COUNTING_BEGUN, {}, at=at, by=by)
    session.flush()
    return campaign


def finish_counting(session: Session, campaign_id: str, *, by: str | None, at: datetime) -> Campaign:
    """counting → counted: the box is filled, the tally is fixed. ``by`` is None for the counting office (计票处)."""
    campaign = get(session, campaign_id, lock=True)
    campaign.state = after(campaign.state, Act.FINISH_COUNT).value
    campaign.counted_at = at
    session.flush()
    counted = tallies.tally(session, form_of(session, campaign), campaign_id)
    body = {
        "ballots": int(counted.sheets.sum()),
        "channels": queries.channel_totals(session, campaign_id),
        "tally": tally_digest(counted, campaign.tally_blind),
    }
    record(session, campaign_id, Event.CAMPAIGN_COUNTED, body, at=at, by=by)
    # From now on answers may be read, by the rules that were frozen before opening.
    jobs.enqueue(session, LOOK_FOR_FLAGS, {"campaign": campaign_id}, lock_key=f"{LOOK_FOR_FLAGS}:{campaign_id}", at=at)
    return campaign


def blind_digest(blind: str) -> str:
    """What the ledger holds of a blinding value (hex): its SHA-256."""
    return hashlib.sha256(bytes.fromhex(blind)).hexdigest()


def tally_digest(counted: tallies.Tally, blind: str | None) -> str:
    """Digest of a tally: cells, sheets and counts; what a result says it rests on.

    ``blind``: the campaign's blinding value; None for one that was opened before there was any.
    """
    return blinded(
        {
            "codes": list(counted.codes),
            "units": list(counted.units),
            "cells": [list(cell) for cell in counted.cells],
            "sheets": counted.sheets.tolist(),
            "counts": counted.counts.tolist(),
        },
        blind,
    )


def refuse_before_counted(session: Session, campaign: Campaign) -> None:
    """Raise 409 with the progress of returns, as long as nobody may see scores."""
    try:
        after(campaign.state, Act.SEE_SCORES)
    except Problem as problem:
        issued, done = queries.ticket_totals(session, campaign.id)
        raise Problem(problem.code, progress={"state": campaign.state, "issued": issued, "done": done}) from None


def progress_of(session: Session, campaign_id: str) -> list[queries.CellProgress]:
    """Counters of every cell (进度)."""
    return queries.cell_progress(session, campaign_id)


def strata_of(session: Session, campaign_id: str) -> Sequence[Stratum]:
    """Strata of a campaign, for the nouns that build on it."""
    return queries.strata(session, campaign_id)


def cells_of(session: Session, campaign_id: str) -> list[CellAnswers]:
    """All counted answers of a campaign, cell by cell."""
    return queries.cell_answers(session, campaign_id)


def sheets(session: Session, campaign_id: str, *, more: bool = False) -> Iterator[Sheet]:
    """All counted sheets one by one, in no order that means anything."""
    return queries.sheets(session, campaign_id, more=more)


def sheets_by_stratum(session: Session, campaign_id: str) -> dict[int, int]:
    """How many counted sheets each stratum has."""
    return queries.sheets_by_stratum(session, campaign_id)


def cells_with_aside(session: Session, campaign_id: str) -> list[CellAnswers]:
    """The same with the ballots that were set aside (剔除的)."""
    return queries.cell_answers(session, campaign_id, with_aside=True)


def open_cells_of(session: Session, campaign_id: str) -> list[CellAnswers]:
    """The answers of the open QR (开放扫码), which no tally holds."""
    return queries.open_answers(session, campaign_id)


def points_of(session: Session, campaign_id: str) -> Sequence[Point]:
    """Test points of a campaign."""
    return queries.points(session, campaign_id)
