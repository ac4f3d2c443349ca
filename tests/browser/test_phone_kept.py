"""The phone page when something goes wrong: each case with the sentence that the person reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from api.db import make_engine, unit_of_work
from api.keys import load_pepper
from survey_models.core import clock
from survey_models.tickets import codes
from survey_models.tickets import service as tickets
from survey_models.tickets.tables import Ticket
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_phone import RECEIPT, SUBMIT, UNITS, kept_drafts, rate, scan, send, stored

NO_NEWER = Path(__file__).with_name("without_newer.js")
REFUSED = "Storage.prototype.setItem = () => { throw new DOMException('refused', 'QuotaExceededError'); };"
FULL = """() => {
  let piece = 'x'.repeat(1 << 20), number = 0;
  while (piece) {
    try {
      localStorage.setItem('filler' + number++, piece);
    } catch (full) { piece = piece.slice(piece.length / 2 + 1); }
  }
}"""


def void(server: Server, campaign_id: str, code: str) -> None:
    """Withdraw the card of this code, as the office does by its serial number."""
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        digest = codes.digest(code, campaign_id=campaign_id, pepper=load_pepper(server.data_dir))
        serial = session.scalars(select(Ticket.serial).where(Ticket.digest == digest)).one()
        tickets.void(session, campaign_id, serial, reason="卡片遗失,本人报告", by="test", at=clock.now())
    engine.dispose()


def test_a_browser_of_the_floor_does_everything(new_page: NewPage, server: Server) -> None:
    page = new_page(bypass_csp=True)  # a browser without Trusted Types knows nothing of that part of the policy either
    page.add_init_script(path=NO_NEWER)
    code, before = server.card(), stored(server)
    scan(page, code)
    rate(page, units=3)
    page.get_by_role("button", name="查找").click()
    page.locator("#find-name").fill("lhsy")
    page.get_by_role("button", name="漯河商业银行").click()
    expect(page.locator("#q_LH-078 input").first).to_be_focused()
    page.keyboard.press("Space")
    page.locator("#next").click()
    page.get_by_role("button", name="朗读").click()
    expect(page.locator("#told")).to_contain_text("没有中文语音")
    page.locator("#elder").click()
    page.reload()
    expect(page.locator("#count")).to_contain_text("4/80")
    expect(page.locator("html")).to_have_class("elder")
    send(page)
    assert stored(server) == before + 1


@pytest.mark.parametrize("how", ["refused", "full"])
def test_where_nothing_can_be_kept_the_person_is_told(page: Page, server: Server, *, how: str) -> None:
    before = stored(server)
    if how == "refused":
        page.add_init_script(REFUSED)
        scan(page, server.card())
    else:
        page.goto("/")
        page.evaluate(FULL)
        scan(page, server.card())
    rate(page, units=3)
    expect(page.locator("#told")).to_contain_text("不让本页保存选择")
    assert kept_drafts(page) == {}
    page.locator("#lang").get_by_text("English").click()  # the answers go along in the form
    expect(page.locator("#count")).to_have_text("3/80 rated")
    page.route(SUBMIT, lambda route: route.abort("internetdisconnected"))
    page.locator("#open-review").click()
    page.locator("#send").click()
    expect(page.locator("#sending p")).to_contain_text("in this page only")
    page.unroute(SUBMIT)
    page.locator("#again").click()
    expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
    assert stored(server) == before + 1


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_a_day_off_changes_nothing(new_page: NewPage, server: Server, *, days: int) -> None:
    page, code = new_page(), server.card()
    wrong = datetime.now(UTC) + timedelta(days=days)
    page.clock.install(time=wrong)
    scan(page, code)
    rate(page, units=2)
    page.reload()
    expect(page.locator("#count")).to_contain_text("2/80")
    page.clock.set_system_time(wrong - timedelta(days=days, minutes=1) if days > 0 else wrong + timedelta(hours=25))
    page.reload()  # somebody has set the clock: what was kept seems to be of another day
    expect(page.locator("#told")).to_contain_text("已过 24 小时")
    expect(page.locator("#count")).to_contain_text("0/80")
    rate(page, units=1)
    send(page)


def test_a_card_withdrawn_while_answering_is_said(page: Page, server: Server) -> None:
    poll = server.poll("withdrawn")
    page.goto(f"/b/withdrawn#{poll.codes[0]}")
    rate(page, units=2)
    void(server, "withdrawn", poll.codes[0])
    page.locator("#open-review").click()
    page.locator("#send").click()
    expect(page.locator("#refused h1")).to_contain_text("作废")
    expect(page.locator("#refused p")).not_to_be_empty()
    assert kept_drafts(page) == {}
    assert stored(server, "withdrawn") == 0


def test_a_page_from_the_back_memory_asks_again(new_page: NewPage, server: Server) -> None:
    first, code = new_page(), server.card()
    scan(first, code)
    second = new_page()
    scan(second, code)
    rate(second, units=1)
    send(second)
    first.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(first.locator("#refused h1")).to_have_text("这个评议码已经用过")


def test_a_code_is_typed_in_groups_and_a_mistype_is_told_before_sending(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    code = server.card()
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    page.goto("/b/luohe")
    page.locator("#code").press_sequentially(wrong.lower())
    expect(page.locator("#code")).to_have_value("-".join(wrong[at : at + 4] for at in range(0, 16, 4)))
    expect(page.locator("#code-error")).to_be_visible()
    expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    assert asked == []
    with page.expect_response("**/api/tickets/check"):
        page.locator("#code").press("Backspace")
        page.locator("#code").press_sequentially(code[-1])
    expect(page.locator("#code-error")).to_be_hidden()
    expect(page.locator(UNITS).first).to_be_visible()
    two = code[1] + code[0] + code[2:]  # neighbours swapped
    if two != code:
        page.locator("#code").fill(two)
        expect(page.locator("#code-error")).to_be_visible()
