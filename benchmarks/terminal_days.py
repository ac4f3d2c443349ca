"""Days of a terminal without a network (离线三天): a real browser, often killed, then a line that loses and repeats.

The clock of the page is ahead by what the simulated hours need, and its three seconds of thanks are short; everything
else is the terminal as it is built: taps on the screen, its outbox on the disk, its worker, its signatures.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, BrowserType, Error, Page, ViewportSize

from tests.browser.passing import Between, Send, between

SCREEN: ViewportSize = {"width": 1280, "height": 800}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]
PATIENCE = 600.0
_SIMULATE = """(() => {
  const Real = Date, wait = setTimeout;
  let ahead = Number(localStorage.getItem('ahead')) || 0;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
  globalThis.setTimeout = (what, ms, ...more) => wait(what, ms === 3000 ? 0 : ms >= 1500 ? ms / 20 : ms, ...more);
  globalThis.goOn = (ms) => localStorage.setItem('ahead', String(ahead += ms));
})();"""
_TAPS = """async ([taps, step]) => {
  const station = document.querySelector('.station'), seen = [];
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  let awake = () => undefined;
  new MutationObserver(() => { seen.push(station.dataset.screen); awake(); }).observe(
    station, { attributes: true, attributeFilter: ['data-screen'] });
  const until = async (...wanted) => {
    while (!seen.some((one) => wanted.includes(one))) await new Promise((on) => { awake = on; });
  };
  for (let tap = 0; tap < taps; tap += 1) {
    seen.length = 0;
    pick([...document.querySelectorAll('.choice')]).click();
    await until('thanks', 'why', 'broken');
    if (seen.includes('why')) {
      if (Math.random() < 0.6) pick([...document.querySelectorAll('.reason')]).click();
      await new Promise((on) => setTimeout(on, 1));
      [...document.querySelectorAll('.leave button')].pop().click();
      await until('thanks');
    }
    await window.thanked();
    globalThis.goOn(step);
    if (station.dataset.screen !== 'idle') await until('idle');
  }
}"""


@dataclass
class Days:
    """What came of it. ``thanked``: thanks that were seen; ``kept``: what the terminal says it has taken."""

    taps: int
    cuts: int = 0
    thanked: int = 0
    kept: int = 0
    lost: int = 0
    repeated: int = 0
    late: int = 0
    stored: int = 0
    numbers: int = 0
    aside: int = 0
    faults: list[str] = field(default_factory=list)


class Line:
    """A line that loses three of ten requests, half of them after they arrived, repeats some, delivers some late."""

    def __init__(self, days: Days, chance: random.Random) -> None:
        self._days = days
        self._chance = chance
        self._late: list[Send] = []

    def __call__(self, path: str, send: Send) -> httpx.Response | None:
        """What becomes of one request."""
        if path != "/api/ratings":
            return send()
        for earlier in self._late:
            earlier()
        self._late.clear()
        drawn = self._chance.random()
        if drawn < 0.15:
            self._days.lost += 1
            return None
        answer = None
        if drawn < 0.30:
            self._days.lost += 1
            send()
        elif drawn < 0.45:
            self._days.late += 1
            self._late.append(send)
        else:
            answer = send()
        if drawn > 0.80:
            self._days.repeated += 1
            answer = send()
        return answer


@dataclass
class Terminal:
    """One machine: its profile on the disk, and the browser that runs now."""

    kind: BrowserType
    executable: str
    profile: Path
    base_url: str
    days: Days
    context: BrowserContext | None = None

    def start(self, *, offline: bool, fragment: str = "") -> Page:
        """Switch it on."""
        self.context = self.kind.launch_persistent_context(
            self.profile, executable_path=self.executable, args=FLAGS, base_url=self.base_url, viewport=SCREEN
        )
        self.context.add_init_script(_SIMULATE)
        self.context.expose_function("thanked", self._thanked)
        self.context.set_offline(offline)
        self.context.set_default_timeout(120_000)
        page = self.context.new_page()
        page.goto(f"/terminal/{fragment}")
        page.wait_for_selector("[data-screen=idle]")
        return page

    def _thanked(self) -> None:
        self.days.thanked += 1

    def cut(self) -> None:
        """Take the power away: SIGKILL to the processes of this profile, and nothing else."""
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str(self.profile).encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)

    def stop(self) -> None:
        """Switch it off."""
        if self.context is not None:
            with suppress(Error):
                self.context.close()
        self.context = None


def kept(page: Page) -> tuple[int, int]:
    """Taps that the terminal says it has taken, and those that wait."""
    page.wait_for_selector(".status")
    said = page.locator(".status").inner_text()
    found = re.search(r"已存 (\d+) · 待传 (\d+)", said)
    if found is None:
        raise AssertionError(said)
    return int(found[1]), int(found[2])


def _life(terminal: Terminal, page: Page, taps: int, step: int, cut_after: float | None) -> None:
    """Tap until all are done, or until the power goes."""
    timer = threading.Timer(cut_after, terminal.cut) if cut_after is not None else None
    if timer is not None:
        timer.start()
    try:
        if taps > 0:
            page.evaluate(_TAPS, [taps, step])
        if timer is not None:
            timer.join()
    except Error:
        if timer is None:
            raise
    finally:
        if timer is not None:
            timer.cancel()
            terminal.days.cuts += 1
            terminal.cut()
            terminal.stop()


def live(
    terminal: Terminal, shown: Between, pairing: Callable[[], str], *, cuts: int, hours: float, chance: random.Random
) -> None:
    """Pair, tap for days without a network with cuts in between, then sync over the bad line with two more cuts."""
    days = terminal.days
    step = int(hours * 3_600_000 / days.taps)
    terminal.start(offline=False, fragment=f"#pair={pairing()}").wait_for_timeout(1_500)
    terminal.stop()
    at_sync = min(2, cuts)
    for life in range(cuts - at_sync):
        page = terminal.start(offline=True)
        before, _ = kept(page)
        _check(days, before)
        share = days.taps * (life + 1) // (cuts - at_sync + 1) - before
        _life(terminal, page, share + 50, step, chance.uniform(0.2, 0.9) * share * 0.03 + 0.3)
    page = terminal.start(offline=True)
    _check(days, kept(page)[0])
    _life(terminal, page, days.taps - kept(page)[0], step, None)
    _check(days, kept(page)[0])
    terminal.stop()
    shown.fate = Line(days, chance)
    for _ in range(at_sync):
        _life(terminal, terminal.start(offline=False), 0, step, chance.uniform(0.2, 1.0))
    page = terminal.start(offline=False)
    deadline = time.monotonic() + PATIENCE
    while kept(page)[1] > 0 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    days.kept, waiting = kept(page)
    if waiting:
        days.faults.append(f"{waiting} still wait")
    terminal.stop()


def _check(days: Days, taken: int) -> None:
    """Nobody was thanked for nothing; of each cut at most the one tap is more that was kept and not yet thanked."""
    if not days.thanked <= taken <= days.thanked + days.cuts:
        days.faults.append(f"after {days.cuts} cuts: {days.thanked} thanked, {taken} kept")


def prove(
    kind: BrowserType,
    executable: str,
    *,
    target: str,
    database: Path,
    folder: Path,
    pairing: Callable[[], str],
    taps: int,
    cuts: int,
    hours: float = 72.0,
    seed: int = 1,
) -> Days:
    """All of it, and what the database of the server ``target`` holds afterwards."""
    days = Days(taps)
    before = _counts(database)
    with between(target) as shown:
        terminal = Terminal(kind, executable, folder / "profile", shown.base_url, days)
        try:
            live(terminal, shown, pairing, cuts=cuts, hours=hours, chance=random.Random(seed))
        finally:
            terminal.cut()
    after = _counts(database)
    days.stored, days.numbers, days.aside = (now - then for now, then in zip(after, before, strict=True))
    if (days.stored, days.numbers, days.aside, days.kept) != (taps, taps, 0, taps):
        days.faults.append(f"{days.stored} stored, {days.numbers} numbers, {days.aside} aside, {days.kept} kept")
    return days


def _counts(database: Path) -> tuple[int, int, int]:
    with closing(sqlite3.connect(database)) as file:
        tables = ("ratings", "device_taps", "aside_ratings")
        one, two, three = (int(file.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables)  # noqa: S608 - three names of our own
        return one, two, three
