"""The worked examples: inputs and results that were calculated by hand from the documents."""

import json
from pathlib import Path
from typing import Any

from sampling.scales import OptionScale

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "worked_examples.json").read_text(encoding="utf-8")
)
OPTION_MAP: dict[str, int | None] = DOCUMENT["option_map"]

SCALE = OptionScale.of({"1": 100, "2": 60, "3": 0, "0": None}, satisfied={"1", "2"})
"""满意 100, 基本满意 60, 不满意 0, 不了解 excluded; 满意 and 基本满意 count as satisfied."""


def example(section: str, identity: str) -> dict[str, Any]:
    """One example by its section and id."""
    found: dict[str, Any] = next(entry for entry in DOCUMENT[section] if entry["id"] == identity)
    return found
