"""``make audit-console``: weight and speed of the console, and every page through axe at two sizes, light and dark.

Prints value, limit, ratio; pictures go to var/audit/console. ``ARGS=--short`` looks at each page once, sizes and
colours in turn. The wide table is the cross table of 118 units by 60 strata, with made-up counts.
"""

from __future__ import annotations

import gzip
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, ViewportSize, sync_playwright

from benchmarks.verdicts import Line, below, heading, none_of
from tests.browser.conftest import FLAGS
from tests.browser.english import untranslated
from tests.browser.rules import RULES
from tests.browser.server import ROOT, Server, running_demo
from tests.browser.watch import Watch

PICTURES = ROOT / "var" / "audit" / "console"
DIST = ROOT / "kiosk" / "dist" / "console"
ROUTER = ROOT / "kiosk" / "console" / "router.ts"
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
Colour = Literal["light", "dark"]
COLOURS: tuple[Colour, ...] = ("light", "dark")
KB = 1000
MOST_KB, MOST_ROUTE_MS, MOST_GAP_MS = 350, 200, 1000
UNITS, STRATA = 118, 60
# A page that hangs is a fault; one on a busy machine is not: milliseconds.
PATIENCE = 600_000
# What stands in the place of an id in an address; a page whose object the demo lacks shows that, and is looked at so.
IDS = {"campaigns": "luohe-closed", "draws": "luohe-points", "windows": "hall-01", "rounds": "luohe-hangfeng-2015"}
# From the click to the first frame with the new heading.
_TURN = """(selector) => new Promise((done) => {
  const begun = performance.now(), before = document.querySelector('h1')?.textContent;
  const look = () => {
    const now = document.querySelector('h1')?.textContent;
    if (now && now !== before) requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
    else setTimeout(look, 2);
  };
  document.querySelector(selector).click();
  look();
})"""
# Down and right through the table in steps of the wheel, for some seconds; the longest time between two frames.
_SCROLL = """(box) => new Promise((done) => {
  let last = performance.now(), longest = 0, frames = 0;
  const begun = last, across = box.scrollWidth - box.clientWidth;
  const down = document.documentElement.scrollHeight - innerHeight;
  const step = () => {
    const now = performance.now(), part = Math.min(1, (now - begun) / 4000);
    longest = Math.max(longest, now - last); last = now; frames += 1;
    scrollTo(0, down * part); box.scrollLeft = across * part;
    if (part < 1) requestAnimationFrame(step); else done([longest, frames]);
  };
  requestAnimationFrame(step);
})"""


def addresses() -> list[tuple[str, str]]:
    """Name and address of every page, as the router has them."""
    found = re.findall(r'path: "([^"]+)", name: "([\w-]+)", component', ROUTER.read_text(encoding="utf-8"))
    return [(name, _filled(path)) for path, name in found if name not in {"nothing", "sign-in"}]


def _filled(path: str) -> str:
    first = path.split("/")[1]
    whole = path.replace(":unit", "LH-001").replace(":id", "new" if first == "setups" else IDS.get(first, "1"))
    return f"/console{whole}"


def first_load(page: Page, server: Server) -> Line:
    """What a browser with an empty cache fetches until the first page stands, compressed as gzip does."""
    fetched: set[str] = set()
    page.on("response", lambda answer: fetched.add(answer.url))
    page.goto("/console/")
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    files = [DIST / "index.html", *(DIST / "assets" / url.rpartition("/")[2] for url in fetched if "/assets/" in url)]
    weight = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    return below(f"first load, {len(files)} files, gzip (kB)", weight / KB, MOST_KB, form=".0f")


