"""The phone page on slow networks and a slow processor: weight, time until usable, length, answer to a tap.

`make bench-phone` prints value, limit, ratio. Chromium with the networks of its developer tools: slow 3G (400 kbit/s,
2,000 ms) and fast 3G (1.44 Mbit/s, 562.5 ms); the processor slowed six times by the same tools. Medians of RUNS loads,
each with an empty cache.
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

from benchmarks.phone_town import Town, phone_town
from benchmarks.verdicts import Line, below, heading, inform

RUNS = 5
TAPS = 72
SLOWED = 6
KB = 1000
SIZE: ViewportSize = {"width": 360, "height": 740}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
# When every radio of the form can be tapped, by the clock of the page; a mark of the first frame after it.
_USABLE = """
new PerformanceObserver((list) => { window.painted = list.getEntries().slice(-1)[0].startTime; })
  .observe({ type: 'paint', buffered: true });
const look = () => {
  if (document.querySelectorAll('input[type=radio]').length >= NUMBER) window.usable = performance.now();
  else setTimeout(look, 5);
};
look();
"""
_TAPS = """
window.taps = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) window.taps.push([one.interactionId, one.duration]);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
# Scrolls a row to the middle where it is not wholly in view, and tells the middle of its option.
_BRING = """([place, option]) => {
  const row = document.querySelectorAll('fieldset:not([data-optional])')[place], edges = row.getBoundingClientRect();
  if (edges.top < 100 || edges.bottom > innerHeight - 90) row.scrollIntoView({ block: 'center' });
  const box = row.querySelectorAll('label')[option].getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}"""


@dataclass(frozen=True)
class Network:
    """As the developer tools have it: bytes a second down and up, milliseconds of latency."""

    name: str
    down: float
    up: float
    latency: float


SLOW_3G = Network("slow 3G", 400_000 / 8, 400_000 / 8, 2000)
FAST_3G = Network("fast 3G", 1_440_000 / 8, 675_000 / 8, 562.5)


def weight(town: Town, campaign: str) -> tuple[int, int]:
    """Bytes of the form and of its script on the wire, both compressed."""
    with httpx.Client(base_url=town.address, headers={"Accept-Encoding": "gzip"}) as client:
        page = client.get(f"/b/{campaign}")
        script = page.text.split('<script src="')[1].split('"')[0]
        return tuple(_on_wire(client, path) for path in (f"/b/{campaign}", script))  # type: ignore[return-value]


def _on_wire(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path) as answer:
        sent = sum(len(chunk) for chunk in answer.iter_raw())
        if answer.headers.get("content-encoding") != "gzip":
            raise RuntimeError(f"{path} is not compressed")
    return sent


def usable(browser: Browser, town: Town, campaign: str, network: Network, *, slowed: int) -> float:
    """Milliseconds from asking for the page until all of its radios stand there, cold."""
    number = {"luohe80": 320, "city118": 472}[campaign]
    context = browser.new_context(viewport=SIZE, base_url=town.address, is_mobile=True, has_touch=True)
    context.add_init_script(_USABLE.replace("NUMBER", str(number)))
    page = context.new_page()
    tools = page.context.new_cdp_session(page)
    throttle(tools, network, slowed)
    page.goto(f"/b/{campaign}", wait_until="domcontentloaded", timeout=60_000)
    found = _painted(page)
    context.close()
    return found


def bare(browser: Browser, number: int, *, slowed: int) -> float:
    """Milliseconds until so many radios in labels are painted, without sheet, script and network: the floor."""
    context = browser.new_context(viewport=SIZE, is_mobile=True, has_touch=True)
    context.add_init_script(_USABLE.replace("NUMBER", str(number)))
    rows = "".join(f'<label><input type="radio" name="q{no // 4}">满意</label>' for no in range(number))
    page = context.new_page()
    page.route(
        "**/bare",
        lambda route: route.fulfill(
            body=f"<!doctype html><title>b</title>{rows}", content_type="text/html; charset=utf-8"
        ),
    )
    throttle(page.context.new_cdp_session(page), None, slowed)
    page.goto("http://bare.test/bare", wait_until="domcontentloaded")
    found = _painted(page)
    context.close()
    return found


def _painted(page: Page) -> float:
    while not page.evaluate("window.usable && window.painted"):  # the policy allows no waiting by evaluated text
        page.wait_for_timeout(50)
    found: float = page.evaluate("Math.max(window.usable, window.painted)")
    return found


def throttle(tools: CDPSession, network: Network | None, slowed: int) -> None:
    """Slow the page's network and processor."""
    if network is not None:
        tools.send("Network.enable")
        tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        conditions: dict[str, Any] = {
            "offline": False,
            "latency": network.latency,
            "downloadThroughput": network.down,
            "uploadThroughput": network.up,
        }
        tools.send("Network.emulateNetworkConditions", conditions)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": slowed})


