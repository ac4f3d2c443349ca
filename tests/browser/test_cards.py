"""Cards on the console, and the open QR on a phone: both as people use them."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.handover import open_sealed
from tests.browser.conftest import NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import sign_in


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_a_lost_card_is_replaced_and_a_batch_voided_by_two(new_page: NewPage, server: Server, tmp_path: Path) -> None:
    server.poll("cards", reserve=2)
    page = sign_in(new_page(viewport={"width": 1366, "height": 768}), server)
    page.goto("/console/campaigns/cards/cards")
    page.get_by_label("卡片背面的序号").fill("3")
    page.get_by_label("原因（永久记入台账").fill("丢失")
    page.get_by_role("button", name="补卡", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("第 3 号立即作废")
    page.get_by_role("dialog").get_by_role("button", name="补卡").click()
    expect(page.locator(".notice.good")).to_contain_text("请把封存的第 11 号备用卡原封交给本人")
    row = page.locator("section[aria-labelledby=batches] tbody tr")
    expect(row.locator("td.number").last).to_have_text("1")
    accessible(page)
    row.get_by_role("button").click()
    page.get_by_role("dialog").locator("textarea").fill("交接文件遗失")
    page.get_by_role("dialog").get_by_role("button", name="提出，等待确认").click()
    expect(page.locator(".notice.good").last).to_contain_text("已提出：作废整批评议码")
    second = sign_in(new_page(viewport={"width": 1366, "height": 768}), server, "release")
    second.goto("/console/acts")
    item = second.locator("ul.cards li").filter(has_text="作废整批评议码")
    item.get_by_role("button", name="确认办理").click()
    expect(second.get_by_role("dialog")).to_contain_text("原因：交接文件遗失")
    second.get_by_role("dialog").get_by_role("button").last.click()
    page.reload()
    expect(row).to_contain_text("作废")
    reissued(page, folder=tmp_path)
    expect(row).to_have_count(2)
    expect(row.first.get_by_role("button")).to_have_count(0)


def reissued(page: Page, *, folder: Path) -> None:
    """The voided batch is issued anew; its sealed file is saved from the page and opens with the passphrase."""
    word = "eight-cranes/over (the) river"
    page.get_by_role("button", name="重新生成第 1 批").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("口令（").fill(word)
    dialog.get_by_label("再输一次").fill("something else")
    dialog.get_by_role("button", name="重新生成").click()
    expect(dialog.locator("input:invalid")).to_have_count(1)
    dialog.get_by_label("再输一次").fill(word)
    accessible(page)
    dialog.get_by_role("button", name="重新生成").click()
    expect(page.locator(".notice.good").last).to_contain_text("第 1 批已重新生成为第 2 批：10 张，备用 1 张")
    with page.expect_download() as saved:
        page.get_by_role("link", name="保存交接文件").click()
    saved.value.save_as(folder / saved.value.suggested_filename)
    # Ten cards were out, the one that replaced a lost card among them, and one lay in reserve.
    assert len(open_sealed(folder / "cards-batch-2.sealed", passphrase=word)) == 11


def test_the_open_qr_from_the_button_to_the_receipt(new_page: NewPage, server: Server) -> None:
    server.poll("plaza", open_channel=True)
    page = new_page()
    page.goto("/o/plaza")
    assert page.context.cookies() == []
    accessible(page)
    page.get_by_role("button", name="开始评议").click()
    expect(page.get_by_role("group", name="公安")).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies()] == ["pingyi-device"]
    accessible(page)
    for name in ("公安", "水利", "太平洋人寿保险", "太平洋财产保险", "电力"):
        page.get_by_role("group", name=name).get_by_role("radio", name="满意", exact=True).check()
    page.locator("#lang").get_by_text("English").click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    assert page.locator("input[name=q_LH-003]:checked").input_value() == "1"
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#receipt-number")).not_to_be_empty()
    page.goto("/o/plaza")
    page.get_by_role("button", name="开始评议").click()
    expect(page.get_by_role("heading")).to_contain_text("这台设备已经提交过一份")
