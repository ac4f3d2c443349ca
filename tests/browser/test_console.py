"""The console in a real browser: the road, progress, two people, scores, windows, files; and axe on each page."""

from __future__ import annotations

import csv
import io
import re
import time
import uuid
import zipfile

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, PHONE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.terminal import Terminal

DESK = {"width": 1366, "height": 768}
SEALED = "现场工作未结束，任何人（包括管理员）都不能看得分。现在可以看回收进度。"
SHEETS = 12


def sign_in(page: Page, server: Server, name: str = "setup") -> Page:
    """The session of ``name``, without going through the form."""
    account = {"name": name, "password": server.credentials[name]}
    assert page.request.post("/api/session", data=account).ok
    return page


@pytest.fixture
def desk(new_page: NewPage, server: Server) -> Page:
    """A desk of the office, signed in as ``setup``."""
    return sign_in(new_page(viewport=DESK), server)


def figures(page: Page, column: int) -> list[float]:
    """The numbers of one column of the table."""
    cells: list[str] = page.locator(f"tbody tr > :nth-child({column})").all_inner_texts()
    return [float(re.sub(r"[^\d.].*", "", cell.strip())) for cell in cells]


def heading(page: Page, name: str) -> Locator:
    """The heading of a column that sorts."""
    return page.get_by_role("columnheader").filter(has=page.get_by_role("button", name=name, exact=True))


def cast(server: Server, campaign_id: str, codes: list[str], answers: list[str]) -> None:
    """Sheets as phones send them."""
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        for code, given in zip(codes, answers, strict=True):
            sheet = {"id": str(uuid.uuid4()), "code": code, "answers": given}
            client.post(f"/api/campaigns/{campaign_id}/ballots", json=sheet).raise_for_status()


def paper(page: Page, campaign_id: str) -> bytes:
    """Three right rows under the headings of the template of a small poll."""
    template = page.request.get(f"/api/uploads/templates/{campaign_id}.csv").body().decode("utf-8-sig")
    answers = ["满意", "基本满意", "", "不了解", "无效"]
    sheet = io.StringIO()
    csv.writer(sheet).writerows(
        [template.strip().split(","), *([str(no), "源汇区", "城镇", "文化宫", *answers, "", ""] for no in range(3))]
    )
    return sheet.getvalue().encode()


def test_signing_in_and_out(new_page: NewPage, server: Server) -> None:
    page = new_page(viewport=DESK)
    page.goto("/console/campaigns/luohe")
    expect(page.get_by_label("账号")).to_be_focused()
    page.keyboard.type("setup")
    page.get_by_label("密码").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不对")
    expect(page.get_by_label("密码")).to_be_focused()
    page.keyboard.type(server.credentials["setup"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="现场：回收进度")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("账号")).to_be_visible()
    assert page.request.get("/api/session").status == 401
    page.goto("/console/accounts")
    expect(page.get_by_label("账号")).to_be_visible()


def test_the_board_shows_progress_and_why_there_are_no_scores(desk: Page, server: Server) -> None:
    desk.goto("/console/")
    desk.locator('tbody a[href="/console/campaigns/luohe"]').click()
    expect(desk.get_by_text(SEALED)).to_be_visible()
    expect(desk.locator("tbody tr:not(.group)")).to_have_count(24)
    expect(desk.locator("tbody tr.group")).to_have_count(6)
    returned = desk.locator(".figures div").filter(has_text="收回").locator("dd span")
    before = int(returned.inner_text().replace(",", ""))
    tagged: list[int] = []
    desk.on("response", lambda answer: tagged.append(answer.status) if answer.url.endswith("/progress") else None)
    cast(server, "luohe", [server.card()], ["1" * 80 + "--"])
    expect(returned).to_have_text(f"{before + 1:,}")
    deadline = time.monotonic() + PATIENCE
    while 304 not in tagged and time.monotonic() < deadline:
        desk.wait_for_timeout(100)
    assert 304 in tagged
    desk.get_by_role("link", name="评分 计票后才能看").click()
    expect(desk.get_by_text(SEALED)).to_be_visible()
    expect(desk.get_by_text(re.compile(r"已收回 [\d,]+ 份，发出 10,000 张"))).to_be_visible()
    desk.get_by_role("link", name="计票 结束后办理").click()
    expect(desk.get_by_text(SEALED)).to_be_visible()


