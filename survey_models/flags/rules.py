"""The frozen set of rules (疑点规则): read once, hashed canonically, every number with its citation and reason."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.flags.tables import FlagState, Rule

# The kind of job that runs the rules over one campaign.
RUN = "flags:run"


# What may be read while answers are sealed: numbers, times, ways of coming in; levels only of window ratings.
OPEN_READS = frozenset({"counts", "times", "channels", "levels"})
Number = int | Decimal | tuple[int, ...]


class RuleText(BaseModel):
    """One rule: when it may run, what it reads, its words, the citation, the reason and its numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Rule
    when: Literal["open", "closed", "counted"]
    reads: Literal["counts", "times", "channels", "levels", "answers", "durations"]
    zh: Annotated[str, Field(min_length=2)]
    en: Annotated[str, Field(min_length=2)]
    zh_what: Annotated[str, Field(min_length=5)]
    en_what: Annotated[str, Field(min_length=5)]
    citation: Annotated[str, Field(min_length=5)]
    reason: Annotated[str, Field(min_length=5)]
    parameters: dict[str, Annotated[Number, Field(union_mode="left_to_right")]]

    @field_validator("parameters", mode="before")
    @classmethod
    def _no_floats(cls, value: object) -> object:
        """A chance is text: a float has no one spelling, so it could not be hashed."""
        if isinstance(value, dict) and any(isinstance(number, float) for number in value.values()):
            raise ValueError("write chances as text")
        return value

    def whole(self, name: str) -> int:
        """A parameter that is a whole number."""
        value = self.parameters[name]
        if not isinstance(value, int):
            raise TypeError(f"{self.id}.{name} is not a whole number")
        return value

    def chance(self, name: str) -> float:
        """A parameter that is a chance or a share."""
        value = self.parameters[name]
        if not isinstance(value, Decimal):
            raise TypeError(f"{self.id}.{name} is not a chance")
        return float(value)

    def several(self, name: str) -> tuple[int, ...]:
        """A parameter that is a list of whole numbers."""
        value = self.parameters[name]
        if not isinstance(value, tuple):
            raise TypeError(f"{self.id}.{name} is not a list")
        return value


class RuleSet(BaseModel):
    """All rules of a version; ``hash`` is what the ledger and every flag carry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    rules: tuple[RuleText, ...]

    @field_validator("rules")
    @classmethod
    def _each_once(cls, rules: tuple[RuleText, ...]) -> tuple[RuleText, ...]:
        """Every detector has its rule, once; what runs while sheets are sealed reads no answer."""
        if sorted(rule.id for rule in rules) != sorted(Rule):
            raise ValueError("each rule stands once")
        if any(rule.when != "counted" and rule.reads not in OPEN_READS for rule in rules):
            raise ValueError("a rule that runs before counting reads no answers")
        return rules

    def rule(self, rule: Rule) -> RuleText:
        """One rule."""
        return next(found for found in self.rules if found.id is rule)

    @property
    def hash(self) -> str:
        """Hex SHA-256 of the canonical form: words, citations, reasons and numbers."""
        return digest(self.model_dump(mode="json"))


def read_rules(text: str) -> RuleSet:
    """The rule set of a YAML document. Raises ValueError (pydantic) for a missing rule or a float."""
    return RuleSet.model_validate(yaml.safe_load(text))


@cache
def rule_set() -> RuleSet:
    """The rule set that this version of the program runs by."""
    return read_rules(files("survey_models.flags").joinpath("rules.yaml").read_text(encoding="utf-8"))


def after_decision(state: str, decision: str) -> FlagState:
    """An open flag is dismissed or voided, once. Raises ``flag_decided``."""
    if state != FlagState.OPEN or decision == FlagState.OPEN:
        raise Problem("flag_decided", state=state)
    return FlagState(decision)
