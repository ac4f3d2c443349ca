"""How paper entry stands (录入进度与差错率): sheets by state, and how often two clerks differed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.paper import queries
from survey_models.paper.tables import UNFINISHED, PaperSheet, SheetState


@dataclass(frozen=True)
class Pair:
    """Two clerks, whoever came first: how many places they both typed, and in how many they differed.

    ``differed``: sheets with at least one difference.
    """

    clerks: tuple[str, str]
    sheets: int
    differed: int
    places: int
    differing: int

    @property
    def rate(self) -> Fraction:
        """Differing places among those compared (差异率)."""
        return Fraction(self.differing, self.places) if self.places else Fraction(0)


@dataclass(frozen=True)
class Standing:
    """Sheets by state, the pairs of clerks, all of them together, and a page of sheets that somebody has to see to.

    ``more``: whether there are further ones behind that page.
    """

    states: dict[str, int]
    pairs: list[Pair]
    whole: Pair
    unfinished: list[PaperSheet]
    more: bool


def standing(session: Session, campaign_id: str, *, after: int = 0) -> Standing:
    """How paper entry of a campaign stands; unfinished sheets beyond number ``after``. Raises ``campaign_unknown``."""
    campaigns.get(session, campaign_id)
    known = queries.by_state(session, campaign_id)
    sums: dict[tuple[str, str], list[int]] = {}
    for first, second, *numbers in queries.compared(session, campaign_id):
        clerks = (min(first, second), max(first, second))
        sums[clerks] = [left + right for left, right in zip(sums.get(clerks, [0] * 4), numbers, strict=True)]
    pairs = [Pair(clerks, *numbers) for clerks, numbers in sorted(sums.items())]
    whole = [sum(numbers[place] for numbers in sums.values()) for place in range(4)]
    states = [*UNFINISHED, SheetState.REFUSED.value]
    found = queries.in_states(session, campaign_id, states, after=after, limit=queries.PAGE + 1)
    return Standing(
        states={state.value: known.get(state, 0) for state in SheetState},
        pairs=pairs,
        whole=Pair(("", ""), *whole),
        unfinished=list(found[: queries.PAGE]),
        more=len(found) > queries.PAGE,
    )


@dataclass(frozen=True)
class Work:
    """A campaign that takes sheets of paper, and what a person has done and may settle there."""

    id: str
    title: str
    typed: int
    to_settle: int


def work_of(session: Session, *, by: str, at: datetime) -> list[Work]:
    """The campaigns that take sheets of paper now, for one person."""
    found = []
    for campaign in queries.taking_paper(session):
        if campaign.accept_until is None or at <= campaign.accept_until:
            waiting = queries.number_differing_for(session, campaign.id, by=by)
            found.append(Work(campaign.id, campaign.title, queries.typed_by(session, campaign.id, by), waiting))
    return found


def typed_by(session: Session, campaign_id: str, name: str) -> int:
    """How many sheets of a campaign this clerk has typed."""
    return queries.typed_by(session, campaign_id, name)
