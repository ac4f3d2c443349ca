"""Checking a bundle (核对证据包) without database and network: every check, each with its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from survey_models.core.archives import unpacked
from survey_models.core.errors import Problem
from survey_models.evidence import beside_checks, documents, ledger_checks, result_checks, sheet_checks
from survey_models.evidence.cases import Case, Trust
from survey_models.evidence.findings import Finding, answered

CHECKS = (*ledger_checks.CHECKS, *sheet_checks.CHECKS, *result_checks.CHECKS, *beside_checks.CHECKS)


def verify(raw: bytes, trust: Trust) -> list[Finding]:
    """The answers to all checks, in their order. Raises ``bundle_unreadable`` for what is no bundle at all."""
    try:
        files = unpacked(raw)
    except ValueError:
        raise Problem("bundle_unreadable") from None
    return verify_files(files, trust)


def verify_files(files: Mapping[str, bytes], trust: Trust) -> list[Finding]:
    """As ``verify``, for files by name."""
    if documents.MANIFEST not in files:
        raise Problem("bundle_unreadable")
    case = Case(files, trust)
    return [answered(check, case) for check in CHECKS]
