"""The pages of rounds in a real browser: road, ranking, scorecard, scheme, other rules, two people; and axe on each."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, ViewportSize, expect
from sqlalchemy.orm import Session

from api.db import make_engine
from tests.browser.conftest import NewPage
from tests.browser.round_city import INSPECTION, NAMES, NEW, OLD, SCHEME, make_rounds
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in
from tests.other_scheme import BIG

WIDE = ViewportSize(width=1280, height=800)
NARROW = ViewportSize(width=390, height=800)
PASSWORD = "a marker of main tasks"
PEOPLE: dict[str, dict[str, Any]] = {
    "marker": {"roles": ["assessor"], "office": INSPECTION},
    "housing": {"roles": ["unit"], "unit_code": "R-6"},
}


@pytest.fixture(scope="module")
def city(server: Server) -> Server:
    """The demo's server with two rounds of the small city in its database."""
    engine = make_engine(server.database_url)
    with Session(engine) as session, session.begin():
        make_rounds(session)
    engine.dispose()
    return server


def without_faults(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than a phone."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size(WIDE)


def test_a_clerk_finds_the_way_from_the_list_to_a_single_count(new_page: NewPage, city: Server) -> None:
    page = sign_in(new_page(viewport=WIDE), city)
    page.goto("/console/")
    page.get_by_role("link", name="评议周期", exact=True).click()
    expect(page.get_by_role("heading", name="评议周期")).to_be_focused()
    without_faults(page)
    page.get_by_role("link", name="小城部门评议 2015年上半年").click()
    now = page.locator(".way [aria-current=step]")
    expect(now.filter(has_text="待定事项")).to_contain_text("1 项待定，2 处临界名次待确认")
    expect(page.locator(".way li").filter(has_text="公布")).to_contain_text("没有待定事项后办理")
    without_faults(page)
    now.get_by_role("link", name="去处理").click()
    expect(page.get_by_text("还有 3 项没有了结，不能公布。")).to_be_visible()
    expect(page.get_by_role("button", name="提出公布")).to_have_count(0)
    rows = page.get_by_role("region", name="服务部门").locator("tbody tr")
    expect(rows.first).to_contain_text("市民政局")
    expect(rows.first).to_contain_text("数据允许第 1 至第 2 名")
    expect(rows.first).to_contain_text("通报表彰")
    expect(rows.last).to_contain_text("限期整改")
    without_faults(page)
    page.get_by_role("region", name="综合部门").get_by_role("link", name="市财政局").click()
    expect(page.get_by_text("上次 85.60 分、第 2 名；得分 +4.80，名次上升。")).to_be_visible()
    expect(page.locator(".bars tr").filter(has_text="群众满意度")).to_contain_text("同类平均 51.00")
    page.locator("summary").filter(has_text="总得分").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("53.40 + 27.00 + 10.00 = 90.40")).to_be_visible()
    page.get_by_role("button", name="全部收起").click()
    page.get_by_role("button", name="全部展开").click()
    expect(page.get_by_text("(160×100 + 30×60 + 10×0) ÷ 200 = 89.00")).to_be_visible()
    expect(page.locator("q").filter(has_text="重点工作占三十分，由市委督查室评定")).to_be_visible()
    without_faults(page)


