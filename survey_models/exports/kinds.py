"""What may be exported, and as what (导出的种类): names alone, so that a command line knows them at no cost."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The three ways out."""

    CSV = "csv"
    XLSX = "xlsx"
    SAV = "sav"


class What(StrEnum):
    """What may be exported of a campaign."""

    TALLIES = "tallies"
    STRATA = "strata"
    RESULTS = "results"
    BALLOTS = "ballots"


class Listing(StrEnum):
    """What may be exported of the house."""

    WINDOWS = "windows"
    FINDINGS = "findings"
