"""Cards of a planned round (周期的评议卡): tickets of every campaign, each list sealed into a file of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from api.handover import Line, Lock
from api.keys import load_pepper, make_sealing_key, write_private
from api.settings import Settings
from survey_models.ballots import service as ballots
from survey_models.ballots.tables import KeptBy
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.rules import Level
from survey_models.campaigns.tables import Campaign, State
from survey_models.rounds import plans
from survey_models.rounds import service as rounds
from survey_models.tickets import service as tickets
from survey_models.tickets.codes import printed
from survey_models.tickets.service import CellOrder, IssuedCode

PEER = "peer-"


@dataclass(frozen=True)
class Issued:
    """One campaign's cards: how many, the sealed file and its SHA-256; ``ready``: it can be opened."""

    campaign: str
    cards: int
    path: Path
    digest: str
    ready: bool


def issue(
    session: Session, round_id: str, *, folder: Path, lock: Lock, settings: Settings, by: str, at: datetime
) -> list[Issued]:
    """Issue the tickets of every campaign of the round that is in draft, seal its sheets to a key, make it ready.

    A campaign whose key the counting office has still to state stays in draft, with its tickets; called again once the
    key is there (``pingyi campaigns seal``), it is made ready and nothing is issued twice.
    Raises FileExistsError for a file that is there: nothing is issued then.
    """
    names = {link.unit_code: name for link, name in rounds.units_of(session, round_id)}
    found = []
    for campaign_id, orders in plans.orders(session, round_id).items():
        campaign = campaigns.get(session, campaign_id)
        if campaign.state != State.DRAFT:
            continue
        made = issue_one(session, campaign, orders, names, folder=folder, lock=lock, settings=settings, by=by, at=at)
        found.append(made)
    return found


def issue_one(
    session: Session,
    campaign: Campaign,
    orders: Sequence[CellOrder],
    names: Mapping[str, str],
    *,
    folder: Path,
    lock: Lock,
    settings: Settings,
    by: str,
    at: datetime,
) -> Issued:
    """The same for one campaign in draft; ``names``: of the units whose peers get cards of their own."""
    path, content, cards = folder / f"{campaign.id}.cards", b"", 0
    if not tickets.batches_of(session, campaign.id):
        pepper = load_pepper(settings.data_dir)
        codes = tickets.issue(session, campaign.id, orders, pepper=pepper, by=by, at=at)
        content, cards = lock.seal(_lines(session, campaign, orders, codes, names), name=campaign.id), len(codes)
        # Before the commit: codes that could not be written down are not issued.
        write_private(path, content)
    ready = _sealed(session, campaign.id, settings, by=by, at=at)
    if ready:
        campaigns.prepare(session, campaign.id, by=by, at=at)
    digest = hashlib.sha256(content).hexdigest() if content else ""
    return Issued(campaign.id, cards, path, digest, ready)


def _sealed(session: Session, campaign_id: str, settings: Settings, *, by: str, at: datetime) -> bool:
    if ballots.level_of(session, campaign_id) is not Level.OPEN:
        return True
    if not settings.sealing_key_on_server:
        return False
    public = make_sealing_key(settings.data_dir, campaign_id)
    ballots.register_key(session, campaign_id, public, kept=KeptBy.SERVER, by=by, at=at)
    return True


def _lines(
    session: Session,
    campaign: Campaign,
    orders: Sequence[CellOrder],
    codes: Sequence[IssuedCode],
    names: Mapping[str, str],
) -> list[Line]:
    """The cards in the order of the orders, with the place where they are given out.

    That of a peer names the unit which it is handed to.
    """
    places = {one.no: one.name for one in campaigns.points_of(session, campaign.id)}
    strata = {row.no: (row.area_name, row.kind_name) for row in campaigns.strata_of(session, campaign.id)}
    variants = [order.variant for order in orders for _ in range(order.count + order.reserve)]
    return [
        Line(
            serial=code.serial,
            code=printed(code.code),
            stratum=code.stratum_no,
            area=strata[code.stratum_no][0],
            kind=strata[code.stratum_no][1],
            point=names.get(variant.removeprefix(PEER), "")
            if variant.startswith(PEER)
            else places.get(code.point_no, ""),
            reserve=code.reserve,
        )
        for code, variant in zip(codes, variants, strict=True)
    ]
