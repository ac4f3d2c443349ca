"""Decisions about unit lists (被评议单位名单) that need no database."""

from __future__ import annotations

from collections.abc import Sequence

from survey_models.core.errors import Problem

COLUMNS = ("code", "name", "category", "order", "superior_led", "flags_source")


def unit_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """The rows of a unit list by column name.

    Raises ``upload_columns_missing``, ``upload_columns_unknown``, ``cell_missing``, ``cell_not_an_option``.
    """
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise Problem("upload_columns_missing", columns=", ".join(missing))
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        raise Problem("upload_columns_unknown", columns=", ".join(unknown))
    found = [dict(zip(header, cells, strict=True)) for cells in rows]
    for row in found:
        for name in ("code", "name", "category", "flags_source"):
            if not row[name]:
                raise Problem("cell_missing", column=name)
        if not row["order"].isdecimal():
            raise Problem("cell_not_an_option", value=row["order"], options="1, 2, 3 …")
        if row["superior_led"] not in {"0", "1"}:
            raise Problem("cell_not_an_option", value=row["superior_led"], options="0, 1")
    return found
