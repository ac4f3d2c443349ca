"""A campaign as a model of a few lines, and hypothesis driving door, clerks and two-person acts on both databases.

`make proofs-model` (ARGS='--examples 50'). After each step the model, the SQLite file and the PostgreSQL database must
say the same: tickets, sealed sheets, entries of the ledger, numbers of the day, state, box.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from api import acts
from api.migrate import upgrade
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.tickets import service as tickets
from tests.poll import Shape
from tests.postgres import Server, running_server
from tests.proofs.house import CAMPAIGN, Base, House, Sent

SHAPE = Shape(n_units=3, per_cell=4, reserve=1, points=False)
REASON = "卡片遗失"
MISTYPED = "0000-0000-0000-0001"
EXAMPLES, STEPS, COPIES = 500, 50, 3
# Sheets before a campaign may end: one that ends at once shows nothing.
ENOUGH = 8
NUMBERS = st.integers(0, 99)
UNITS = st.text("1230-", min_size=3, max_size=3).filter(lambda units: units != "---")


@dataclass
class Model:
    """What must be true. Tickets by serial number; ``sheets``: who sent them; ``aside``: batches set aside."""

    tickets: dict[int, str]
    batches: dict[int, int]
    sheets: dict[uuid.UUID, Sent] = field(default_factory=dict)
    state: str = "open"
    voided: set[int] = field(default_factory=set)
    aside: set[int] = field(default_factory=set)

    def cast(self, sent: Sent) -> str:
        """What the door says to a sheet, and what is true afterwards."""
        state, known = self.tickets[sent.serial], sent.id in self.sheets
        refused = {"void": "ticket_void", "reserve": "ticket_unknown"}
        if state in refused:
            return refused[state]
        if state == "spent":
            return "replay" if known else "ticket_used"
        if known:
            return "ballot_id_taken"
        if self.state != "open":
            return "campaign_closed"
        if len(sent.answers) != SHAPE.n_units + 2:
            return "answers_wrong_length"
        self.tickets[sent.serial] = "spent"
        self.sheets[sent.id] = sent
        return "stored"

    def changing(self) -> str | None:
        """Whether tickets may still be changed."""
        return None if self.state in {"open", "closed"} else "act_not_allowed"

    def void(self, serial: int) -> str:
        """A card is withdrawn."""
        refused = {"spent": "ticket_used", "void": "ticket_void"}
        said = self.changing() or refused.get(self.tickets[serial], "done")
        if said == "done":
            self.tickets[serial] = "void"
        return said

    def replace(self, serial: int) -> str:
        """A card is replaced by the next one in reserve."""
        refused = {"spent": "ticket_used", "void": "ticket_void", "reserve": "ticket_in_reserve"}
        said = self.changing() or refused.get(self.tickets[serial])
        if said:
            return said
        batch = self.batches[serial]
        left = [other for other, of in self.batches.items() if of == batch and self.tickets[other] == "reserve"]
        if not left:
            return "reserve_empty"
        self.tickets[serial], self.tickets[min(left)] = "void", "live"
        return "done"

    def void_batch(self, batch: int) -> str:
        """All unused cards of a batch are withdrawn."""
        said = self.changing() or ("ticket_void" if batch in self.voided else "done")
        if said == "done":
            self.voided.add(batch)
            for serial, of in self.batches.items():
                if of == batch and self.tickets[serial] in {"live", "reserve"}:
                    self.tickets[serial] = "void"
        return said

    def set_aside(self, batch: int) -> str:
        """Sheets of a batch are set aside before anybody sees them."""
        said = self.changing() or ("void_repeated" if batch in self.aside else "done")
        if said == "done":
            self.aside.add(batch)
        return said

    def go(self, wanted: str, target: str) -> str:
        """From one state to another."""
        if self.state != wanted:
            return "act_not_allowed"
        self.state = target
        return "done"

    def box(self) -> list[tuple[str, bool]]:
        """Answers of the box and whether they are set aside."""
        if self.state != "counted":
            return []
        return sorted((sent.answers, self.batches[sent.serial] in self.aside) for sent in self.sheets.values())


@dataclass
class Seen:
    """How often what was answered."""

    answers: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    examples: int = 0


class Machine(RuleBasedStateMachine):
    """Does the same to the model and to every house; ``machine_of`` says where the houses come from."""

    make: ClassVar[Callable[[], list[House]]]
    seen: ClassVar[Seen]

    def __init__(self) -> None:
        super().__init__()
        self.houses = type(self).make()
        first = self.houses[0]
        self.model = Model(dict(first.states_at_first), dict(first.batches))
        self.kept: Model | None = None
        self.sent: list[Sent] = []
        # A copy of a whole database takes longer than all other steps together.
        self.copies = COPIES
        self.seen.examples += 1

    def teardown(self) -> None:
        for house in self.houses:
            house.leave()

    def agree(self, kind: str, expected: str, act: Callable[[House], str]) -> None:
        self.seen.steps += 1
        self.seen.answers[f"{kind}: {expected}"] += 1
        said = {house.name: act(house) for house in self.houses}
        assert set(said.values()) == {expected}, (kind, expected, said)

    def pick(self, number: int) -> int:
        serials = sorted(self.model.tickets)
        return serials[number % len(serials)]

    def cast(self, kind: str, sent: Sent) -> None:
        self.sent.append(sent)
        self.agree(kind, self.model.cast(sent), lambda house: house.cast(sent))

    def live(self, number: int) -> int:
        """A live ticket while there are any."""
        serials = sorted(serial for serial, state in self.model.tickets.items() if state == "live")
        return serials[number % len(serials)] if serials else self.pick(number)

    def fresh(self) -> uuid.UUID:
        return uuid.UUID(int=len(self.sent) + 1, version=4)

    @initialize(sheets=st.lists(st.tuples(NUMBERS, UNITS), min_size=3, max_size=8))
    def many_answer(self, sheets: list[tuple[int, str]]) -> None:
        for number, units in sheets:
            self.cast("submit", Sent(self.fresh(), self.live(number), f"{units}--"))

    @rule(number=NUMBERS, units=UNITS)
    def submit(self, number: int, units: str) -> None:
        self.cast("submit", Sent(self.fresh(), self.live(number), f"{units}--"))

    @rule(number=NUMBERS, units=UNITS)
    def submit_with_any_ticket(self, number: int, units: str) -> None:
        self.cast("submit", Sent(self.fresh(), self.pick(number), f"{units}--"))

    @rule(number=NUMBERS)
    def submit_what_is_no_sheet(self, number: int) -> None:
        self.cast("no sheet", Sent(self.fresh(), self.pick(number), "1"))

    @precondition(lambda self: self.sent)
    @rule(which=NUMBERS, other=st.text("123", min_size=3, max_size=3))
    def retry(self, which: int, other: str) -> None:
        before = self.sent[which % len(self.sent)]
        self.cast("retry", Sent(before.id, before.serial, f"{other}--"))

    @precondition(lambda self: self.model.sheets)
    @rule(which=NUMBERS, number=NUMBERS)
    def send_the_ballot_id_of_somebody_else(self, which: int, number: int) -> None:
        known = sorted(self.model.sheets)
        self.cast("foreign id", Sent(known[which % len(known)], self.pick(number), "111--"))

    @rule()
    def mistype(self) -> None:
        self.agree("mistyped", "ticket_mistyped", lambda house: house.cast_code(MISTYPED, "111--"))

    @rule(number=NUMBERS)
    def void(self, number: int) -> None:
        serial = self.pick(number)
        self.agree("void", self.model.void(serial), lambda house: house.clerk(_void(serial)))

    @rule(number=NUMBERS)
    def replace(self, number: int) -> None:
        serial = self.pick(number)
        self.agree("replace", self.model.replace(serial), lambda house: house.clerk(_replace(serial)))

    @rule(batch=st.integers(1, 4))
    def void_batch(self, batch: int) -> None:
        params = {"batch": batch, "reason": REASON}
        self.two("void batch", self.model.void_batch(batch), acts.VOID_BATCH, params)

    @rule(batch=st.integers(1, 4))
    def set_aside(self, batch: int) -> None:
        params = {"scope": {"batch": batch}, "reason": REASON, "flag": None}
        self.two("set aside", self.model.set_aside(batch), acts.VOID_SHEETS, params)

    @precondition(lambda self: len(self.sent) > ENOUGH)
    @rule()
    def close(self) -> None:
        self.agree("close", self.model.go("open", "closed"), lambda house: house.clerk(_close))

    @rule()
    def reopen(self) -> None:
        self.two("reopen", self.model.go("closed", "open"), acts.REOPEN, {})

    @precondition(lambda self: len(self.sent) > ENOUGH and self.model.state != "counted")
    @rule()
    def count(self) -> None:
        if self.model.state == "open":
            self.close()
        self.two("count", self.model.go("closed", "counted"), acts.COUNT, {})

    def two(self, kind: str, expected: str, act: str, params: dict[str, Any]) -> None:
        self.agree(kind, expected, lambda house: house.two_people(act, params))

    @precondition(lambda self: self.copies and self.sent)
    @rule()
    def backup(self) -> None:
        self.copies -= 1
        self.kept = copy.deepcopy(self.model)
        self.agree("backup", "done", lambda house: house.backup())

    @precondition(lambda self: self.copies and self.kept is not None and self.kept != self.model)
    @rule()
    def restore(self) -> None:
        assert self.kept is not None
        self.copies -= 1
        self.model = copy.deepcopy(self.kept)
        self.agree("restore", "done", lambda house: house.restore(self.model.sheets))

    @invariant()
    def all_say_the_same(self) -> None:
        model = self.model
        cells = Counter(model.batches[sent.serial] for sent in model.sheets.values())
        for house in self.houses:
            books = house.books()
            assert books.state == model.state, house.name
            assert books.tickets == model.tickets, house.name
            assert books.sheets == {id_: model.batches[sent.serial] for id_, sent in model.sheets.items()}
            assert books.done == cells, house.name
            assert books.box == model.box(), house.name
            assert books.members == (set(model.sheets) if model.state == "counted" else set()), house.name


def machine_of(make: Callable[[], list[House]], seen: Seen) -> type[Machine]:
    """The machine over fresh houses of ``make``, the same campaign on each database."""
    return type("Driven", (Machine,), {"make": staticmethod(make), "seen": seen})


def _void(serial: int) -> Callable[[Session], object]:
    return lambda s: tickets.void(s, CAMPAIGN, serial, reason=REASON, by="setup", at=clock.now())


def _replace(serial: int) -> Callable[[Session], object]:
    return lambda s: tickets.replace(s, CAMPAIGN, serial, reason=REASON, by="setup", at=clock.now())


def _close(session: Session) -> object:
    return campaigns.close(session, CAMPAIGN, by="setup", at=clock.now())


def drive(
    file: Path,
    server: Server,
    name: str,
    folder: Path,
    *,
    examples: int,
    steps: int,
    tell: Callable[[Seen], object] = lambda _seen: None,
) -> Seen:
    """Run the machine. ``file``, and ``name`` on the server: empty migrated databases, which are used up.

    ``tell`` is called before each run: the long form takes an hour.
    """
    seen, number = Seen(), iter(range(10**9))
    (folder / "sqlite").mkdir()
    (folder / "postgresql").mkdir()
    bases = [
        Base.made(str(file), folder / "sqlite", SHAPE, None),
        Base.made(name, folder / "postgresql", SHAPE, server),
    ]

    def make() -> list[House]:
        tell(seen)
        here = folder / f"run{next(number)}"
        here.mkdir()
        return [base.fresh(here) for base in bases]

    run_state_machine_as_test(
        machine_of(make, seen),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return seen


def main(arguments: Sequence[str] | None = None) -> int:
    """The long form: figures for docs/proofs.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--steps", type=int, default=STEPS)
    asked = parser.parse_args(arguments)
    begun = time.perf_counter()

    def tell(seen: Seen) -> None:
        if seen.examples and seen.examples % 25 == 0:
            print(f"runs {seen.examples:,}, steps {seen.steps:,}, {time.perf_counter() - begun:.0f} s", flush=True)

    with tempfile.TemporaryDirectory(prefix="pingyi-model-") as folder, running_server() as server:
        file = Path(folder) / "base.sqlite3"
        upgrade(f"sqlite:///{file}")
        upgrade(server.create("base"))
        seen = drive(file, server, "base", Path(folder), examples=asked.examples, steps=asked.steps, tell=tell)
    print(f"runs {seen.examples:,}, steps on both databases {seen.steps:,}, {time.perf_counter() - begun:.0f} s")
    for what, number in sorted(seen.answers.items()):
        print(f"  {what:<40}{number:>8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
