"""The window terminal in a real browser: one tap, thanks, back to the start; offline taps are kept and count once."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PATIENCE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_phone_helps import VOICE

WINDOW = "hall-01"
ASK = "请您对本次服务作出评价"


@pytest.fixture
def terminal(new_page: NewPage, server: Server) -> Page:
    """A paired terminal in landscape, at its idle screen."""
    page = new_page(viewport={"width": 1280, "height": 800})
    pair(page, server)
    return page


def pair(page: Page, server: Server) -> None:
    page.goto(f"/terminal/#pair={server.pairing_code(WINDOW)}")
    assert "pair=" not in page.evaluate("location.href")
    expect(page.get_by_role("heading", name=ASK)).to_be_visible()


def total(server: Server) -> int:
    """Ratings of the window in the database, those too that come too soon after another to be counted."""
    with closing(sqlite3.connect(server.data_dir / "pingyi.sqlite3")) as database:
        number: int = database.execute("SELECT count(*) FROM ratings WHERE window_id = ?", (WINDOW,)).fetchone()[0]
        return number


def wait_for_total(server: Server, wanted: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while total(server) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert total(server) == wanted


def test_one_tap_thanks_and_back_to_the_start(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.get_by_role("button", name="非常满意", exact=True).click()
    expect(terminal.get_by_role("heading", name="谢谢")).to_be_visible()
    wait_for_total(server, before + 1)
    expect(terminal.get_by_role("heading", name=ASK)).to_be_visible()
    expect(terminal.locator(".status")).to_contain_text("待传 0")


def test_a_bad_rating_may_say_why_or_skip(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.get_by_role("button", name="非常不满意").click()
    expect(terminal.get_by_role("heading", name="哪里没有做好")).to_be_visible()
    assert total(server) == before
    terminal.get_by_role("button", name="等候时间太长").click()
    terminal.get_by_role("button", name="选好了").click()
    wait_for_total(server, before + 1)
    expect(terminal.get_by_role("heading", name=ASK)).to_be_visible()
    terminal.get_by_role("button", name="不满意", exact=True).click()
    terminal.get_by_role("button", name="跳过").click()
    wait_for_total(server, before + 2)


def test_a_tap_sent_twice_counts_once(new_page: NewPage, server: Server) -> None:
    """The answer is lost until the test has seen that the rating waits though it is stored."""
    # What a service worker asks for is not always shown to the test; here it is of no matter.
    terminal = new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    pair(terminal, server)
    before = total(server)
    sent: list[str] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fetch()
        route.abort()

    terminal.context.route("**/api/ratings", lose_the_answer)
    terminal.get_by_role("button", name="满意", exact=True).click()
    deadline = time.monotonic() + PATIENCE
    while total(server) == before and time.monotonic() < deadline:
        terminal.wait_for_timeout(100)  # the requests go through this thread
    assert total(server) == before + 1
    expect(terminal.locator(".status")).to_contain_text("待传 1")
    terminal.context.unroute("**/api/ratings")
    lost = len(sent)
    terminal.on("request", lambda one: sent.append(one.post_data or "") if one.url.endswith("/api/ratings") else None)
    terminal.evaluate("window.dispatchEvent(new Event('online'))")
    expect(terminal.locator(".status")).to_contain_text("待传 0")
    assert lost >= 1
    assert len(sent) > lost
    assert total(server) == before + 1


def test_taps_without_a_network_wait_and_are_sent_once(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    terminal.context.set_offline(True)
    for number in (1, 2):
        terminal.get_by_role("button", name="基本满意").click()
        expect(terminal.get_by_role("heading", name="谢谢")).to_be_visible()
        expect(terminal.locator(".status")).to_contain_text(f"待传 {number}")
        expect(terminal.get_by_role("heading", name=ASK)).to_be_visible()
    terminal.reload()
    expect(terminal.get_by_role("heading", name=ASK)).to_be_visible()
    expect(terminal.locator(".status")).to_contain_text("待传 2")
    assert total(server) == before
    terminal.context.set_offline(False)
    wait_for_total(server, before + 2)
    expect(terminal.locator(".status")).to_contain_text("待传 0")


SIZES = ((800, 480), (1024, 600), (1280, 800), (800, 1280), (1080, 1920), (1920, 1080), (3840, 2160))


def test_every_screen_fits_every_size(terminal: Page) -> None:
    """Nothing is cut off, nothing scrolls sideways, faces and buttons are large; each screen once with axe."""
    page = terminal
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        fits(page, size)
        choices = page.locator(".choice").all()
        assert len(choices) == 5
        smallest = 104 if min(size) < 720 else 120
        for choice in choices:
            box = choice.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= smallest, size
            assert box["y"] + box["height"] <= size[1], size
    page.set_viewport_size({"width": 800, "height": 480})
    violations = {"idle": Axe().run(page, options=RULES).response["violations"]}
    page.get_by_role("button", name="非常不满意").click()
    walk(page, "why", violations)
    page.get_by_role("button", name="希望回访").click()
    walk(page, "phone", violations)
    page.get_by_role("button", name="不留").click()
    expect(page.get_by_role("heading", name=ASK)).to_be_visible()
    page.get_by_role("button", name="手机评价").click()
    walk(page, "scan", violations)
    page.get_by_role("button", name="返回").click()
    page.locator(".status button").click()
    walk(page, "info", violations)
    assert {screen: [one["id"] for one in found] for screen, found in violations.items() if found} == {}


def walk(page: Page, screen: str, violations: dict[str, Any]) -> None:
    expect(page.locator(f"[data-screen={screen}]")).to_be_visible()
    for size in (SIZES[0], SIZES[3], SIZES[-1]):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        fits(page, size)
    page.set_viewport_size({"width": 800, "height": 480})
    violations[screen] = Axe().run(page, options=RULES).response["violations"]


def fits(page: Page, size: tuple[int, int]) -> None:
    wide, high = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert (wide <= size[0], high <= size[1]) == (True, True), (
        f"{page.locator('.station').get_attribute('data-screen')} at {size}: {wide} x {high}"
    )


def test_the_other_language_and_a_wrong_code(terminal: Page, new_page: NewPage) -> None:
    terminal.get_by_role("button", name="English").click()
    expect(terminal.get_by_role("button", name="Very satisfied")).to_be_visible()
    assert terminal.evaluate("document.documentElement.lang") == "en"
    unpaired = new_page(viewport={"width": 1280, "height": 800})
    unpaired.goto("/terminal/")
    expect(unpaired.get_by_role("heading", name="配对评价器")).to_be_visible()
    assert Axe().run(unpaired, options=RULES).response["violations"] == []
    unpaired.get_by_label("配对码").fill("ABCD2345")
    unpaired.get_by_role("button", name="配对").click()
    expect(unpaired.get_by_text(re.compile("配对码不对"))).to_be_visible()


def test_a_voice_asks_and_never_tells(new_page: NewPage, server: Server) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(VOICE)
    pair(page, server)
    page.get_by_role("button", name="朗读").click()
    assert page.evaluate("window.spoken") == [ASK]
    page.get_by_role("button", name="高对比").click()
    expect(page.locator(".station.bright")).to_be_visible()
    assert Axe().run(page, options=RULES).response["violations"] == []
    page.get_by_role("button", name="非常满意", exact=True).click()
    expect(page.get_by_role("heading", name="谢谢")).to_be_visible()
    expect(page.get_by_role("heading", name=ASK)).to_be_visible()
    assert page.evaluate("window.spoken") == [ASK]
