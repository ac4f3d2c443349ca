"""Cards of a planned round (周期的评议卡): tickets of every campaign, each list sealed into a file of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """One campaign's cards: how many, and the sealed file; ``content`` is empty where they were issued before.

    ``ready``: it can be opened.
    """

    campaign: str
    cards: int
    content: bytes = field(repr=False)
    ready: bool

    @property
    def name(self) -> str:
        """How the file is called."""
        return f"{self.campaign}.cards"

    @property
    def digest(self) -> str:
        """SHA-256 of the file; empty where there is none."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


@dataclass(frozen=True)
class Expected:
    """What would be issued for a campaign in draft; ``issued``: its cards are out, and only its key is lacking."""

    campaign: Campaign
    cards: int
    reserve: int
    issued: bool


def expected(session: Session, round_id: str) -> list[Expected]:
    """The campaigns of a round in draft with the cards that they get. Raises as ``plans.orders``."""
    found = []
    for campaign_id, orders in plans.orders(session, round_id).items():
        campaign = campaigns.get(session, campaign_id)
        if campaign.state == State.DRAFT:
            issued = bool(tickets.batches_of(session, campaign_id))
            cards, reserve = (sum(order.count for order in orders), sum(order.reserve for order in orders))
            found.append(Expected(campaign, cards, reserve, issued))
    return found


def issue(
    session: Session,
    round_id: str,
    *,
    lock: Lock,
    settings: Settings,
    by: str,
    at: datetime,
    office_key: bytes | None = None,
) -> list[Issued]:
    """Issue the tickets of every campaign of the round that is in draft, seal its sheets to a key, make it ready.

    ``office_key``: public half of the counting office's key (计票处公钥), 32 bytes; None: the server makes one, where
    it may keep keys. A campaign without a key stays in draft, with its tickets; called again once the key is there it
    is made ready and nothing is issued twice.
    """
    names = {link.unit_code: name for link, name in rounds.units_of(session, round_id)}
    found = []
    for campaign_id, orders in plans.orders(session, round_id).items():
        campaign = campaigns.get(session, campaign_id)
        if campaign.state != State.DRAFT:
            continue
        work = Work(lock, settings, by, at, office_key)
        found.append(issue_one(session, campaign, orders, names, work))
    return found


@dataclass(frozen=True)
class Work:
    """How cards are issued: what the file is sealed to, by whom and when, and the key of the sheets."""

    lock: Lock
    settings: Settings
    by: str
    at: datetime
    office_key: bytes | None = None


def write(folder: Path, issued: Issued) -> Path:
    """Put the sealed file into ``folder``, before the commit: codes that could not be written down are not issued.

    Raises FileExistsError for a file that is there.
    """
    path = folder / issued.name
    if issued.content:
        write_private(path, issued.content)
    return path


def issue_one(
    session: Session, campaign: Campaign, orders: Sequence[CellOrder], names: Mapping[str, str], work: Work
) -> Issued:
    """The same for one campaign in draft; ``names``: of the units whose peers get cards of their own."""
    content, cards = b"", 0
    if not tickets.batches_of(session, campaign.id):
        pepper = load_pepper(work.settings.data_dir)
        codes = tickets.issue(session, campaign.id, orders, pepper=pepper, by=work.by, at=work.at)
        content, cards = work.lock.seal(_lines(session, campaign, orders, codes, names), name=campaign.id), len(codes)
    ready = _sealed(session, campaign.id, work)
    if ready:
        campaigns.prepare(session, campaign.id, by=work.by, at=work.at)
    return Issued(campaign.id, cards, content, ready)


def _sealed(session: Session, campaign_id: str, work: Work) -> bool:
    if ballots.level_of(session, campaign_id) is not Level.OPEN:
        return True
    if work.office_key is None and not work.settings.sealing_key_on_server:
        return False
    public = work.office_key or make_sealing_key(work.settings.data_dir, campaign_id)
    kept = KeptBy.OFFICE if work.office_key else KeptBy.SERVER
    ballots.register_key(session, campaign_id, public, kept=kept, by=work.by, at=work.at)
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
