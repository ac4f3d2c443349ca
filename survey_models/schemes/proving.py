"""Proving a scheme (校验评分办法): everything that is wrong with a document, at once, each fault with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey_models.schemes.faults import Fault, Faults
from survey_models.schemes.language import Scheme
from survey_models.schemes.proofs import citations, limits, names, picks, points
from survey_models.schemes.proofs.outline import Document, named
from survey_models.schemes.reading import read_yaml
from survey_models.schemes.resolving import in_force, resolved
from survey_models.schemes.shaping import shape


def prove(text: str) -> list[Fault]:
    """All faults of a YAML text, by line; none: it can be stored."""
    return examine(text)[1]


def examine(text: str, *, settings: Mapping[str, Any] | None = None) -> tuple[Scheme | None, list[Fault]]:
    """The scheme with these settings in force, None where its shape is broken, and all faults."""
    read = read_yaml(text)
    faults = Faults(read)
    for line, path, code, params in read.wrong:
        faults.at(line, path, code, **params)
    if not isinstance(read.data, dict):
        return None, faults.sorted()
    values = in_force(read.data, settings or {}, faults)
    data, used = resolved(read.data, values, faults)
    doc = Document(named(data), frozenset(used), faults)
    for proof in (citations, points, names, picks, limits):
        proof.prove(doc)
    scheme = shape(data, faults)
    return scheme, faults.sorted()


__all__ = ["Fault", "examine", "prove"]
