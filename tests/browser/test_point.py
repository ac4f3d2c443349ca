"""A tablet of a test point (测评点平板): paired, one person after another, an outage, nobody there any more."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.browser.server import Server
from tests.browser.test_phone import RECEIPT, UNITS, rate, stored

CAMPAIGN = "atpoint"


def pairing_code(server: Server, campaign_id: str) -> str:
    """Asked for as the office does."""
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        account = {"name": "setup", "password": server.credentials["setup"]}
        csrf = client.post("/api/session", json=account).raise_for_status().json()["csrf"]
        wanted = {"campaign": campaign_id, "point": 1}
        made = client.post("/api/tablets/pairings", json=wanted, headers={"X-CSRF-Token": csrf})
        code: str = made.raise_for_status().json()["pairing_code"]
        return code


def begin(page: Page, code: str, *, used: bool = False) -> None:
    """What a person does first; with a used code the questionnaire goes away again."""
    expect(page.locator("#point")).to_be_visible()
    page.locator("#point-code").press_sequentially(code.lower())
    page.locator("#point-begin").click()
    if not used:
        expect(page.locator(UNITS).first).to_be_visible()


def hand_in(page: Page) -> None:
    """Look over and send."""
    page.locator("#open-review").click()
    page.locator("#send").click()


def assert_nothing_left(page: Page, *codes: str) -> None:
    """The start, and no trace of the person before: no choice, no code, no receipt, no draft."""
    expect(page.locator("#point")).to_be_visible()
    expect(page.locator("input:checked")).to_have_count(0)
    whole = page.evaluate("document.documentElement.outerHTML + JSON.stringify(localStorage) + location.href")
    values = page.evaluate("Array.from(document.querySelectorAll('input'), (input) => input.value).join(' ')")
    for code in codes:
        assert code not in (whole + values).replace("-", "")
    assert "pingyi.draft" not in whole
    assert page.locator("#receipt-number").inner_text() == ""


def test_one_person_after_another_through_an_outage(page: Page, server: Server) -> None:
    poll = server.poll(CAMPAIGN)
    first, second, third, fourth = poll.codes[:4]
    page.clock.install()  # it runs as usual until it is put forward
    page.goto("/point")
    page.locator("#pairing").fill("WRONG123")
    page.get_by_role("button", name="配对").click()
    expect(page.locator("#pair-error")).to_contain_text("配对码不对")
    page.locator("#pairing").fill(pairing_code(server, CAMPAIGN))
    page.get_by_role("button", name="配对").click()

    wrong = first[:-1] + ("1" if first[-1] != "1" else "2")
    page.locator("#point-code").press_sequentially(wrong)
    expect(page.locator("#point-error")).to_be_visible()
    page.locator("#point-code").fill("")
    begin(page, first)
    page.locator("#elder").click()
    rate(page, units=3)
    hand_in(page)
    expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
    page.locator("#receipt [data-next]").click()
    expect(page.locator("html")).not_to_have_class("elder")
    assert_nothing_left(page, first)
    page.go_back()  # nothing to see there either
    page.goto("/point")
    assert stored(server, CAMPAIGN) == 1

    page.context.set_offline(True)
    for code in (second, third):
        begin(page, code)
        expect(page.locator("input:checked")).to_have_count(0)
        rate(page, units=2)
        hand_in(page)
        expect(page.locator("#sending p").first).to_contain_text("只在这个页面里")
        page.locator("#leave button").click()
        assert_nothing_left(page, second, third)
    expect(page.locator("#point-counts")).to_contain_text("收到 1 份，待发 2 份")
    page.context.set_offline(False)
    expect(page.locator("#point-counts")).to_contain_text("收到 3 份，待发 0 份")
    assert stored(server, CAMPAIGN) == 3

    begin(page, second, used=True)  # its sheet came in when the network was back
    expect(page.locator("#refused h1")).to_have_text("这个评议码已经用过")
    page.locator("#refused [data-next]").click()
    begin(page, fourth)
    rate(page, units=1)
    page.clock.run_for(102_000)
    expect(page.locator("#point-idle")).to_contain_text("秒后清空")
    page.locator("#point-stay").click()
    expect(page.locator("#point-idle")).to_be_hidden()
    page.clock.run_for(125_000)
    assert_nothing_left(page, fourth)
    assert stored(server, CAMPAIGN) == 3


def test_where_there_are_several_kinds_of_sheets_each_code_brings_its_own(page: Page, server: Server) -> None:
    poll = server.poll("kindsatpoint", variants={"all": None, "some": ["LH-001", "LH-004"]}, variant="some")
    page.goto("/point")
    page.locator("#pairing").fill(pairing_code(server, "kindsatpoint"))
    page.get_by_role("button", name="配对").click()
    for code in poll.codes[:2]:
        page.locator("#code").fill(code)
        page.get_by_role("button", name="继续").click()
        expect(page.locator(UNITS)).to_have_count(2)
        expect(page.locator("input:checked")).to_have_count(0)
        rate(page, units=2)
        hand_in(page)
        expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
        page.locator("#receipt [data-next]").click()
        expect(page.locator("#code")).to_have_value("")
    assert stored(server, "kindsatpoint") == 2


def test_without_pairing_the_page_of_a_point_asks_for_it(page: Page, server: Server) -> None:
    server.poll("unpaired")
    page.goto("/b/unpaired?point=1")
    expect(page.locator("#pair h1")).to_be_visible()
