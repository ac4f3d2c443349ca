"""What a campaign states about its estimation (评估方法) before it opens, as one document: pure.

Weights, errors, thresholds and the questions about borders are chosen before anybody has answered. The digest of
the document goes to the ledger and stands on every result, so that a method chosen afterwards would show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import digest

DOMAIN, STRATIFIED_MEAN = "domain", "stratified_mean"
LINEARISED, RAO_WU, JACKKNIFE = "linearised", "rao_wu", "jackknife"
REFUSE, COLLAPSE, ADJUST = "refuse", "collapse", "adjust"
REPLICATES = 1000
MIN_RETURNED = 20


@dataclass(frozen=True)
class Nonresponse:
    """Classes of an adjustment for nonresponse (无应答调整类): ``by`` area, kind or both, in the order of joining."""

    by: tuple[str, ...]
    min_returned: int = MIN_RETURNED


@dataclass(frozen=True)
class Margin:
    """People by option of a background item (控制总数), from outside the survey."""

    item: str
    totals: Mapping[str, int]


@dataclass(frozen=True)
class Stages:
    """Finite numbers of a two-stage design: test points that exist by area code, people by number of a drawn point."""

    points: Mapping[str, int]
    people: Mapping[int, int]


@dataclass(frozen=True)
class Estimation:
    """The whole statement. Numbers that are not whole (``confidence``, ``cap_ratio``) are decimal text.

    ``finite``: finite-population correction (有限总体修正); ``lonely``: what becomes of a stratum with one sampling
    unit, as ``sampling.designs`` names it; ``trim_cap``: largest weight as a multiple of the median (权数截尾).
    """

    estimator: str = DOMAIN
    errors: str = LINEARISED
    replicates: int = REPLICATES
    finite: bool = False
    points_as_psu: bool = False
    lonely: str = COLLAPSE
    nonresponse: Nonresponse | None = None
    margins: Sequence[Margin] = ()
    trim_cap: str | None = None
    min_cell: int = 10
    confidence: str = "0.95"
    borders: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    stages: Stages | None = None

    @property
    def replicated(self) -> bool:
        """Whether errors come from doing the estimation again."""
        return self.errors != LINEARISED

    def as_dict(self) -> dict[str, Any]:
        """The document as it is stored, shown and digested."""
        return {
            "estimator": self.estimator,
            "errors": self.errors,
            "replicates": self.replicates,
            "finite": self.finite,
            "points_as_psu": self.points_as_psu,
            "lonely": self.lonely,
            "nonresponse": self.nonresponse
            and {"by": list(self.nonresponse.by), "min_returned": self.nonresponse.min_returned},
            "margins": [{"item": margin.item, "totals": dict(margin.totals)} for margin in self.margins],
            "trim": None if self.trim_cap is None else {"cap_ratio": self.trim_cap},
            "min_cell": self.min_cell,
            "confidence": self.confidence,
            "borders": {category: dict(asked) for category, asked in self.borders.items()},
            "stages": self.stages
            and {
                "points": dict(self.stages.points),
                "people": {str(no): number for no, number in self.stages.people.items()},
            },
        }

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical document."""
        return digest(self.as_dict())

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The statement that a stored document holds; the inverse of ``as_dict``."""
        classes, trim, stages = document["nonresponse"], document["trim"], document["stages"]
        plain = ("estimator", "errors", "replicates", "finite", "points_as_psu", "lonely", "min_cell", "confidence")
        return cls(
            **{name: document[name] for name in plain},
            nonresponse=classes and Nonresponse(tuple(classes["by"]), classes["min_returned"]),
            margins=tuple(Margin(margin["item"], margin["totals"]) for margin in document["margins"]),
            trim_cap=trim and trim["cap_ratio"],
            borders=document["borders"],
            stages=stages and Stages(stages["points"], {int(no): number for no, number in stages["people"].items()}),
        )


def stated(campaign: Campaign) -> Estimation:
    """The statement of a campaign; one that was never set holds what the campaign was made with, the rest as usual."""
    if campaign.estimation is not None:
        return Estimation.of(campaign.estimation)
    return Estimation(
        estimator=campaign.estimator,
        points_as_psu=campaign.points_as_psu,
        lonely=REFUSE if campaign.estimator == STRATIFIED_MEAN else COLLAPSE,
        margins=tuple(Margin(margin["item"], margin["totals"]) for margin in campaign.margins or []),
        min_cell=campaign.min_cell,
        borders=campaign.borders or {},
    )