def test_a_scheme_is_read_proved_and_compared(new_page: NewPage, city: Server) -> None:
    page = sign_in(new_page(viewport=WIDE), city)
    page.goto(f"/console/rounds/{NEW}/scheme")
    line = page.locator("tr").filter(has_text="作风纪律").first
    expect(line).to_contain_text("第五条")
    expect(line).to_contain_text("办公室自定")
    expect(page.locator("tr").filter(has_text=f"部门评分 · {INSPECTION}")).to_have_count(1)
    expect(page.locator("tr").filter(has_text="群众满意度分值")).to_contain_text("40 – 60")
    page.get_by_label("内容").fill(SCHEME.replace("points: 30", "points: 29").replace("scale: 100", "scale: 0,5"))
    page.get_by_role("button", name="检查").click()
    faults = page.get_by_role("region", name="检查一份评分办法").locator("tbody tr")
    expect(faults.filter(has_text="小数")).to_have_count(1)
    without_faults(page)
    page.get_by_role("link", name="评分办法").first.click()
    # Both pages have such a box: what is written before the other one is there would be lost with this one.
    expect(page.get_by_role("heading", name="评分办法", level=1, exact=True)).to_be_visible()
    page.get_by_label("内容").fill(SCHEME.replace("least: 85", "least: 88"))
    page.get_by_role("button", name="检查").click()
    page.get_by_role("button", name="保存为新版本").click()
    expect(page.locator("tbody tr").filter(has_text="small-city")).to_have_count(2)
    without_faults(page)
    _post(page, "/api/schemes", {"text": BIG})
    page.goto(f"/console/rounds/{NEW}/compare")
    page.get_by_label("按哪个办法").select_option("big-city 1")
    expect(page.get_by_label("办法的版本")).to_have_count(0)
    page.get_by_role("button", name="比一比").click()
    expect(page.get_by_role("heading", name="该办法要的数据，本轮缺 4 项")).to_be_visible()
    expect(page.locator("tbody tr").filter(has_text="市交通运输局")).to_contain_text("新得：通报表彰")
    expect(page.locator(".lacking tr").filter(has_text="日常检查")).to_contain_text("按 0 分计")
    expect(page.locator(".slope")).to_have_count(2)
    without_faults(page)
    page.get_by_role("button", name="恢复现在的").click()
    page.get_by_label("办法的版本").select_option("2")
    page.get_by_role("button", name="比一比").click()
    expect(page.locator("tbody tr").filter(has_text="市民政局")).to_contain_text("好 → 一般")
    page.get_by_role("button", name="恢复现在的").click()
    expect(page.get_by_text("请先改动至少一个值。")).to_be_visible()
    page.get_by_label("基本满意").fill("100")
    page.get_by_role("button", name="比一比").click()
    expect(page.locator(".slope")).to_have_count(2)
    expect(page.locator("tbody tr").filter(has_text="市审计局")).to_have_count(0)
    expect(page.locator("tbody tr").filter(has_text="市交通运输局")).to_contain_text("升 1")
    without_faults(page)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Other rules")).to_be_visible()
    page.get_by_role("button", name="中文").click()


def test_a_tie_is_decided_and_a_round_published_by_two_people(new_page: NewPage, city: Server) -> None:
    office, second = sign_in(new_page(viewport=DESK), city), sign_in(new_page(viewport=DESK), city, "release")
    office.goto(f"/console/rounds/{NEW}/ranking")
    office.get_by_role("button", name="公开抽签").click()
    dialog = office.get_by_role("dialog")
    dialog.get_by_label("公开种子").fill("0412181923")
    dialog.get_by_label("见证人 1").fill("张三")
    dialog.get_by_label("见证人 2").fill("张三")
    dialog.get_by_label("理由").fill("同分，按规定抽签")
    dialog.get_by_role("button", name="提出").click()
    expect(dialog.get_by_role("alert")).to_contain_text("见证人")
    dialog.get_by_label("见证人 2").fill("李四")
    dialog.get_by_role("button", name="提出").click()
    expect(office.get_by_text("第").filter(has_text="定夺同分次序").first).to_be_visible()
    _confirm(second, "定夺同分次序", ["0412181923", "张三、李四", "抽签"])
    office.reload()
    expect(office.get_by_role("heading", name="已经定下的")).to_be_visible()
    second.goto(f"/console/rounds/{OLD}/ranking")
    second.get_by_role("button", name="确认知悉").click()
    second.get_by_role("dialog").get_by_role("button", name="确认知悉").click()
    expect(second.get_by_text("已由 release 确认。")).to_be_visible()
    office.goto(f"/console/rounds/{OLD}/ranking")
    office.get_by_role("button", name="提出公布").click()
    office.get_by_role("dialog").get_by_role("button", name="提出").click()
    expect(office.get_by_text("公布周期结果").first).to_be_visible()
    _confirm(second, "公布周期结果", [OLD])
    office.reload()
    expect(office.get_by_text("第 1 次结果已于")).to_be_visible()


