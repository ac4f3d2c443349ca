"""A bundle under examination, and what its examiner trusts besides (被核对的证据包): pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from survey_models.ballots.mixing import Sealed, TextRow
from survey_models.campaigns.answers import CellAnswers
from survey_models.evidence import documents
from survey_models.evidence.documents import Ballot, Ground, TicketRow
from survey_models.evidence.recounts import Scope, design_of, rested_on, sheets_of
from survey_models.ledger.changes import Announced
from survey_models.results.rules import Scores, score_units


@dataclass(frozen=True)
class Trust:
    """What does not come out of the bundle.

    ``vkey``: the key of the log as it was posted; ``witness``: what a witness remembers, by log (``vkey`` and
    ``note``); ``growth``: the log's proof from the bundle's size to the witness's, where that one saw more;
    ``announced``: changes of the ledger's key that were announced after the bundle was written;
    ``private``: the key that opens the sealed sheets.
    """

    vkey: str | None = None
    witness: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    growth: Sequence[bytes] | None = None
    private: bytes | None = field(default=None, repr=False)
    announced: Announced | None = None


@dataclass(frozen=True)
class Case:
    """The files by name, read when a check asks for them. Anything may raise: the files are of anybody."""

    files: Mapping[str, bytes]
    trust: Trust

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The list of files."""
        return self._document(documents.MANIFEST)

    @property
    def is_auditors(self) -> bool:
        """Whether ballots and sealed sheets are in it."""
        return bool(self.manifest["kind"] == documents.AUDITOR)

    @property
    def seen(self) -> Mapping[str, Any] | None:
        """What the witness remembers of the log of this campaign."""
        return self.trust.witness.get(self.manifest["campaign"])

    @cached_property
    def entries(self) -> list[bytes]:
        """The entries of the log in their order."""
        raw = self.files[documents.ENTRIES]
        if not raw.endswith(b"\n"):
            raise ValueError("the last entry is cut off")
        return raw[:-1].split(b"\n")

    @cached_property
    def bodies(self) -> list[dict[str, Any]]:
        """The entries, read."""
        return [json.loads(entry) for entry in self.entries]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Entries of one kind, in the order of the log."""
        return [body for body in self.bodies if body["event"] == name]

    def only(self, name: str) -> dict[str, Any]:
        """The one entry of a kind. Raises ValueError for none or several."""
        found = self.events(name)
        if len(found) != 1:
            raise ValueError(f"{len(found)} entries {name}")
        return found[0]

    @property
    def note(self) -> str:
        """The signed checkpoint."""
        return self.files[documents.CHECKPOINT].decode()

    @property
    def own_vkey(self) -> str:
        """The key that the bundle itself names."""
        return self.files[documents.VKEY].decode().strip()

    @cached_property
    def announced(self) -> Announced:
        """Changes of the ledger's key."""
        return Announced.of(self._document(documents.KEYS))

    @cached_property
    def ground(self) -> Ground:
        """What counting and scores rest on besides ballots."""
        return Ground(self._document(documents.CAMPAIGN), self._document(documents.TICKETS))

    @cached_property
    def result(self) -> dict[str, Any]:
        """The printed result."""
        return self._document(documents.RESULT)

    @cached_property
    def scores(self) -> list[dict[str, Any]]:
        """The scores as they are stored (auditor's)."""
        found: list[dict[str, Any]] = json.loads(self.files[documents.SCORES])
        return found

    @cached_property
    def beside(self) -> dict[str, Any]:
        """What stands beside the scores, with nine decimals (auditor's)."""
        return self._document(documents.BESIDE)

    @cached_property
    def unit_scores(self) -> Scores:
        """The scores, computed again from the box (auditor's); there must be a ballot."""
        sheets, design = sheets_of(self.ground, self.cells), design_of(self.ground, self.cells)
        return score_units(sheets, self.ground.form, design, seed=self.result["inputs"])

    @cached_property
    def blinds(self) -> dict[str, str | None]:
        """Blinding values of ``tally`` and ``result`` (auditor's); None where the ledger holds plain digests."""
        return self._document(documents.BLINDS)

    @cached_property
    def box(self) -> list[Ballot]:
        """The box (auditor's)."""
        return documents.read_box(self.files[documents.BOX])

    @cached_property
    def sealed(self) -> list[Sealed]:
        """The sealed sheets (auditor's)."""
        return documents.read_sealed(self.files[documents.SEALED])

    @cached_property
    def texts(self) -> list[TextRow]:
        """What people wrote (auditor's)."""
        return documents.read_texts(self.files[documents.TEXTS])

    @cached_property
    def tickets(self) -> list[TicketRow]:
        """The tickets (auditor's)."""
        return documents.read_tickets(self.files[documents.TICKET_ROWS])

    @cached_property
    def uploads(self) -> dict[uuid.UUID, dict[str, Any]]:
        """The accepted files (auditor's)."""
        return {uuid.UUID(one["upload"]): one for one in json.loads(self.files[documents.UPLOADS])}

    @cached_property
    def voids(self) -> list[Scope]:
        """Scopes of all corrections."""
        return [body["scope"] for body in self.events("ballots:voided")]

    @cached_property
    def later_voids(self) -> list[Scope]:
        """Those made after counting: cells and files."""
        return [scope for scope in self.voids if "stratum" in scope or "upload" in scope]

    @cached_property
    def cells(self) -> list[CellAnswers]:
        """The answers that the result rests on (auditor's)."""
        blind = self.blinds["tally"]
        return rested_on(self.ground, self.box, self.later_voids, self.result["inputs"], blind=blind)

    def _document(self, name: str) -> dict[str, Any]:
        found = json.loads(self.files[name])
        if not isinstance(found, dict):
            raise TypeError(f"{name} is no document")
        return found
