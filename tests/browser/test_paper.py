"""Paper entry at a desk: two clerks without a mouse, a third who settles, the office that sees numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import service as accounts
from survey_models.core import clock
from tests.browser.conftest import PHONE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in

CLERKS = ("录入甲", "录入乙", "录入丙")
WORD = "a long walk in autumn"


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def hire(server: Server) -> None:
    """Three clerks with both dates."""
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        for name in CLERKS:
            password_hash = passwords.new_hash(WORD, name=name)
            day = date(2026, 1, 5)
            accounts.create(
                session,
                name,
                password_hash=password_hash,
                roles=["paper"],
                at=clock.now(),
                demo=True,
                trained_on=day,
                undertaking_on=day,
            )
    engine.dispose()
    server.credentials.update(dict.fromkeys(CLERKS, WORD))


def at_desk(new_page: NewPage, server: Server, name: str, **options: object) -> Page:
    page = sign_in(new_page(**{"viewport": DESK, **options}), server, name)
    page.goto("/console/paper?campaign=papers")
    return page


def type_sheet(page: Page, serial: str, keys: str) -> None:
    """All by keys: the number, Enter, one key a row, and the button that has the focus at the end."""
    expect(page.get_by_label("卡片序号")).to_be_focused()
    page.keyboard.type(serial)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="公安")).to_be_focused()
    for key in keys:
        page.keyboard.press("Enter" if key == "-" else key)
    expect(page.get_by_role("button", name="录完，送出")).to_be_focused()


def test_two_type_a_third_settles_and_the_office_sees_numbers(new_page: NewPage, server: Server, shots: Path) -> None:
    server.poll("papers")
    hire(server)
    first = at_desk(new_page, server, CLERKS[0])
    type_sheet(first, "No. 000003", "12x0-2-")
    row = first.locator(".paper-row").filter(has_text="太平洋人寿保险")
    expect(row.locator(".said")).to_have_text("无效")
    expect(first.locator(".paper-foot")).to_contain_text("已填 4，空白 2，无效 1")
    first.keyboard.press("ArrowUp")
    first.keyboard.press("ArrowUp")
    first.keyboard.press("ArrowUp")
    expect(first.get_by_role("textbox", name="电力")).to_be_focused()
    first.keyboard.press("7")
    expect(first.locator(".paper-row.wrong .said")).to_have_text("这里只能按 1 2 3 0")
    accessible(first)
    first.screenshot(path=shots / "paper.png")
    first.keyboard.press("3")
    first.get_by_role("button", name="录完，送出").press("Enter")
    expect(first.locator(".notice.good")).to_contain_text("第 3 号已收下")
    first.keyboard.type("3")
    first.keyboard.press("Enter")
    expect(first.get_by_role("alert")).to_contain_text("第 3 号您已经录过")
    expect(first.get_by_text("没有要您裁定的问卷")).to_be_visible()
    accessible(first)

    second = at_desk(new_page, server, CLERKS[1], viewport=PHONE)
    type_sheet(second, "3", "12x022-")
    second.screenshot(path=shots / "paper-phone.png")
    accessible(second)
    second.keyboard.press("Enter")
    expect(second.locator(".notice.good")).to_contain_text("第 3 号已收下")
    type_sheet(second, "4", "11111--")
    second.keyboard.press("Enter")
    expect(second.locator(".notice.good")).to_contain_text("第 4 号已收下")

    settled(at_desk(new_page, server, CLERKS[2]), shots)
    counted(sign_in(new_page(viewport=DESK), server), shots)


def settled(third: Page, shots: Path) -> None:
    """The one place that differs, typed as the paper has it."""
    third.get_by_role("button", name="裁定第 3 号").click()
    place = third.locator(".paper-pair")
    expect(place).to_have_count(1)
    expect(place.locator(".entries span")).to_have_text(["一录 不满意", "二录 基本满意"])
    expect(place.get_by_role("textbox", name="电力")).to_be_focused()
    third.keyboard.press("3")
    accessible(third)
    third.screenshot(path=shots / "paper-settle.png")
    third.keyboard.press("Enter")
    expect(third.get_by_text("没有要您裁定的问卷")).to_be_visible()


def counted(office: Page, shots: Path) -> None:
    """Numbers for the office, and a sheet that nobody types a second time."""
    for _ in range(240):
        stand = office.request.get("/api/campaigns/papers/paper").json()["states"]
        if stand["entered"]:
            break
        office.wait_for_timeout(250)
    assert stand == {"waiting": 1, "differs": 0, "agreed": 0, "entered": 1, "refused": 0}
    office.goto("/console/campaigns/papers/cards")
    office.get_by_role("link", name="纸质问卷双人录入").click()
    expect(office.get_by_role("row", name="合计")).to_contain_text("142.86")
    accessible(office)
    office.screenshot(path=shots / "paper-office.png")
    office.get_by_role("button", name="撤出 4").click()
    office.get_by_label("理由").fill("第二遍没有录")
    office.get_by_role("dialog").get_by_role("button", name="撤出").click()
    expect(office.get_by_text("没有未完的问卷")).to_be_visible()
