"""No guide sends anybody to where nothing is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, files

LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def guides() -> list[Path]:
    """README, changes and every page of docs/."""
    found = [path for path in files() if path.suffix == ".md" and path.parts[0] != "tests"]
    assert Path("docs/index.md") in found
    return found


def links(page: str) -> Iterator[str]:
    """The targets of all links and pictures, code left out."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page, flags=re.DOTALL)
    yield from (first or second for first, second in LINK.findall(prose))


def anchors(page: str) -> set[str]:
    """The places inside a page that a link can name, spelled as forges spell them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(page)}


def broken(guide: Path) -> list[str]:
    """The targets of a guide that lead nowhere."""
    found = []
    for target in links((ROOT / guide).read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / guide).parent / name if name else ROOT / guide
        if not path.exists() or (anchor and anchor not in anchors(path.read_text(encoding="utf-8"))):
            found.append(f"{guide}: {target}")
    return found


def test_every_link_leads_somewhere() -> None:
    assert [fault for guide in guides() for fault in broken(guide)] == []


def test_every_guide_can_be_found_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        waiting += [page.parent / link.partition("#")[0] for link in links(page.read_text(encoding="utf-8"))]
    assert [str(path) for path in guides() if (ROOT / path).resolve() not in seen] == []


def test_a_broken_link_is_seen() -> None:
    assert list(links('[a](b.md) `[c](d)` <img src="e.png">\n```\n[f](g)\n```')) == ["b.md", "e.png"]
    assert anchors("# The ledger · 台账\n## Two words") == {"the-ledger--台账", "two-words"}
