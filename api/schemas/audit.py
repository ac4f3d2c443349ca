"""Wire forms of the audit view (审计视图). Words and values come in both languages: Chinese, English."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.ledger import Hash
from survey_models.acts.tables import ActState
from survey_models.audit.apart import Ask, Pair, Person
from survey_models.audit.kinds import Kind
from survey_models.audit.service import A_PAGE, Line, Wish
from survey_models.audit.words import Fact, facts, word
from survey_models.ledger.proofs import ReceiptProof


class Both(BaseModel):
    """The same in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, pair: tuple[str, str]) -> Both:
        """A pair of words."""
        return cls(zh=pair[0], en=pair[1])


class FactView(BaseModel):
    """One field of an entry; ``digest``: a SHA-256 or a key."""

    name: str
    words: Both
    value: Both
    digest: bool

    @classmethod
    def of(cls, fact: Fact) -> FactView:
        """The field."""
        return cls(name=fact.name, words=Both.of(fact.words), value=Both.of(fact.value), digest=fact.digest)


class AuditWish(BaseModel):
    """What to look for; what is missing is not looked at. Days are local, both included."""

    log: Annotated[str, Field(max_length=60, description="a campaign, or system")] = ""
    round: Annotated[str, Field(max_length=60)] = ""
    kind: Kind | None = None
    person: Annotated[str, Field(max_length=40, description="who did, asked for, or was the object of it")] = ""
    since: date | None = None
    until: date | None = None

    def wish(self) -> Wish:
        """The same for the service."""
        return Wish(self.log, self.round, self.kind, self.person, self.since, self.until)


class AuditLine(BaseModel):
    """One act. ``seq``: its place in the tree of its log, null as long as it has none."""

    log: str
    id: uuid.UUID
    event: str
    words: Both
    at: datetime
    by: str
    asked_by: str
    facts: list[FactView]
    digest: Hash
    seq: int | None

    @classmethod
    def of(cls, line: Line, *, zone: str) -> AuditLine:
        """The act."""
        return cls(
            log=line.log,
            id=line.id,
            event=line.event,
            words=Both.of(word("events", line.event)),
            at=line.at,
            by=line.by,
            asked_by=line.asked_by,
            facts=[FactView.of(fact) for fact in facts(line.body, zone=zone)],
            digest=line.digest,
            seq=line.seq,
        )


class AuditList(BaseModel):
    """One page of the acts that fit, the newest first."""

    total: int
    page: int
    pages: int
    lines: list[AuditLine]

    @classmethod
    def of(cls, total: int, lines: list[Line], *, page: int, zone: str) -> AuditList:
        """The page."""
        pages = max(1, -(-total // A_PAGE))
        return cls(total=total, page=page, pages=pages, lines=[AuditLine.of(line, zone=zone) for line in lines])


class EntryProofView(BaseModel):
    """An entry as its bytes stand in the log, its place, and the path to the newest head of its log.

    ``promised``: it has no place yet; path, size and checkpoint follow.
    """

    entry: Annotated[str, Field(description="the bytes of the entry, UTF-8")]
    digest: Annotated[Hash, Field(description="SHA-256 of the entry")]
    state: Literal["promised", "included"]
    seq: int | None
    size: int | None
    proof: list[Hash]
    checkpoint: str | None
    at: datetime | None

    @classmethod
    def of(cls, found: ReceiptProof, *, checkpoint: str | None) -> EntryProofView:
        """The proof with the signed head."""
        return cls(
            entry=found.entry,
            digest=found.digest,
            state="promised" if found.head is None else "included",
            seq=found.seq,
            size=found.head and found.head.size,
            proof=list(found.proof),
            checkpoint=checkpoint,
            at=found.head and found.head.at,
        )


class PairView(BaseModel):
    """An act of two people. ``asks``: what an auditor asks about, which accuses nobody."""

    number: int
    kind: str
    words: Both
    target: str
    state: ActState
    asked_by: str
    asked_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    asks: list[Ask]

    @classmethod
    def of(cls, pair: Pair) -> PairView:
        """The act."""
        act = pair.act
        return cls(
            number=act.number,
            kind=act.kind,
            words=Both.of(word("act", act.kind)),
            target=act.target,
            state=pair.state,
            asked_by=act.asked_by,
            asked_at=act.asked_at,
            confirmed_by=act.confirmed_by,
            confirmed_at=act.confirmed_at,
            asks=list(pair.asks),
        )


class PersonView(BaseModel):
    """An account that asks or confirms, and how often; ``both``: it holds setup and release."""

    name: str
    roles: list[str]
    asked: int
    confirmed: int
    both: bool

    @classmethod
    def of(cls, person: Person) -> PersonView:
        """The account."""
        return cls(
            name=person.name,
            roles=list(person.roles),
            asked=person.asked,
            confirmed=person.confirmed,
            both=person.both,
        )


class Separation(BaseModel):
    """Who asked and who confirmed (职责分离): acts, the newest first, and people by name."""

    acts: list[PairView]
    people: list[PersonView]
