"""Reading what a bundle holds (证据包的内容) out of the database, as the documents that it is written as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from survey_models.ballots.mixing import BoxRow, Sealed, TextRow
from survey_models.ballots.tables import Ballot as BallotTable
from survey_models.ballots.tables import BallotText, IntakeSheet
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import Cell
from survey_models.campaigns.estimation import stated
from survey_models.campaigns.tables import Campaign
from survey_models.evidence.documents import Ballot, TicketRow
from survey_models.ledger.tables import LedgerEntry, LedgerHead
from survey_models.questionnaires.service import load
from survey_models.results.tables import Result, ResultRow
from survey_models.rounds.service import units_of
from survey_models.tickets.tables import OpenTicketSpent, Ticket, TicketBatch, TicketState
from survey_models.uploads.tables import Blob, Upload, UploadState

_STRATUM = ("no", "area_code", "area_name", "kind_code", "kind_name", "population", "sample_size", "made_up")
_SCORE = (
    "n",
    "n_judging",
    "score",
    "se",
    "ci_low",
    "ci_high",
    "n_eff",
    "satisfied_rate",
    "dont_know_rate",
    "unweighted",
    "rank",
    "rank_low",
    "rank_high",
)


def campaign_document(session: Session, campaign: Campaign, *, threshold: int) -> dict[str, Any]:
    """Questionnaire, strata, points, joins, units and the statement about estimation."""
    form, doc = load(session, campaign.questionnaire_id, campaign.questionnaire_version)
    opening, returned = campaigns.moves_of(session, campaign.id)
    return {
        "campaign": campaign.id,
        "title": campaign.title,
        "title_en": campaign.title_en,
        "purpose": campaign.purpose,
        "questionnaire": {"id": form.id, "version": form.version, "doc": doc},
        "strata": [
            {name: getattr(row, name) for name in _STRATUM} for row in campaigns.strata_of(session, campaign.id)
        ],
        "points": [
            {"no": row.no, "area_code": row.area_code, "name": row.name}
            for row in campaigns.points_of(session, campaign.id)
        ],
        "joins": {"opening": campaigns.joins_text(opening), "counting": campaigns.joins_text(returned)},
        "units": [
            {"unit": link.unit_code, "name": name, "category": link.category}
            for link, name in units_of(session, campaign.round_id)
        ],
        "estimation": stated(campaign).as_dict(),
        "threshold": threshold,
    }


def tickets_document(session: Session, campaign_id: str) -> dict[str, Any]:
    """Of each batch what was issued and what became of it, in numbers; and one-visit tickets of the open QR."""
    states: dict[int, dict[str, int]] = {}
    by_state = (
        select(Ticket.batch_no, Ticket.state, func.count().label("number"))
        .where(Ticket.campaign_id == campaign_id)
        .group_by(Ticket.batch_no, Ticket.state)
    )
    for row in session.execute(by_state):
        states.setdefault(row.batch_no, {})[row.state] = int(row.number)
    batches = select(TicketBatch).where(TicketBatch.campaign_id == campaign_id).order_by(TicketBatch.no)
    opened = select(func.count()).where(OpenTicketSpent.campaign_id == campaign_id)
    return {
        "batches": [_batch(row, states.get(row.no, {})) for row in session.scalars(batches)],
        "open": {"spent": int(session.scalar(opened) or 0)},
    }


def _batch(row: TicketBatch, states: dict[str, int]) -> dict[str, Any]:
    return {
        "no": row.no,
        "stratum": row.stratum_no,
        "point": row.point_no,
        "variant": row.variant,
        "count": row.count,
        "reserve": row.reserve,
        "root": row.root,
        "live": states.get(TicketState.LIVE, 0),
        "spent": states.get(TicketState.SPENT, 0),
        "void": states.get(TicketState.VOID, 0),
        "sealed_reserve": states.get(TicketState.RESERVE, 0),
    }


def ticket_rows(session: Session, campaign_id: str) -> list[TicketRow]:
    """Every ticket by digest."""
    query = select(Ticket.digest, Ticket.batch_no, Ticket.state).where(Ticket.campaign_id == campaign_id)
    return [TicketRow(bytes(row[0]), row[1], row[2]) for row in session.execute(query)]


def texts(session: Session, campaign_id: str) -> list[TextRow]:
    """What people wrote, those set aside among it."""
    table = BallotText.__table__.c
    query = select(table.id, table.item, table.words, table.set_aside).where(table.campaign_id == campaign_id)
    return [TextRow(*row) for row in session.execute(query)]


def sealed_sheets(session: Session, campaign_id: str) -> list[Sealed]:
    """Every sealed sheet."""
    columns = (
        IntakeSheet.id,
        IntakeSheet.batch_no,
        IntakeSheet.channel,
        IntakeSheet.questionnaire_version,
        IntakeSheet.sealed,
    )
    return [Sealed(*row) for row in session.execute(select(*columns).where(IntakeSheet.campaign_id == campaign_id))]


def box(session: Session, campaign_id: str) -> list[Ballot]:
    """The box: ballots of mixes, and the lines of accepted files."""
    accepted = select(Upload.id).where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ACCEPTED)
    table = BallotTable
    query = select(
        table.id,
        table.stratum_no,
        table.point_no,
        table.channel,
        table.questionnaire_version,
        table.answers,
        table.more,
        table.set_aside,
        table.upload_id,
        table.line,
    ).where(table.campaign_id == campaign_id, or_(table.upload_id.is_(None), table.upload_id.in_(accepted)))
    return [
        Ballot(BoxRow(id_, Cell(*cell), version, answers, more, aside), upload, line)
        for id_, *cell, version, answers, more, aside, upload, line in session.execute(query)
    ]


def uploads(session: Session, campaign_id: str) -> list[tuple[Upload, bytes]]:
    """The accepted files with their bytes."""
    query = (
        select(Upload, Blob.content)
        .join(Blob, Blob.sha256 == Upload.sha256)
        .where(Upload.campaign_id == campaign_id, Upload.state == UploadState.ACCEPTED)
        .order_by(Upload.sha256)
    )
    return [(row[0], bytes(row[1])) for row in session.execute(query)]


def result_rows(session: Session, result: Result) -> list[dict[str, Any]]:
    """The rows of a result as they are stored, in the order of the round."""
    query = select(ResultRow).where(ResultRow.result_id == result.id).order_by(ResultRow.position)
    return [
        {"unit": row.unit_code, "category": row.category, **{name: getattr(row, name) for name in _SCORE}}
        for row in session.scalars(query)
    ]


def head(session: Session, campaign_id: str) -> LedgerHead | None:
    """The newest head of the campaign's log."""
    query = select(LedgerHead).where(LedgerHead.log == campaign_id).order_by(LedgerHead.size.desc()).limit(1)
    return session.scalars(query).one_or_none()


def entries(session: Session, campaign_id: str, *, size: int) -> Sequence[bytes]:
    """The bodies of the first ``size`` entries of the campaign's log, in their order."""
    query = (
        select(LedgerEntry.body).where(LedgerEntry.log == campaign_id, LedgerEntry.seq < size).order_by(LedgerEntry.seq)
    )
    return session.scalars(query).all()


def waiting(session: Session, campaign_id: str) -> int:
    """How many entries of the campaign's log have no place yet."""
    query = select(func.count()).where(LedgerEntry.log == campaign_id, LedgerEntry.seq.is_(None))
    return int(session.scalar(query) or 0)
