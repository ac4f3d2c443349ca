"""A small city in which every role has something of its own and something of others': the matrix is walked in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth import passwords
from api.db import unit_of_work
from survey_models.accounts import assignments, posts
from survey_models.accounts import service as accounts
from survey_models.accounts.rules import Role
from survey_models.campaigns.tables import Stratum
from survey_models.core import clock
from survey_models.devices import service as devices
from survey_models.duties import service as duties
from survey_models.duties.service import Paper, Place
from survey_models.findings import files, service
from survey_models.findings.files import Handed
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding, Terms
from survey_models.findings.service import Who
from survey_models.promises import service as promises
from survey_models.promises.service import LeaveDraft
from survey_models.rounds.own_rounds import TEMPLATE
from survey_models.rounds.tables import Round
from survey_models.tablets import service as tablets
from survey_models.units import service as units
from survey_models.units.tables import Unit, Window
from survey_models.uploads import service as uploads
from tests.survey_models.marks.city import INSPECTION, ROUND, make_round
from tests.survey_models.uploads.paper import AREAS, file_of, make_campaign, rows

OWN, FOREIGN = "own", "foreign"
UNITS = {OWN: "C-1", FOREIGN: "C-2"}
CAMPAIGNS = {OWN: "luohe", FOREIGN: "far"}
ROUNDS = {OWN: "departments-own", FOREIGN: "departments-foreign"}
PARTS = {OWN: "M", FOREIGN: "D"}
JPEG = b"\xff\xd8\xff\xe0 a photo"
TEXT = "本季度逐项自查，问题两处已经整改。"
UNSWORN, TERMINAL = "unsworn", "terminal"
CLERKS = (Role.POINT, Role.PAPER)


@dataclass
class Things:
    """What addresses and bodies name, by ``own`` and ``foreign``; ``heads``: the headers of each caller."""

    uploads: dict[str, str] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)
    finding_files: dict[str, str] = field(default_factory=dict)
    leaves: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    tablets: dict[str, str] = field(default_factory=dict)
    duty_files: dict[str, str] = field(default_factory=dict)
    heads: dict[str, dict[str, str]] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)


def settle(app: FastAPI) -> Things:
    """Fill the database of ``app`` and sign everybody in."""
    made = Things()
    with unit_of_work(app.state.engine) as session:
        make_round(session)
        make_campaign(session)
        make_campaign(session, CAMPAIGNS[FOREIGN], opened=False)
        for row in session.scalars(select(Stratum).where(Stratum.campaign_id == CAMPAIGNS[FOREIGN])):
            row.area_code = "411199"
        for code, (area, _) in zip(UNITS.values(), AREAS, strict=True):
            session.get_one(Unit, code).area_code = area
        _people(session, made)
        for object_, code in UNITS.items():
            _of_unit(session, made, object_, code)
            _departments(session, ROUNDS[object_], code)
        _uploads(session, made)
        _tablets(session, made)
        _terminal(session, made)
    return made


def _people(session: Session, made: Things) -> None:
    at = clock.now()
    places: dict[str, dict[str, str | date]] = {
        Role.ASSESSOR: {"office": INSPECTION},
        Role.UNIT: {"unit_code": UNITS[OWN]},
        Role.ORGANISER: {"unit_code": UNITS[OWN]},
        Role.DISTRICT: {"area_code": AREAS[0][0]},
        **{role: {"trained_on": at.date(), "undertaking_on": at.date()} for role in CLERKS},
    }
    hashed = passwords.new_hash("a long walk in autumn", name="matrix")
    named = {**{role.value: [role] for role in Role}, UNSWORN: list(CLERKS), "rival": [Role.CONTRACTOR]}
    for name, roles in named.items():
        where = {} if name == UNSWORN else places.get(name, {})
        accounts.create(session, name, password_hash=hashed, roles=roles, at=at, by="test", **where)  # type: ignore[arg-type]
        started = accounts.start_session(
            session, name, password_hash=hashed, at=at, lasts=timedelta(hours=8), door="browser"
        )
        made.heads[name] = {"cookie": f"sid={started.token}", "x-csrf-token": started.csrf}
        made.csrf[name] = started.csrf
    for name in ("contractor", "rival"):
        assignments.assign(session, name, CAMPAIGNS[OWN], by="setup", at=at)


def _of_unit(session: Session, made: Things, object_: str, code: str) -> None:
    at, who = clock.now(), Who("setup", (Role.SETUP,))
    found = service.open_(
        session, NewFinding(Kind.INSPECTION, code, "窗口无人值守"), who=who, at=at, terms=Terms("UTC")
    )
    # An account of a unit opens what it handed in itself, the office everything.
    hands = Who("unit", (Role.SETUP,))
    kept = files.attach(session, found.id, Handed(JPEG, "a.jpg"), who=hands, at=at, zone="UTC", limit=10_000)
    made.findings[object_], made.finding_files[object_] = str(found.id), str(kept.id)
    away = LeaveDraft("窗口", at, at + timedelta(hours=2), "开会", "12345")
    made.leaves[object_] = str(promises.leave(session, code, away, by="setup", at=at).id)
    place = Place(ROUND, "check", code, "2015Q1")
    made.duty_files[object_] = str(duties.attach(session, place, "a.pdf", b"%PDF-1.4", by="setup", at=at).id)
    made.receipts[object_] = duties.submit(session, place, Paper(TEXT), by="setup", at=at).receipt


def _departments(session: Session, round_id: str, code: str) -> None:
    """A round that the unit runs itself, as far as it matters whose it is."""
    named = {"id": round_id, "title": "评机关科室", "period": "2015Q1", "level": "round", "purpose": "rehearsal"}
    days = {"period_from": date(2015, 1, 1), "period_to": date(2015, 3, 31), "made_at": clock.now()}
    session.add(Round(**named, **days, scheme_id=TEMPLATE, scheme_version=1, answers={"of": code}))
    session.flush()


def _uploads(session: Session, made: Things) -> None:
    for object_, name in ((OWN, "contractor"), (FOREIGN, "rival")):
        arrival = uploads.examine("a.csv", file_of(rows(2, seed=len(name))))
        sent = uploads.receive(session, arrival, campaign_id=CAMPAIGNS[OWN], by=name, at=clock.now())
        made.uploads[object_] = str(sent.upload.id)


def _tablets(session: Session, made: Things) -> None:
    posts.assign(session, "point", CAMPAIGNS[OWN], by="setup", at=clock.now())
    for object_, campaign in CAMPAIGNS.items():
        code, _ = tablets.make_pairing(session, campaign, 1, by="setup", at=clock.now())
        made.tablets[object_] = str(tablets.pair(session, code, at=clock.now())[0].id)


def _terminal(session: Session, made: Things) -> None:
    at = clock.now()
    window = Window(id="w1", unit_code=UNITS[OWN], number="1", name="窗口", hall="大厅", business="综合", made_up=True)
    units.add_window(session, window, by="setup", at=at)
    code, _ = devices.make_pairing(session, "w1", by="setup", at=at)
    _, token = devices.pair(session, code, at=at)
    made.heads[TERMINAL] = {"authorization": f"Bearer {token}"}
