"""An inspection plan in the console: fixed by one, drawn by two, followed until the units are inspected; and axe."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from api.db import make_engine
from survey_models.core import clock
from survey_models.findings import service
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding, Terms
from survey_models.findings.service import Who
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from survey_models.units.tables import Unit
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_console import sign_in
from tests.browser.test_rounds import WIDE, without_faults

ROUND, SEED = "xuancheng-2026", "71830462"


@pytest.fixture
def city(server: Server) -> Server:
    """The demo's server with a round of 宣直〔2019〕48号 over six units."""
    engine = make_engine(server.database_url)
    with Session(engine) as session, session.begin():
        scheme = schemes.store(session, shelf.preset("xuancheng-2019-48"), by="setup", at=clock.now())
        made = Round(id=ROUND, title="市直单位效能考评 2026年", scheme_id=scheme.id, scheme_version=scheme.version)
        made.made_at, made.period, made.level, made.purpose = clock.now(), "2026", "round", "demo"
        made.period_from, made.period_to, made.answers = date(2026, 1, 1), date(2026, 12, 31), {}
        session.add(made)
        for no in range(1, 7):
            unit = Unit(
                code=f"X-{no}", name=f"效能单位{no}", category="市直单位", position=800 + no, superior_led=False
            )
            unit.flags_source = "test"
            session.add(unit)
            session.flush()
            session.add(RoundUnit(round_id=ROUND, unit_code=unit.code, category=unit.category, position=no, flags=[]))
    engine.dispose()
    return server


def visit(server: Server, unit: str, plan: str) -> None:
    """An inspector writes something down there."""
    engine = make_engine(server.database_url)
    with Session(engine) as session, session.begin():
        new = NewFinding(Kind.INSPECTION, unit, "窗口无人", plan=plan)
        who = Who("zhao.min", ("inspector",))
        service.open_(session, new, who=who, at=clock.now(), terms=Terms("Asia/Shanghai"))
    engine.dispose()


def test_from_the_round_to_the_last_unit_inspected(new_page: NewPage, city: Server) -> None:
    page = sign_in(new_page(viewport=WIDE), city)
    page.goto(f"/console/rounds/{ROUND}")
    page.get_by_role("link", name="检查计划").click()
    expect(page.get_by_text("还没有检查计划。")).to_be_visible()
    without_faults(page)
    page.get_by_label("方式").select_option(label="明查")
    page.get_by_label("时段").fill("2025Q4")
    page.get_by_label("必查之外再抽几个").fill("3")
    page.get_by_role("button", name="定下计划").click()
    expect(page.get_by_text("不在评议周期")).to_be_visible()
    page.get_by_label("时段").fill("2026Q4")
    page.get_by_role("button", name="定下计划").click()
    expect(page.get_by_role("table", name="本轮的检查计划")).to_contain_text("必查 0，再抽 3")
    page.get_by_label("公开种子").fill(SEED)
    page.get_by_role("button", name="提出抽取").click()
    expect(page.get_by_text("已提出：")).to_be_visible()
    expect(page.get_by_text("没有必查单位。")).to_be_visible()
    without_faults(page)

    second = sign_in(new_page(viewport=WIDE), city, "release")
    second.goto("/console/acts")
    second.get_by_role("listitem").filter(has_text=SEED).get_by_role("button", name="确认").click()
    second.get_by_role("dialog").get_by_role("button", name="确认").click()
    expect(second.get_by_role("listitem").filter(has_text=SEED)).to_have_count(0)

    page.reload()
    rows = page.get_by_role("table", name="名单").locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text(re.compile("抽中.*1/2.*未检查"))
    name = rows.first.locator("th span").inner_text()
    visit(city, f"X-{name[-1]}", f"{ROUND}-open-2026q4")
    page.reload()
    expect(page.get_by_text("已检查 1 / 3，有问题的 1 个")).to_be_visible()
    expect(rows.first).to_contain_text("问题 1 个")
    without_faults(page)
    page.get_by_role("link", name="方案、签号和重抽核对").click()
    page.get_by_role("button", name="重抽核对").click()
    expect(page.get_by_text("一致：重抽的 3 个").locator("visible=true").first).to_be_visible()
    without_faults(page)
