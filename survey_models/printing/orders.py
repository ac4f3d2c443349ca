"""The print order (印制任务书): what a printer has to know besides the codes, and what the codes are checked against.

It holds no code: title, address, purpose, and the batches with their counts, serial numbers and roots. The office
writes it, or it is made on the spot where the database is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec

from survey_models.core.errors import Problem

FORM = "pingyi-print-order/1"


@dataclass(frozen=True)
class Card:
    """One ticket as it is printed; ``code`` in groups, as it is typed."""

    serial: int
    code: str = field(repr=False)
    area: str
    kind: str
    point: str
    reserve: bool


@dataclass(frozen=True)
class OrderedBatch:
    """A batch of the campaign: serial numbers ``first`` to ``last``, the last ``reserve`` of them in reserve.

    ``root``: SHA-256 of its digests, as it stands in the ledger.
    """

    no: int
    count: int
    reserve: int
    first: int
    last: int
    root: str
    void: bool


@dataclass(frozen=True)
class PrintOrder:
    """``address``: of the installation (``https://host``); ``purpose``: ``real``, ``demo`` or ``rehearsal``."""

    campaign: str
    title: str
    purpose: str
    address: str
    batches: tuple[OrderedBatch, ...]

    @property
    def form(self) -> str:
        """Address of the questionnaire, without a code."""
        return f"{self.address}/b/{self.campaign}"

    @property
    def mark(self) -> str:
        """What is printed over everything that does not count: 演练 or 演示."""
        return {"rehearsal": "演练", "demo": "演示"}.get(self.purpose, "")

    def to_json(self) -> bytes:
        """The file of the order."""
        said = {"form": FORM, **asdict(self)}
        return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> PrintOrder:
        """What ``to_json`` wrote. Raises ``print_order_unreadable``."""
        try:
            said = msgspec.json.decode(content, type=dict[str, Any])
            found = msgspec.convert(said, cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Problem("print_order_unreadable") from None
        if said.get("form") != FORM:
            raise Problem("print_order_unreadable")
        return found


def check(order: PrintOrder, cards: Sequence[Card]) -> list[OrderedBatch]:
    """The batches that the cards are, each of them whole. Raises ``print_counts_differ``.

    A hand-over file may hold some of a campaign's batches, but never a part of one, a card twice, or one of a batch
    that two people voided.
    """
    counted: Counter[int] = Counter()
    for card in _once(cards):
        batch = _batch_of(order, card.serial)
        if card.reserve != (card.serial > batch.last - batch.reserve):
            raise Problem("print_counts_differ", campaign=order.campaign, serial=card.serial)
        counted[batch.no] += 1
    found = [batch for batch in order.batches if batch.no in counted]
    for batch in found:
        if batch.void or counted[batch.no] != batch.count + batch.reserve:
            raise Problem("print_counts_differ", campaign=order.campaign, serial=batch.first)
    if not found:
        raise Problem("print_counts_differ", campaign=order.campaign, serial=0)
    return found


def _once(cards: Iterable[Card]) -> Iterable[Card]:
    seen: set[int] = set()
    for card in cards:
        if card.serial in seen:
            raise Problem("print_counts_differ", campaign="", serial=card.serial)
        seen.add(card.serial)
        yield card


def _batch_of(order: PrintOrder, serial: int) -> OrderedBatch:
    for batch in order.batches:
        if batch.first <= serial <= batch.last:
            return batch
    raise Problem("print_counts_differ", campaign=order.campaign, serial=serial)


@dataclass(frozen=True)
class Group:
    """Cards that go the same way (一包): of one area, kind and point; what lies in reserve is a group of its own."""

    area: str
    kind: str
    point: str
    reserve: bool
    cards: tuple[Card, ...]

    @property
    def name(self) -> str:
        """As it stands on its slip."""
        return " · ".join(
            [*filter(None, (self.area, self.kind, self.point)), *(["备用（封存）"] if self.reserve else [])]
        )

    @property
    def serials(self) -> str:
        """Its serial numbers as runs: ``1–40、52``."""
        runs: list[list[int]] = []
        for card in self.cards:
            if runs and card.serial == runs[-1][1] + 1:
                runs[-1][1] = card.serial
            else:
                runs.append([card.serial, card.serial])
        said = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
        return "、".join(said) if len(said) < 4 else f"{said[0]}、…、{said[-1]}（{len(said)} 段）"


def grouped(cards: Iterable[Card], *, area: str | None = None) -> list[Group]:
    """The cards by area, kind and point, in the order in which these first come; ``area``: those of one alone."""
    found: dict[tuple[str, str, str, bool], list[Card]] = {}
    for card in cards:
        if area is None or card.area == area:
            found.setdefault((card.area, card.kind, card.point, card.reserve), []).append(card)
    areas = list(dict.fromkeys(key[0] for key in found))
    kinds = list(dict.fromkeys(key[1] for key in found))
    ordered = sorted(found, key=lambda key: (areas.index(key[0]), kinds.index(key[1]), key[3]))
    return [Group(*key, tuple(sorted(found[key], key=lambda card: card.serial))) for key in ordered]
