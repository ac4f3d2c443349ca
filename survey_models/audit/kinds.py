"""Kinds of acts (事项类别) by which an auditor looks through the ledger: every event belongs to one."""

from __future__ import annotations

from enum import StrEnum

from survey_models.ledger.events import Event


class Kind(StrEnum):
    """What an act is about."""

    PEOPLE = "people"
    TWO_PEOPLE = "two_people"
    DESIGN = "design"
    CARDS = "cards"
    CAMPAIGNS = "campaigns"
    FILES = "files"
    COUNTING = "counting"
    SCORING = "scoring"
    WINDOWS = "windows"
    FINDINGS = "findings"
    DUTIES = "duties"
    WATCH = "watch"
    TAKEN_OUT = "taken_out"


_BY_NOUN = {
    "accounts": Kind.PEOPLE,
    "tokens": Kind.PEOPLE,
    "acts": Kind.TWO_PEOPLE,
    "units": Kind.DESIGN,
    "frames": Kind.DESIGN,
    "draws": Kind.DESIGN,
    "calendar": Kind.DESIGN,
    "schemes": Kind.DESIGN,
    "tickets": Kind.CARDS,
    "fieldwork": Kind.CARDS,
    "campaigns": Kind.CAMPAIGNS,
    "uploads": Kind.FILES,
    "gate": Kind.FILES,
    "paper": Kind.FILES,
    "ballots": Kind.COUNTING,
    "results": Kind.SCORING,
    "rounds": Kind.SCORING,
    "marks": Kind.SCORING,
    "windows": Kind.WINDOWS,
    "staff": Kind.WINDOWS,
    "machines": Kind.WINDOWS,
    "devices": Kind.WINDOWS,
    "tablets": Kind.CARDS,
    "ratings": Kind.WINDOWS,
    "callbacks": Kind.WINDOWS,
    "promises": Kind.FINDINGS,
    "inspections": Kind.FINDINGS,
    "findings": Kind.FINDINGS,
    "duties": Kind.DUTIES,
    "rosters": Kind.DUTIES,
    "flags": Kind.WATCH,
    "ledger": Kind.WATCH,
    "evidence": Kind.WATCH,
    "reports": Kind.WATCH,
    "exports": Kind.TAKEN_OUT,
    "bundles": Kind.TAKEN_OUT,
}
_APART = {
    Event.COUNTING_BEGUN: Kind.COUNTING,
    Event.CAMPAIGN_COUNTED: Kind.COUNTING,
    Event.REPORT_EXPORTED: Kind.TAKEN_OUT,
    Event.DRAW_EXPORTED: Kind.TAKEN_OUT,
    Event.ROUND_BUNDLE_WRITTEN: Kind.TAKEN_OUT,
    Event.ROUND_DOCUMENTS_MADE: Kind.TAKEN_OUT,
}


def kind_of(event: Event) -> Kind:
    """The kind that an event belongs to."""
    return _APART.get(event) or _BY_NOUN[event.value.partition(":")[0]]


def events_of(kind: Kind) -> list[str]:
    """The events of a kind."""
    return [event.value for event in Event if kind_of(event) is kind]
