"""The gate in a browser: handing out, the contractor's own account, what blocks a signature, and the signature."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import assignments
from survey_models.accounts import service as accounts
from survey_models.core import clock
from tests.browser.conftest import PHONE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, paper, sign_in

NAME, WORD = "承办甲", "a long walk in autumn"


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def hire(server: Server) -> None:
    """A contractor who works on the whole campaign."""
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        password_hash = passwords.new_hash(WORD, name=NAME)
        accounts.create(session, NAME, password_hash=password_hash, roles=["contractor"], at=clock.now(), demo=True)
        assignments.assign(session, NAME, "gate", by="setup", at=clock.now())
    engine.dispose()
    server.credentials[NAME] = WORD


def send(page: Page) -> None:
    """A file of three sheets, checked."""
    path = "/api/uploads?campaign=gate&kind=ballots&filename=第一批.csv"
    csrf = page.request.get("/api/session").json()["csrf"]
    sent = page.request.post(path, data=paper(page, "gate"), headers={"X-CSRF-Token": csrf})
    assert sent.ok, sent.text()
    for _ in range(240):
        if page.request.get("/api/uploads?campaign=gate").json()[0]["state"] == "checked":
            return
        page.wait_for_timeout(250)


def hand_out(page: Page, number: str) -> None:
    form = page.locator("section[aria-labelledby=hand-out]")
    form.get_by_label("承办单位账号").select_option(NAME)
    form.get_by_label("地区和类别").select_option(index=0)
    form.get_by_label("份数").fill(number)
    form.get_by_label("签收前回访").fill("0")
    form.get_by_role("button", name="登记发放").click()
    expect(form.get_by_label("份数")).to_have_value("")


def test_more_back_than_out_blocks_until_the_office_has_mended_it_and_signs(
    new_page: NewPage, server: Server, shots: Path
) -> None:
    server.poll("gate")
    hire(server)
    contractor = sign_in(new_page(viewport=PHONE), server, NAME)
    office = sign_in(new_page(viewport=DESK), server)
    office.goto("/console/gate?campaign=gate")
    hand_out(office, "2")
    send(contractor)
    contractor.goto("/console/gate?campaign=gate")
    contractor.get_by_role("button", name="报未完成 1").click()
    contractor.get_by_label("拒访").fill("1")
    accessible(contractor)
    contractor.get_by_role("dialog").get_by_role("button", name="报未完成").click()
    expect(contractor.get_by_role("row", name=NAME)).to_contain_text("2")
    contractor.screenshot(path=shots / "gate-phone.png")
    accessible(contractor)

    office.reload()
    office.get_by_role("button", name="审核 第一批.csv").click()
    review = office.locator("section[aria-labelledby=review]")
    expect(review).to_contain_text("第 1 批发出 2 份，收回 3 份：收回多于发出，不能签收。")
    expect(review.get_by_role("button", name="签收")).to_have_count(0)
    office.screenshot(path=shots / "gate-blocked.png", full_page=True)
    accessible(office)
    hand_out(office, "8")
    review.get_by_role("button", name="签收").click()
    office.get_by_label("签收意见").fill("账目相符，同意录入")
    accessible(office)
    office.get_by_role("dialog").get_by_role("button", name="签收").click()
    expect(review).to_contain_text("已由 setup 签收：账目相符，同意录入")
    office.screenshot(path=shots / "gate-signed.png", full_page=True)
