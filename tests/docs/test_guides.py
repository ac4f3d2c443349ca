"""The guides of each role: their pictures are the ones that `make screenshots` takes, their addresses are served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.app import ROUTERS
from tests.architecture.tree import ROOT
from tests.browser.take_screenshots import IMAGES, LARGEST, SHOTS
from tests.docs.test_links import links

GUIDES = ("operator", "contractor", "auditor", "citizen")
ADDRESS = re.compile(r"`(?:(?:GET|POST|PUT|DELETE|`, `)+ )?(/[a-z][^`\s]*)`")
PICTURE = re.compile(r'!\[([^\]]*)\]\((images/[^)]+)\)|<img src="([^"]+)" alt="([^"]*)"')


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def pictures(name: str) -> dict[str, str]:
    """The pictures of a guide and what they show, in words."""
    return {first or second: alt or other for alt, first, second, other in PICTURE.findall(page(name))}


def served() -> list[re.Pattern[str]]:
    """Every address that answers: of the server, and of the console, whose pages the router of the front end names."""
    router = (ROOT / "kiosk" / "console" / "router.ts").read_text(encoding="utf-8")
    console = [f"/console{path}" for path in re.findall(r'path: "(/[^"*]*)"', router)]
    # The server gives the console's one page for whatever stands behind its address.
    server = [str(getattr(route, "path", "")) for one in ROUTERS for route in one.routes]
    paths = [path for path in server if not path.startswith("/console")]
    return [re.compile(re.sub(r"\\?\{[^}]+\\?\}|:\w+", "[^/]+", path) + "/?") for path in (*paths, *console)]


def unknown(text: str) -> list[str]:
    """The addresses of a text that nothing answers."""
    known = served()
    found = [address.partition("?")[0] for address in ADDRESS.findall(text)]
    begun = {f"/{path.split('/')[1]}/" for pattern in known if "/" in (path := pattern.pattern)[1:]}
    return [one for one in found if one not in begun and not any(pattern.fullmatch(one) for pattern in known)]


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_has_pictures_that_are_described(name: str) -> None:
    found = pictures(name)
    assert found
    assert all(re.search(r"[\u4e00-\u9fff]", alt) for alt in found.values())
    assert {Path(path).stem for path in found} <= set(SHOTS)


@pytest.mark.parametrize("name", GUIDES)
def test_every_address_of_a_guide_is_served(name: str) -> None:
    assert unknown(page(name)) == []


def test_every_picture_is_taken_used_and_small() -> None:
    kept = {path.stem: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert set(kept) == set(SHOTS)
    assert [name for name, size in kept.items() if size > LARGEST] == []
    guides = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        Path(link).stem for guide in guides for link in links(guide.read_text(encoding="utf-8")) if "images/" in link
    }
    assert shown == set(SHOTS)


def test_an_address_that_nothing_answers_is_seen() -> None:
    text = "`/console/ledger` `GET /api/campaigns/{id}` `/b/luohe/verify` `/console/nowhere` `/api/nothing?a=1`"
    assert unknown(text) == ["/console/nowhere", "/api/nothing"]
