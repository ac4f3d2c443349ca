"""The phone page in a real browser: rating, sending, losing the network, coming back."""

from __future__ import annotations

import hashlib
import json
import re

from playwright.sync_api import Page, Route, expect

from api.db import make_engine
from tests.api.poll import stored_ids
from tests.browser.conftest import NewPage
from tests.browser.server import Server

UNITS = "fieldset:not([data-optional])"
RECEIPT = re.compile(r"^(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$")
SUBMIT = "**/api/campaigns/*/ballots"


def scan(page: Page, code: str, query: str = "") -> None:
    """Open the link of a card, as its QR code does."""
    with page.expect_response("**/api/tickets/check"):
        page.goto(f"/b/luohe{query}#{code}")


def rate(page: Page, *, units: int = 80, option: int | None = None) -> None:
    """Tap one option for each of the first units on the page."""
    rows = page.locator(UNITS)
    for place in range(units):
        rows.nth(place).locator("label").nth(place % 4 if option is None else option).click()


def send(page: Page) -> str:
    """Look the sheet over, send it, and give the receipt."""
    page.locator("#open-review").click()
    page.locator("#send").click()
    number = page.locator("#receipt-number")
    expect(number).to_have_text(RECEIPT)
    return number.inner_text()


def stored(server: Server, campaign_id: str = "luohe") -> int:
    """How many ballots the database holds."""
    engine = make_engine(server.database_url)
    try:
        return stored_ids(engine, campaign_id)
    finally:
        engine.dispose()


def kept_drafts(page: Page) -> dict[str, str]:
    """What the phone has kept of sheets."""
    drafts: dict[str, str] = page.evaluate(
        "Object.fromEntries(Object.entries(localStorage).filter(([key]) => key.startsWith('pingyi.draft.')))"
    )
    return drafts


def test_eighty_units_are_rated_looked_over_and_sent(page: Page, server: Server) -> None:
    code, before = server.card(), stored(server)
    scan(page, code)
    expect(page.locator("#code-field")).to_be_hidden()
    expect(page.locator(UNITS)).to_have_count(80)
    expect(page.locator("input:checked")).to_have_count(0)
    rate(page)
    expect(page.locator("#count")).to_contain_text("80/80")
    page.locator("#open-review").click()
    headings = page.locator("#review-lists h2").all_inner_texts()
    assert [re.sub(r"\s+", " ", text) for text in headings[:4]] == [
        f"{name} 20 个" for name in ("满意", "基本满意", "不满意", "不了解")
    ]
    page.locator("#send").click()
    expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
    shown = page.locator("#receipt").inner_text()
    assert "满意" not in shown
    assert "也不能证明您选了什么" in shown
    assert stored(server) == before + 1
    assert kept_drafts(page) == {}
    assert code not in page.url
    page.reload()
    expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
    scan(page, code)
    expect(page.locator("#refused h1")).to_have_text("这个评议码已经用过")
    expect(page.locator("#ballot")).to_be_hidden()
    assert page.context.cookies() == []


def test_a_lost_answer_is_asked_for_again_and_counts_once(page: Page, server: Server) -> None:
    before = stored(server)
    asked: list[dict[str, object]] = []
    first: list[str] = []

    def lose_twice(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or ""))
        if len(asked) > 2:
            route.continue_()
            return
        first.append(route.fetch().json()["receipt"])
        route.abort("connectionreset")

    page.route(SUBMIT, lose_twice)
    scan(page, server.card())
    rate(page, units=6)
    receipt = send(page)
    assert len(asked) == 3
    assert len({sheet["id"] for sheet in asked}) == 1
    assert asked[0] == asked[1] == asked[2]
    assert first == [receipt, receipt]
    assert stored(server) == before + 1


def test_closing_the_page_while_offline_loses_nothing(new_page: NewPage, server: Server) -> None:
    code, before = server.card(), stored(server)
    page = new_page()
    scan(page, code)
    rate(page, units=3)
    page.route(SUBMIT, lambda route: route.abort("internetdisconnected"))
    page.locator("#open-review").click()
    page.locator("#send").click()
    expect(page.locator("#sending h1")).to_have_text("网络暂时不通")
    page.unroute(SUBMIT)
    again = page.context.new_page()
    page.close()
    again.goto(f"/b/luohe#{code}")
    expect(again.locator("#receipt-number")).to_have_text(RECEIPT)
    assert stored(server) == before + 1