def screens(browser: Browser, town: Town, campaign: str) -> float:
    """Height of the form in screens of 360 × 740, with script and a scanned card."""
    context = browser.new_context(viewport=SIZE, base_url=town.address)
    page = context.new_page()
    with page.expect_response("**/api/tickets/check"):
        page.goto(f"/b/{campaign}#{town.codes[campaign][0]}")
    found: float = page.evaluate("document.documentElement.scrollHeight / innerHeight")
    context.close()
    return found


def taps(browser: Browser, town: Town, campaign: str) -> list[float]:
    """Milliseconds from a tap to the frame that shows it, by the browser's own Event Timing (steps of 8 ms)."""
    context = browser.new_context(viewport=SIZE, base_url=town.address, is_mobile=True, has_touch=True)
    context.add_init_script(_TAPS)
    page = context.new_page()
    with page.expect_response("**/api/tickets/check"):
        page.goto(f"/b/{campaign}#{town.codes[campaign][1]}")
    throttle(page.context.new_cdp_session(page), None, SLOWED)
    _tap(page)
    found: list[list[float]] = page.evaluate("window.taps")
    context.close()
    longest: dict[float, float] = {}
    for number, duration in found:
        longest[number] = max(duration, longest.get(number, 0.0))
    if len(longest) < TAPS * 0.9:
        raise RuntimeError(f"{len(longest)} of {TAPS} taps were timed")
    return sorted(longest.values())


def _tap(page: Page) -> None:
    """Tap row after row. The row stands still when it is tapped: scrolling there is not the tap's time."""
    for place in range(TAPS):
        x, y = page.evaluate(_BRING, [place, place % 4])
        page.wait_for_timeout(120)
        page.touchscreen.tap(x, y)
        page.wait_for_timeout(120)
    page.wait_for_timeout(500)


def _weights(town: Town) -> list[Line]:
    lines = []
    for campaign, number, limit in (("luohe80", 80, 15), ("city118", 118, 20)):
        form, script = weight(town, campaign)
        lines.append(below(f"HTML with its sheet, {number} units, kB", form / KB, 13.0, form=".2f"))
        lines.append(
            below(f"all that is asked for, {number} units, kB", (form + script) / KB, float(limit), form=".2f")
        )
    return lines


def _help(town: Town) -> Line:
    with httpx.Client(base_url=town.address) as client:
        page = client.get("/b/luohe80").text
        aids = client.get(page.split('data-aids="')[1].split('"')[0]).content
        words = client.get("/b/luohe80/aids").content
    size = sum(len(gzip.compress(content, 9)) for content in (aids, words))
    return inform("finding and reading aloud, asked for on the first tap, kB", f"{size / KB:.2f}")


def _times(browser: Browser, town: Town) -> list[Line]:
    lines = []
    for network, slowed, limit in ((SLOW_3G, 1, 2.9), (FAST_3G, SLOWED, 1.2)):
        for campaign, number in (("luohe80", 80), ("city118", 118)):
            found = [usable(browser, town, campaign, network, slowed=slowed) / 1000 for _ in range(RUNS)]
            spread = f"{min(found):.2f}–{max(found):.2f}"
            name = f"usable, {network.name}, processor / {slowed}, {number} units, s ({spread})"
            lines.append(below(name, statistics.median(found), limit, form=".2f"))
    floor = statistics.median(bare(browser, 320, slowed=SLOWED) / 1000 for _ in range(RUNS))
    lines.append(inform("the same: 320 bare radios, no network, processor / 6, s", f"{floor:.2f}"))
    return lines


def main() -> int:
    """Print the tables; 1 when a limit is missed."""
    executable = shutil.which("chromium")
    if executable is None:
        sys.exit("this needs Chromium")
    with tempfile.TemporaryDirectory() as folder, phone_town(Path(folder)) as town, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        usable(browser, town, "luohe80", FAST_3G, slowed=1)  # a browser that has just started is slower
        lines = [*_weights(town), _help(town), *_times(browser, town)]
        for campaign, number, limit in (("luohe80", 80, 12.0), ("city118", 118, 17.0)):
            lines.append(
                below(f"screens of 360 × 740, {number} units", screens(browser, town, campaign), limit, form=".2f")
            )
        timed = taps(browser, town, "city118")
        lines.append(inform("tap to painted, median, processor / 6, ms", f"{statistics.median(timed):.0f}"))
        lines.append(below("tap to painted, p95, processor / 6, ms", timed[int(len(timed) * 0.95)], 136, form=".0f"))
        browser.close()
    print(heading("the phone page"))
    for line in lines:
        print(line)
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return int(not all(line.good for line in lines))


if __name__ == "__main__":
    sys.exit(main())
