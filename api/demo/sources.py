"""What the demo is made from: files in ``data/`` beside this module, and the few rules that fill their gaps.

Of 漯河 the units and the census figures of five areas are known. Made up, and marked so wherever they are stored: the
development zone's people, the halves of 城镇 and 农村, the candidate test points, the windows, the residents' list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from sampling.selection import FrameEntry
from survey_models.frames.service import Candidate, CountCell
from survey_models.schemes.shelf import unit_list
from survey_models.units.tables import Window

Row = dict[str, str]

UNITS_STATED = 80
TOWN, RURAL = ("town", "城镇"), ("rural", "农村")
DONOR, ZONE = "411104", "LH-JKQ"
ZONE_PEOPLE = 100_000
MADE_UP = "made_up"
LIST_SIZE, LIST_SEED = 240_000, 2020
_PLACES = ("district", "county")


def read(name: str) -> list[Row]:
    """The rows of a file in ``data/``."""
    text = files("api.demo").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def unit_rows() -> list[Row]:
    """The 80 units as the document lists them."""
    return [dict(row) for row in unit_list("luohe_units.csv")]


def candidates() -> list[Candidate]:
    """Six made-up candidate test points for each area (候选测评点)."""
    return [Candidate(row["id"], row["area_code"], row["name"]) for row in read("luohe_points.csv")]


def windows() -> list[Window]:
    """Three made-up windows of the city's service hall (政务服务大厅窗口)."""
    return [
        Window(
            id=row["id"],
            unit_code=row["unit_code"],
            number=row["number"],
            name=row["name"],
            hall=row["hall"],
            business=row["business"],
            made_up=row["status"] == MADE_UP,
        )
        for row in read("luohe_windows.csv")
    ]


def count_cells() -> list[CountCell]:
    """The counts frame: six areas of two kinds, 2,367,490 people.

    The census knows five areas. The zone's people are made up and taken from 召陵区, so that the sum stays; each
    area is halved into 城镇 and 农村, the odd person counted as 城镇.
    """
    cells: list[CountCell] = []
    for row in read("luohe_2020.csv"):
        if row["area_type"] not in _PLACES and row["area_code"] != ZONE:
            continue
        people, source = _people(row)
        area = (row["area_code"], row["area_name"])
        half = people // 2
        for kind, number in ((TOWN, people - half), (RURAL, half)):
            cells.append(
                CountCell(area, kind, number, made_up=True, source=f"{source}; half and half by kind: made up")
            )
    return cells


def _people(row: Row) -> tuple[int, str]:
    """People of an area and where the figure comes from."""
    if row["area_code"] == ZONE:
        return ZONE_PEOPLE, f"made up: {ZONE_PEOPLE} people taken from {DONOR}"
    people = int(row["population_2020"])
    if row["area_code"] == DONOR:
        return people - ZONE_PEOPLE, f"{row['source']}; less {ZONE_PEOPLE} people given to {ZONE}: made up"
    return people, row["source"]


def by_area(cells: Sequence[CountCell]) -> list[list[int]]:
    """Populations as ``[area][kind]``, in the order of the cells."""
    areas: dict[str, list[int]] = {}
    for cell in cells:
        areas.setdefault(cell.area[0], []).append(cell.population)
    return list(areas.values())


def stratum_key(cell: CountCell) -> str:
    """How a list frame names the stratum of a cell: ``411102/town``."""
    return f"{cell.area[0]}/{cell.kind[0]}"


def residents(sizes: dict[str, int], *, seed: int = LIST_SEED) -> list[FrameEntry]:
    """A list of made-up residents ``R000001`` …, the strata mixed as in a register that is sorted by nothing."""
    strata = list(sizes)
    places = np.repeat(np.arange(len(strata)), list(sizes.values()))
    np.random.Generator(np.random.PCG64(seed)).shuffle(places)
    return [FrameEntry(f"R{number:06d}", strata[place], 1) for number, place in enumerate(places.tolist(), start=1)]
