"""The auditor's pages: who did what when, one act proved in the browser, who asked and who confirmed."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, NewPage
from tests.browser.english import untranslated
from tests.browser.guide_pictures import let_in, sign_in
from tests.browser.rules import RULES
from tests.browser.server import Server


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    named = [f"axe: {one['id']} {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]
    return [*named, *([f"{wide} px too wide"] if wide > 0 else [])]


def test_an_auditor_reads_proves_and_asks(new_page: NewPage, server: Server) -> None:
    let_in(server, "jijian", "auditor")
    page = new_page(viewport={"width": 1366, "height": 768})
    sign_in(page, server, "jijian", "/ledger")
    rows = page.locator("tbody tr")
    page.get_by_role("combobox", name="评议", exact=True).select_option("luohe-closed")
    expect(page).to_have_url(re.compile("log=luohe-closed"))
    page.get_by_role("combobox", name="事项类别").select_option("two_people")
    expect(rows.first).to_have_attribute("data-event", re.compile("^acts:"))
    expect(rows.filter(has_text="release").first).to_contain_text("setup 提出")
    rows.filter(has_text="确认两人事项").first.get_by_role("button", name="核对").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-holds]")).to_have_attribute("data-holds", "yes")
    expect(dialog).to_contain_text('"event":"acts:confirmed"')
    assert faults(page) == []
    dialog.get_by_role("button", name="关闭").click()

    page.get_by_role("combobox", name="账号").fill("release")
    page.get_by_role("combobox", name="账号").press("Enter")
    expect(page).to_have_url(re.compile("person=release"))
    with page.expect_download() as taken:
        page.get_by_role("link", name="导出 CSV").click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    shown = int(re.sub(r"\D", "", page.get_by_text(re.compile("^共 .* 条$")).inner_text()))
    assert len(lines) == shown + 1
    assert "确认两人事项" in lines[1]

    page.get_by_role("button", name="English").click()
    expect(rows.first).to_contain_text("Two-person act confirmed")
    assert untranslated(page) == []
    page.get_by_role("link", name="Separation of duties").click()
    expect(page.get_by_role("row", name=re.compile("^setup"))).to_contain_text("Setup")
    assert untranslated(page) == []
    for viewport in ({"width": 1366, "height": 768}, PHONE):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert faults(page) == []
    page.goto("/console/ledger?log=luohe-closed")
    expect(rows.nth(5)).to_be_visible()
    assert faults(page) == []
