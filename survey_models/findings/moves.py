"""The language of a finding's machine (流程): states and named moves as data, and what a move asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from survey_models.accounts.rules import Role

Words = tuple[str, str]
"""Chinese, English."""


class Need(StrEnum):
    """What has to come with a move: words, a day, a unit, a file, what it costs, that the person was told."""

    NOTE = "note"
    LIMIT = "limit"
    UNIT = "unit"
    FILE = "file"
    PRICE = "price"
    TOLD = "told"


class Clock(StrEnum):
    """Time limits (期限). ``LIMIT`` is a day that the notice names; the others are working days after the move."""

    OBJECTION = "objection"
    LIMIT = "limit"
    REPLY = "reply"
    SEND_BACK = "send_back"
    VERIFY = "verify"
    RECTIFY = "rectify"


@dataclass(frozen=True)
class State:
    """A state: its name for people, whether a finding in it costs points, which clock obliges somebody, and whom."""

    words: Words
    counts: bool = False
    due: Clock | None = None
    waits_for: Role | None = None
    final: bool = False


@dataclass(frozen=True)
class Move:
    """A named step (环节): who may take it, from where to where, what it needs and which clocks it starts.

    ``target`` empty: the state stays. ``within``: refused once that clock has run out. ``once``: at most once.
    ``after``: only where that move was taken since the finding last changed its state. ``outcome``: what is written
    down as the result of the check. ``extends``: the clock that goes on for the extension's days from its own end.
    """

    words: Words
    roles: tuple[Role, ...]
    sources: tuple[str, ...]
    target: str = ""
    needs: tuple[Need, ...] = (Need.NOTE,)
    starts: tuple[Clock, ...] = ()
    within: Clock | None = None
    once: bool = False
    after: str = ""
    outcome: str = ""
    extends: Clock | None = None


@dataclass(frozen=True)
class Machine:
    """The states and moves of one or several kinds of findings; ``initial`` is where a new one stands."""

    initial: str
    states: Mapping[str, State]
    moves: Mapping[str, Move]
    starts: tuple[Clock, ...] = field(default=())

    def faults(self) -> list[str]:
        """What cannot be: moves between states that are not there, states that nothing reaches or that never end."""
        found = [f"initial {self.initial}"] if self.initial not in self.states else []
        for name, move in self.moves.items():
            found += [f"{name}: {one}" for one in (*move.sources, move.target) if one and one not in self.states]
            found += [f"{name}: after {move.after}"] if move.after and move.after not in self.moves else []
        found += [f"{name} is never reached" for name in self.states if name not in self._reached({self.initial})]
        for name in self.states:
            ends = any(self.states[one].final for one in self._reached({name}) if one in self.states)
            if not ends:
                found.append(f"{name} never ends")
        return found

    def _reached(self, known: set[str]) -> set[str]:
        while True:
            more = {
                move.target
                for move in self.moves.values()
                if move.target and not known.isdisjoint(move.sources) and move.target not in known
            }
            if not more:
                return known
            known |= more
