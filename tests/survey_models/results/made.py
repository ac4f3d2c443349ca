"""A made sample of three strata in two areas with four test points: the same on every run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from survey_models.campaigns.answers import CellAnswers
from survey_models.campaigns.estimation import Estimation
from survey_models.questionnaires.rules import Form, read_form, unit_questionnaire
from survey_models.results.design import Design
from survey_models.results.rules import Scores, score_units
from survey_models.results.sheets import Sheets, read_sheets
from survey_models.results.weights import Layer

UNITS = [{"code": f"U{no}", "name": f"单位{no}", "category": "甲" if no < 3 else "乙"} for no in range(5)]
LAYERS = (
    Layer(1, "a", 6000, "town", 60),
    Layer(2, "a", 2000, "rural", 40),
    Layer(3, "b", 2000, "town", 50),
    Layer(4, "b", 1500, "rural", 45),
)
# Stratum, point and sheets returned: every area has two points.
CELLS = ((1, 1, 22), (1, 2, 18), (2, 1, 9), (2, 2, 4), (3, 3, 15), (3, 4, 13), (4, 3, 11), (4, 4, 10))
PLAIN = Estimation(min_cell=5)


def form() -> Form:
    return read_form("f", 1, unit_questionnaire(title={"zh": "测试", "en": "Test"}, units=UNITS))


def cells() -> list[CellAnswers]:
    """Sheets whose answers lean differently in each stratum, with age and sex behind the units."""
    chance = np.random.default_rng(20261122)
    found = []
    for stratum, point, number in CELLS:
        lean = [0.5 - 0.06 * stratum, 0.25, 0.1 + 0.05 * stratum]
        odds = np.array([*lean, 1 - sum(lean)])
        units = chance.choice(list("1230"), size=(number, len(UNITS)), p=odds)
        age = chance.choice(list("1234"), size=(number, 1), p=[0.4, 0.3, 0.2, 0.1])
        sex = chance.choice(list("12-"), size=(number, 1), p=[0.5, 0.4, 0.1])
        lines = np.concatenate([units, age, sex], axis=1)
        found.append(CellAnswers(stratum, point, "phone", number, "".join("".join(line) for line in lines)))
    return found


def sheets() -> Sheets:
    return read_sheets(form(), cells())


def scored(**stated: Any) -> Scores:
    return score_units(sheets(), form(), Design(LAYERS, replace(PLAIN, **stated)), seed="tally")
