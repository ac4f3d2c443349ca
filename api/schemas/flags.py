"""Wire shapes of flags (疑点)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from survey_models.flags.rules import rule_set
from survey_models.flags.tables import Flag, FlagState, Rule


class FlagView(BaseModel):
    """One sign of stuffing. ``scope``: where, in numbers, and ``label`` in words; ``evidence``: the numbers seen.

    ``rule_set`` is the hash of the rules it was found by; ``act``: the two-person act that decided it.
    """

    id: uuid.UUID
    campaign: str | None
    window: str | None
    upload: uuid.UUID | None
    rule: Rule
    title: str
    title_en: str
    what: str
    what_en: str
    citation: str
    rule_set: str
    label: str
    scope: dict[str, Any]
    evidence: dict[str, Any]
    made_at: datetime
    state: FlagState
    act: int | None

    @classmethod
    def of(cls, flag: Flag) -> FlagView:
        """The flag with the words of its rule."""
        rule = rule_set().rule(Rule(flag.rule))
        return cls(
            id=flag.id,
            campaign=flag.campaign_id,
            window=flag.window_id,
            upload=flag.upload_id,
            rule=rule.id,
            title=rule.zh,
            title_en=rule.en,
            what=rule.zh_what,
            what_en=rule.en_what,
            citation=rule.citation,
            rule_set=flag.rule_set,
            label=str(flag.scope.get("label", "")),
            scope=flag.scope,
            evidence=flag.evidence,
            made_at=flag.made_at,
            state=FlagState(flag.state),
            act=flag.act_number,
        )
