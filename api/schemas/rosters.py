"""Wire shapes of rosters (名册)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from survey_models.core.errors import Problem
from survey_models.draws.designs import ID
from survey_models.draws.tables import Draw
from survey_models.rosters.drawing import Drawn, Wish
from survey_models.rosters.sealing import Person
from survey_models.rosters.service import Card, Counts
from survey_models.rosters.tables import Roster, RosterDraw, RosterEntry


class RosterBody(BaseModel):
    """A further roster of a round; ``kind``: the kind of people, as the scheme names it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,58}$")]
    round: Annotated[str, Field(max_length=60)]
    kind: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=120)]


class CountsView(BaseModel):
    """The printed counts: people, new ones, hired twice with a reason, removed, cards not handed in."""

    people: int
    new: int
    waived: int
    removed: int
    cards_not_handed_in: int

    @classmethod
    def of(cls, counts: Counts) -> CountsView:
        """The same on the wire."""
        return cls(**vars(counts))


class RosterView(BaseModel):
    """A roster without anybody's name."""

    id: str
    round: str
    kind: str
    title: str
    opens_on: date | None
    counts: CountsView

    @classmethod
    def of(cls, row: Roster, counts: Counts) -> RosterView:
        """The row on the wire."""
        view = CountsView.of(counts)
        return cls(id=row.id, round=row.round_id, kind=row.kind, title=row.title, opens_on=row.opens_on, counts=view)


class EntryView(BaseModel):
    """One person without the personal part."""

    id: uuid.UUID
    hired_by: str
    new_this_round: bool
    trained_on: date | None
    undertaking_on: date | None
    waiver: str
    removed_on: date | None
    removal_reason: str | None
    card_handed_in: bool | None

    @classmethod
    def of(cls, row: RosterEntry) -> EntryView:
        """The row on the wire."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class PersonView(EntryView):
    """One person by name."""

    name: str
    phone: str

    @classmethod
    def whole(cls, row: RosterEntry, person: Person) -> PersonView:
        """The row and the opened personal part."""
        return cls(**EntryView.of(row).model_dump(), name=person.name, phone=person.phone)


class UnreadyView(BaseModel):
    """Who may not take part yet, with the sentence of each thing that is lacking."""

    entry: EntryView
    lacking: list[str]

    @classmethod
    def of(cls, row: RosterEntry, codes: list[str], opens_on: date | None) -> UnreadyView:
        """The row and what it lacks."""
        opens = opens_on.isoformat() if opens_on else "…"
        return cls(entry=EntryView.of(row), lacking=[Problem(code, opens=opens).sentence() for code in codes])


class CardBody(BaseModel):
    """The card that was handed in: its campaign and the serial number on its back."""

    campaign: Annotated[str, Field(max_length=60)]
    serial: Annotated[int, Field(ge=1)]

    @property
    def card(self) -> Card:
        """As the service takes it."""
        return Card(self.campaign, self.serial)


class Removal(BaseModel):
    """Why somebody is removed, whether the card was handed in, and which one it is, to be voided."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]
    handed_in: bool
    card: CardBody | None = None


class RosterDrawWish(BaseModel):
    """How many people to draw from a roster; ``by_hirer``: each hirer is a stratum of its own."""

    people: Annotated[int, Field(ge=1, le=100_000)]
    by_hirer: bool = False
    id: Annotated[str, Field(pattern=f"^({ID.pattern})?$")] = ""

    def wish(self) -> Wish:
        """As the service asks for it."""
        return Wish(self.people, self.by_hirer, self.id)


class RosterDrawView(BaseModel):
    """A draw from a roster with its rules; design, seed and lots stand at the draw of the same id."""

    id: str
    roster: str
    people: int
    new_least: int
    eligible: int
    excluded: dict[str, int]
    sizes: dict[str, int]
    made_by: str
    made_at: datetime
    run_at: datetime | None
    seed: str | None

    @classmethod
    def of(cls, row: RosterDraw, draw: Draw) -> RosterDrawView:
        """The draw on the wire."""
        own = {"id": row.id, "roster": row.roster_id, "made_by": row.made_by, "made_at": row.made_at}
        return cls(**own, **row.rules, sizes=draw.design["sizes"], run_at=draw.run_at, seed=draw.seed)


class DrawnPersonView(BaseModel):
    """One lot of a draw from a roster; ``name`` and ``phone`` only where they were asked for."""

    stratum: str
    lot: int
    entry: str
    probability: str | None
    hired_by: str | None
    new_this_round: bool | None
    removed_on: date | None
    name: str | None = None
    phone: str | None = None

    @classmethod
    def of(cls, one: Drawn, person: Person | None = None) -> DrawnPersonView:
        """The lot, and the opened personal part where there is one."""
        row, entry = one.row, one.entry
        return cls(
            stratum=row.stratum,
            lot=row.lot,
            entry=row.entry,
            probability=row.probability,
            hired_by=entry.hired_by if entry else None,
            new_this_round=entry.new_this_round if entry else None,
            removed_on=entry.removed_on if entry else None,
            name=person.name if person else None,
            phone=person.phone if person else None,
        )
