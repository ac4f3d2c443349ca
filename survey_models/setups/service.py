"""What people do with a set-up (新建测评): begin, save each step, make the campaign of it, see what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.notices import OfficeNotice
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Campaign
from survey_models.core.errors import Problem
from survey_models.frames import service as frames
from survey_models.frames.service import CountCell, FrameTitle
from survey_models.questionnaires import service as questionnaires
from survey_models.rounds import service as rounds
from survey_models.setups import rules
from survey_models.setups.rules import SetupDoc
from survey_models.setups.tables import Setup
from survey_models.tickets.service import CellOrder
from survey_models.units import service as units

STATED = "新建测评时填写"
FLAGS_SOURCE = "新建测评时导入，由办公室核对"


@dataclass(frozen=True)
class _Rated:
    """A unit as the round of a set-up rates it: category and place are those of its own list."""

    code: str
    category: str
    position: int


def start(session: Session, doc: SetupDoc, *, day: date, by: str, at: datetime) -> Setup:
    """Begin a set-up; ``day``: today in the city, of which its id is made."""
    rules.refuse_twice(doc)
    found = Setup(
        id=_free_id(session, day),
        doc=doc.model_dump(mode="json"),
        revision=1,
        campaign_id=None,
        made_by=by,
        made_at=at,
        changed_at=at,
    )
    session.add(found)
    session.flush()
    return found


def _free_id(session: Session, day: date) -> str:
    """``poll-20261122``, with a number behind it from the second one of a day on."""
    first = f"poll-{day:%Y%m%d}"
    taken = set(session.scalars(select(Setup.id).where(Setup.id.startswith(first))))
    taken |= set(session.scalars(select(Campaign.id).where(Campaign.id.startswith(first))))
    names = (first if number == 1 else f"{first}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def get(session: Session, setup_id: str, *, lock: bool = False) -> Setup:
    """A set-up; ``lock`` holds its row until the transaction ends. Raises ``setup_unknown``."""
    query = select(Setup).where(Setup.id == setup_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise Problem("setup_unknown")
    return found


def listed(session: Session) -> Sequence[Setup]:
    """Every set-up, the newest first."""
    return session.scalars(select(Setup).order_by(Setup.made_at.desc(), Setup.id.desc())).all()


def doc_of(found: Setup) -> SetupDoc:
    """What it states."""
    return SetupDoc.model_validate(found.doc)


def save(session: Session, setup_id: str, doc: SetupDoc, *, revision: int, at: datetime) -> Setup:
    """Save what was stated so far. Raises ``setup_made``, ``setup_changed``, ``setup_rows_twice``.

    ``revision``: the one that was looked at; another one means that somebody else saved meanwhile.
    """
    rules.refuse_twice(doc)
    found = get(session, setup_id, lock=True)
    if found.campaign_id is not None:
        raise Problem("setup_made")
    if found.revision != revision:
        raise Problem("setup_changed")
    found.doc = doc.model_dump(mode="json")
    found.revision += 1
    found.changed_at = at
    session.flush()
    return found


def remove(session: Session, setup_id: str) -> None:
    """Remove a draft of which nothing was made. Raises ``setup_unknown``, ``setup_made``."""
    found = get(session, setup_id, lock=True)
    if found.campaign_id is not None:
        raise Problem("setup_made")
    session.delete(found)
    session.flush()


def make(session: Session, setup_id: str, *, by: str, at: datetime) -> Campaign:
    """Make the campaign, in draft: units, frozen frame, questionnaire, strata with their sheets, notice.

    Raises ``setup_incomplete`` with the steps that are missing, ``setup_made``, ``setup_unit_differs``, and what the
    questionnaire's linter raises.
    """
    found = get(session, setup_id, lock=True)
    if found.campaign_id is not None:
        raise Problem("setup_made")
    doc = doc_of(found)
    missing = [step for step, is_whole in rules.whole(doc).items() if not is_whole]
    if missing:
        raise Problem("setup_incomplete", steps=", ".join(missing))
    _import(session, doc, by=by, at=at)
    rated = [_Rated(one.code, one.category, place) for place, one in enumerate(doc.units, start=1)]
    rounds.create(session, found.id, title=doc.about.title, units=rated, at=at)
    _freeze(session, found.id, doc, by=by, at=at)
    questionnaires.store(session, found.id, version=1, doc=rules.document_of(doc), at=at)
    campaign = campaigns.create(session, _plan(found.id, doc), by=by, at=at)
    found.campaign_id, found.changed_at = campaign.id, at
    session.flush()
    return campaign


def _import(session: Session, doc: SetupDoc, *, by: str, at: datetime) -> None:
    """Units that are there already stay as they are; one of the same code and another name is somebody else."""
    known = {unit.code: unit for unit in units.all_units(session)}
    for line in doc.units:
        there = known.get(line.code)
        if there is not None and there.name != line.name:
            raise Problem("setup_unit_differs", unit=line.code, there=there.name, name=line.name)
    rows = [
        {
            "code": line.code,
            "name": line.name,
            "category": line.category,
            "order": str(place),
            "superior_led": "0",
            "flags_source": FLAGS_SOURCE,
        }
        for place, line in enumerate(doc.units, start=1)
        if line.code not in known
    ]
    if rows:
        units.import_units(session, rows, stated=len(rows), by=by, at=at)


def _freeze(session: Session, frame_id: str, doc: SetupDoc, *, by: str, at: datetime) -> None:
    areas = doc.areas
    source = areas.source or STATED
    cells = [
        CountCell((one.area, one.area_name), (one.kind, one.kind_name), one.people, areas.made_up, source)
        for one in areas.cells
    ]
    title = FrameTitle(frame_id, f"{doc.about.title} 人数"[:120], source, areas.made_up)
    frames.freeze_counts(session, title, cells=cells, candidates=(), by=by, at=at)


def _plan(campaign_id: str, doc: SetupDoc) -> CampaignPlan:
    said = OfficeNotice(doc.words.contact, {"zh": doc.words.zh, "hant": doc.words.hant, "en": doc.words.en})
    return CampaignPlan(
        id=campaign_id,
        round_id=campaign_id,
        title=doc.about.title,
        title_en=doc.about.title_en or doc.about.title,
        purpose=doc.about.purpose,
        questionnaire=(campaign_id, 1),
        strata=[
            StratumPlan((one.area, one.area_name), (one.kind, one.kind_name), one.people, size, doc.areas.made_up)
            for one, size in zip(doc.areas.cells, rules.shares(doc), strict=True)
        ],
        notice=said.document(),
    )


def orders(session: Session, setup_id: str) -> list[CellOrder]:
    """The tickets of the campaign that was made: one batch for each stratum, with its sealed reserve.

    Raises ``setup_not_made``.
    """
    found = get(session, setup_id)
    if found.campaign_id is None:
        raise Problem("setup_not_made")
    doc = doc_of(found)
    numbers = zip(rules.shares(doc), rules.reserve_of(doc), strict=True)
    return [CellOrder(no, 0, sheets, spare) for no, (sheets, spare) in enumerate(numbers, start=1) if sheets]
