"""What the product found beside what the second implementation found (两种算法对照)."""

from __future__ import annotations

from fractions import Fraction

from survey_models.reports.round_tables import inputs_tables
from survey_models.schemes.outcome import Outcome
from survey_models.spreadsheets.write import xlsx_bytes
from tests.oracles.schemes import book
from tests.oracles.schemes.book import Book
from tests.simulated_rounds import Simulated


def exported(made: Simulated) -> Book:
    """The inputs after a way through the product's workbook."""
    return book.read(xlsx_bytes(inputs_tables(made.inputs)))


def shown(totals: dict[str, Fraction]) -> dict[str, str]:
    """As printed."""
    return {code: f"{float(book.printed(total)):.2f}" for code, total in totals.items()}


def check_totals(outcome: Outcome, totals: dict[str, Fraction], *, units: int) -> None:
    """All totals, exact and printed. A cancelled unit has none."""
    assert len(outcome.cards) == units
    rated = [card for card in outcome.cards if card.total is not None]
    assert {card.unit.code: card.total for card in rated} == totals
    assert {card.unit.code: str(card.printed) for card in rated} == shown(totals)


def holders(outcome: Outcome, consequence: str) -> set[str]:
    """The units with an award, a sanction or a flag."""
    return {card.unit.code for card in outcome.cards if consequence in card.consequences}
