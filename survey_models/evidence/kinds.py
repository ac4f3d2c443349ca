"""Kinds of bundles (证据包的种类), by themselves: the command line names them before it loads what writes bundles."""

from enum import StrEnum


class Kind(StrEnum):
    """For everybody, or for those who may see ballots and sealed sheets."""

    PUBLIC = "public"
    AUDITOR = "auditor"
