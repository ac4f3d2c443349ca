"""What two people decide at two desks: window ratings set aside from a flag, and evidence erased after its time."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, update

from api.db import make_engine, unit_of_work
from survey_models.campaigns.tables import Campaign, State
from survey_models.core import clock
from survey_models.flags import service as flags
from survey_models.flags.sightings import Sighting
from survey_models.flags.tables import Rule
from survey_models.ratings.tables import Rating
from survey_models.units import service as units
from survey_models.units.tables import Window
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_cards import accessible
from tests.browser.test_console import DESK, sign_in

WINDOW = "tapped"


@pytest.fixture
def desks(new_page: NewPage, server: Server) -> tuple[Page, Page]:
    """The desk of who asks, and that of who confirms."""
    first, second = (sign_in(new_page(viewport=DESK), server, name) for name in ("setup", "release"))
    return first, second


def confirmed(page: Page, act: str) -> None:
    page.goto("/console/acts")
    page.locator("ul.cards li").filter(has_text=act).get_by_role("button", name="确认办理").click()
    page.get_by_role("dialog").get_by_role("button").last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def tapped_window(server: Server) -> datetime:
    """A window with 20 ratings two days ago, and 12 more from eleven o'clock on; gives that moment."""
    now = clock.now()
    eleven = (now - timedelta(days=2)).replace(hour=3, minute=0, second=0, microsecond=0)
    taps = [("4", eleven - timedelta(hours=1, seconds=no)) for no in range(20)]
    taps += [("5", eleven + timedelta(seconds=no)) for no in range(12)]
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        row = Window(id=WINDOW, unit_code=None, number="9", name="九号", hall="大厅", business="综合", made_up=True)
        units.add_window(session, row, by=None, at=now)
        keys = {"window_id": WINDOW, "device_id": uuid.uuid4(), "reasons": [], "day": eleven.date()}
        rows = [{**keys, "id": uuid.uuid4(), "code": code, "device_time": at, "received_at": at} for code, at in taps]
        session.execute(insert(Rating), rows)
        scope = {"day": eleven.date().isoformat(), "label": "九号"}
        evidence = {"from_minute": 660, "minutes": 5, "count": 12}
        flags.record_windows(session, [Sighting(Rule.WINDOW_BURST, scope, evidence, window_id=WINDOW)], at=now)
    engine.dispose()
    return eleven


def test_ratings_are_set_aside_from_a_flag(desks: tuple[Page, Page], server: Server) -> None:
    first, second = desks
    eleven = tapped_window(server)
    first.goto(f"/console/flags?of={WINDOW}")
    first.get_by_role("button", name="作废评价（两人）").click()
    dialog = first.get_by_role("dialog")
    expect(dialog.get_by_label("开始")).to_have_value(f"{eleven.date()}T11:00")
    expect(dialog.get_by_label("结束")).to_have_value(f"{eleven.date()}T11:05")
    dialog.get_by_label("原因").fill("工作人员连续点击")
    accessible(first)
    dialog.get_by_role("button", name="提出，等待确认").click()
    expect(dialog).to_have_count(0)
    confirmed(second, "作废窗口评价")
    first.goto(f"/console/windows/{WINDOW}")
    levels = first.get_by_role("row").filter(has_text="不含作废的 12 次")
    expect(levels.get_by_role("cell")).to_have_text(["20", "0", "20", "0", "0", "0"])
    expect(first.get_by_role("region", name="作废的评价").get_by_role("row").last).to_contain_text("工作人员连续点击")
    accessible(first)


def test_evidence_is_erased_after_its_time(desks: tuple[Page, Page], server: Server) -> None:
    first, second = desks
    server.poll("twoyears", stop_at="closed")
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        then = clock.now() - timedelta(days=800)
        counted = {"state": State.COUNTED.value, "counted_at": then}
        session.execute(update(Campaign).where(Campaign.id == "twoyears").values(**counted))
    engine.dispose()
    first.goto("/console/evidence")
    row = first.locator("[data-evidence=twoyears]")
    row.get_by_role("button", name="销毁").click()
    expect(first.get_by_role("dialog")).to_contain_text("校验码都保留")
    first.get_by_role("dialog").get_by_role("button", name="提出，等待确认").click()
    expect(first.locator(".notice.good")).to_contain_text("销毁封存证据")
    confirmed(second, "销毁封存证据")
    first.reload()
    expect(row).to_contain_text("已销毁")
    expect(row.get_by_role("button")).to_have_count(0)
