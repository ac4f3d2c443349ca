"""Counting at full size: open every sealed sheet, shuffle, fill the box, tally; ballots a second on both databases.

`make bench-counting` (ARGS='--ballots 20000'). Sheets of 80 units are sealed as the door seals them and written with
their ledger entries; then the clock runs over what `pingyi mix run` does, from the first read to the end of the commit.
PostgreSQL forces every write to the disk here, as it must in service.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, insert

from api.db import make_engine, reading, unit_of_work
from api.migrate import upgrade
from survey_models.ballots import service as ballots
from survey_models.ballots.sealing import Sealer, bound_to, new_keypair, padded, sheet_digest
from survey_models.ballots.tables import IntakeSheet, KeptBy
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.core.bulk import insert_many
from survey_models.ledger.service import ballot_entry
from survey_models.ledger.tables import LedgerEntry
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import unit_questionnaire
from survey_models.rounds import service as rounds
from survey_models.tickets.tables import TicketBatch
from tests.postgres import running_server

CAMPAIGN, UNITS, STRATA, BALLOTS = "count", 80, 24, 100_000
LIMIT = 10_000
AT = datetime(2026, 11, 22, tzinfo=UTC)
AT_ONCE = 5_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where the limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    number: int = parser.parse_args(arguments).ballots
    print(f"{f'counting {number} ballots x {UNITS} units':<44}{'value':>12}{'limit':>10}{'ratio':>8}")
    with tempfile.TemporaryDirectory(prefix="pingyi-counting-") as folder:
        slow = _measure("SQLite", f"sqlite:///{folder}/pingyi.sqlite3", number)
    with running_server([]) as server, server.database() as url:
        slow |= _measure("PostgreSQL", url, number)
    return int(slow)


def _measure(name: str, url: str, number: int) -> bool:
    upgrade(url)
    engine = make_engine(url)
    private = _fill(engine, number)
    begun, used = time.perf_counter(), time.process_time()
    with reading(engine) as session:
        opened = ballots.open_sheets(session, CAMPAIGN, private)
    between = time.perf_counter()
    with unit_of_work(engine) as session:
        ballots.fill_box(session, opened, by=None, at=AT)
    end, used = time.perf_counter(), time.process_time() - used
    engine.dispose()
    rate = number / (end - begun)
    print(f"{f'{name}: ballots a second, all in all':<44}{rate:>12,.0f}{LIMIT:>10,}{rate / LIMIT:>8.2f}")
    print(f"{f'{name}: opened and compared with the ledger':<44}{number / (between - begun):>12,.0f}")
    print(f"{f'{name}: shuffled, boxed, hashed, tallied':<44}{number / (end - between):>12,.0f}")
    print(f"{f'{name}: a second of this process on a processor':<44}{number / used:>12,.0f}")
    return rate < LIMIT


def _fill(engine: Engine, number: int) -> bytes:
    """A campaign in the state counting, with sealed sheets; gives the private key."""
    private, public = new_keypair()
    units = [{"code": f"U-{no:03}", "name": f"单位{no}", "category": "部门"} for no in range(UNITS)]
    with unit_of_work(engine) as session:
        doc = unit_questionnaire(title={"zh": "计票"}, units=units)
        questionnaires.store(session, "form", version=1, doc=doc, at=AT)
        rounds.create(session, "round", title="计票", units=[], at=AT)
        strata = [StratumPlan((f"A{no // 2}", "区"), (f"k{no % 2}", "类"), 1000, 100) for no in range(STRATA)]
        plan = CampaignPlan(CAMPAIGN, "round", "计票", "Count", Purpose.REHEARSAL, ("form", 1), strata)
        campaigns.create(session, plan, by="bench", at=AT)
        session.add_all(_batch(no, number) for no in range(1, STRATA + 1))
        ballots.register_key(session, CAMPAIGN, public, kept=KeptBy.OFFICE, by="bench", at=AT)
        campaigns.prepare(session, CAMPAIGN, by="bench", at=AT)
        campaigns.open_campaign(session, CAMPAIGN, by="bench", at=AT)
        campaigns.close(session, CAMPAIGN, by="bench", at=AT)
        campaigns.begin_counting(session, CAMPAIGN, by="bench", at=AT, zone="Asia/Shanghai")
    _sheets(engine, Sealer(public), number)
    return private


def _batch(no: int, number: int) -> TicketBatch:
    nothing = {"expires_at": None, "voided_at": None, "withdrawn": 0, "reserve": 0, "root": ""}
    return TicketBatch(
        campaign_id=CAMPAIGN, no=no, stratum_no=no, point_no=0, variant="all", count=number, issued_at=AT, **nothing
    )


def _sheets(engine: Engine, sealer: Sealer, number: int) -> None:
    chance = random.Random(1)
    for start in range(0, number, AT_ONCE):
        rows, entries = [], []
        for place in range(start, min(start + AT_ONCE, number)):
            answers = "".join(chance.choices("0123-", k=UNITS)) + "--"
            name, batch = uuid.uuid4(), place % STRATA + 1
            sealed = sealer.seal(padded(answers, None), bound_to(CAMPAIGN, name, batch, "phone", 1))
            row = {"campaign_id": CAMPAIGN, "id": name, "batch_no": batch, "channel": "phone"}
            rows.append({**row, "questionnaire_version": 1, "sealed": sealed})
            entries.append(ballot_entry(CAMPAIGN, name, sheet_digest(sealed)))
        with unit_of_work(engine) as session:
            insert_many(session.connection(), IntakeSheet, rows)
            session.connection().execute(insert(LedgerEntry), entries)


if __name__ == "__main__":
    sys.exit(main())
