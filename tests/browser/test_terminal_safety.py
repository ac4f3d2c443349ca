"""The terminal when something goes wrong: no https, no room, a new program, a file by hand, a visitor who leaves."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.conftest import PATIENCE, NewPage
from tests.browser.passing import between
from tests.browser.server import Server
from tests.browser.test_terminal import ASK, WINDOW, pair, terminal, total, wait_for_total

__all__ = ["terminal"]


# What Chromium does once its share of the disk is used up; a real disk of this machine is not filled for it.
FULL = """() => {
  const { add, put } = IDBObjectStore.prototype;
  const refuse = () => { throw new DOMException('Encountered full disk', 'QuotaExceededError'); };
  Object.assign(IDBObjectStore.prototype, { add: refuse, put: refuse });
  window.roomAgain = () => Object.assign(IDBObjectStore.prototype, { add, put });
}"""


def idle(page: Page) -> None:
    expect(page.get_by_role("heading", name=ASK)).to_be_visible()


def until(page: Page, true: str) -> None:
    """Ask again and again: the page's policy lets nobody evaluate strings in it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(Error):  # the page may be loading anew at this moment
            if page.evaluate(true):
                return
        time.sleep(0.1)
    raise AssertionError(true)


def away(page: Page) -> None:
    """Ratings do not get through."""
    page.context.route("**/api/ratings", lambda route: route.abort())


def rate(page: Page, name: str = "满意") -> None:
    page.get_by_role("button", name=name, exact=True).click()
    # The start is still there until the rating is kept.
    expect(page.get_by_role("heading", name="谢谢")).to_be_visible()
    idle(page)


def test_plain_http_refuses_to_pair_and_says_why(browser: Browser, server: Server) -> None:
    port = urlsplit(server.base_url).port
    context = browser.new_context(base_url=f"http://kiosk.test:{port}", locale="zh-CN")
    page = context.new_page()
    page.goto("/terminal/#pair=ABCD2345")
    expect(page.get_by_role("heading", name="这里不能配对")).to_be_visible()
    expect(page.get_by_text("不加密的 http")).to_be_visible()
    assert page.get_by_label("配对码").count() == 0
    context.close()


