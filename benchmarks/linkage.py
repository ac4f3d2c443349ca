"""Whose ballot is whose? The attacker tries every join of ticket and ballot, on the campaign and on a naive box.

`make proofs-linkage` (ARGS='--short'): 2,000 ballots on each database, cast mostly one at a time over five uneven days.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text

from api.migrate import upgrade
from benchmarks import linkage_pages as pages
from benchmarks.linkage_attack import BoxBallot, Evidence, Findings, Ticket, attack, fold, lines_together, mentions
from benchmarks.linkage_town import FULL, SHORT, Person, Plan, Run, played
from survey_models.ballots.sealing import OVERHEAD, padded
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import Cell, published
from tests.postgres import running_server

FEWEST, RHO = 50, 0.1
Row = dict[str, Any]
Groups = list[tuple[set[str], set[str]]]


@dataclass(frozen=True)
class Outcome:
    """What the attacker got. ``alone``: tickets whose sealed sheet he finds by its transaction. ``said``: see Run."""

    sealed: Findings
    naive: Findings
    alone: int
    said: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, attack and print; 1 where a limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="400 ballots")
    plan = SHORT if parser.parse_args(arguments).short else FULL
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="pingyi-linkage-") as folder:
        url = f"sqlite:///{folder}/pingyi.sqlite3"
        upgrade(url)
        bad = report("SQLite", linked(url, Path(folder), plan))
    holding = tempfile.TemporaryDirectory(prefix="pingyi-linkage-")
    with holding as folder, running_server() as server, server.database() as url:
        upgrade(url)
        bad |= report("PostgreSQL", linked(url, Path(folder), plan))
    return int(bad)


def report(name: str, found: Outcome) -> bool:
    """Print value, limit and ratio; whether a limit does not hold."""
    sealed, naive = found.sealed, found.naive
    limit = RHO if sealed.tickets >= FULL.number else chance_limit(sealed.tickets)
    lines = [
        ("right links, each the only one left", sealed.linked, 0, sealed.linked == 0),
        ("tickets with fewer candidates than their cell", sealed.narrowed, 0, sealed.narrowed == 0),
        ("fewest candidates of a ticket", sealed.fewest, FEWEST, sealed.fewest >= FEWEST),
        (f"rank correlation ({sealed.rho_of})", round(sealed.rho, 3), round(limit, 3), sealed.rho < limit),
        ("codes, answers, ids of ballots in logs", found.said, 0, found.said == 0),
        ("naive box: right links", naive.linked, naive.tickets, naive.linked == naive.tickets),
    ]
    print(f"{f'{name}: {sealed.tickets} ballots, smallest cell {sealed.smallest_cell}':<76}{'value':>8}{'limit':>8}")
    for what, value, wanted, good in lines:
        print(f"{what:<76}{value:>8}{wanted:>8}{'' if good else '  MISSED'}")
    print(f"{'tickets whose sealed sheet shows by its transaction':<76}{found.alone:>8}")
    print(f"{'k-th for k-th, best of all pairs of orders: right links a cell':<76}{sealed.guessed:>8.2f}")
    print(f"{f'naive box: rank correlation ({naive.rho_of})':<76}{naive.rho:>8.3f}")
    print(f"ways that narrowed: {sealed.by_way}; naive: {naive.by_way}\n")
    return not all(good for *_, good in lines)


def chance_limit(number: int) -> float:
    """Five standard deviations of the rank correlation of ``number`` pairs that have nothing to do with each other."""
    return float(5 / (number - 1) ** 0.5)


def linked(url: str, folder: Path, plan: Plan) -> Outcome:
    """Play a campaign on the empty, migrated database ``url``, and attack it and the naive box beside it."""
    with played(url, folder, plan) as run:
        hold = _Hold(run)
        together = hold.sealed_groups()
        evidence = Evidence(hold.tickets(), hold.ballots(), together)
        truth = hold.truth()
        secrets = [fold(word) for person in run.people for word in (person.code.code, person.answers)]
        said = mentions(run.lines, {*secrets, *(fold(row["id"]) for row in hold.box)})
        alone = {name for names, _ in together["transactions"] if len(names) == 1 for name in names}
        naive = Evidence(*hold.naive(), hold.naive_groups())
        return Outcome(
            sealed=attack(evidence, truth),
            naive=attack(naive, {person.plain_digest: person.plain_id for person in run.people}),
            alone=len(alone),
            said=said,
        )


class _Hold:
    """Everything that the attacker takes from the server, sorted by what it belongs to."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.sqlite = run.poll.engine.dialect.name == "sqlite"
        self.spent = {row["digest"]: row for row in self._rows("tickets") if row["state"] == "spent"}
        self.sheets = {row["id"]: row for row in self._rows("intake_sheets")}
        self.entries = {row["id"]: row for row in self._rows("ledger_entries") if row["event"] == "ballots:cast"}
        self.members = {row["id"]: row for row in self._rows("mix_members")}
        self.box = self._rows("ballots")
        self.plain = {name: self._rows(name) for name in ("plain_tickets", "plain_ballots")}
        self.lengths = {row["id"]: len(bytes.fromhex(row["sealed"])) for row in self.sheets.values()}
        self.commits: list[set[str]] = []
        self.pages: dict[str, int] = {}
        with run.poll.look() as session:
            self.moves = campaigns.moves_of(session, "poll")
        if self.sqlite:
            self._read_file()

    def _rows(self, table: str) -> list[Row]:
        hidden = "rowid AS place" if self.sqlite else "ctid::text AS place, xmin::text AS xmin"
        with self.run.poll.engine.connect() as connection:
            found = connection.execute(text(f"SELECT {hidden}, * FROM {table}")).mappings().all()  # noqa: S608
        return [{name: _text(value) for name, value in row.items() if value is not None} for row in found]

    def _read_file(self) -> None:
        """Rows by commit from the log, and where each lies in the file."""
        file = pages.pages_of(self.run.file)
        for commit in pages.commits(file, self.run.wal):
            self.commits.append({word for record in commit.records for word in _words(record)})
        for place, record in pages.places(file):
            self.pages.update(dict.fromkeys(_words(record), place))

    def names(self) -> dict[str, str]:
        """Everything that names a ticket, folded, and its digest: what the two hold in common for the attacker."""
        found = {}
        for person in self.run.people:
            sheet = person.id.hex
            entry = self.entries[sheet]
            for word in (person.digest, sheet, entry["digest"], person.receipt, person.code.code):
                found[fold(word)] = person.digest
        return found

    def tickets(self) -> list[Ticket]:
        """The spent tickets, each with its sealed sheet and entry."""
        return [self._ticket(place, person) for place, person in enumerate(self.run.people)]

    def _ticket(self, told: int, person: Person) -> Ticket:
        sheet = person.id.hex
        rows = {
            "ticket": self.spent[person.digest],
            "sheet": self.sheets[sheet],
            "entry": self.entries[sheet],
            "member": self.members[sheet],
        }
        facts = {f"{name}.{column}": value for name, row in rows.items() for column, value in row.items()}
        facts["day"] = str(person.day)
        orders = {"told": float(told), "page": float(self.pages.get(person.digest, 0))}
        for name, row in rows.items():
            orders |= {f"{name}.{column}": _order(row[column]) for column in _ORDERED if column in row}
        return Ticket(person.digest, self._cell(person), facts, orders, self.lengths[sheet])

    def _cell(self, person: Person) -> Cell:
        return published(Cell(person.code.stratum_no, person.code.point_no, person.channel), *self.moves)

    def ballots(self) -> list[BoxBallot]:
        """The box in clear."""
        found = []
        for row in self.box:
            orders = {column: _order(row[column]) for column in _ORDERED if column in row}
            orders["page"] = float(self.pages.get(row["id"], 0))
            cell = (int(row["stratum_no"]), int(row["point_no"]), row["channel"])
            facts = {name: value for name, value in row.items() if name not in {"place", "xmin"}}
            found.append(BoxBallot(row["id"], cell, facts, orders, OVERHEAD + len(padded(row["answers"], None))))
        return found

    def truth(self) -> dict[str, str]:
        """Whose ballot is whose: everybody's answers are different here."""
        by_answers = {row["answers"]: row["id"] for row in self.box}
        return {person.digest: by_answers[person.answers] for person in self.run.people}

    def sealed_groups(self) -> dict[str, Groups]:
        """What showed up together, of the campaign."""
        tickets = self.names()
        ballots = {fold(word): row["id"] for row in self.box for word in (row["id"], row["answers"])}
        rows = [*self.spent.values(), *self.sheets.values(), *self.entries.values(), *self.members.values(), *self.box]
        lines = [*self.run.lines, *self._dump()]
        return {
            "transactions": self._transactions(rows, tickets, ballots),
            "backups": self._between_backups(set(self.spent), {row["id"] for row in self.box}),
            "lines": lines_together(lines, tickets, ballots),
        }

    def naive_groups(self) -> dict[str, Groups]:
        """What showed up together, of the naive box."""
        tickets = {row["digest"]: row["digest"] for row in self.plain["plain_tickets"]}
        ballots = {row["id"]: row["id"] for row in self.plain["plain_ballots"]}
        rows = [*self.plain["plain_tickets"], *self.plain["plain_ballots"]]
        return {
            "transactions": self._transactions(rows, tickets, ballots),
            "backups": self._between_backups(set(tickets), set(ballots)),
        }

    def _transactions(self, rows: Iterable[Row], tickets: dict[str, str], ballots: dict[str, str]) -> Groups:
        """SQLite: the commits of its log. PostgreSQL: rows with the same xmin."""
        commits = self.commits
        if not self.sqlite:
            by_xmin: defaultdict[str, set[str]] = defaultdict(set)
            for row in rows:
                by_xmin[row["xmin"]] |= {fold(row[name]) for name in ("digest", "id") if name in row}
            commits = list(by_xmin.values())
        found = [
            ({tickets[word] for word in words & tickets.keys()}, {ballots[word] for word in words & ballots.keys()})
            for words in commits
        ]
        return [group for group in found if any(group)]

    def _between_backups(self, tickets: set[str], ballots: set[str]) -> Groups:
        held = self.run.backups
        return [
            ((later.spent - earlier.spent) & tickets, (later.ballots - earlier.ballots) & ballots)
            for earlier, later in itertools.pairwise(held)
        ]

    def _dump(self) -> Iterable[str]:
        """Every row of every table but the naive ones, a line each."""
        tables = sorted(set(inspect(self.run.poll.engine).get_table_names()) - self.plain.keys())
        with self.run.poll.engine.connect() as connection:
            for table in tables:
                for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608
                    yield " ".join(_readable(value) for value in row)

    def naive(self) -> tuple[list[Ticket], list[BoxBallot]]:
        """The naive box, as the campaign's."""
        at = {row["digest"]: row for row in self.plain["plain_tickets"]}
        tickets = [
            Ticket(
                person.plain_digest,
                (person.code.stratum_no, person.code.point_no, person.channel),
                at[person.plain_digest],
                {"told": float(place), "place": _order(at[person.plain_digest]["place"])},
            )
            for place, person in enumerate(self.run.people)
        ]
        ballots = [
            BoxBallot(
                row["id"],
                (int(row["stratum"]), int(row["point"]), row["channel"]),
                {name: value for name, value in row.items() if name not in {"place", "xmin"}},
                {"place": _order(row["place"]), "id": _order(row["id"])},
            )
            for row in self.plain["plain_ballots"]
        ]
        return tickets, ballots


_ORDERED = ("place", "xmin", "id", "digest", "seq", "serial")


def _order(value: str) -> float:
    """A place in any order: row numbers, places in a heap, hex digits."""
    if value.startswith("("):
        block, row = value.strip("()").split(",")
        return int(block) * 10_000 + int(row)
    return float(int(value, 16)) if len(value) >= 32 else float(value)


def _text(value: object) -> str:
    """A stored value as it is compared; ids and digests alike in both databases."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    said = str(value)
    return said.replace("-", "") if len(said) == 36 and said.count("-") == 4 else said


def _readable(value: object) -> str:
    if isinstance(value, (bytes, memoryview)):
        return f"{bytes(value).hex()} {bytes(value).decode('utf-8', 'replace')}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def _words(record: Iterable[bytes | None]) -> Iterable[str]:
    """Texts and digests of a record, folded."""
    for value in record:
        if value:
            yield value.hex()
            with_text = value.decode("ascii", "replace")
            yield fold(with_text)


if __name__ == "__main__":
    sys.exit(main())
