"""One real server for all browser tests, one watched browser context for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.server import Server, running_demo
from tests.browser.watch import Watch

# What Playwright turns off itself, for a second list replaces the first; and the suggestions under the address bar,
# which nobody sees: a program of its own for every window, with seven times the work of an empty page.
OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    f"--disable-features={OFF}",
    # A name that is not this machine: what browsers allow on localhost alone is missing there.
    "--host-resolver-rules=MAP kiosk.test 127.0.0.1",
]
# How long a page may take on a busy machine until a test gives up. What must be quick is measured by itself.
PATIENCE = 60.0
PHONE = {"width": 360, "height": 740}

NewPage = Callable[..., Page]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo, served as a person would start it, with its own data folder and a free port."""
    with running_demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium as it is installed on this machine. Its event loop must end with these tests: others have their own."""
    executable = shutil.which("chromium")
    assert executable, "the browser tests need Chromium; make test installs it"
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser, server: Server) -> Iterator[NewPage]:
    """Makes pages in contexts of their own; what any of them did wrong fails the test at its end."""
    watches: list[Watch] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": PHONE, "locale": "zh-CN", "base_url": server.base_url, **options})
        context.set_default_timeout(PATIENCE * 1000)
        watch = Watch(context, own_origin=server.base_url)
        watches.append(watch)
        return context.new_page()

    yield make
    for watch in watches:
        watch.close()
    assert [fault for watch in watches for fault in watch.faults] == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A phone, 360 × 740, with script."""
    return new_page()


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where a test may leave screenshots for people."""
    return tmp_path
