"""A clerk of a test point (测评点工作人员) in the console: tablets paired, paused, resumed, withdrawn; the counts."""

from __future__ import annotations

import re
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import posts
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.tablets import service as tablets
from tests.browser.conftest import PHONE, NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in
from tests.browser.test_phone import rate
from tests.browser.test_point import begin, hand_in

NAME, WORD = "点一", "a long walk in autumn"
CAMPAIGN = "clerkspoint"


def hire(server: Server) -> None:
    """A clerk who is trained, has signed the undertaking and works at the one test point."""
    engine, day = make_engine(server.database_url), clock.now().date() - timedelta(days=3)
    with unit_of_work(engine) as session:
        hashed = passwords.new_hash(WORD, name=NAME)
        accounts.create(
            session, NAME, password_hash=hashed, roles=["point"], at=clock.now(), trained_on=day, undertaking_on=day
        )
        posts.assign(session, NAME, CAMPAIGN, points=[1], by="setup", at=clock.now())
    engine.dispose()
    server.credentials[NAME] = WORD


def pause(server: Server) -> None:
    """What the server does after too many wrong codes."""
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        (tablet,) = [one for one in tablets.listed(session) if one.campaign_id == CAMPAIGN]
        tablets.pause(session, tablet.id, wrong=60, at=clock.now())
    engine.dispose()


def accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_a_clerk_keeps_a_test_point(new_page: NewPage, server: Server) -> None:
    codes = server.poll(CAMPAIGN).codes
    hire(server)
    clerk, tablet = sign_in(new_page(viewport=DESK), server, NAME), new_page(viewport=PHONE)
    clerk.goto("/console/")
    clerk.get_by_role("link", name="测评点", exact=True).click()
    expect(clerk.get_by_role("heading", name="测评点", level=1)).to_be_visible()
    expect(clerk.get_by_role("link", name="账号", exact=True)).to_have_count(0)
    clerk.get_by_role("main").get_by_role("combobox").first.select_option(CAMPAIGN)
    panel = clerk.get_by_role("region", name="测评点平板")
    expect(panel.get_by_text("还没有配对的平板。")).to_be_visible()
    panel.get_by_role("combobox").select_option(index=1)
    panel.get_by_role("button", name="取配对码").click()
    code = panel.locator(".pairing-code code").inner_text()

    tablet.goto("/point")
    tablet.locator("#pairing").fill(code)
    tablet.get_by_role("button", name="配对").click()
    tablet.wait_for_url(f"**/b/{CAMPAIGN}?point=1")
    point = panel.get_by_role("listitem")
    expect(point).to_have_count(1)  # without loading the page anew
    accessible(clerk)
    pause(server)
    expect(point).to_contain_text("错码太多，已暂停")
    point.get_by_role("button", name="恢复").click()
    expect(point).not_to_contain_text("已暂停")

    begin(tablet, codes[0])
    rate(tablet, units=2)
    hand_in(tablet)
    expect(tablet.locator("#receipt")).to_be_visible()
    counts = clerk.get_by_role("table", name="各测评点的张数")
    expect(counts.get_by_role("row", name=re.compile(r"文化宫 10 \d+ 1$"))).to_be_visible()
    clerk.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    accessible(clerk)

    point.get_by_role("button", name="撤销平板").click()
    clerk.get_by_role("dialog").get_by_role("button", name="撤销").click()
    expect(panel.get_by_text("还没有配对的平板。")).to_be_visible()
    token = tablet.evaluate("JSON.parse(localStorage.getItem('pingyi.tablet')).token")
    gone = tablet.request.get("/api/tablets/me", headers={"Authorization": f"Bearer {token}"})
    assert (gone.status, gone.json()["code"]) == (401, "device_unknown")
