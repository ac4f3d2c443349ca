"""What the complaint desk and a unit do with bad ratings and complaints, each on their own pages, to the very end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from api.db import make_engine, reading
from survey_models.calendar import service as calendar
from survey_models.calendar.rules import deadline
from survey_models.core import clock
from survey_models.core.clock import local_day
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_console import sign_in
from tests.browser.test_findings_pages import PNG
from tests.browser.test_rounds import WIDE, without_faults
from tests.terminal import Terminal

WINDOW, UNIT, PASSWORD = "hall-03", "LH-005", "a long list of papers"
NARROW = {"width": 390, "height": 844}


def rated(server: Server) -> None:
    """Eleven people are content at the window and one is not; a minute lies between any two."""
    terminal, now = Terminal(), clock.now()
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        answer = client.post("/api/devices/pair", json=terminal.asking(server.pairing_code(WINDOW)))
        terminal.paired(answer.raise_for_status().json())
        for no in range(12):
            at = (now - timedelta(minutes=12 - no)).isoformat(timespec="seconds")
            terminal.tap("5" if no else "1", reasons=[] if no else ["slow"], device_time=at)
        client.post("/api/ratings", json=terminal.batch(), headers=terminal.headers).raise_for_status()


def of_unit(new_page: NewPage, office: Page, server: Server, code: str) -> Page:
    """A phone of the unit, signed in on its own page."""
    name = f"paper.{code.lower()}"
    csrf = office.request.get("/api/session").json()["csrf"]
    body: dict[str, Any] = {"name": name, "password": PASSWORD, "roles": ["unit"], "unit_code": code}
    assert office.request.post("/api/accounts", data=body, headers={"X-CSRF-Token": csrf}).ok
    server.credentials[name] = PASSWORD
    return sign_in(new_page(viewport=NARROW), server, name)


def step(page: Page, name: str, words: str = "") -> None:
    """Take a step of the case in the console."""
    page.get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    if words:
        dialog.get_by_label("说明").fill(words)
    dialog.locator("button.primary").click()
    expect(dialog).to_have_count(0)


def test_a_bad_rating_goes_round_and_both_rates_are_told(new_page: NewPage, server: Server) -> None:
    rated(server)
    desk, office = sign_in(new_page(viewport=WIDE), server, "desk"), sign_in(new_page(viewport=WIDE), server)
    unit = of_unit(new_page, office, server, UNIT)
    desk.goto("/console/desk")
    desk.locator("tr[data-finding]").filter(has_text="户政窗口").get_by_role("link").first.click()
    step(desk, "属实")
    case = desk.url
    unit.goto("/unit")
    unit.get_by_role("link", name=re.compile("差评")).first.click()
    unit.get_by_label("整改: 说明").fill("增开一个窗口")
    unit.get_by_role("button", name="整改", exact=True).click()
    expect(unit.get_by_role("heading", level=1)).to_have_text("差评 · 已整改")
    desk.reload()
    step(desk, "反馈", "已告知处理情况")
    step(desk, "回访", "当事人表示认可")
    unit.reload()
    unit.get_by_label("申诉: 说明").fill("当天叫号系统故障，不是窗口的责任")
    unit.locator("input[name=file]").set_input_files({"name": "log.png", "mimeType": "image/png", "buffer": PNG})
    unit.get_by_role("button", name="申诉", exact=True).click()
    expect(unit.get_by_role("heading", level=1)).to_have_text("差评 · 申诉复核中")
    second = sign_in(new_page(viewport=WIDE), server, "release")
    second.goto(case)
    expect(second.get_by_text("当天叫号系统故障")).to_be_visible()
    step(second, "申诉成立", "日志属实")
    unit.reload()
    expect(unit.get_by_role("heading", level=1)).to_have_text("差评 · 误评")
    desk.reload()
    step(desk, "办结", "已告知单位")
    # The rating is what it was.
    expect(desk.get_by_text("非常不满意：等候时间太长")).to_be_visible()
    without_faults(desk)
    desk.goto("/console/desk")
    desk.locator(".filters select").select_option(WINDOW)
    shares = desk.locator(".loop div")
    expect(shares.filter(has_text="差评率（全部）")).to_contain_text("8.33%")
    expect(shares.filter(has_text="不含误评和恶意")).to_contain_text("0.00%")
    without_faults(desk)


def test_a_complaint_by_telephone_and_its_clocks(new_page: NewPage, server: Server) -> None:
    desk, office = sign_in(new_page(viewport=WIDE), server, "desk"), sign_in(new_page(viewport=WIDE), server)
    unit = of_unit(new_page, office, server, "LH-004")
    desk.goto("/console/cases")
    desk.get_by_role("button", name="登记来电来访投诉").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("被投诉单位", exact=True).select_option("LH-004")
    dialog.get_by_label("投诉事项").fill("办证超期")
    dialog.get_by_label("经过和理由").fill("材料齐全，三个月没有办")
    dialog.get_by_label("投诉人姓名").fill("王某")
    dialog.get_by_label("联系方式").fill("13900000000")
    dialog.get_by_role("button", name="登记来电来访投诉").click()
    code = desk.get_by_text("受理码：").inner_text().removeprefix("受理码：")
    without_faults(desk)
    desk.get_by_role("link", name="去办理").click()
    desk.get_by_role("button", name="查看投诉人").click()
    desk.get_by_role("dialog").get_by_role("button", name="查看", exact=True).click()
    expect(desk.get_by_text("投诉人：王某，13900000000")).to_be_visible()
    step(desk, "转办")
    expect(desk.locator(".sheet")).to_contain_text(days_from_today(server, 10))
    unit.goto("/unit")
    unit.get_by_role("link", name=re.compile("投诉")).click()
    more = unit.locator("form").filter(has=unit.get_by_role("button", name=re.compile("申请延期")))
    more.get_by_role("textbox").fill("要向档案馆调卷")
    more.get_by_role("checkbox").check()
    more.locator("button").click()
    desk.reload()
    step(desk, "批准延期")
    expect(desk.locator(".sheet")).to_contain_text(days_from_today(server, 15))
    unit.reload()
    answer = unit.locator("form").filter(has=unit.get_by_role("button", name=re.compile("办结答复")))
    answer.get_by_role("textbox").fill("证已办好")
    answer.get_by_role("checkbox").check()
    answer.locator("button").click()
    desk.reload()
    step(desk, "复核办结", "情况属实，已解决")
    citizen = new_page()
    citizen.goto("/complaint/progress?lang=zh")
    citizen.get_by_label("受理码", exact=True).fill(code)
    citizen.get_by_role("button", name="查询").click()
    expect(citizen.locator(".receipt strong")).to_have_text("办结")
    expect(citizen.get_by_text("证已办好")).to_be_visible()


def days_from_today(server: Server, working: int) -> str:
    """The day so many working days from now, by the table of the installation."""
    today = local_day(clock.now(), "Asia/Shanghai")
    engine = make_engine(server.database_url)
    with reading(engine) as session:
        days = calendar.load(session, since=today)
    engine.dispose()
    return deadline(days, today, working).day.isoformat()
