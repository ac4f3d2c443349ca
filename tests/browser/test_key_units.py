"""Key units are named on the round's page after the opinion wave, and the test about them is there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from api.db import make_engine
from survey_models.core import clock
from survey_models.rounds import made_up, plans
from survey_models.rounds.plans import Wish
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_console import sign_in
from tests.browser.test_rounds import WIDE, without_faults

WISH = Wish("luohe-hangfeng", "2017-2018")


@pytest.fixture
def city(server: Server) -> Server:
    """The demo's server with a round of 漯河 whose key units nobody knows yet."""
    engine = make_engine(server.database_url)
    with Session(engine) as session, session.begin():
        answers = made_up.complete(session, WISH, {"flags": {"key_unit": []}})
        plans.plan(session, WISH, answers, by="setup", at=clock.now())
    engine.dispose()
    return server


def test_key_units_are_named_on_the_page_of_the_round(new_page: NewPage, city: Server) -> None:
    page = sign_in(new_page(viewport=WIDE), city)
    page.goto(f"/console/rounds/{WISH.round_id}")
    campaigns = page.locator("main table tbody tr")
    expect(campaigns).to_have_count(3)
    expect(page.get_by_text("还没有指定。")).to_be_visible()
    page.get_by_role("button", name="指定重点单位").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_have_count(80)
    expect(dialog.get_by_text("征求意见问卷还没有计票，看不到推荐。")).to_be_visible()
    without_faults(page)
    # One is ticked, another is sought: what is ticked stays in sight.
    dialog.get_by_label("LH-003").check()
    dialog.get_by_label("查找单位").fill("LH-060")
    expect(dialog.get_by_role("checkbox")).to_have_count(2)
    dialog.get_by_label("LH-060").check()
    dialog.get_by_role("button", name="指定 2 个单位").click()
    expect(page.get_by_text("已指定，测评已经建立。")).to_be_visible()
    expect(campaigns).to_have_count(4)
    expect(campaigns.filter(has_text="整改落实情况满意率测评")).to_be_visible()
    expect(page.get_by_role("button", name="指定重点单位")).to_have_count(0)
    without_faults(page)
