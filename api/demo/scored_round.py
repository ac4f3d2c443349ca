"""The demo's scored round: Nanyang's first half-year of 2015 (宛办〔2014〕27号), 118 units, every figure made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.auth.passwords import new_hash, random_password
from api.db import reading, unit_of_work
from api.demo import field_work
from api.demo.field_work import Hands
from api.handover import DemoFolder
from api.keys import load_pepper, load_sealing_key, write_private
from api.settings import Settings
from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role
from survey_models.core import clock
from survey_models.core.canonical import digest
from survey_models.core.ids import grouped, random_text
from survey_models.duties import service as duties
from survey_models.duties.tables import DutySubmission
from survey_models.findings import service as findings
from survey_models.findings.machines import Kind
from survey_models.findings.rules import Given, NewFinding, Price
from survey_models.findings.service import Who
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.rounds import made_up, plans, scoring, service
from survey_models.rounds.plans import Wish
from survey_models.rounds.streams import Stage
from survey_models.schemes import service as schemes

WISH = Wish("nanyang-2014-27", "2015H1")
ROUND = WISH.round_id
OFFICE, UNIT = "市“三亮三评”工作领导小组办公室", "NY-040"
# Lines under ten judging answers are missing: every ticket comes back.
PER_UNIT, CITIZENS, DEPUTIES, RETURNED = 12, 48, 45, 1.0
# Its window was rated by nobody: the question that is left to be decided.
WITHOUT_WINDOW_RATINGS = "NY-086"
DUTY, LATE = "department_report", frozenset({("NY-021", "2015Q1"), ("NY-057", "2015Q2"), ("NY-101", "2015Q2")})
# Unit, line, rule, period, what was seen.
FINDINGS = (
    (UNIT, "C5", "no_measures", "2015Q1", "对排名靠后的科室没有处置措施"),
    ("NY-063", "C5", "none_or_fraud", "2015Q2", "没有组织评议机关科室"),
    ("NY-088", "C7", "provincial_award", "", "获得省委、省政府表彰"),
)
ACCOUNTS = {
    "assessor": (Role.ASSESSOR, OFFICE, None),
    "inspector": (Role.INSPECTOR, None, None),
    "unit": (Role.UNIT, None, UNIT),
}


def is_made(session: Session) -> bool:
    """Whether the round is there and scored."""
    return service.latest(session, ROUND) is not None


def make(engine: Engine, folder: DemoFolder, settings: Settings) -> None:
    """Plan, answer, count, mark and score the round in one transaction; nothing when it is there.

    Decisions, borders and publishing are left to people.
    """
    with reading(engine) as session:
        if is_made(session):
            return
    hands = Hands("setup", "release", settings.timezone)
    with unit_of_work(engine) as session:
        at = clock.now()
        plans.plan(session, WISH, made_up.complete(session, WISH, _answers()), by=hands.by, at=at)
        field_work.opened(
            session, ROUND, pepper=load_pepper(settings.data_dir), folder=settings.data_dir, hands=hands, at=at
        )
        for campaign in service.campaigns_of(session, ROUND).values():
            field_work.answered(session, campaign.id, returned=RETURNED, hands=hands, at=at)
            field_work.counted(
                session,
                campaign.id,
                server_key=lambda name: load_sealing_key(settings.data_dir, name),
                hands=hands,
                at=at,
            )
        _, scheme_id, version = service.with_scheme(session, ROUND)
        scheme = schemes.document_of(schemes.get(session, scheme_id, version))
        field_work.marked(session, ROUND, scheme, hands=Hands("assessor", hands.other, hands.zone), at=at)
        _reports(session, zone=settings.timezone, at=at)
        _findings(session, settings, at=at)
        scoring.run(session, ROUND, by=hands.by, at=at, stage=Stage(at, settings.timezone, settings.counting))
        _accounts(session, folder, at=at)


def _answers() -> dict[str, object]:
    """Small numbers of people; one unit with a window, the key raters of article 附件2 left out."""
    nobody = dict.fromkeys(("industrial_zones", "commercial_districts", "key_projects"), 0)
    return {
        "title": "南阳市“三亮三评”评议领导班子2015年上半年（演示）",
        "flags": {"has_window": [WITHOUT_WINDOW_RATINGS], "serves_enterprises": []},
        "campaigns": {
            "fixed-users": {"tickets": PER_UNIT, "key_raters": nobody},
            "random-users": {"tickets": CITIZENS},
            "deputies": {"tickets": DEPUTIES},
        },
    }


def _reports(session: Session, *, zone: str, at: datetime) -> None:
    """What units report each quarter, made up and in time; three reports are missing, which the scheme charges."""
    for owed in duties.owed_of(session, ROUND):
        if owed.duty.id != DUTY or (owed.debtor.id, owed.span.label) in LATE:
            continue
        text = "演示：编造的报告。"
        row = DutySubmission(
            round_id=ROUND,
            duty=DUTY,
            debtor=owed.debtor.id,
            period=owed.span.label,
            version=1,
            receipt=grouped(random_text(duties.RECEIPT_LENGTH)),
            text=text,
            characters=len(text),
            deeds=[],
            files=[],
            sent_by="setup",
            sent_at=datetime.combine(owed.due - timedelta(days=1), time(10), ZoneInfo(zone)),
        )
        session.add(row)
        where = {"round": ROUND, "duty": DUTY, "debtor": row.debtor, "period": row.period, "version": 1}
        papers = {"receipt": row.receipt, "files": 0, "digest": digest({"text": text, "deeds": [], "files": []})}
        record(session, SYSTEM_LOG, Event.DUTY_SUBMITTED, {**where, **papers}, at=at, by="setup")
    session.flush()


def _findings(session: Session, settings: Settings, *, at: datetime) -> None:
    """What an inspector wrote down and the office confirmed: two deductions of C5 and a bonus."""
    inspector, office = Who("inspector", (Role.INSPECTOR,)), Who("setup", (Role.SETUP,))
    for unit, part, rule, period, words in FINDINGS:
        new = NewFinding(Kind.INSPECTION, unit, f"演示：编造的记录。{words}。")
        found = findings.open_(session, new, who=inspector, at=at, terms=settings.terms)
        given = Given(price=Price(ROUND, part, rule, period=period))
        findings.move(session, found.id, "confirm", given, who=office, at=at, terms=settings.terms)


def _accounts(session: Session, folder: DemoFolder, *, at: datetime) -> None:
    """One account for each role that a round has besides; a name that somebody has taken stays theirs."""
    taken = {one.name for one in accounts.listed(session)}
    fresh = {name: random_password() for name in ACCOUNTS if name not in taken}
    for name, password in fresh.items():
        role, office, unit = ACCOUNTS[name]
        hashed = new_hash(password, name=name)
        accounts.create(
            session, name, password_hash=hashed, roles=[role], at=at, demo=True, office=office, unit_code=unit
        )
    _note(folder.passwords, fresh)


def _note(path: Path, fresh: Mapping[str, str]) -> None:
    """Add first passwords to those that are there; the file is whole at every moment."""
    there = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in there if line.split()[0] not in fresh]
    lines = [*kept, *(f"{name} {password}" for name, password in fresh.items())]
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    write_private(new, "".join(f"{line}\n" for line in lines).encode())
    new.replace(path)
