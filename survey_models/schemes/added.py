"""Units that others add to those of the document (增加的评议对象): by the city, or by a county for its own people.

A unit that the city adds is rated like those of the document. One that a county adds is asked about on that county's
sheets alone, and has a place among its county's own. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from survey_models.schemes.words import Cited, Model

CITY = "added_by_city"
"""The flag of a unit that the city added (市增加的单位)."""
_AREA = "area-"

Lacking = Literal["reweight", "zero", "category_mean", "withhold", "block"]
"""What becomes of a line that nobody has data on for a county's unit; ``block``: the office decides unit by unit."""


class AreaAdded(Cited):
    """Units that a county or zone adds (县区增加的单位). ``lacking``: usual for lines without data; the office says."""

    lacking: Lacking = "reweight"


class CityAdded(Cited):
    """Units that the city adds (市增加的单位): rated like those of the document, in a category of it."""


class Additions(Model):
    """Who may add units to a round. In force, and printed, only in a round to which units are added."""

    city: CityAdded
    areas: AreaAdded


def flag_of(area: str) -> str:
    """The flag of a unit that an area added: its code behind ``area-``; empty: the city did."""
    return f"{_AREA}{area}" if area else CITY


def area_of(flags: Collection[str]) -> str | None:
    """The code of the area that added the unit; None: the document has it, or the city added it."""
    return next((flag.removeprefix(_AREA) for flag in flags if flag.startswith(_AREA)), None)
