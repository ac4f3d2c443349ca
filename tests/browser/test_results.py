"""Results as people see them: a score with its steps, the printed report, and what was stated before opening."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in

RESULTS = "/console/campaigns/luohe-closed/results"
SERVICES = "?category=公共服务行业"
REPORT = "/api/campaigns/luohe-closed/results.html"


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def check(page: Page) -> None:
    """No fault of accessibility, nothing wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_a_score_unfolds_into_its_steps(new_page: NewPage, server: Server) -> None:
    page = sign_in(new_page(viewport=PHONE), server)
    page.goto(RESULTS + SERVICES)
    rows = page.locator("table.results > tbody > tr")
    expect(rows).to_have_count(27)
    expect(rows.locator("> td:has(small.range)").filter(has_text="数据允许的名次：第")).to_have_count(27)
    unit = page.get_by_role("button", name="电信")
    expect(unit).to_have_attribute("aria-expanded", "false")
    unit.focus()
    page.keyboard.press("Enter")
    expect(unit).to_have_attribute("aria-expanded", "true")
    steps = page.locator(".unit-steps")
    expect(steps).to_contain_text("数据允许第")
    division = numbers(steps.get_by_text("得分 = ").inner_text())
    points, weight, score, printed = division
    assert abs(points / weight - score) < 5e-4
    assert f"{printed:.2f}" == rows.filter(has=unit).locator("strong").inner_text()
    products = [numbers(cell)[0] for cell in steps.locator("tbody td:last-child").all_inner_texts() if cell != "—"]
    assert abs(sum(products) - points) < 0.05
    page.get_by_text("计算步骤", exact=True).click()
    expect(page.locator(".steps li")).to_have_count(10)
    check(page)
    page.keyboard.press("Escape")
    unit.click()
    expect(steps).to_have_count(0)


def test_the_report_opens_from_the_results_and_keeps_the_policy(new_page: NewPage, server: Server) -> None:
    page = sign_in(new_page(viewport=DESK), server)
    page.goto(RESULTS)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="打印报告").click()
    report = popup.value
    expect(report.locator("tbody tr")).to_have_count(80)
    expect(report.locator("svg")).to_have_count(6)
    assert report.locator("h1").evaluate("element => getComputedStyle(element).fontSize") == "24px", "the sheet applies"
    report.set_viewport_size({"width": 360, "height": 740})
    check(report)
    report.get_by_role("link", name="English").click()
    expect(report.get_by_role("heading", name="Method")).to_be_visible()
    report.emulate_media(media="print")
    expect(report.get_by_role("link", name="中文")).to_be_hidden()


def test_a_campaign_states_its_estimation_and_keeps_it(new_page: NewPage, server: Server) -> None:
    poll = server.poll("stated", stop_at="ready")
    page = sign_in(new_page(viewport=PHONE), server)
    page.goto(f"/console/campaigns/{poll.id}/estimation")
    save = page.get_by_role("button", name="保存设定")
    expect(save).to_be_disabled()
    page.get_by_label("按“性别”校准").focus()
    page.keyboard.press("Space")
    table = page.get_by_role("table", name="按“性别”校准")
    table.get_by_role("spinbutton", name="男 人数").fill("510")
    table.get_by_role("spinbutton", name="女 人数").fill("490")
    expect(table).to_contain_text("51.0%")
    page.get_by_label("与总平均比较").check()
    page.get_by_label("至少多少人评议才列得分").fill("6")
    before = page.locator(".digest code").inner_text()
    check(page)
    save.click()
    expect(page.get_by_text("与已保存的设定相同。")).to_be_visible()
    assert page.locator(".digest code").inner_text() != before
    page.reload()
    expect(page.get_by_role("spinbutton", name="男 人数")).to_have_value("510")
    page.get_by_label("分层加权平均").check()
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("不能与校准")
    reader = sign_in(new_page(viewport=DESK), server, "release")
    reader.goto(f"/console/campaigns/{poll.id}/estimation")
    expect(reader.get_by_text("您的角色只能查看")).to_be_visible()
    expect(reader.locator("dd", has_text="男 510、女 490")).to_be_visible()
    reader.goto("/console/campaigns/luohe-closed/estimation")
    expect(reader.get_by_text("评议已经开放过，设定不能再改")).to_be_visible()
    expect(reader.get_by_role("button", name="保存设定")).to_have_count(0)
    check(reader)
