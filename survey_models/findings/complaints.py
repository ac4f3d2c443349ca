"""Complaints (效能投诉): filed by anybody, followed by a receipt code, with the complainant's name sealed."""

from __future__ import annotations

import secrets
import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from survey_models.accounts.rules import Role, token_digest
from survey_models.core.clock import local_day
from survey_models.core.errors import Problem
from survey_models.core.ids import as_typed, grouped, random_text
from survey_models.findings import files, queries, rules, service
from survey_models.findings.files import Handed
from survey_models.findings.machines import Kind, machine_of
from survey_models.findings.moves import Words
from survey_models.findings.rules import NewFinding, Terms
from survey_models.findings.service import Who
from survey_models.findings.tables import Complaint, Finding
from survey_models.ledger.events import SYSTEM_LOG, Event
from survey_models.ledger.service import record
from survey_models.tickets.rules import holds_code
from survey_models.units.tables import Unit

CODE_LENGTH = 16
PUBLIC = "public"
CHANNELS = ("web", "phone", "letter", "visit", "mail", "12345")
ABOUT: dict[str, Words] = {
    "delay": ("办事拖拉、超过时限", "delay, over the time limit"),
    "not_told_once": ("未一次性告知", "not told everything at once"),
    "no_reason": ("不予受理不告知理由", "refused without a reason"),
    "buck_passing": ("推诿扯皮", "passed from one to another"),
    "rude": ("态度冷硬、故意刁难", "rude or obstructive"),
    "favours": ("吃拿卡要", "asked for favours"),
    "not_executed": ("执行决定不力、贻误工作", "decisions not carried out"),
    "other": ("其他违反效能规定", "other"),
}
"""What complaints are accepted about (宣直〔2019〕48号, complaints, article 6)."""


@dataclass(frozen=True)
class Draft:
    """A complaint as it came. ``name`` and ``contact`` empty: anonymous, a suggestion then.

    ``concerned``: the complainant was served by the unit or has an interest in the matter; otherwise a suggestion too.
    ``share``: the unit may be told who complained, so that it can answer. ``id``: made with the form, so that sending
    twice is one complaint.
    """

    about: str
    unit_code: str
    matter: str
    reason: str
    person: str = ""
    name: str = ""
    contact: str = field(default="", repr=False)
    concerned: bool = True
    share: bool = False
    channel: str = "web"
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class Filed:
    """A stored complaint and its receipt code (受理码), shown once."""

    finding: Finding
    code: str


@dataclass(frozen=True)
class Progress:
    """How far a complaint is: its state, each step's day, and what the unit answered."""

    state: Words
    final: bool
    steps: tuple[tuple[date, Words], ...]
    answer: str
    due_on: date | None


def file(
    session: Session,
    draft: Draft,
    evidence: Handed | None,
    *,
    pepper: bytes,
    at: datetime,
    terms: Terms,
    limit: int,
    who: Who | None = None,
) -> Filed:
    """Take a complaint; anonymous, or without an interest in the matter, it is a suggestion (建议) from the start.

    ``who``: the desk, for one that came by telephone or letter; None: the public page. Raises ``complaint_unfit``,
    ``unit_unknown``, ``report_holds_code``, ``finding_file_unfit``, ``finding_note_too_long``; ``complaint_repeated``
    for an id that came before.
    """
    if draft.id is not None and queries.by_id(session, draft.id) is not None:
        raise Problem("complaint_repeated")
    check(session, draft, by_desk=who is not None)
    by = who.name if who else PUBLIC
    text = rules.fit_note(f"{draft.matter}\n{draft.reason}")
    named = bool(draft.name.strip() and draft.contact.strip())
    body = {
        "text": text,
        "person": draft.person[:80],
        "about": draft.about,
        "named": named,
        "share": draft.share and named,
        "concerned": draft.concerned,
    }
    new = NewFinding(Kind.COMPLAINT, draft.unit_code, text, id=draft.id)
    finding = service.store(session, new, body=body, clocks={}, by=by, at=at)
    code = random_text(CODE_LENGTH)
    session.add(
        Complaint(
            finding_id=finding.id,
            digest=token_digest(code),
            channel=draft.channel,
            about=draft.about,
            sealed=_seal(draft, finding.id, pepper) if named else None,
            received_on=local_day(at, terms.zone),
        )
    )
    session.flush()
    if evidence is not None:
        files.keep(session, finding, evidence, by=by, at=at, zone=terms.zone, limit=limit)
    if not (named and draft.concerned):
        taken = rules.Given(note="匿名或与投诉内容无利害关系，作为效能工作建议处理")
        desk = Who(by, (Role.DESK,))
        service.move(session, finding.id, "suggest", taken, who=desk, at=at, terms=terms)
    return Filed(finding, grouped(code))


