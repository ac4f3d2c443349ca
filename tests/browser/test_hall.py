"""The windows of the hall in a real browser: badge and duty, the fleet, rates, the complaint desk; axe on each page."""

from __future__ import annotations

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from survey_models.core import clock
from tests.api.test_staff import png
from tests.browser.conftest import NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in
from tests.terminal import Terminal

WINDOW = "hall-02"


def check(page: Page) -> None:
    """No fault that axe finds, and nothing that sticks out at the side."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def bad_rating(server: Server) -> Terminal:
    """A terminal of the window that sends a bad rating and says how it is."""
    terminal = Terminal()
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        answer = client.post("/api/devices/pair", json=terminal.asking(server.pairing_code(WINDOW)))
        terminal.paired(answer.raise_for_status().json())
        terminal.tap("1", reasons=["slow"])
        client.post("/api/ratings", json=terminal.batch(), headers=terminal.headers).raise_for_status()
        beat = {"version": "2.7.1", "waiting": 5, "device_time": clock.now().isoformat()}
        client.post("/api/devices/heartbeat", json=beat, headers=terminal.headers).raise_for_status()
    return terminal


def test_from_a_badge_to_the_desk(new_page: NewPage, server: Server) -> None:
    page = sign_in(new_page(viewport=DESK), server)
    page.goto("/console/staff")
    page.get_by_role("button", name="新增").click()
    page.get_by_label("工号").fill("2001")
    page.get_by_label("姓名").fill("孙丽")
    page.get_by_label("岗位").fill("办事员")
    page.locator("#staff-photo").set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": png(40)})
    page.get_by_role("button", name="保存").click()
    photo = page.get_by_role("img", name="孙丽 的照片")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.naturalWidth") == 40
    check(page)

    page.goto(f"/console/windows/{WINDOW}")
    page.locator("#duty").select_option("2001")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("dl.sheet")).to_contain_text("孙丽 2001")
    check(page)
    page.get_by_role("button", name="修改").click()
    page.get_by_label("监督电话").fill("0395-3123456")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("dl.sheet")).to_contain_text("0395-3123456")

    terminal = bad_rating(server)
    page.goto("/console/fleet")
    row = page.locator(f'tr[data-device="{terminal.device}"]')
    expect(row).to_contain_text("正常")
    expect(row).to_contain_text("2.7.1")
    check(page)
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(row.locator(".badge")).to_have_text("停用")
    page.goto("/console/rates")
    page.get_by_text("怎样计算").click()
    expect(page.get_by_text("10 秒以内的两次评价只计一次")).to_be_visible()
    check(page)
    page.goto("/console/windows")
    page.get_by_label("系统名称").fill("综窗系统")
    page.locator("#machine-place").select_option(index=0)
    page.get_by_role("button", name="生成凭证").click()
    expect(page.get_by_text("请立即交给业务系统")).to_be_visible()
    check(page)

    desk = sign_in(new_page(viewport=DESK), server, "desk")
    desk.goto("/console/")
    expect(desk.get_by_role("heading", name="差评与回访")).to_be_visible()
    expect(desk.locator("tr[data-finding]").first).to_contain_text("等候时间太长")
    check(desk)
    public = new_page()
    public.goto("/windows")
    check(public)