def test_a_double_tap_and_a_second_tab_make_one_ballot(new_page: NewPage, server: Server) -> None:
    code, before = server.card(), stored(server)
    first = new_page()
    scan(first, code)
    second = first.context.new_page()
    scan(second, code)
    rate(first, units=5)
    expect(second.locator("#count")).to_contain_text("5/80")
    for page in (first, second):
        page.locator("#open-review").click()
    sheets: list[str] = []
    first.on("request", lambda request: sheets.append(request.url) if request.url.endswith("/ballots") else None)
    first.locator("#send").dblclick()
    second.evaluate("document.getElementById('send').click()")
    for page in (first, second):
        expect(page.locator("#receipt-number, #refused h1").locator("visible=true")).to_have_text(
            re.compile(RECEIPT.pattern + "|已经用过")
        )
    assert len(sheets) == 1
    assert stored(server) == before + 1


def test_going_back_after_sending_makes_no_second_ballot(page: Page, server: Server) -> None:
    before = stored(server)
    page.goto("/")
    scan(page, server.card())
    rate(page, units=2)
    receipt = send(page)
    page.go_back()
    expect(page.locator("#receipt-number")).to_have_text(receipt)
    page.reload()
    expect(page.locator("#refused h1")).to_have_text("这个评议码已经用过")
    page.go_back()
    page.go_forward()
    expect(page.locator("#refused h1")).to_have_text("这个评议码已经用过")
    assert stored(server) == before + 1


def test_a_reload_brings_answers_and_order_back(page: Page, server: Server) -> None:
    code = server.card()
    scan(page, code)
    rate(page, units=40)
    order = page.locator(UNITS).evaluate_all("rows => rows.map((row) => row.id)")
    ticked = page.locator("input:checked").evaluate_all("all => all.map((one) => one.name + one.value)")
    page.reload()
    expect(page.locator("#count")).to_contain_text("40/80")
    assert page.locator(UNITS).evaluate_all("rows => rows.map((row) => row.id)") == order
    assert page.locator("input:checked").evaluate_all("all => all.map((one) => one.name + one.value)") == ticked
    assert order != sorted(order)
    (name, value), *rest = kept_drafts(page).items()
    assert rest == []
    assert name == "pingyi.draft." + hashlib.sha256(f"luohe {code}".encode()).hexdigest()
    assert code not in value
    aged = {**json.loads(value), "at": json.loads(value)["at"] - 24 * 3_600_000}
    page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, json.dumps(aged)])
    page.reload()
    expect(page.locator("#count")).to_contain_text("0/80")
    page.goto(f"/b/luohe#{server.card()}")
    expect(page.locator("input:checked")).to_have_count(0)


def test_the_next_card_on_the_same_phone_starts_empty(page: Page, server: Server) -> None:
    scan(page, server.card())
    rate(page, units=2)
    with page.expect_navigation():
        page.evaluate("code => { location.hash = code; }", server.card())
    expect(page.locator("#count")).to_contain_text("0/80")
    expect(page.locator("input:checked")).to_have_count(0)


