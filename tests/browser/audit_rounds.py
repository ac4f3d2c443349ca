"""`make audit-rounds-console`: every preset walked through the console at full size; the server's time, limit, ratio.

Two people at their desks in Chromium; the answers of people are made up and stored by this process, so that they are
not in the figure. The limit of 30 s is held against the processor time of the serving process, which a busy machine
does not stretch; the clock, with the time that the browser takes, is printed beside.
(ARGS='--preset xuancheng-2019-48' for one of them.)
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.rounds import LIMIT
from benchmarks.verdicts import below, heading, inform
from tests.browser.conftest import FLAGS, PATIENCE
from tests.browser.luohe_walk import LuoheWalk
from tests.browser.round_walk import Walk, Wish, rated
from tests.browser.server import Server, running_demo
from tests.browser.sunshine_walk import SunshineWalk

WINDOWS = Wish("nanyang-2014-27-windows", "2016-03", windows=(60, date(2016, 3, 1)))
FULL = (
    # Its windows' round is walked inside it, as the whole year is after it.
    Wish("nanyang-2014-27", "2016H1", fed_by=WINDOWS, year="2016"),
    Wish("nanyang-2014-27-departments", "2016Q1", each=12),
    WINDOWS,
    Wish("wenzhou-2013-36", "2014"),
    Wish("luohe-hangfeng", "2017-2018"),
    # Set up like the one before: what happens twice running shows here.
    Wish("luohe-hangfeng", "2019-2020", like="luohe-hangfeng-2017-2018"),
    Wish("xuancheng-2019-48", "2027", each=80),
    Wish("luohe-yangguang-2020-1", "once"),
)
# Documents that ask for more than a plain round.
WALKS: dict[str, type[Walk]] = {"luohe-hangfeng": LuoheWalk, "luohe-yangguang-2020-1": SunshineWalk}


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk the presets; 1 when the server takes longer than the limit for one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=sorted({one.preset for one in FULL}))
    only = parser.parse_args(arguments).preset
    print(heading("a round in the console, from its plan to its public page, SQLite"))
    missed = False
    with (
        tempfile.TemporaryDirectory(prefix="pingyi-rounds-console-") as name,
        running_demo(Path(name)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        expect.set_options(timeout=PATIENCE * 5_000)
        for wish in FULL:
            # Unless it is asked for by itself, the windows' round is the one inside the leading bodies'.
            if only == wish.preset or (only is None and wish is not WINDOWS):
                missed = not _walked(browser, server, wish) or missed
        browser.close()
    return int(missed)


def _walked(browser: Browser, server: Server, wish: Wish) -> bool:
    rated(server, wish)
    desks = {name: _desk(browser, server, name) for name in ("setup", "release")}
    kind = WALKS.get(wish.preset, Walk)
    walk = kind(server, desks["setup"], desks["release"], lambda name: _desk(browser, server, name))
    walk.meter, begun = lambda: processor_seconds(server), perf_counter()
    papers = walk.whole(wish)
    lines = [below(name, seconds, LIMIT) for name, seconds in walk.spent.items()]
    print("\n".join(map(str, lines)), flush=True)
    print(
        inform(
            f"  {len(papers)} files; by the clock, with browser and made-up people, {perf_counter() - begun:.0f} s", ""
        ),
        flush=True,
    )
    for page in desks.values():
        page.context.close()
    return all(line.good for line in lines)


def _desk(browser: Browser, server: Server, name: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=server.base_url)
    context.set_default_timeout(PATIENCE * 5_000)
    page = context.new_page()
    account = {"name": name, "password": server.credentials[name]}
    assert page.request.post("/api/session", data=account).ok
    return page


def processor_seconds(server: Server) -> float:
    """What the serving process and its threads have used so far, in seconds of the processor (``/proc``)."""
    port = server.base_url.rpartition(":")[2].encode()
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "cmdline").read_bytes().split(b"\0")
            if said[-3:-1] == [b"--port", port]:
                ticks += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    assert ticks, "no process serves that port"
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
