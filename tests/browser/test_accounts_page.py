"""Accounts in a browser: made, assigned, closed; and what the new person then sees of the console."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in

NAME, WORD = "承办丙", "a long walk in autumn"


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_an_account_is_made_given_its_part_and_closed(new_page: NewPage, server: Server) -> None:
    office = sign_in(new_page(viewport=DESK), server)
    office.goto("/console/accounts")
    office.get_by_role("button", name="新建账号").click()
    dialog = office.get_by_role("dialog")
    dialog.get_by_label("账号名").fill(NAME)
    dialog.get_by_label("密码（至少 12 个字符）").fill(WORD)
    dialog.get_by_label("区县评议办").check()
    dialog.get_by_label("区县代码（与抽样框一致）").fill("411102")
    dialog.get_by_label("承办单位").check()
    accessible(office)
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("不能与其他角色合在一个账号里")
    dialog.get_by_label("区县评议办").uncheck()
    dialog.get_by_role("button", name="保存").click()
    row = office.locator(f'tr[data-account="{NAME}"]')
    row.get_by_role("button", name="分配评议").click()
    dialog.get_by_role("button", name="保存").click()
    expect(row).to_contain_text("全部层")
    accessible(office)

    server.credentials[NAME] = WORD
    firm = sign_in(new_page(viewport=PHONE), server, NAME)
    firm.goto("/console/")
    expect(firm.get_by_role("heading", name="评议活动", level=1)).to_be_visible()
    firm.goto("/console/rounds")
    expect(firm.get_by_role("heading", name="这一页不在您的职责之内")).to_be_visible()
    accessible(firm)
    firm.get_by_role("link", name="回到我的工作").click()
    expect(firm.get_by_role("heading", name="上传", level=1)).to_be_visible()

    office.get_by_role("button", name=f"停用账号 {NAME}").click()
    dialog.get_by_label("停用理由（写入台账）").fill("合同到期")
    dialog.get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")
    assert firm.request.get("/api/session").status == 401
    office.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    accessible(office)
