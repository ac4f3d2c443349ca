"""Made-up field work of a planned round: sealed sheets, marks, window ratings, written as the doors write them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from api.db import unit_of_work
from api.keys import make_sealing_key
from survey_models.ballots import service as ballots
from survey_models.ballots.sealing import Sealer, bound_to, padded, sheet_digest
from survey_models.ballots.tables import IntakeSheet, KeptBy
from survey_models.campaigns import service as campaigns
from survey_models.core.bulk import insert_many
from survey_models.core.ids import new_id
from survey_models.ledger.service import ballot_entry
from survey_models.ledger.tables import LedgerEntry
from survey_models.marks import service as marks
from survey_models.marks.rules import Entry, Field
from survey_models.questionnaires.rules import Form
from survey_models.ratings.tables import Rating
from survey_models.rounds import plans
from survey_models.schemes.fitting import leaves
from survey_models.schemes.language import Scheme
from survey_models.schemes.sources import Decay, Marks, Tiers
from survey_models.tickets import service as tickets
from survey_models.tickets.tables import TicketBatch
from survey_models.units.tables import Window

BY, OTHER, ZONE = "bench", "bench-2", "Asia/Shanghai"
RETURNED = 0.93
AT_ONCE = 5_000
RATINGS = 60


def opened(session: Session, round_id: str, *, pepper: bytes, folder: Path, at: datetime) -> dict[str, bytes]:
    """Issue the tickets of every campaign and open it; the public keys by campaign."""
    keys = {}
    for campaign_id, orders in plans.orders(session, round_id).items():
        tickets.issue(session, campaign_id, orders, pepper=pepper, by=BY, at=at)
        keys[campaign_id] = make_sealing_key(folder, campaign_id)
        ballots.register_key(session, campaign_id, keys[campaign_id], kept=KeptBy.SERVER, by=BY, at=at)
        campaigns.prepare(session, campaign_id, by=BY, at=at)
        campaigns.open_campaign(session, campaign_id, by=BY, at=at)
    return keys


def answered(engine: Engine, campaign_id: str, public: bytes) -> int:
    """Sealed sheets for most tickets of a campaign; how many."""
    chance, sealer = random.Random(campaign_id), Sealer(public)
    with unit_of_work(engine) as session:
        form = campaigns.form_of(session, campaigns.get(session, campaign_id))
        query = select(TicketBatch).where(TicketBatch.campaign_id == campaign_id)
        batches = [(row.no, row.variant, row.count) for row in session.scalars(query)]
    sheets = [(no, variant) for no, variant, count in batches for _ in range(count) if chance.random() < RETURNED]
    for start in range(0, len(sheets), AT_ONCE):
        rows, entries = [], []
        for batch, variant in sheets[start : start + AT_ONCE]:
            name = uuid.uuid4()
            sealed = sealer.seal(
                padded(_answers(form, variant, chance), None), bound_to(campaign_id, name, batch, "phone", form.version)
            )
            row = {"campaign_id": campaign_id, "id": name, "batch_no": batch, "channel": "phone"}
            rows.append({**row, "questionnaire_version": form.version, "sealed": sealed})
            entries.append(ballot_entry(campaign_id, name, sheet_digest(sealed)))
        with unit_of_work(engine) as session:
            insert_many(session.connection(), IntakeSheet, rows)
            session.connection().execute(insert(LedgerEntry), entries)
    return len(sheets)


def _answers(form: Form, variant: str, chance: random.Random) -> str:
    """One code for each single choice of the form; each unit has its own standing with people."""
    said = []
    for place, (item, on) in enumerate(zip(form.items, form.carried(variant), strict=True)):
        scale = form.scales.get(item.scale or "")
        if not on or not scale:
            said.append("-")
            continue
        liked = 2 + place * 7 % 5
        weights = [liked * 3, 5, *[1.5] * (len(scale) - 2)]
        said.append(chance.choices([option.code for option in scale], weights=weights)[0])
    return "".join(said)


def counted(session: Session, campaign_id: str, *, server_key: Callable[[str], bytes], at: datetime) -> None:
    """Close and count, as two people and this server do."""
    campaigns.close(session, campaign_id, by=BY, at=at)
    campaigns.begin_counting(session, campaign_id, by=BY, at=at, zone=ZONE)
    ballots.count(session, campaign_id, server_key=server_key, by=OTHER, at=at)


def marked(session: Session, round_id: str, scheme: Scheme, *, at: datetime) -> int:
    """Every mark that the scheme asks of an office, entered by one person and approved by another; how many."""
    chance, number = random.Random(round_id), 0
    for part in {one.id: one for one in leaves(scheme)}.values():
        source = part.source
        if not isinstance(source, Marks | Decay | Tiers):
            continue
        entries = list(_entries(marks.field_of(session, round_id, part.id), source, chance))
        marks.enter(session, round_id, part.id, entries, office=source.office, by=BY, at=at)
        marks.approve(session, round_id, part.id, office=source.office, by=OTHER, at=at)
        number += len(entries)
    return number


def _entries(field: Field, source: Marks | Decay | Tiers, chance: random.Random) -> Iterator[Entry]:
    most = float(source.scale) if isinstance(source, Marks) else 100.0
    panel = source.panel if isinstance(source, Marks) else None
    for place, unit in enumerate(sorted(field.units), start=1):
        for member in [f"评委{no}" for no in range(1, (panel or 1) + 1)]:
            value = str(place) if isinstance(source, Decay) and source.enter == "places" else ""
            yield Entry(unit, value or f"{chance.uniform(0.7, 1) * most:.2f}", member if panel else "")


def rated(session: Session, windows: int, month: date) -> int:
    """Windows with a month of ratings each, where there are none yet; how many ratings."""
    chance, rows = random.Random(5), []
    for no in range(1, windows + 1):
        name = f"bench-{no:03}"
        session.add(
            Window(
                id=name, unit_code=None, number=f"{no}", name=f"窗口{no}", hall="大厅", business="综合", made_up=True
            )
        )
        device = new_id()
        for tap in range(RATINGS):
            day = month + timedelta(days=tap % 28)
            at = datetime.fromisoformat(f"{day.isoformat()}T02:{tap % 60:02}:00+00:00")
            rows.append(
                {
                    "window_id": name,
                    "id": uuid.uuid4(),
                    "device_id": device,
                    "code": chance.choices("54321", weights=[60, 25, 9, 4, 2])[0],
                    "reasons": [],
                    "device_time": at,
                    "received_at": at,
                    "day": day,
                    "channel": "terminal",
                    "given_on": day,
                    "mark": None,
                }
            )
    session.flush()
    session.execute(insert(Rating), rows)
    return len(rows)