def test_elder_view_and_english_keep_code_and_answers(page: Page, server: Server) -> None:
    code = server.card()
    scan(page, code)
    rate(page, units=3)
    page.locator("#elder").click()
    expect(page.locator("html")).to_have_class("elder")
    assert page.locator(UNITS).nth(4).locator("label").first.bounding_box()["height"] >= 60  # type: ignore[index]
    page.locator("#lang").get_by_text("English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_class("elder")
    expect(page.locator("#count")).to_have_text("3/80 rated")
    assert page.url.endswith(f"lang=en#{code}")
    expect(page.locator("#code-field")).to_be_hidden()
    page.locator("#next").click()
    send(page)
    expect(page.locator("#receipt h1")).to_have_text("Received")


def test_a_typed_code_works_like_a_scanned_one(page: Page, server: Server) -> None:
    code = server.card()
    page.goto("/b/luohe")
    rate(page, units=2, option=3)
    page.locator("#open-review").click()
    page.locator("#send").click()
    expect(page.locator("#problem")).to_contain_text("请填写评议码")
    expect(page.locator("#code")).to_be_focused()
    with page.expect_response("**/api/tickets/check"):
        page.locator("#code").fill(" ".join(code[at : at + 4] for at in range(0, 16, 4)).lower())
        page.locator("#code").press("Enter")
    page.reload()
    expect(page.locator("#count")).to_contain_text("2/80")
    send(page)


def test_a_wrong_code_is_said_at_once(page: Page, server: Server) -> None:
    wrong = server.card()
    wrong = ("1" if wrong[0] == "0" else "0") + wrong[1:]
    scan(page, wrong)
    expect(page.locator("#problem")).to_contain_text("输错")
    expect(page.locator("#problem")).to_be_in_viewport()
    expect(page.locator("#code")).to_be_focused()
    assert kept_drafts(page) == {}


def test_a_card_of_one_variant_shows_its_own_units(page: Page, server: Server) -> None:
    poll = server.poll("variants", variants={"all": None, "some": ["LH-001", "LH-004"]}, variant="some")
    page.goto(f"/b/variants#{poll.codes[0]}")
    expect(page.locator(UNITS)).to_have_count(2)
    rate(page, units=2)
    send(page)
    assert stored(server, "variants") == 1


def test_next_leads_to_every_open_unit(page: Page, server: Server) -> None:
    scan(page, server.card())
    for place in range(80):
        if place not in {0, 41, 79}:
            page.locator(UNITS).nth(place).locator("label").nth(1).click()
    for place in (79, 0, 41):  # onward from the last tap, then round to the beginning
        page.locator("#next").click()
        expect(page.locator(UNITS).nth(place).locator("input").first).to_be_focused()
        page.keyboard.press("Space")
    expect(page.locator("#next")).to_be_hidden()
    expect(page.locator("#open-review")).to_be_visible()


def test_without_script_the_whole_form_is_sent(new_page: NewPage, server: Server) -> None:
    page, before = new_page(java_script_enabled=False), stored(server)
    page.goto("/b/luohe")
    code = server.card()
    page.get_by_label("评议码").fill(f"{code[:4]}-{code[4:8]} {code[8:12]} {code[12:].lower()}")
    rate(page, option=0)
    page.locator("#lang").get_by_text("English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("input:checked")).to_have_count(80)
    assert stored(server) == before
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
    assert stored(server) == before + 1
    assert code not in page.url
    assert page.context.cookies() == []


def test_without_script_a_partial_sheet_comes_back_filled_in(new_page: NewPage, server: Server) -> None:
    poll = server.poll("strict", blank_allowed=False)
    page = new_page(java_script_enabled=False)
    page.goto("/b/strict")
    page.get_by_label("评议码").fill(poll.codes[0])
    rate(page, units=2)
    with page.expect_response("**/b/strict*") as answer:
        page.get_by_role("button", name="提交评议").click()
    assert answer.value.status == 422
    expect(page.locator("input:checked")).to_have_count(2)
    expect(page.locator("#problem")).to_contain_text("还有 3 个单位没有选")
    page.locator("#problem a").click()
    expect(page.locator("#q_LH-003")).to_be_in_viewport()
    for place in (2, 3, 4):
        page.locator(UNITS).nth(place).locator("label").nth(3).click()
    page.get_by_role("button", name="提交评议").click()
    expect(page.locator("#receipt-number")).to_have_text(RECEIPT)
    assert stored(server, "strict") == 1


def test_the_code_leaves_the_phone_only_in_bodies(new_page: NewPage, server: Server) -> None:
    page = new_page()
    addresses: list[str] = []
    page.context.on("request", lambda request: addresses.append(request.url))
    code = server.card()
    scan(page, code)
    rate(page, units=2)
    page.locator("#lang").get_by_text("English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    send(page)
    page.reload()
    assert len(addresses) > 8
    assert [address for address in addresses if code in address.split("#")[0].upper()] == []
    assert page.context.cookies() == []
    assert code not in str(page.evaluate("Object.entries(localStorage)"))


def test_eighty_units_fit_twelve_screens(page: Page, server: Server) -> None:
    scan(page, server.card())
    screens = page.evaluate("document.documentElement.scrollHeight / 740")
    assert screens <= 12.0, f"{screens:.2f} screens"
