"""Lists that come with the program for a set-up (随附的名单): units, and populations for trying out."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from survey_models.schemes import loading
from survey_models.setups.rules import CellLine, UnitLine

_FOLDER = files("survey_models.setups")


@dataclass(frozen=True)
class UnitList:
    """A list of units with its name in Chinese and English."""

    id: str
    title: tuple[str, str]
    units: tuple[UnitLine, ...]


@dataclass(frozen=True)
class Population:
    """Populations by area and kind with their source; ``made_up``: not official in every figure."""

    id: str
    title: tuple[str, str]
    source: str
    made_up: bool
    cells: tuple[CellLine, ...]


_UNITS = {
    "luohe_units.csv": ("漯河民主评议政风行风 80 个评议对象", "Luohe: 80 offices and services"),
    "nanyang_units.csv": ("南阳宛办〔2014〕27号 118 个市直单位", "Nanyang: 118 offices of the city"),
}


@cache
def unit_lists() -> tuple[UnitList, ...]:
    """The lists of the policies that come with the program."""
    return tuple(
        UnitList(
            file.removesuffix("_units.csv"),
            title,
            tuple(
                UnitLine(code=row["code"], name=row["name"], category=row["category"])
                for row in loading.unit_list(file)
            ),
        )
        for file, title in _UNITS.items()
    )


@cache
def populations() -> tuple[Population, ...]:
    """漯河 2020: six areas of two kinds. The census knows five areas; the zone and the halves are made up."""
    text = _FOLDER.joinpath("luohe_2020.csv").read_text(encoding="utf-8")
    cells = tuple(CellLine.model_validate(row) for row in csv.DictReader(text.splitlines()))
    title = ("漯河市 2020 年人口，六个地区、城镇与农村", "Luohe 2020: six areas, town and rural")
    source = "第七次全国人口普查；经济技术开发区人口、城乡各半为编造"
    return (Population("luohe-2020", title, source, made_up=True, cells=cells),)
