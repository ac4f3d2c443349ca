"""The faults of a file or of answers on the command line (错误清单): each with what to do, before the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.cli.speaking import table
from survey_models.core.errors import Problem

SHOWN = 200


@contextmanager
def shown() -> Iterator[None]:
    """Print the faults of a ``file_faulty`` or a ``plan_answers_faulty`` on its way out."""
    try:
        yield
    except Problem as problem:
        faults = problem.params.get("faults")
        if isinstance(faults, list) and problem.code == "plan_answers_faulty":
            asked = [(one["key"], f"{one['zh']} {one['en']}") for one in faults]
            table(["问题 question", "怎么改 remedy"], asked[:SHOWN])
        elif isinstance(faults, list):
            rows = [(one["cell"] or one["row"] or "", one["message"], one["remedy"], one["code"]) for one in faults]
            table(["单元格 cell", "问题 fault", "怎么改 remedy", "代码 code"], rows[:SHOWN])
        raise
