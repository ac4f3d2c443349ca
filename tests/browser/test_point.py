"""A tablet of a test point (测评点平板): paired, one person after another, an outage, nobody there any more."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.conftest import FLAGS, PATIENCE, NewPage
from tests.browser.server import Server
from tests.browser.test_phone import RECEIPT, SUBMIT, UNITS, rate, stored

CAMPAIGN = "atpoint"
KEPT = """() => new Promise((told) => {
  const opening = indexedDB.open('pingyi-point', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('sheets', { keyPath: 'key' });
  opening.onsuccess = () => {
    const all = opening.result.transaction('sheets').objectStore('sheets').getAll();
    all.onsuccess = () => { opening.result.close(); told(all.result); };
  };
})"""


def pairing_code(server: Server, campaign_id: str) -> str:
    """Asked for as the office does."""
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        account = {"name": "setup", "password": server.credentials["setup"]}
        csrf = client.post("/api/session", json=account).raise_for_status().json()["csrf"]
        wanted = {"campaign": campaign_id, "point": 1}
        made = client.post("/api/tablets/pairings", json=wanted, headers={"X-CSRF-Token": csrf})
        code: str = made.raise_for_status().json()["pairing_code"]
        return code


def pair(page: Page, server: Server, campaign_id: str) -> None:
    """Make a tablet of the page."""
    page.goto("/point")
    page.locator("#pairing").fill(pairing_code(server, campaign_id))
    page.get_by_role("button", name="配对").click()
    page.wait_for_url(f"**/b/{campaign_id}?point=1")


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


def assert_sealed(page: Page, number: int, *codes: str) -> None:
    """So many sheets are kept, and none can be read: no code, no answer, no id."""
    kept = page.evaluate(KEPT)
    assert [set(one) for one in kept] == [{"key", "at", "sealed"}] * number
    text = repr(kept)
    assert not any(word in text for word in (*codes, "answers", "1234", "point"))


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
        expect(page.locator("#sending p").first).to_contain_text("封好存在这台平板上")
        page.locator("#leave button").click()
        assert_nothing_left(page, second, third)
    expect(page.locator("#point-counts")).to_contain_text("收到 1 份，待发 2 份")
    assert_sealed(page, 2, second, third)
    page.context.set_offline(False)
    expect(page.locator("#point-counts")).to_contain_text("收到 3 份，待发 0 份")
    assert stored(server, CAMPAIGN) == 3
    assert_sealed(page, 0)

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
    pair(page, server, "kindsatpoint")
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


def test_with_several_kinds_an_outage_is_told_and_loses_nothing(page: Page, server: Server) -> None:
    poll = server.poll("kindsoffline", variants={"all": None, "some": ["LH-001", "LH-004"]}, variant="some")
    pair(page, server, "kindsoffline")
    page.locator("#code").fill(poll.codes[0])
    page.get_by_role("button", name="继续").click()
    rate(page, units=2)
    page.context.set_offline(True)
    hand_in(page)
    page.locator("#leave button").click()
    expect(page.locator("#point-wait")).to_contain_text("这个测评点有几种问卷")
    assert_nothing_left(page, poll.codes[0])
    page.context.set_offline(False)
    expect(page.locator("#gate")).to_be_visible()  # by itself, and the sheet goes from there
    expect(page.locator("#point-counts")).to_contain_text("收到 1 份，待发 0 份")
    page.context.set_offline(True)
    page.locator("#code").fill(poll.codes[1])
    page.get_by_role("button", name="继续").click()
    expect(page.locator("#point-wait")).to_be_visible()
    expect(page.locator("#code")).not_to_have_value("")
    page.context.set_offline(False)
    page.locator("#code").fill(poll.codes[0])
    page.get_by_role("button", name="继续").click()
    expect(page.locator("h1")).to_have_text("这个评议码已经用过")
    page.get_by_role("link", name="下一位").click()
    expect(page.locator("#code")).to_have_value("")
    assert stored(server, "kindsoffline") == 1


def tablet_at(browser: Browser, server: Server, profile: Path) -> BrowserContext:
    """A tablet with a disk of its own, which a power cut leaves as it is."""
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=shutil.which("chromium"), args=FLAGS, base_url=server.base_url, locale="zh-CN"
    )
    context.set_default_timeout(PATIENCE * 1000)
    return context


def cut_power(context: BrowserContext, profile: Path) -> None:
    """SIGKILL to the processes of this profile, and nothing else."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(profile).encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
    with suppress(Error):
        context.close()


def test_a_power_cut_in_an_outage_loses_no_sheet(browser: Browser, server: Server, tmp_path: Path) -> None:
    poll = server.poll("powercut")
    first, second, third = poll.codes[:3]
    context = tablet_at(browser, server, tmp_path)
    page = context.new_page()
    pair(page, server, "powercut")
    # The answer to the first is lost on its way: it is stored, and the tablet does not know.
    page.route(SUBMIT, lambda route: (route.fetch(), route.abort()))
    begin(page, first)
    rate(page, units=3)
    hand_in(page)
    page.locator("#leave button").click()
    assert stored(server, "powercut") == 1
    context.set_offline(True)
    page.unroute(SUBMIT)
    begin(page, second)
    rate(page, units=2)
    hand_in(page)
    page.locator("#leave button").click()
    begin(page, third)  # still in front of it when the power goes
    rate(page, units=1)
    hand_in(page)
    expect(page.locator("#again")).to_be_visible()
    assert_sealed(page, 3, first, second, third)
    cut_power(context, tmp_path)
    assert stored(server, "powercut") == 1
    context = tablet_at(browser, server, tmp_path)
    page = context.new_page()
    page.goto("/")
    # A browser writes localStorage down some seconds late: a pairing that was made just before is made again.
    if page.evaluate("localStorage.getItem('pingyi.tablet')") is None:
        pair(page, server, "powercut")
    else:
        page.goto("/point")
    expect(page.locator("#point-counts")).to_contain_text("收到 3 份，待发 0 份，没有收下 0 份")
    assert_nothing_left(page, first, second, third)
    assert_sealed(page, 0)
    page.reload()
    expect(page.locator("#point-counts")).to_contain_text("收到 3 份，待发 0 份")
    context.close()
    assert stored(server, "powercut") == 3


def test_where_nothing_can_be_sealed_the_page_says_so(new_page: NewPage, server: Server) -> None:
    poll = server.poll("unsealed")
    page = new_page()
    page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })")  # plain http
    pair(page, server, "unsealed")
    page.context.set_offline(True)
    begin(page, poll.codes[0])
    rate(page, units=2)
    hand_in(page)
    expect(page.locator("#sending p").first).to_contain_text("只在这个页面里")
    expect(page.locator("#leave p")).to_contain_text("内存里")
    page.locator("#leave button").click()
    expect(page.locator("#point-counts")).to_contain_text("请不要关闭或刷新本页")
    assert_sealed(page, 0)
    page.context.set_offline(False)
    expect(page.locator("#point-counts")).to_contain_text("收到 1 份，待发 0 份")
    assert stored(server, "unsealed") == 1


def test_without_pairing_the_page_of_a_point_asks_for_it(page: Page, server: Server) -> None:
    server.poll("unpaired")
    page.goto("/b/unpaired?point=1")
    expect(page.locator("#pair h1")).to_be_visible()
