"""What comes with the program (随附的评分办法): presets, the texts of their policies, the lists of their units."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from survey_models.core.errors import Problem

_FOLDER = files("survey_models.schemes")


@cache
def presets() -> tuple[str, ...]:
    """The names of the presets, in order."""
    names = (one.name for one in _FOLDER.joinpath("presets").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@cache
def preset(name: str) -> str:
    """The YAML text of a preset. Raises ``scheme_preset_unknown``."""
    if name not in presets():
        raise Problem("scheme_preset_unknown", preset=name, known=", ".join(presets()))
    return _FOLDER.joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")


@cache
def policies() -> tuple[str, ...]:
    """The file names of the policy texts."""
    return tuple(sorted(one.name for one in _FOLDER.joinpath("policies").iterdir() if one.name.endswith(".txt")))


@cache
def policy_text(name: str) -> str:
    """The stored text of a policy, whole, by its file name (``.txt`` may be left out). Raises KeyError."""
    file = name if name.endswith(".txt") else f"{name}.txt"
    if file not in policies():
        raise KeyError(name)
    return _FOLDER.joinpath("policies", file).read_text(encoding="utf-8")


@cache
def unit_lists() -> tuple[str, ...]:
    """The file names of the unit lists."""
    return tuple(sorted(one.name for one in _FOLDER.joinpath("units").iterdir() if one.name.endswith(".csv")))


@cache
def unit_list(file: str) -> tuple[dict[str, str], ...]:
    """The rows of a unit list: code, name, category, order, flags. Raises KeyError."""
    if file not in unit_lists():
        raise KeyError(file)
    text = _FOLDER.joinpath("units", file).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