def test_scores_are_sorted_filtered_and_downloaded(desk: Page) -> None:
    desk.goto("/console/campaigns/luohe-closed/results")
    rows = desk.locator("tbody tr")
    expect(rows).to_have_count(80)
    for name, column in (("得分", 4), ("不了解率", 9)):
        desk.get_by_role("button", name=name, exact=True).click()
        expect(heading(desk, name)).to_have_attribute("aria-sort", "descending")
        expect(desk.locator("th[aria-sort]")).to_have_count(1)
        assert figures(desk, column) == sorted(figures(desk, column), reverse=True)
        desk.get_by_role("button", name=name, exact=True).click()
        expect(heading(desk, name)).to_have_attribute("aria-sort", "ascending")
        assert figures(desk, column) == sorted(figures(desk, column))
    desk.get_by_label("类别").select_option(index=1)
    expect(desk.get_by_text("共 53 个单位")).to_be_visible()
    expect(rows).to_have_count(53)
    desk.get_by_role("button", name="名次").click()
    assert figures(desk, 2) == sorted(figures(desk, 2))
    address = desk.url
    desk.goto("/console/")
    desk.goto(address)
    expect(rows).to_have_count(53)
    first = rows.first.locator("th").inner_text()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="下载得分表（xlsx）").click()
    with zipfile.ZipFile(download.value.path()) as book:
        printed = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert first in printed
    assert rows.first.locator("td:nth-child(3)").inner_text() in printed


def test_tallies_are_cut_until_cells_get_too_small(desk: Page) -> None:
    desk.goto("/console/campaigns/luohe-closed/tallies")
    rows = desk.locator("tbody tr")
    expect(rows).to_have_count(40)
    desk.get_by_label("渠道").check()
    expect(desk.get_by_role("columnheader", name="渠道")).to_be_visible()
    desk.get_by_label("层（地区·类别）").check()
    expect(desk.get_by_text(re.compile("第 1 页，共 24 页"))).to_be_visible()
    refusal = {
        "code": "cell_too_small",
        "detail": "这样细分会出现少于 10 份评议票的格子。",
        "next": "请减少细分的维度。",
    }
    desk.route("**/tallies?by=*kind*", lambda route: route.fulfill(status=422, json=refusal))
    desk.get_by_label("类别", exact=True).check()
    expect(desk.get_by_role("alert")).to_contain_text("少于 10 份")
    expect(desk.get_by_role("alert")).to_contain_text("请去掉一个维度")
    desk.get_by_label("类别", exact=True).uncheck()
    expect(rows).to_have_count(40)