def route_changes(page: Page) -> Iterator[Line]:
    """From page to page by the menu; each page was open before, so that its file is there."""
    places = ["/console/units", "/console/accounts", "/console/ledger", "/console/schemes", "/console/rounds"]
    for place in places:
        page.goto(place)
        page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    times = sorted(page.evaluate(_TURN, f'nav a[href="{place}"]') for _ in range(3) for place in places)
    yield below("change of page, median of 15 (ms)", times[len(times) // 2], MOST_ROUTE_MS, form=".0f")
    yield below("change of page, the longest (ms)", times[-1], MOST_ROUTE_MS, form=".0f")


def _made_up(route: Route) -> None:
    cells = [
        {
            "unit": f"U-{unit:03}",
            "stratum": f"第{stratum // 4 + 1}区 人群{stratum % 4 + 1}",
            "kind": None,
            "channel": None,
            "n": 100 + (unit * 7 + stratum * 13) % 80,
            "counts": {"1": 60 + unit % 30, "2": 20, "3": stratum % 9, "0": 5},
        }
        for unit in range(1, UNITS + 1)
        for stratum in range(STRATA)
    ]
    whole: dict[str, Any] = {"campaign": "luohe-closed", "by": ["unit", "stratum"], "ballots": 9_000, "smallest": 10}
    route.fulfill(json={**whole, "cells": cells})


def wide_table(page: Page) -> Iterator[Line]:
    """The cross table is drawn and scrolled through, down and right."""
    page.route("**/api/campaigns/*/tallies*", _made_up)
    page.goto("/console/campaigns/luohe-closed/tallies?by=unit,stratum&view=cross")
    rows = page.locator("table.cross tbody tr")
    rows.nth(UNITS - 1).wait_for()
    shape = rows.count(), rows.first.locator("td").count()
    assert shape == (UNITS, STRATA), shape
    longest, frames = page.evaluate_handle("document.querySelector('table.cross').parentElement").evaluate(_SCROLL)
    page.unroute("**/api/campaigns/*/tallies*")
    yield below(f"{UNITS} × {STRATA} table, longest of {frames:.0f} frames (ms)", longest, MOST_GAP_MS, form=".0f")


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page as it stands: axe, and what is wider than the window."""
    found = []
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    if width > room:
        found.append(f"{width} wide in {room}")
    result = Axe().run(page, options=RULES)
    return found + [f"axe: {fault['id']} ({len(fault['nodes'])})" for fault in result.response["violations"]]


def on_paper(page: Page, picture: Path) -> list[str]:
    """What would stand on paper beside the page itself, or not in black on white."""
    page.emulate_media(media="print")
    page.screenshot(path=picture)
    screen = page.locator(".top, .side, .help-panel, .button, main button:not(table button)")
    shell = screen.filter(visible=True).count()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    found = [f"{shell} things of the screen on paper"] if shell else []
    # A heading that sorts is a button on the screen and a word on paper.
    mute = page.locator("thead th button:not(.plain, .primary)").filter(visible=False).count()
    found += [f"{mute} headings are not on paper"] if mute else []
    page.emulate_media(media="screen")
    return found + ([f"paper is {ground}"] if ground != "rgb(255, 255, 255)" else [])


def look(page: Page, address: str) -> None:
    """Open a page with the panel behind its question mark, and wait until it has loaded."""
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator(".waiting").first.wait_for(state="detached")
    mark = page.get_by_role("button", name="本页说明")
    if mark.count():
        mark.first.click()


def pages(*, short: bool) -> list[tuple[str, str, str, Colour]]:
    """Name, address, size, colour; short: one size and colour each, in turn."""
    views = [(size, colour) for size in SIZES for colour in COLOURS]
    every = [(*place, *view) for place in addresses() for view in views]
    return [one for number, one in enumerate(every) if not short or number % 4 == number // 4 % 4]


def signed_in(browser: Browser, server: Server, size: str, colour: Colour) -> tuple[Page, Watch]:
    """A page of the setup person."""
    context = browser.new_context(viewport=SIZES[size], color_scheme=colour, locale="zh-CN", base_url=server.base_url)
    context.set_default_timeout(PATIENCE)
    watch = Watch(context, own_origin=server.base_url)
    page = context.new_page()
    account = {"name": "setup", "password": server.credentials["setup"]}
    assert page.request.post("/api/session", data=account).ok
    return page, watch


def audit(browser: Browser, server: Server, *, short: bool) -> int:
    """Every page; how many have faults."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    open_pages = {view: signed_in(browser, server, *view)[0] for view in ((s, c) for s in SIZES for c in COLOURS)}
    wrong = 0
    for name, address, size, colour in pages(short=short):
        page = open_pages[size, colour]
        look(page, address)
        found = faults_of(page)
        page.screenshot(path=PICTURES / f"{name}-{size}-{colour}.png")
        if size == "desk":
            found += on_paper(page, PICTURES / f"{name}-print.png")
        wrong += bool(found)
        if found:
            sys.stdout.write(f"{name:<14}{size:<7}{colour:<7}{'; '.join(found)}\n")
            sys.stdout.flush()
    return wrong


def in_english(browser: Browser, server: Server, *, short: bool) -> int:
    """Every page in English; how many say something in Chinese alone that is no name."""
    page, _ = signed_in(browser, server, "desk", "light")
    page.add_init_script("localStorage.setItem('pingyi.lang', 'en')")
    wrong = 0
    for name, address in addresses()[:: 4 if short else 1]:
        page.goto(address)
        page.get_by_role("heading", level=1).first.wait_for()
        page.locator(".waiting").first.wait_for(state="detached")
        if found := untranslated(page):
            wrong += 1
            sys.stdout.write(f"{name:<14}English {'; '.join(found)[:300]}\n")
            sys.stdout.flush()
    return wrong


def main(arguments: Sequence[str]) -> int:
    """Measure and look; 1 when a limit is passed or a page has a fault."""
    short = "--short" in arguments
    executable = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        page, _ = signed_in(browser, server, "desk", "light")
        lines = [first_load(page, server), *route_changes(page), *wide_table(page)]
        sys.stdout.write("\n".join([heading("the console"), *map(str, lines), ""]))
        sys.stdout.flush()
        lines.append(none_of(f"pages with faults, of {len(pages(short=short))}", audit(browser, server, short=short)))
        lines.append(none_of("pages in English with Chinese on them", in_english(browser, server, short=short)))
        browser.close()
    sys.stdout.write(f"{lines[-2]}\n{lines[-1]}\npictures in {PICTURES}\n")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