def _confirm(page: Page, act: str, words: list[str]) -> None:
    page.goto("/console/acts")
    card = page.locator(".cards li").filter(has_text=act)
    for word in words:
        expect(card).to_contain_text(word)
    card.get_by_role("button", name="确认办理").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("台账")
    dialog.get_by_role("button", name="确认办理").click()
    expect(card).to_have_count(0)


def test_offices_and_units_send_in_what_they_owe(new_page: NewPage, city: Server) -> None:
    office = sign_in(new_page(viewport=WIDE), city)
    for name, rest in PEOPLE.items():
        _post(office, "/api/accounts", {"name": name, "password": PASSWORD, **rest})
        city.credentials[name] = PASSWORD
    _send_a_notice(office)
    assessor = sign_in(new_page(viewport=WIDE), city, "marker")
    assessor.goto("/console/ledger")
    expect(assessor.get_by_role("heading", name="这一页不在您的职责之内")).to_be_visible()
    assessor.get_by_role("link", name="回到我的工作").click()
    expect(assessor.get_by_role("heading", name="部门评分")).to_be_visible()
    expect(assessor.locator(".side a")).to_have_count(1)
    assessor.get_by_label("周期").select_option(NEW)
    assessor.get_by_role("link", name="重点工作").click()
    assessor.get_by_label("市财政局").fill("90,5")
    assessor.get_by_role("button", name="报送 1 个评分").click()
    expect(assessor.get_by_role("alert")).to_be_visible()
    assessor.get_by_label("市财政局").fill("90.5")
    assessor.get_by_role("button", name="报送 1 个评分").click()
    expect(assessor.locator("tr").filter(has_text="市财政局")).to_contain_text("待核准")
    without_faults(assessor)
    second = sign_in(new_page(viewport=WIDE), city, "release")
    second.goto(f"/console/marks?round={NEW}&part=B")
    second.get_by_role("button", name="核准 1 个评分").click()
    second.get_by_role("dialog").get_by_role("button", name="核准", exact=True).click()
    expect(second.locator("tr").filter(has_text="市财政局")).to_contain_text("已计入")
    unit = sign_in(new_page(viewport=WIDE), city, "housing")
    unit.goto(f"/console/duties?round={NEW}")
    expect(unit.locator("tbody tr")).to_have_count(1)
    expect(unit.locator("tbody tr")).to_contain_text("逾期未报")
    without_faults(unit)
    unit.get_by_role("button", name="报送", exact=True).click()
    unit.get_by_label("正文").fill("半年来共办结事项一千二百件。")
    unit.get_by_role("dialog").get_by_role("button", name="报送", exact=True).click()
    expect(unit.locator("tbody tr")).to_contain_text("迟报")
    office.goto(f"/console/duties?round={NEW}")
    office.locator("tbody tr").filter(has_text="迟报").get_by_role("link", name="看报送的内容").click()
    expect(office.get_by_text("半年来共办结事项一千二百件。")).to_be_visible()
    without_faults(office)
    office.get_by_role("button", name="退回", exact=True).click()
    office.get_by_label("退回的理由").fill("没有分项数字")
    office.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(office.locator("tbody tr").filter(has_text="已退回：没有分项数字")).to_have_count(1)
    unit.get_by_role("link", name="问题和整改").click()
    unit.get_by_role("link", name="窗口排队超过一小时").first.click()
    shot: FilePayload = {"name": "counter.png", "mimeType": "image/png", "buffer": unit.screenshot()}
    unit.locator("input[type=file]").set_input_files(shot)
    expect(unit.get_by_role("link", name="counter.png")).to_be_visible()
    expect(unit.get_by_text(hashlib.sha256(shot["buffer"]).hexdigest())).to_be_visible()
    unit.get_by_role("button", name="报送整改情况").click()
    unit.get_by_label("说明", exact=True).fill("已增开两个窗口。")
    unit.get_by_role("dialog").get_by_role("button", name="办理", exact=True).click()
    expect(unit.locator(".way")).to_contain_text("已增开两个窗口。")
    without_faults(unit)
    office.goto("/console/cases")
    expect(office.locator("tr").filter(has_text="窗口排队超过一小时").first).to_contain_text("等 办公室 办理")
    without_faults(office)
    office.goto(f"/console/rounds/{NEW}")
    expect(office.locator(".way li").filter(has_text="部门评分")).to_contain_text("还差 5 个评分")