def test_two_people_count_and_one_computes(desk: Page, new_page: NewPage, server: Server) -> None:
    poll = server.poll("console-poll", cards=SHEETS + 2)
    cast(server, poll.id, poll.codes[:SHEETS], ["12301--", "11211--"] * (SHEETS // 2))
    desk.goto(f"/console/campaigns/{poll.id}")
    desk.get_by_role("button", name="结束评议").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("还有 2 张评议码没有收回")
    expect(dialog).to_contain_text("这件事由您一人办理")
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk.get_by_role("button", name="结束评议")).to_be_focused()
    desk.get_by_role("button", name="结束评议").click()
    dialog.get_by_role("button", name="结束评议").click()
    expect(desk.locator("main .badge").first).to_have_text("已结束")
    desk.get_by_role("button", name="计票", exact=True).click()
    expect(dialog).to_contain_text("须两人办理")
    expect(dialog).to_contain_text("计票不能撤销")
    dialog.get_by_role("button", name="提出，等待确认").click()
    expect(desk.get_by_text("已提出：计票")).to_be_visible()
    desk.get_by_role("link", name="看待确认").click()
    expect(desk.get_by_text("这是您提出的，请另一位同事确认。")).to_be_visible()

    second = sign_in(new_page(viewport=DESK), server, "release")
    second.goto("/console/acts")
    second.get_by_role("button", name="确认办理").click()
    second.get_by_role("dialog").get_by_role("button", name="确认办理").click()
    expect(second.get_by_text("没有等待确认的事项。")).to_be_visible()
    expect(second.locator("tbody tr").first).to_contain_text("release")

    desk.goto(f"/console/campaigns/{poll.id}/results")
    expect(desk.get_by_text("已经计票，还没有计算得分。")).to_be_visible()
    desk.get_by_role("button", name="计算结果").click()
    expect(desk.locator("tbody tr")).to_have_count(5)
    scores = desk.locator("tbody tr > :nth-child(3)").all_inner_texts()
    # Twelve times 100; six of 100 and 60; of 60 and 0; six who judged are too few.
    assert sorted(scores) == ["100.00", "100.00", "30.00", "80.00", "—"]


def test_a_rating_is_seen_without_loading_anew(desk: Page, server: Server) -> None:
    desk.goto("/console/windows")
    desk.get_by_role("link", name="社会保险窗口").click()
    desk.get_by_role("button", name="生成配对码").click()
    link = desk.get_by_role("link", name="#pair=")
    code = link.inner_text().partition("#pair=")[2]
    assert desk.locator(".pairing-code").inner_text().replace(" ", "") == code
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        terminal = Terminal()
        terminal.paired(client.post("/api/devices/pair", json=terminal.asking(code)).raise_for_status().json())
        desk.goto("/console/windows")
        number = desk.locator(f"[data-window={terminal.window}] td").last
        before = int(number.inner_text())
        terminal.tap()
        client.post("/api/ratings", json=terminal.batch(), headers=terminal.headers).raise_for_status()
    expect(number).to_have_text(str(before + 1))


def test_a_faulty_file_comes_back_with_rows_and_remedies(desk: Page) -> None:
    desk.goto("/console/uploads")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="csv（只有表头）").click()
    header = next(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    good = ["1", "源汇区", "城镇", "源汇区政务服务大厅", *["满意"] * 80, "", ""]
    bad = ["2", "源汇县", "城镇", "源汇区政务服务大厅", "很好", *["不了解"] * 79, "", ""]
    sheet = io.StringIO()
    csv.writer(sheet).writerows([header, good, bad])
    desk.get_by_role("button", name="上传", exact=True).click()
    expect(desk.get_by_role("alert")).to_have_text("请先选择填好的文件。")
    desk.locator("#file").set_input_files(
        {"name": "收回的问卷.csv", "mimeType": "text/csv", "buffer": sheet.getvalue().encode()}
    )
    desk.get_by_role("button", name="上传", exact=True).click()
    expect(desk.get_by_role("heading", name="收回的问卷.csv")).to_be_visible()
    expect(desk.get_by_role("heading", name="错误 2 处")).to_be_visible()
    area, option = desk.locator("tbody tr").all_inner_texts()
    assert re.match(r"3\s+地区", area)
    assert "没有“源汇县”，可能是“源汇区”" in area
    assert "请填：源汇区" in area
    assert "“很好”不是可选的答案" in option
    with desk.expect_download() as faults:
        desk.get_by_role("link", name="下载错误清单（xlsx）").click()
    assert faults.value.suggested_filename.endswith(".xlsx")


def test_a_right_file_is_confirmed_entered_and_withdrawn(desk: Page, server: Server) -> None:
    poll = server.poll("console-paper")
    desk.goto("/console/uploads")
    desk.get_by_label("哪项评议").select_option(poll.id)
    desk.locator("#file").set_input_files({"name": "paper.csv", "mimeType": "text/csv", "buffer": paper(desk, poll.id)})
    desk.get_by_role("button", name="上传", exact=True).click()
    desk.get_by_role("button", name="确认录入").click()
    desk.get_by_role("dialog").get_by_role("button", name="确认录入").click()
    expect(desk.locator("main .badge")).to_have_text("已计入")
    expect(desk.locator(".sheet")).to_contain_text("3 / 3")
    desk.get_by_role("button", name="撤回").click()
    desk.get_by_label("撤回的原因").fill("录错了批次")
    desk.get_by_role("dialog").get_by_role("button", name="撤回").click()
    expect(desk.locator("main .badge")).to_have_text("已撤回")
    expect(desk.get_by_text("原因：录错了批次")).to_be_visible()


def test_a_draw_is_replayed(desk: Page) -> None:
    desk.goto("/console/campaigns/luohe/draws")
    desk.get_by_role("link", name="luohe-points").click()
    desk.get_by_role("button", name="重抽核对").click()
    expect(desk.get_by_text("一致：重抽的 12 个与存下的完全相同。").locator("visible=true").first).to_be_visible()
    expect(desk.locator(".allocation tbody tr")).to_have_count(6)


def test_english_and_what_a_role_may_not_see(new_page: NewPage, server: Server) -> None:
    page = sign_in(new_page(viewport=DESK), server, "release")
    page.goto("/console/campaigns/luohe")
    expect(page.get_by_role("button", name="结束评议")).to_have_count(0)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("nobody, administrators included, can see scores")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Field work: returns")).to_be_visible()
    page.goto("/console/accounts")
    expect(page.get_by_role("heading", name="This page is not among your tasks")).to_be_visible()
    expect(page.get_by_role("link", name="Accounts")).to_have_count(0)
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("main")).to_contain_text("您以“发布”登录。")
    page.get_by_role("link", name="回到我的工作").click()
    expect(page.get_by_role("heading", name="评议活动", level=1)).to_be_visible()


PAGES = {
    "board": "campaigns/luohe",
    "scores": "campaigns/luohe-closed/results?category=公共服务行业",
    "uploads": "uploads",
    "window": "windows/hall-01",
    "flags": "flags",
    "evidence": "evidence",
}


@pytest.mark.parametrize("view", [*PAGES, "signed out", "dialog", "phone in the dark"])
def test_axe_finds_nothing(new_page: NewPage, server: Server, *, view: str) -> None:
    phone = view == "phone in the dark"
    page = new_page(viewport=PHONE if phone else DESK, color_scheme="dark" if phone else "light")
    if view != "signed out":
        sign_in(page, server)
    page.goto(f"/console/{PAGES.get(view, 'campaigns/luohe')}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)
    if view == "dialog":
        page.get_by_role("button", name="结束评议").click()
    if phone:
        page.get_by_role("button", name="菜单").click()
        expect(page.get_by_role("link", name="台账")).to_be_hidden()
        page.get_by_text("监督与留痕").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="台账")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
