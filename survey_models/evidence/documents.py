"""The files of a bundle (证据包的文件): how each is written, and what the checks read from it. Pure."""

from __future__ import annotations

import base64
import csv
import io
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from survey_models.ballots.mixing import BoxRow, Sealed, TextRow
from survey_models.ballots.open_intake import OPEN_BATCHES
from survey_models.campaigns.cells import Cell, Moves, joined_strata
from survey_models.campaigns.estimation import Estimation
from survey_models.evidence.kinds import Kind
from survey_models.questionnaires.rules import Form, read_form
from survey_models.results.weights import Layer
from survey_models.tickets.tables import OPEN_STRATUM

FORMAT = "pingyi-bundle-2"
PUBLIC, AUDITOR = Kind.PUBLIC.value, Kind.AUDITOR.value
MANIFEST, CAMPAIGN, TICKETS, RESULT, TALLIES, README = (
    "manifest.json",
    "campaign.json",
    "tickets.json",
    "result.json",
    "tallies.csv",
    "README.md",
)
ENTRIES, CHECKPOINT, VKEY, KEYS = "ledger/entries.jsonl", "ledger/checkpoint", "ledger/vkey", "ledger/keys.json"
BOX, SEALED, TICKET_ROWS, SCORES, UPLOADS, BLINDS = (
    "box.csv",
    "sealed.csv",
    "tickets.csv",
    "scores.json",
    "uploads.json",
    "blinds.json",
)
BESIDE = "beside.json"
TEXTS = "texts.csv"
OF_PUBLIC = (CAMPAIGN, TICKETS, RESULT, TALLIES, README, ENTRIES, CHECKPOINT, VKEY, KEYS)
OF_AUDITOR = (*OF_PUBLIC, BOX, SEALED, TEXTS, TICKET_ROWS, SCORES, UPLOADS, BLINDS, BESIDE)


class Ballot(NamedTuple):
    """A row of the box: of a mix, or a line of a contractor's file."""

    row: BoxRow
    upload: uuid.UUID | None
    line: int | None


class TicketRow(NamedTuple):
    """A ticket: keyed digest of its code, batch and state."""

    digest: bytes
    batch: int
    state: str


