"""The counted ballots (计票用的评议票), sheet by sheet in no order that means anything.

An auditor gets what the box holds: stratum, point, channel, every item. The office gets area and kind alone, never the
background of a person, and small strata, or strata with few sheets of a variant, under one heading: nobody shall be
looked for in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.cells import SMALLEST
from survey_models.campaigns.service import Sheet
from survey_models.campaigns.tables import Campaign
from survey_models.campaigns.tallies import SMALL_ALIKE
from survey_models.core.errors import Problem
from survey_models.exports.columns import BLANK_NUMBER, INVALID_NUMBER, MISSING, Cell, Column, Table, named
from survey_models.exports.pooling import ANY, Variants, counted, told_strata
from survey_models.exports.writing import head
from survey_models.questionnaires.rules import BACKGROUND, BLANK, CHOSEN, INVALID, Form, Item, Option

CHANNELS = {"phone": "手机", "point": "测评点", "paper": "纸质", "upload": "批量录入"}
POOLED = 0
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Box:
    """The ballots of one campaign and how much of them is shown. ``full``: for an auditor."""

    session: Session
    campaign: Campaign
    full: bool

    @cached_property
    def form(self) -> Form:
        """The questionnaire."""
        return campaigns.form_of(self.session, self.campaign)

    @cached_property
    def strata(self) -> dict[int, str]:
        """Names of the strata that are told; of the office, small ones stand under ``POOLED``.

        Raises ``cell_too_small`` where a variant of the questionnaire has too few sheets in all.
        """
        names = {
            row.no: f"{row.area_name}·{row.kind_name}" for row in campaigns.strata_of(self.session, self.campaign.id)
        }
        if self.full:
            return names
        told = told_strata(self._numbers(), least=max(self.campaign.min_cell, SMALL_ALIKE), floor=self._floor)
        if told is None:
            raise Problem("cell_too_small", threshold=self._floor)
        return {**{no: name for no, name in names.items() if no in told}, POOLED: "其他（份数不足，合并）"}

    @property
    def _floor(self) -> int:
        return max(self.campaign.min_cell, SMALLEST)

    def _numbers(self) -> Mapping[int, Mapping[str, int]]:
        """Sheets by stratum and, where the export shows which variant a sheet was, by variant."""
        variants = Variants(self.form, [place for place, _ in self.shown])
        if variants.apart:
            sheets = campaigns.sheets(self.session, self.campaign.id)
            return counted(((sheet.stratum_no, sheet.answers) for sheet in sheets), variants)
        by_stratum = campaigns.sheets_by_stratum(self.session, self.campaign.id)
        return {no: {ANY: number} for no, number in by_stratum.items()}

    @cached_property
    def shown(self) -> tuple[tuple[int, Item], ...]:
        """Items of one choice with their places in ``answers``; the office gets none about the person."""
        return tuple(
            (place, item) for place, item in enumerate(self.form.items) if self.full or item.kind != BACKGROUND
        )

    @cached_property
    def ticked(self) -> tuple[tuple[Item, Option], ...]:
        """Options of items with several choices: a column each."""
        return tuple(
            (item, option)
            for item in self.form.extras
            if item.kind in CHOSEN
            for option in self.form.scales[item.scale]
        )

    @cached_property
    def numbers(self) -> dict[str, dict[str, int]]:
        """Number of every code, by scale: its place on the scale; 98 left blank, 99 void."""
        return {
            name: {
                **{option.code: number for number, option in enumerate(options, 1)},
                BLANK: BLANK_NUMBER,
                INVALID: INVALID_NUMBER,
            }
            for name, options in self.form.scales.items()
        }

    @cached_property
    def points(self) -> dict[int, str]:
        """Test points by number; 0: none."""
        return {0: "—", **{row.no: row.name for row in campaigns.points_of(self.session, self.campaign.id)}}

    def columns(self) -> list[Column]:
        """The columns in their order."""
        found = [Column("stratum", "层", self.strata, width=22)]
        if self.full:
            found.append(Column("point", "测评点", self.points, width=18))
            found.append(Column("channel", "渠道", dict(enumerate(CHANNELS.values(), 1)), width=9))
        taken = [one.name for one in found]
        keys = [item.key for _, item in self.shown] + [f"{item.key}_{option.code}" for item, option in self.ticked]
        names = named([*taken, *keys])[len(taken) :]
        for name, (_, item) in zip(names, self.shown, strict=False):
            values = {number: one.label for number, one in enumerate(self.form.scales[item.scale], 1)}
            found.append(Column(name, item.label, {**values, **MISSING}, missing=True, width=9))
        for name, (item, option) in zip(names[len(self.shown) :], self.ticked, strict=True):
            found.append(Column(name, f"{item.label}：{option.label}", {0: "未选", 1: "选了"}, width=9))
        return found

    def table(self) -> Table:
        """The table of all sheets. Raises ``cell_too_small`` where the office may see none of them."""
        numbers = campaigns.sheets_by_stratum(self.session, self.campaign.id)
        count = sum(numbers.values())
        if not self.full and (self.campaign.small_group or count < self._floor):
            raise Problem("cell_too_small", threshold=self._floor)
        title = f"{self.campaign.title} 评议票"
        notes = (f"计票用 {count} 份；层、题目和选项见编码手册。",)
        return Table("ballots", title, self.columns(), count, self.rows, notes)

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Each sheet as numbers."""
        places = [(place, self.numbers[item.scale]) for place, item in self.shown]
        for sheet in self._sheets():
            row: list[Cell] = [*self._cell(sheet)]
            row += [numbers[sheet.answers[place]] for place, numbers in places]
            row += self._marks(sheet.more)
            yield row

    def write_csv(self, out: BinaryIO) -> int:
        """The CSV of ``rows``, several times as fast: numbers need no quotes, and scales are looked up as runs."""
        runs, written, lines = self._runs(), 0, []
        out.write(head(self.table()))
        cells: dict[tuple[int, int, str], str] = {}
        for sheet in self._sheets():
            where = (sheet.stratum_no, sheet.point_no, sheet.channel)
            if (begin := cells.get(where)) is None:
                begin = cells[where] = "".join(f"{number}," for number in self._cell(sheet))
            answers = sheet.answers
            line = begin + "".join([answers[start:end].translate(table) for start, end, table in runs])
            if self.ticked:
                line += "".join(f"{mark}," for mark in self._marks(sheet.more))
            lines.append(line[:-1])
            if len(lines) == _AT_ONCE:
                written += _told(out, lines)
        return written + _told(out, lines)

    def _sheets(self) -> Iterator[Sheet]:
        return campaigns.sheets(self.session, self.campaign.id, more=bool(self.ticked))

    def _cell(self, sheet: Sheet) -> list[int]:
        stratum = sheet.stratum_no if sheet.stratum_no in self.strata else POOLED
        return [stratum, sheet.point_no, list(CHANNELS).index(sheet.channel) + 1] if self.full else [stratum]

    def _marks(self, more: Mapping[str, Any] | None) -> list[int]:
        return [int(option.code in (more or {}).get(item.key, ())) for item, option in self.ticked]

    def _runs(self) -> list[tuple[int, int, dict[int, str]]]:
        """Stretches of ``answers`` on one scale: start, end, and the text of each code."""
        found: list[tuple[int, int, str]] = []
        for place, item in self.shown:
            if found and found[-1][1] == place and found[-1][2] == item.scale:
                found[-1] = (found[-1][0], place + 1, item.scale)
            else:
                found.append((place, place + 1, item.scale))
        tables = {
            name: _Strict({ord(code): f"{number}," for code, number in codes.items()})
            for name, codes in self.numbers.items()
        }
        return [(start, end, tables[scale]) for start, end, scale in found]


class _Strict(dict[int, str]):
    """A table of ``str.translate`` that lets nothing through that it does not know."""

    def __missing__(self, code: int) -> str:
        raise ValueError("a stored sheet holds a code that its scale does not know")


def _told(out: BinaryIO, lines: list[str]) -> int:
    """Write the lines and forget them; how many they were."""
    count = len(lines)
    if count:
        out.write(("\r\n".join(lines) + "\r\n").encode("ascii"))
    lines.clear()
    return count
