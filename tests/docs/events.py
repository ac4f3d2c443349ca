"""Reading docs/events.md: which fields each ledger event carries."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT

LINE = re.compile(r"^\| `([a-z_:]+)` \| (system|campaign) \| ([^|]*) \| [^|]+ \|$", re.MULTILINE)


def documented_fields() -> dict[str, tuple[str, set[str]]]:
    """Log and fields by event, as the page has them."""
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    return {event: (log, set(re.findall(r"`(\w+)`", fields))) for event, log, fields in LINE.findall(text)}


def differences(event: str, log: str, body: dict[str, object]) -> list[str]:
    """What a written entry has beside the page, or lacks; ``by`` may be missing."""
    kind, fields = documented_fields()[event]
    found = set(body) - {"event", "log", *(["blind"] if log == "system" else [])}
    faults = [f"{event}: `{name}` is not documented" for name in sorted(found - fields)]
    faults += [f"{event}: `{name}` is missing" for name in sorted(fields - found - {"by"})]
    if (log == "system") != (kind == "system"):
        faults.append(f"{event}: written to {log}")
    return faults
