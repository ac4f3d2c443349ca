"""What helps on the phone page: finding a unit, reading aloud, three languages, every kind of item."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.server import Server
from tests.browser.test_phone import UNITS, scan, send, stored
from tests.kinds import kinds_questionnaire

# A browser with one Chinese voice, which notes what it was given to say.
VOICE = """
window.spoken = [];
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => [{ lang: 'en-US' }, { lang: 'zh-CN' }], cancel() {}, speak(said) { window.spoken.push(said.text); },
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
_CLEAR = """() => {
  const box = document.activeElement.closest('fieldset').getBoundingClientRect();
  const bars = document.querySelector('.cat').offsetHeight + document.querySelector('.head').offsetHeight;
  return box.top >= bars && box.bottom <= document.querySelector('#foot').getBoundingClientRect().top;
}"""


def find(page: Page, asked: str) -> list[str]:
    """The names that the search shows."""
    page.locator("#find-name").fill(asked)
    return [text.split("\n")[0] for text in page.locator("#find li button").all_inner_texts()]


def test_a_unit_is_found_by_name_initials_or_pinyin_and_read_aloud(page: Page, server: Server) -> None:
    page.add_init_script(VOICE)
    scan(page, server.card())
    page.locator("#q_LH-001 label").first.click()  # not the first on the sheet: by lot that may be the one below
    page.route("**/aids*", lambda route: route.abort())
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#told")).to_contain_text("网络不通")
    page.unroute("**/aids*")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#find-name")).to_be_focused()
    assert len(find(page, "")) == 80
    assert len(find(page, "人寿")) == 6
    assert find(page, "lhsyyh") == find(page, "luohe shang") == find(page, "漯河商") == ["漯河商业银行"]
    assert "工商银行" in find(page, "yinhang")  # 行 is yin hang here
    assert "行政服务中心" in find(page, "xzfw")
    assert find(page, "不存在") == []
    expect(page.locator("#find [role=status]")).to_contain_text("没有找到")
    find(page, "shenji")
    page.locator("#find li button").click()
    expect(page.locator("#q_LH-027 input").first).to_be_focused()
    assert page.evaluate(_CLEAR)
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="朗读").click()
    expect(page.locator("#q_LH-027")).to_be_in_viewport()
    spoken = page.evaluate("window.spoken")
    assert spoken == ["审计。可以选：满意，基本满意，不满意，不了解。已选：基本满意"]
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#find")).to_be_visible()
    page.go_back()
    expect(page.locator("#find")).to_be_hidden()
    expect(page.locator("#count")).to_contain_text("2/80")


def test_every_kind_of_item_is_kept_looked_over_and_sent(page: Page, server: Server) -> None:
    poll = server.poll("everykind", document=kinds_questionnaire())
    page.goto(f"/b/everykind#{poll.codes[0]}")
    expect(page.locator("#count")).to_contain_text(f"0/{page.locator(UNITS).count()}")
    aspects = page.locator("fieldset[data-unit]").evaluate_all("all => all.map((one) => one.id)")
    assert aspects == ["q_U-001.1", "q_U-001.2"]  # together and in order, whatever is drawn
    page.locator("#q_U-002 label").nth(4).click()
    boxes = page.locator("input[name=m_nominate]")
    for number in range(3):
        boxes.nth(number).check(force=True) if number < 2 else boxes.nth(number).click(force=True)
    expect(page.locator("#told")).to_contain_text("最多选 2 个")
    expect(page.locator("input[name=m_nominate]:checked")).to_have_count(2)
    page.locator("input[name=m_why]").first.check(force=True)
    page.locator("textarea").fill("多开一个窗口。")
    page.reload()
    expect(page.locator("input[name=m_nominate]:checked")).to_have_count(2)
    expect(page.locator("textarea")).to_have_value("多开一个窗口。")
    page.locator("#lang").get_by_text("繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("textarea")).to_have_value("多开一个窗口。")
    expect(page.locator("#next")).to_have_text("下一個未評")
    page.locator("#open-review").click()
    shown = page.locator("#review-lists").inner_text()
    assert "多开一个窗口。" in shown
    assert "非常不滿意" in shown
    page.locator("#back").click()
    sheets: list[str] = []
    page.on("request", lambda sent: sheets.append(sent.post_data or "") if sent.url.endswith("/ballots") else None)
    send(page)
    assert '"more":{"' in sheets[0]
    assert stored(server, "everykind") == 1