def test_a_finding_is_priced_by_one_and_in_a_published_round_by_two(new_page: NewPage, city: Server) -> None:
    office, second = sign_in(new_page(viewport=WIDE), city), sign_in(new_page(viewport=WIDE), city, "release")
    for text, round_id in (("三处台账不全", NEW), ("承诺时限已过", OLD)):
        _post(office, "/api/findings", {"kind": "inspection", "unit_code": "R-5", "text": text})
        office.goto("/console/cases")
        office.get_by_role("link", name=text).click()
        office.get_by_role("button", name="确认问题").click()
        dialog = office.get_by_role("dialog")
        dialog.get_by_label("周期").select_option(round_id)
        dialog.get_by_label("按哪一条扣分").select_option(label="作风纪律 · 逾期未整改 (−2)")
        if round_id == NEW:
            without_faults(office)
            dialog.get_by_role("button", name="办理", exact=True).click()
            expect(office.locator("main .badge").first).to_have_text("已确认")
    expect(dialog.get_by_text("这一轮已经公布。")).to_be_visible()
    dialog.get_by_label("理由").fill("公布后查实")
    dialog.get_by_role("button", name="提出").click()
    expect(office.get_by_role("link", name="看待确认")).to_be_visible()
    _confirm(second, "酌情扣分", ["公布后查实"])
    office.goto(f"/console/rounds/{OLD}")
    expect(office.locator(".way li").filter(has_text="计算得分")).to_contain_text(
        "第 1 次结果之后数据有变动，需要重新计算"
    )


def test_a_round_is_planned_from_what_the_scheme_cannot_know(new_page: NewPage, city: Server) -> None:
    page = sign_in(new_page(viewport=WIDE), city)
    page.goto("/console/rounds")
    page.get_by_role("link", name="建立周期").click()
    page.get_by_label("评分办法").select_option("small-city")
    page.get_by_label("周期", exact=True).fill("2015H2")
    page.get_by_role("button", name="看要填什么").click()
    people = page.get_by_label("群众满意度分值")
    expect(people).to_have_value("60")
    without_faults(page)
    page.get_by_label("没有填的用编造的数据（演示）").check()
    expect(page.get_by_label("性质")).to_have_value("demo")
    people.fill("400")
    lines = "\n".join(f"{code}，{name}，{category}" for code, (name, category) in NAMES.items())
    page.get_by_label("被评议单位名单").fill(lines)
    page.get_by_role("button", name="建立", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.fill("60")
    page.get_by_role("button", name="建立", exact=True).click()
    expect(page.get_by_role("heading", name="小城部门评议办法2015年下半年")).to_be_visible()
    expect(page.locator(".way [aria-current=step]").first).to_contain_text("已计票 0 / 1 项，还差 1 项")
    without_faults(page)


def _send_a_notice(office: Page) -> None:
    office.goto("/console/cases")
    office.get_by_role("button", name="登记问题或奖惩").click()
    dialog = office.get_by_role("dialog")
    dialog.get_by_label("类别").select_option("supervision")
    dialog.get_by_label("单位").select_option("R-6")
    dialog.get_by_label("限期").fill("2027-01-15")
    dialog.get_by_label("内容").fill("窗口排队超过一小时")
    dialog.get_by_role("button", name="登记问题或奖惩").click()
    expect(office.get_by_role("heading", name="督办 · 市住房和城乡建设局")).to_be_visible()
    without_faults(office)


def _post(page: Page, path: str, body: dict[str, Any]) -> None:
    csrf = page.request.get("/api/session").json()["csrf"]
    made = page.request.post(path, data=body, headers={"X-CSRF-Token": csrf})
    assert made.ok, made.text()
