"""Quotations (引文): each stands in the policy's text, and a line without one says that the text is silent."""

from __future__ import annotations

import re

from survey_models.schemes.proofs.outline import Document, cited, words
from survey_models.schemes.reading import Path
from survey_models.schemes.shelf import policies, policy_text
from survey_models.schemes.words import SHORTEST_QUOTATION

_BLANK = re.compile(r"\s+")


def prove(doc: Document) -> None:
    """Note lines that rest on nothing, and quotations that are too short or stand nowhere in the text."""
    text = _policy(doc)
    for path, node in cited(doc.data):
        quotations = words(node.get("cite"))
        if not quotations and node.get("assumed") is None:
            doc.faults.add(path, "unmarked")
        for at, quotation in enumerate(quotations):
            _prove_one((*path, "cite", at), quotation, text, doc)


def _prove_one(path: Path, quotation: str, text: str | None, doc: Document) -> None:
    if len(quotation.strip()) < SHORTEST_QUOTATION:
        doc.faults.add(path, "quotation_short", text=quotation)
    elif text is not None and plain(quotation) not in text:
        doc.faults.add(path, "quotation_false", text=quotation)


def plain(text: str) -> str:
    """``text`` without blanks: a copied page breaks its lines anywhere."""
    return _BLANK.sub("", text)


def _policy(doc: Document) -> str | None:
    own, name = doc.data.get("policy"), doc.data.get("text")
    if isinstance(own, str) and own.strip():
        return plain(own)
    if not isinstance(name, str):
        return None
    if (name if name.endswith(".txt") else f"{name}.txt") not in policies():
        doc.faults.add(("text",), "text_unknown", name=name, known=", ".join(policies()))
        return None
    return plain(policy_text(name))
