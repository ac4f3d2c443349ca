"""A draw in the console: one enters the public seed, another compares it and confirms, then the lots are there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in

SEED = "60415238"
AREAS = {"411102": 1, "411103": 1, "411104": 1, "411121": 1, "411122": 1, "LH-JKQ": 1}


def test_a_seed_takes_two_people_and_then_every_lot_is_shown(new_page: NewPage, server: Server) -> None:
    desk: Page = sign_in(new_page(viewport=DESK), server)
    csrf = desk.request.get("/api/session").json()["csrf"]
    plan = {
        "id": "browser-points",
        "campaign_id": "luohe",
        "frame_id": "luohe-counts",
        "what": "points",
        "sizes": AREAS,
    }
    made = desk.request.post("/api/draws", data=plan, headers={"X-CSRF-Token": csrf})
    assert made.status == 201, made.text()

    desk.goto("/console/draws/browser-points")
    desk.get_by_label("公开种子").fill("123")
    desk.get_by_role("button", name="提出抽取").click()
    expect(desk.get_by_label("公开种子")).to_be_visible()
    desk.get_by_label("公开种子").fill("6041 5238")
    desk.get_by_role("button", name="提出抽取").click()
    expect(desk.get_by_text("已提出：")).to_be_visible()

    second = sign_in(new_page(viewport=DESK), server, "release")
    second.goto("/console/acts")
    card = second.get_by_role("listitem").filter(has_text=SEED)
    expect(card).to_contain_text("browser-points")
    card.get_by_role("button", name="确认").click()
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text(SEED)
    dialog.get_by_role("button", name="确认").click()
    expect(second.get_by_role("listitem").filter(has_text=SEED)).to_have_count(0)

    desk.reload()
    expect(desk.get_by_text(SEED)).to_be_visible()
    lots = desk.get_by_role("table", name="抽中名单").locator("tbody tr")
    expect(lots).to_have_count(len(AREAS))
    expect(lots.first).to_contain_text("1/6")
    desk.get_by_role("button", name="重抽核对").click()
    # It is read aloud too.
    expect(desk.get_by_text("一致：重抽的 6 个").locator("visible=true").first).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="下载公开包").click()
    assert download.value.suggested_filename.endswith(".zip")