def check(session: Session, draft: Draft, *, by_desk: bool) -> None:
    """Refuse a complaint that lacks unit, matter or reason. Raises ``complaint_unfit``, ``unit_unknown``."""
    if draft.about not in ABOUT:
        raise Problem("complaint_unfit", where="about")
    if draft.channel not in CHANNELS or (not by_desk and draft.channel != "web"):
        raise Problem("complaint_unfit", where="channel")
    for where in ("matter", "reason"):
        if not getattr(draft, where).strip():
            raise Problem("complaint_unfit", where=where)
    if len(draft.matter) > 120 or len(draft.name) > 40 or len(draft.contact) > 80:
        raise Problem("complaint_unfit", where="length")
    if session.get(Unit, draft.unit_code) is None:
        raise Problem("unit_unknown")
    if any(holds_code(one) for one in (draft.matter, draft.reason, draft.person)):
        raise Problem("report_holds_code")


def progress(session: Session, code: str, *, zone: str) -> Progress:
    """How far the complaint of a receipt code is. Raises ``complaint_unknown``."""
    found = queries.complaint_of(session, token_digest(as_typed(code)))
    finding = queries.by_id(session, found.finding_id) if found else None
    if finding is None:
        raise Problem("complaint_unknown")
    machine = machine_of(finding.kind)
    steps = queries.steps_of(session, finding.id)
    days = [(one.at, machine.states[one.state_to].words) for one in steps if one.state_from != one.state_to]
    answers = [one.note for one in steps if one.move == "answer"]
    answered = finding.state in {"closed", "upheld", "filed"}
    return Progress(
        state=machine.states[finding.state].words,
        final=machine.states[finding.state].final,
        steps=tuple((local_day(at, zone), words) for at, words in days),
        answer=answers[-1] if answers and answered else "",
        due_on=finding.due_on,
    )


def contact(session: Session, finding_id: uuid.UUID, *, who: Who, pepper: bytes, at: datetime) -> tuple[str, str]:
    """Name and contact of a complainant; a unit gets them where they agreed. Reading stands in the ledger.

    Raises ``finding_unknown``, ``not_own_unit``, ``complaint_sealed``.
    """
    finding = service.get(session, finding_id, who=who)
    found = session.get(Complaint, finding.id)
    may = Role.DESK in who.roles or (Role.UNIT in who.roles and finding.body.get("share", False))
    if found is None or found.sealed is None or not may:
        raise Problem("complaint_sealed")
    record(session, SYSTEM_LOG, Event.FINDING_CONTACT_READ, {"finding": str(finding.id)}, at=at, by=who.name)
    nonce, sealed = found.sealed[:12], found.sealed[12:]
    name, _, address = _key(pepper).decrypt(nonce, sealed, finding.id.bytes).decode().rstrip("\0").partition("\n")
    return name, address


def _seal(draft: Draft, finding_id: uuid.UUID, pepper: bytes) -> bytes:
    nonce = secrets.token_bytes(12)
    lines = "\n".join(
        unicodedata.normalize("NFC", one.strip().replace("\n", " ")) for one in (draft.name, draft.contact)
    )
    raw = lines.encode()
    # All of one length: what is sealed does not tell how long a name is.
    return nonce + _key(pepper).encrypt(nonce, raw.ljust(512, b"\0"), finding_id.bytes)


def _key(pepper: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pingyi complaints").derive(pepper))
