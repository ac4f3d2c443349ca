"""Members of a panel stand in no public bundle by their names, and the figures still follow from it."""

from __future__ import annotations

import json
from dataclasses import replace

from survey_models.publications.masking import members, without_named_lines, without_names
from survey_models.reports.round_tables import inputs_tables
from survey_models.rounds.records import to_json
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Inputs
from tests.simulated_rounds import simulated

NAMES = ("欧阳明", "张伟", "李娜")


def named() -> Inputs:
    made = simulated("wenzhou-2013-36").inputs
    marks = {
        key: tuple(replace(mark, who=name) for mark, name in zip(several, NAMES, strict=True))
        if len(several) > 1
        else several
        for key, several in made.marks.items()
    }
    return replace(made, marks=marks)


def test_a_public_bundle_names_nobody_and_is_computed_again() -> None:
    loaded, inputs = simulated("wenzhou-2013-36").loaded, named()
    outcome = evaluate(loaded.scheme, loaded.digest, inputs)
    told = json.dumps(to_json(outcome), ensure_ascii=False)
    assert all(name in told for name in NAMES)
    numbers = members(inputs)
    assert set(numbers) == set(NAMES)
    public, shown = without_names(inputs, numbers), without_named_lines(outcome, numbers)
    for whole in (to_json(public), to_json(shown)):
        text = json.dumps(whole, ensure_ascii=False)
        assert not any(name in text for name in NAMES)
    assert to_json(evaluate(loaded.scheme, loaded.digest, public)) == to_json(shown)
    tables = str(inputs_tables(inputs, names=False))
    assert not any(name in tables for name in NAMES)
    assert "办公室" in tables
