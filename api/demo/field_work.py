"""Made-up field work of a planned round (演示用的编造答卷与评分): sheets through the intake, counts, marks."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.keys import make_sealing_key
from survey_models.ballots import service as ballots
from survey_models.ballots.intake import Cast, Kept, Receipt, store_casts
from survey_models.ballots.tables import Channel, KeptBy
from survey_models.campaigns import service as campaigns
from survey_models.marks import service as marks
from survey_models.marks.rules import Entry, Field
from survey_models.questionnaires.rules import NOMINATION, Form
from survey_models.rounds import plans
from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Scheme
from survey_models.schemes.sources import Decay, Marks, Tiers
from survey_models.tickets import service as tickets
from survey_models.tickets.tables import Ticket, TicketBatch

AT_ONCE = 5_000
# How far a unit that people like least and most stands apart: weight of the best option against 5 for the second.
LEAST, SPREAD = 6, 5
# Of the sheets of an opinion wave, which part names a unit, and which writes something.
NAME, WRITE = 0.5, 0.1


@dataclass(frozen=True)
class Hands:
    """The two people by whom a round is run, and the city's time zone."""

    by: str
    other: str
    zone: str


def opened(
    session: Session, round_id: str, *, pepper: bytes, folder: Path, hands: Hands, at: datetime
) -> dict[str, bytes]:
    """Issue the tickets of every campaign and open it; the public keys by campaign. Nobody is handed a code."""
    keys = {}
    for campaign_id, orders in plans.orders(session, round_id).items():
        tickets.issue(session, campaign_id, orders, pepper=pepper, by=hands.by, at=at)
        keys[campaign_id] = make_sealing_key(folder, campaign_id)
        ballots.register_key(session, campaign_id, keys[campaign_id], kept=KeptBy.SERVER, by=hands.by, at=at)
        campaigns.prepare(session, campaign_id, by=hands.by, at=at)
        campaigns.open_campaign(session, campaign_id, by=hands.by, at=at)
    return keys


def answered(session: Session, campaign_id: str, *, returned: float, hands: Hands, at: datetime) -> int:
    """Sheets for this share of each batch's tickets, stored as the door's writer stores them; how many."""
    chance, beside = random.Random(campaign_id), random.Random(f"{campaign_id} more")
    form = campaigns.form_of(session, campaigns.get(session, campaign_id))
    query = select(TicketBatch.no, TicketBatch.variant).where(TicketBatch.campaign_id == campaign_id)
    variants = {row.no: row.variant for row in session.execute(query)}
    session.flush()
    sheets = [
        Cast(
            campaign_id=campaign_id,
            id=uuid.UUID(bytes=chance.randbytes(16), version=4),
            ticket=ticket,
            answers=_answers(form, variants[batch], chance),
            more=_more(form, variants[batch], beside),
            channel=Channel.PHONE,
            version=form.version,
        )
        for batch, ticket in _returned(session, campaign_id, returned)
    ]
    kept, cuts = Kept(), [*range(0, len(sheets), AT_ONCE), len(sheets)]
    for start, end in pairwise(cuts):
        for outcome in store_casts(session.connection(), sheets[start:end], kept=kept, at=at, zone=hands.zone):
            if not isinstance(outcome, Receipt):
                raise outcome
    return len(sheets)


def _returned(session: Session, campaign_id: str, share: float) -> Iterator[tuple[int, bytes]]:
    """Batch and digest of the tickets that come back: of each batch this share, rounded up."""
    query = select(Ticket.batch_no, Ticket.digest).where(Ticket.campaign_id == campaign_id).order_by(Ticket.serial)
    cells: dict[int, list[bytes]] = defaultdict(list)
    for batch, digest in session.execute(query):
        cells[batch].append(digest)
    for batch, digests in cells.items():
        for digest in digests[: -int(-len(digests) * share // 1)]:
            yield batch, digest


def _answers(form: Form, variant: str, chance: random.Random) -> str:
    """One code for each single choice of the form; each unit has its own standing with people."""
    said = []
    for item, on in zip(form.items, form.carried(variant), strict=True):
        scale = form.scales.get(item.scale or "")
        if not on or not scale:
            said.append("-")
            continue
        liked = LEAST + SPREAD * _standing(item.unit or item.key)
        weights = [liked, 5, *[1.5] * (len(scale) - 2)]
        said.append(chance.choices([option.code for option in scale], weights=weights)[0])
    return "".join(said)


def _standing(name: str) -> int:
    """How well people like a unit, 0 to 5; always the same."""
    return random.Random(name).randrange(6)


def _more(form: Form, variant: str, chance: random.Random) -> dict[str, Any]:
    """What stands beside the answers: every other sheet names units, those that people like least most often."""
    said: dict[str, Any] = {}
    for item in form.extras:
        if not form.carries(variant, item):
            continue
        codes = [option.code for option in form.scales.get(item.scale, ())]
        if not codes:
            said |= {item.key: "编造的意见"} if chance.random() < WRITE else {}
        elif item.kind == NOMINATION:
            weights = [1 + (5 - _standing(code)) ** 2 for code in codes]
            said |= {item.key: chance.choices(codes, weights=weights)} if chance.random() < NAME else {}
        else:
            said |= {item.key: [chance.choice(codes)]}
    return said


def counted(
    session: Session, campaign_id: str, *, server_key: Callable[[str], bytes], hands: Hands, at: datetime
) -> None:
    """Close and count, as two people and this server do."""
    campaigns.close(session, campaign_id, by=hands.by, at=at)
    campaigns.begin_counting(session, campaign_id, by=hands.by, at=at, zone=hands.zone)
    ballots.count(session, campaign_id, server_key=server_key, by=hands.other, at=at)


def marked(session: Session, round_id: str, scheme: Scheme, *, hands: Hands, at: datetime) -> int:
    """Every mark that the scheme asks of an office, entered by one person and approved by another; how many."""
    chance, number = random.Random(round_id), 0
    for part in {one.id: one for one in leaves(scheme)}.values():
        source = part.source
        if not isinstance(source, Marks | Decay | Tiers):
            continue
        entries = list(_entries(marks.field_of(session, round_id, part.id), source, chance))
        marks.enter(session, round_id, part.id, entries, office=source.office, by=hands.by, at=at)
        marks.approve(session, round_id, part.id, office=source.office, by=hands.other, at=at)
        number += len(entries)
    return number


def _entries(field: Field, source: Marks | Decay | Tiers, chance: random.Random) -> Iterator[Entry]:
    most = float(source.scale) if isinstance(source, Marks) else 100.0
    panel = source.panel if isinstance(source, Marks) else None
    for place, unit in enumerate(sorted(field.units), start=1):
        for member in [f"评委{no}" for no in range(1, (panel or 1) + 1)]:
            value = str(place) if isinstance(source, Decay) and source.enter == "places" else ""
            yield Entry(unit, value or f"{chance.uniform(0.7, 1) * most:.2f}", member if panel else "")
