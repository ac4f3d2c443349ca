"""How a campaign is estimated: its strata as they count, and what it stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_models.campaigns.estimation import Estimation
from survey_models.results.weights import Layer


@dataclass(frozen=True)
class Design:
    """The strata of a campaign, its statement about estimation, and which strata went whole into which others."""

    layers: tuple[Layer, ...]
    stated: Estimation = field(default_factory=Estimation)
    joined: Mapping[int, int] = field(default_factory=dict)

    def area_numbers(self) -> dict[str, int]:
        """Areas in the order of the strata, numbered from 0."""
        return {area: number for number, area in enumerate(dict.fromkeys(layer.area for layer in self.layers))}
