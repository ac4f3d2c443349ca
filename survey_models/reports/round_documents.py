"""All documents of a round as files (评议文书): one by its name, or the whole set one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

from survey_models.core.errors import Problem
from survey_models.reports import round_tables
from survey_models.reports.paper import Paper
from survey_models.reports.round_feedback import feedback
from survey_models.reports.round_matters import without_matters
from survey_models.reports.round_notice import notice, receivers, report
from survey_models.reports.round_ranking import ranking
from survey_models.reports.round_sheet import RoundSheet
from survey_models.reports.typesetting import ENDINGS, typeset
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.outcome import Outcome
from survey_models.spreadsheets.write import Table, csv_bytes, xlsx_bytes

PUBLIC = ("ranking.docx", "ranking.pdf", "notice.docx", "notice.pdf", "scores.xlsx", "scores.csv", "inputs.xlsx")
"""What anybody may fetch once the round is published."""


@dataclass(frozen=True)
class Documents:
    """The documents of one result.

    ``rounds``: of a year's result those it is made of, by id; its totals are exported for the performance appraisal.
    ``font``: the setting; None looks for a known one when the first PDF is made.
    """

    sheet: RoundSheet
    inputs: Inputs
    rounds: Sequence[tuple[str, Outcome]] = ()
    font: Path | None = None

    def names(self) -> list[str]:
        """The names of all files."""
        papers = [f"{name}.{ending}" for name in self._papers for ending in ENDINGS]
        return [*papers, *self._tables]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every file in turn. Raises ``font_missing`` at once where there is no Chinese font."""
        from survey_models.reports import fonts  # noqa: PLC0415 - slow to load

        # Chinese fonts are large; cutting one down takes as long as setting many pages.
        font = fonts.cut(frozenset[str]().union(*(paper().letters() for paper in self._papers.values())), self.font)
        for name in self.names():
            yield name, self._made(name, font)

    def file(self, name: str) -> bytes:
        """One file. Raises ``document_unknown``, ``font_missing``."""
        return self._made(name, None)

    def _made(self, name: str, font: bytes | None) -> bytes:
        if name in self._tables:
            return self._tables[name]()
        stem, _, ending = name.rpartition(".")
        if stem not in self._papers or ending not in ENDINGS:
            raise Problem("document_unknown", name=name)
        return typeset(self._papers[stem](), ending, font=font, named=self.font)

    @cached_property
    def _papers(self) -> dict[str, Callable[[], Paper]]:
        sheet = self.sheet
        made: dict[str, Callable[[], Paper]] = {"ranking": partial(ranking, sheet), "notice": partial(notice, sheet)}
        for number, one in enumerate(receivers(sheet), start=1):
            made[f"report-{number}"] = partial(report, sheet, number, one)
        for card in sheet.outcome.cards:
            made[f"feedback-{card.unit.code}"] = partial(feedback, sheet, card)
        # Its letters are counted before both files are made of it.
        return {name: cache(make) for name, make in made.items()}

    @cached_property
    def _tables(self) -> dict[str, Callable[[], bytes]]:
        scores = round_tables.scores(self.sheet)
        counts = [*round_tables.inputs_tables(without_matters(self.inputs), small=self.sheet.small, names=False)]
        if self.rounds:
            counts.append(round_tables.round_totals(self.rounds))
        made = {
            "scores.xlsx": lambda: xlsx_bytes([scores]),
            "scores.csv": lambda: _csv(scores),
            "inputs.xlsx": lambda: xlsx_bytes(counts),
        }
        if self.rounds:
            totals = round_tables.year_totals(self.sheet)
            made |= {"year.xlsx": lambda: xlsx_bytes([totals]), "year.csv": lambda: _csv(totals)}
        return made


def _csv(table: Table) -> bytes:
    return csv_bytes([table.header, *table.rows])
