"""The same data under other rules (换一种办法会怎样): another setting or option map, over a result's own inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from survey_models.core.errors import Problem
from survey_models.rounds import asking, outcomes, service
from survey_models.rounds.hiding import hidden_lines
from survey_models.rounds.tables import RoundResult
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.language import Scheme
from survey_models.schemes.sensitivity import Sensitivity, compare, with_map
from survey_models.schemes.words import exact


@dataclass(frozen=True)
class Other:
    """Other rules: ``settings`` by name, ``maps``: numbers of options by map (null: not counted), or a ``version``."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: int | None = None


def compared(session: Session, round_id: str, other: Other) -> tuple[RoundResult, Sensitivity]:
    """The newest result of a round, and what its inputs give under other rules. Nothing is stored.

    Of a unit about which few people answered in one line, places and grades alone are compared.

    Raises ``round_result_missing``, ``scheme_faulty``, ``round_input_unfit``; ``period_unfit`` for a year, whose rounds
    are compared one by one.
    """
    row = outcomes.latest(session, round_id)
    inputs = outcomes.inputs_of(session, row)
    if not isinstance(inputs, Inputs):
        name = service.period_of(service.get(session, round_id)).name
        raise Problem("period_unfit", scheme=row.scheme_id, period=name, fit="half_year、quarter、month")
    stored = schemes.get(session, row.scheme_id, row.scheme_version)
    scheme = schemes.document_of(stored)
    found = compare(scheme, row.scheme_digest, inputs, _other(session, row, other))
    # With other numbers for one option after the other, totals would tell what few people answered.
    shifts = (
        replace(one, printed=(one.printed[0], None)) if hidden_lines(scheme, inputs, one.unit) else one
        for one in found.shifts
    )
    return row, replace(found, shifts=tuple(shifts))


def _other(session: Session, row: RoundResult, other: Other) -> Scheme:
    stored = schemes.get(session, row.scheme_id, other.version or row.scheme_version)
    settings = {**stored.settings, **asking.settings_of(other.settings)}
    scheme = loading.read(stored.text, settings=settings).scheme.model_copy(update={"version": stored.version})
    for name, options in other.maps.items():
        scheme = with_map(scheme, name, {word: _number(word, value) for word, value in options.items()})
    return scheme


def _number(word: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(exact(value))
    except ValueError as error:
        raise Problem("round_input_unfit", what=f"“{word}”的分值不是数", what_en=f"the number of {word}") from error


def read(session: Session, round_id: str, wishes: Sequence[str]) -> Other:
    """Other rules from words: ``window_points=15`` is a setting, ``maps.three.基本满意=80`` an option's number.

    Options that nobody named keep their number. Raises ``round_input_unfit`` for a map that there is none of.
    """
    row = outcomes.latest(session, round_id)
    scheme = schemes.document_of(schemes.get(session, row.scheme_id, row.scheme_version))
    settings: dict[str, Any] = {}
    maps: dict[str, dict[str, Any]] = {}
    for wish in wishes:
        name, _, value = wish.partition("=")
        steps = name.split(".", 2)
        if steps[0] != "maps" or len(steps) < 3:
            settings[name] = value
        elif steps[1] not in scheme.maps:
            raise Problem("round_input_unfit", what=f"没有选项分值“{steps[1]}”", what_en=f"no map {steps[1]}")
        else:
            numbers = maps.setdefault(steps[1], dict(scheme.maps[steps[1]].options))
            numbers[steps[2]] = value or None
    return Other(settings, maps)
