"""How a campaign is estimated: its strata as they count, and what it stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from survey_models.ballots.tables import Channel
from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import Estimation
from survey_models.results.weights import Layer, merged


@dataclass(frozen=True)
class Design:
    """The strata of a campaign, its statement about estimation, and which strata went whole into which others."""

    layers: tuple[Layer, ...]
    stated: Estimation = field(default_factory=Estimation)
    joined: Mapping[int, int] = field(default_factory=dict)

    def area_numbers(self) -> dict[str, int]:
        """Areas in the order of the strata, numbered from 0."""
        return {area: number for number, area in enumerate(dict.fromkeys(layer.area for layer in self.layers))}


def designed(
    layers: Sequence[Layer], lines: Mapping[int, int], *, joined: Mapping[int, int], stated: Estimation
) -> Design:
    """The design over ``layers`` as planned. ``lines``: of files, by stratum; they had no ticket and were asked."""
    asked = [replace(layer, asked=layer.asked + lines.get(layer.no, 0)) for layer in layers]
    return Design(layers=merged(asked, joined), stated=stated, joined=joined)


def lines_of(cells: Sequence[CellAnswers]) -> dict[int, int]:
    """Lines of files by stratum, among counted answers."""
    found: dict[int, int] = {}
    for cell in cells:
        if cell.channel == Channel.UPLOAD:
            found[cell.stratum_no] = found.get(cell.stratum_no, 0) + cell.sheets
    return found