def test_a_browser_without_keys_refuses_to_pair(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    page.goto("/terminal/")
    expect(page.get_by_role("heading", name="这个浏览器不能配对")).to_be_visible()


def test_nobody_is_thanked_when_there_is_no_room(terminal: Page, server: Server) -> None:
    before = total(server)
    terminal.evaluate(FULL)
    terminal.get_by_role("button", name="满意", exact=True).click()
    expect(terminal.get_by_role("heading", name="存不下评价")).to_be_visible()
    expect(terminal.get_by_text("存储空间已满")).to_be_visible()
    assert terminal.get_by_role("heading", name="谢谢").count() == 0
    terminal.get_by_role("button", name="再试一次").click()
    expect(terminal.get_by_text("存储空间已满")).to_be_visible()
    terminal.evaluate("window.roomAgain()")
    terminal.get_by_role("button", name="再试一次").click()
    rate(terminal)
    wait_for_total(server, before + 1)


def test_a_browser_that_may_not_store_says_so(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script("indexedDB.open = () => { throw new DOMException('denied', 'SecurityError'); }")
    page.goto("/terminal/")
    expect(page.get_by_text("不允许这个页面存储数据")).to_be_visible()


def test_an_update_in_mid_outbox_loses_nothing(browser: Browser, server: Server) -> None:
    """The new program takes over by itself, with two ratings waiting that the old one kept."""
    before = total(server)
    with between(server.base_url) as shown:
        context = browser.new_context(base_url=shown.base_url, viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page = context.new_page()
        page.goto(f"/terminal/#pair={server.pairing_code(WINDOW)}")
        until(page, "navigator.serviceWorker.controller !== null")
        away(page)
        for number in (1, 2):
            rate(page)
            expect(page.locator(".status")).to_contain_text(f"待传 {number}")
        page.evaluate("window.oldPage = true")
        shown.changes["/terminal/sw.js"] = lambda text: re.sub(r"terminal-[0-9a-f]{12}", "terminal-ffffffffffff", text)
        page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => true)")
        until(page, "window.oldPage === undefined && document.querySelector('.faces') !== null")
        assert page.evaluate("caches.keys()") == ["terminal-ffffffffffff"]
        expect(page.locator(".status")).to_contain_text("待传 2")
        context.unroute("**/api/ratings")
        rate(page)
        wait_for_total(server, before + 3)
        context.close()


def test_a_file_carries_what_waits_and_nobody_on_the_way_can_read_it(
    new_page: NewPage, server: Server, tmp_path: Path
) -> None:
    # What a service worker asks for is not always shown to the test, and would get through; here it is of no matter.
    terminal = new_page(viewport={"width": 1280, "height": 800}, service_workers="block")
    pair(terminal, server)
    before = total(server)
    away(terminal)
    for number in (1, 2):
        rate(terminal)
        expect(terminal.locator(".status")).to_contain_text(f"待传 {number}")
    terminal.locator(".status button").click()
    expect(terminal.get_by_text("看不到任何人的评价")).to_be_visible()
    with terminal.expect_download() as download:
        terminal.get_by_role("button", name="导出发件箱").click()
    download.value.save_as(tmp_path / "outbox.json")
    whole = json.loads((tmp_path / "outbox.json").read_text(encoding="utf-8"))
    assert set(whole) == {"format", "window", "device", "parts"}
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        account = {"name": "setup", "password": server.credentials["setup"]}
        client.headers["X-CSRF-Token"] = client.post("/api/session", json=account).raise_for_status().json()["csrf"]
        for wanted in ({"stored": 2, "duplicate": 0}, {"stored": 0, "duplicate": 2}):
            answer = client.post("/api/ratings/import", json={"sealed": whole["parts"][0]}).raise_for_status().json()
            assert {name: answer[name] for name in wanted} == wanted
    terminal.context.unroute("**/api/ratings")
    expect(terminal.locator(".status")).to_contain_text("待传 0")
    assert total(server) == before + 2


@pytest.fixture
def timed(new_page: NewPage, server: Server) -> Page:
    """A paired terminal whose clock the test turns."""
    page = new_page(viewport={"width": 1280, "height": 800})
    page.clock.install()
    page.goto(f"/terminal/#pair={server.pairing_code(WINDOW)}")
    expect(page.get_by_role("heading", name=ASK)).to_be_visible()
    return page


def test_a_visitor_who_leaves_records_nothing_more_and_any_touch_gives_time(timed: Page, server: Server) -> None:
    before = total(server)
    timed.get_by_role("button", name="非常不满意").click()
    why = timed.get_by_role("heading", name="哪里没有做好")
    expect(why).to_be_visible()
    for _ in range(3):
        timed.clock.run_for(15_000)
        expect(why).to_be_visible()
        why.click()
    timed.clock.run_for(20_000)
    expect(timed.get_by_role("heading", name="谢谢")).to_be_visible()
    shown = timed.locator(".thanks").inner_html()
    timed.clock.run_for(3_100)
    idle(timed)
    for screen in ("手机评价",):
        timed.get_by_role("button", name=screen).click()
        timed.clock.run_for(61_000)
        idle(timed)
    timed.clock.run_for(600_000)
    wait_for_total(server, before + 1)
    # Whoever looks over a shoulder sees the same thanks for every rating.
    timed.get_by_role("button", name="非常满意").click()
    expect(timed.get_by_role("heading", name="谢谢")).to_be_visible()
    assert timed.locator(".thanks").inner_html() == shown


def test_a_telephone_number_goes_its_own_way(terminal: Page, server: Server) -> None:
    before = total(server)
    sent: list[str] = []
    terminal.on("request", lambda request: sent.append(f"{urlsplit(request.url).path} {request.post_data or ''}"))
    terminal.get_by_role("button", name="非常不满意").click()
    terminal.get_by_role("button", name="希望回访").click()
    for key in "0395":
        terminal.get_by_role("button", name=key, exact=True).click()
    terminal.get_by_role("button", name="留下电话").click()
    expect(terminal.get_by_text("5 到 20 位数字")).to_be_visible()
    for key in "123":
        terminal.get_by_role("button", name=key, exact=True).click()
    terminal.get_by_role("button", name="留下电话").click()
    idle(terminal)
    wait_for_total(server, before + 1)
    holding = [line.partition(" ")[0] for line in sent if "0395123" in line]
    assert holding == ["/api/terminal/callbacks"]
    rating = next(line for line in sent if line.startswith("/api/ratings "))
    callback = json.loads(next(line for line in sent if "0395123" in line).partition(" ")[2])
    assert callback["id"] not in rating
    with closing(sqlite3.connect(server.data_dir / "pingyi.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM callbacks WHERE sealed IS NOT NULL").fetchone()[0] >= 1


def test_a_phone_with_the_code_of_the_minute_rates_once(terminal: Page, new_page: NewPage, server: Server) -> None:
    before = total(server)
    terminal.get_by_role("button", name="手机评价").click()
    code = terminal.locator(".scan code").inner_text().replace(" ", "")
    phone = new_page()
    phone.goto(f"/w/hall-01#{code}")
    expect(phone.get_by_role("heading", name="请对这个窗口")).to_be_visible()
    assert code not in phone.url
    expect(phone.get_by_label("现场码")).to_be_hidden()
    phone.get_by_label("满意", exact=True).check()
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.get_by_role("heading", name="谢谢")).to_be_visible()
    typed = new_page(java_script_enabled=False)
    typed.goto("/w/hall-01")
    typed.get_by_label("现场码").fill(code)
    typed.get_by_label("满意", exact=True).check()
    typed.get_by_role("button", name="提交评价").click()
    expect(typed.get_by_text("刚被用过")).to_be_visible()
    wait_for_total(server, before + 1)
