"""How a case of a scorecard is told to people (事项编号): its kind and a short number instead of the stored reference.

The stored trace keeps the whole reference, by which anybody can compute it again. Pure.
"""

from __future__ import annotations

import re

from survey_models.findings.machines import KIND_WORDS, Kind

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A finding without words of its own has its id, or what follows from another one's, for a matter.
_CASE = re.compile(rf"(?P<before>.*?)(?: (?:\w+:)?{_ID})? findings/(?:(?P<kind>[a-z_]+)/)?(?P<id>{_ID})")
SHORT = 8


def told(label: str) -> tuple[str, str]:
    """The label of a figure in Chinese and English; one that is not about a finding stays as it is.

    The number is the end of the id: its beginning is the time, the same for what was recorded together.
    """
    found = _CASE.fullmatch(label)
    if found is None:
        return label, label
    kind, number = found["kind"] or "", found["id"][-SHORT:].upper()
    zh, en = KIND_WORDS[Kind(kind)] if kind in set(Kind) else ("", "")
    in_chinese, in_english = (" ".join(filter(None, (found["before"], word, number))) for word in (zh, en))
    return in_chinese, in_english
