"""The window terminal in a real browser: one tap, thanks, back to the start; offline taps are kept and count once."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.server import Server

WINDOW = "hall-01"
ASK = "请您对本次服务作出评价"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WITHIN = 2.0


@pytest.fixture
def terminal(new_page: NewPage, server: Server) -> Page:
    """A paired terminal in landscape, at its idle screen."""
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"/terminal/#pair={server.pairing_code(WINDOW)}")
    assert "pair=" not in page.evaluate("location.href")
    expect(page.get_by_role("heading", name=ASK)).to_be_visible()
    return page


def total(server: Server) -> int:
    """The live number of the window, as the office sees it."""
    with httpx.Client(base_url=server.base_url) as client:
        client.post("/api/session", json={"name": "setup", "password": server.credentials["setup"]}).raise_for_status()
        number: int = client.get(f"/api/windows/{WINDOW}/tallies").raise_for_status().json()["total"]
        return number


def wait_for_total(server: Server, wanted: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while total(server) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert total(server) == wanted


def test_one_tap_thanks_and_back_to_the_start(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.get_by_role("button", name="非常满意", exact=True).click()
    expect(terminal.get_by_role("heading", name="谢谢")).to_be_visible()
    wait_for_total(server, before + 1, WITHIN)
    expect(terminal.get_by_role("heading", name=ASK)).to_be_visible(timeout=5000)
    expect(terminal.locator(".status")).to_contain_text("待传 0")


def test_a_bad_rating_may_say_why_or_skip(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.get_by_role("button", name="非常不满意").click()
    expect(terminal.get_by_role("heading", name="哪里没有做好")).to_be_visible()
    assert total(server) == before
    terminal.get_by_role("button", name="等候时间太长").click()
    terminal.get_by_role("button", name="选好了").click()
    wait_for_total(server, before + 1, 5)
    expect(terminal.get_by_role("heading", name=ASK)).to_be_visible(timeout=5000)
    terminal.get_by_role("button", name="不满意", exact=True).click()
    terminal.get_by_role("button", name="跳过").click()
    wait_for_total(server, before + 2, 5)


def test_a_tap_sent_twice_counts_once(terminal: Page, server: Server) -> None:
    before = total(server)
    sent: list[Request] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.request)
        route.fetch()
        route.abort()

    terminal.route("**/api/ratings", lose_the_answer, times=1)
    terminal.get_by_role("button", name="满意", exact=True).click()
    expect(terminal.locator(".status")).to_contain_text("待传 1")
    expect(terminal.locator(".status")).to_contain_text("待传 0", timeout=15_000)
    assert len(sent) == 1
    assert total(server) == before + 1


def test_taps_without_a_network_wait_and_are_sent_once(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    terminal.context.set_offline(True)
    for number in (1, 2):
        terminal.get_by_role("button", name="基本满意").click()
        expect(terminal.get_by_role("heading", name="谢谢")).to_be_visible()
        expect(terminal.locator(".status")).to_contain_text(f"待传 {number}")
        expect(terminal.get_by_role("heading", name=ASK)).to_be_visible(timeout=5000)
    terminal.reload()
    expect(terminal.get_by_role("heading", name=ASK)).to_be_visible()
    expect(terminal.locator(".status")).to_contain_text("待传 2")
    assert total(server) == before
    terminal.context.set_offline(False)
    wait_for_total(server, before + 2, 10)
    expect(terminal.locator(".status")).to_contain_text("待传 0", timeout=10_000)


@pytest.mark.parametrize("size", [(1280, 800), (800, 1280), (1024, 600)])
def test_the_faces_are_large_and_nothing_is_cut_off(size: tuple[int, int], terminal: Page) -> None:
    terminal.set_viewport_size({"width": size[0], "height": size[1]})
    smallest = 160 if max(size) >= 1280 else 112
    for face in terminal.locator(".choice .face").all():
        box = face.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= smallest - 50
    assert terminal.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for choice in terminal.locator(".choice").all():
        box = choice.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= smallest
        assert box["y"] + box["height"] <= size[1]


def test_accessible_and_bilingual(terminal: Page, new_page: NewPage) -> None:
    assert Axe().run(terminal, options=RULES).response["violations"] == []
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
