"""What a run refuses to read (输入核对): a mark in a survey line, a case without a rule, a stranger."""

from __future__ import annotations

from collections.abc import Iterator

from survey_models.core.errors import Problem
from survey_models.schemes.fitting import leaves
from survey_models.schemes.inputs import Inputs
from survey_models.schemes.language import Adjustment, Part, Scheme
from survey_models.schemes.sources import Cases, Decay, Marks, Tiers


def check(scheme: Scheme, inputs: Inputs) -> None:
    """Raise ``mark_not_for_component`` or ``round_input_unfit``; nothing that was entered is left out in silence."""
    units = {unit.code for unit in inputs.units}
    if len(units) < len(inputs.units):
        raise Problem("round_input_unfit", what="有单位重复", what_en="a unit stands twice")
    by_mark = {part.id for part in leaves(scheme) if isinstance(part.source, Marks | Decay | Tiers)}
    for part, unit in inputs.marks:
        # A mark can never stand in for people's answers, for window ratings or for cases.
        if part not in by_mark:
            raise Problem("mark_not_for_component", part=part)
        if unit not in units:
            raise _stranger(unit)
    by_case = {part.id for part in leaves(scheme) if isinstance(part.source, Cases)}
    by_case |= {one.id for one in adjustments(scheme)}
    for case in inputs.booked:
        if case.part not in by_case:
            raise Problem("round_input_unfit", what=f"“{case.part}”不按事项扣分", what_en=f"{case.part} takes no cases")
        if case.unit not in units:
            raise _stranger(case.unit)


def adjustments(scheme: Scheme) -> tuple[Adjustment, ...]:
    """Every bonus and penalty of the document: of the total, and inside lines."""
    return (*scheme.adjustments, *_inside(scheme.total))


def _inside(part: Part) -> Iterator[Adjustment]:
    if part.adjust is not None:
        yield part.adjust
    for one in (*part.parts, *part.mean, *(inner for case in part.choose for inner in case.parts)):
        yield from _inside(one)


def _stranger(unit: str) -> Problem:
    return Problem("round_input_unfit", what=f"“{unit}”不是本轮的单位", what_en=f"{unit} is no unit of this round")
