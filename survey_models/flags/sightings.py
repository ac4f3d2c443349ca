"""A finding before it is stored: rule, place and numbers, in values that have one spelling."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from survey_models.core.canonical import digest
from survey_models.flags.rules import RuleSet
from survey_models.flags.suspicion import Suspicion
from survey_models.flags.tables import Rule

_LABEL = "label"


@dataclass(frozen=True)
class Sighting:
    """What a run saw (发现). One of ``campaign_id`` and ``window_id`` is set; ``upload_id`` goes with a campaign."""

    rule: Rule
    scope: dict[str, Any]
    evidence: dict[str, Any]
    campaign_id: str | None = None
    window_id: str | None = None
    upload_id: uuid.UUID | None = None

    def mark(self, rules: RuleSet) -> str:
        """By which the same finding is known again: target, rule, its numbers, and where; not what was seen there."""
        place = {key: value for key, value in self.scope.items() if key != _LABEL}
        target = [self.campaign_id, self.window_id, str(self.upload_id or "")]
        return digest([*target, self.rule.value, rules.hash, place])


def evidence_of(suspicion: Suspicion, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The numbers as they are stored: whole ones as they are, others as text of four digits; ``p`` with them."""
    numbers: dict[str, Any] = {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in suspicion.evidence.items()
        if name not in without
    }
    if suspicion.p is not None:
        numbers["p"] = f"{suspicion.p:.2g}"
    return numbers