@dataclass(frozen=True)
class Ground:
    """What counting and scores rest on besides ballots, from campaign.json and tickets.json."""

    campaign: Mapping[str, Any]
    tickets: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The campaign."""
        return str(self.campaign["campaign"])

    @cached_property
    def form(self) -> Form:
        """The questionnaire version."""
        asked = self.campaign["questionnaire"]
        return read_form(asked["id"], asked["version"], asked["doc"])

    @cached_property
    def stated(self) -> Estimation:
        """The statement about estimation."""
        return Estimation.of(self.campaign["estimation"])

    @cached_property
    def moves(self) -> tuple[Moves, Moves]:
        """Where joined cells went: at opening, and at counting."""
        opening, returned = (
            {Cell(*cell): Cell(*into) for cell, into in self.campaign["joins"][when]}
            for when in ("opening", "counting")
        )
        return opening, returned

    @cached_property
    def joined(self) -> dict[int, int]:
        """Strata that went whole into another."""
        return joined_strata(*self.moves)

    @cached_property
    def layers(self) -> list[Layer]:
        """The strata as planned, with the people who were given a ticket."""
        asked: dict[int, int] = {}
        for batch in self.tickets["batches"]:
            given = batch["live"] + batch["spent"]
            asked[batch["stratum"]] = asked.get(batch["stratum"], 0) + given
        return [
            Layer(row["no"], row["area_code"], row["population"], row["kind_code"], asked.get(row["no"], 0))
            for row in self.campaign["strata"]
        ]

    @cached_property
    def variants(self) -> dict[tuple[int, int], set[str]]:
        """Questionnaire variants of the tickets of each cell (stratum, point)."""
        found: dict[tuple[int, int], set[str]] = {}
        for batch in self.tickets["batches"]:
            found.setdefault((batch["stratum"], batch["point"]), set()).add(batch["variant"])
        return found

    @cached_property
    def batch_cells(self) -> dict[int, Cell]:
        """Stratum and point of each batch; those of the open QR are in no stratum."""
        found = {batch["no"]: Cell(batch["stratum"], batch["point"]) for batch in self.tickets["batches"]}
        return {**found, **{batch: Cell(OPEN_STRATUM, point) for point, batch in OPEN_BATCHES.items()}}

    @cached_property
    def categories(self) -> dict[str, str]:
        """The units of the round, in their order, with their categories."""
        return {row["unit"]: row["category"] for row in self.campaign["units"]}


def as_json(document: Any) -> bytes:
    """A document for people and programs: sorted keys, one spelling."""
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table in UTF-8 with line ends of one kind."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return made.getvalue().encode()


def csv_rows(raw: bytes, head: Sequence[str]) -> list[list[str]]:
    """The rows of a table with this head. Raises ValueError for another."""
    first, *rows = csv.reader(io.StringIO(raw.decode(), newline=""))
    if first != list(head) or any(len(row) != len(head) for row in rows):
        raise ValueError("another table than expected")
    return rows


BOX_HEAD = ("id", "stratum", "point", "channel", "version", "answers", "more", "set_aside", "upload", "line")


def box_csv(ballots: Iterable[Ballot]) -> bytes:
    """The box, by id."""
    return as_csv(
        BOX_HEAD,
        (
            (
                row.id,
                *row.cell,
                row.version,
                row.answers,
                "" if row.more is None else json.dumps(row.more, ensure_ascii=False, sort_keys=True),
                int(row.set_aside),
                upload or "",
                "" if line is None else line,
            )
            for row, upload, line in sorted(ballots, key=lambda ballot: ballot.row.id)
        ),
    )


def read_box(raw: bytes) -> list[Ballot]:
    """The box as it was written."""
    found = []
    for id_, stratum, point, channel, version, answers, more, aside, upload, line in csv_rows(raw, BOX_HEAD):
        cell = Cell(int(stratum), int(point), channel)
        row = BoxRow(uuid.UUID(id_), cell, int(version), answers, json.loads(more) if more else None, aside == "1")
        found.append(Ballot(row, uuid.UUID(upload) if upload else None, int(line) if line else None))
    return found


SEALED_HEAD = ("id", "batch", "channel", "version", "sealed")


def sealed_csv(sheets: Iterable[Sealed]) -> bytes:
    """The sealed sheets, by id; their bytes in base64."""
    ordered = sorted(sheets, key=lambda sheet: sheet.id)
    rows = ((one.id, one.batch_no, one.channel, one.version, base64.b64encode(one.sealed).decode()) for one in ordered)
    return as_csv(SEALED_HEAD, rows)


def read_sealed(raw: bytes) -> list[Sealed]:
    """The sealed sheets as they were written."""
    return [
        Sealed(uuid.UUID(id_), int(batch), channel, int(version), base64.b64decode(sealed, validate=True))
        for id_, batch, channel, version, sealed in csv_rows(raw, SEALED_HEAD)
    ]


TEXT_HEAD = ("id", "item", "words", "set_aside")


def texts_csv(texts: Iterable[TextRow]) -> bytes:
    """What people wrote, by id: no ballot belongs to it."""
    ordered = sorted(texts, key=lambda text: text.id)
    return as_csv(TEXT_HEAD, ((one.id, one.item, one.words, int(one.set_aside)) for one in ordered))


def read_texts(raw: bytes) -> list[TextRow]:
    """The texts as they were written."""
    rows = csv_rows(raw, TEXT_HEAD)
    return [TextRow(uuid.UUID(id_), item, words, aside == "1") for id_, item, words, aside in rows]


TICKET_HEAD = ("digest", "batch", "state")


def tickets_csv(tickets: Iterable[TicketRow]) -> bytes:
    """The tickets, by digest: no code follows from it without the key that is outside the database."""
    return as_csv(TICKET_HEAD, ((one.digest.hex(), one.batch, one.state) for one in sorted(tickets)))


def read_tickets(raw: bytes) -> list[TicketRow]:
    """The tickets as they were written."""
    rows = csv_rows(raw, TICKET_HEAD)
    return [TicketRow(bytes.fromhex(digest), int(batch), state) for digest, batch, state in rows]
