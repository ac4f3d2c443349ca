"""Inspection plans, places and rosters in the console: fixed by one, drawn by two, followed to the end; and axe."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from api.db import make_engine
from api.keys import load_pepper
from survey_models.core import clock
from survey_models.findings import service
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding, Terms
from survey_models.findings.service import Who
from survey_models.rosters import service as rosters
from survey_models.rosters.sealing import Sealer
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from survey_models.units.tables import Unit
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_console import sign_in
from tests.browser.test_rounds import WIDE, without_faults

ROUND, SEED = "xuancheng-2026", "71830462"
PLACED = "luohe-sites-2026"


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

    _confirm(sign_in(new_page(viewport=WIDE), city, "release"), SEED)
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


@pytest.fixture
def bright(server: Server) -> Server:
    """A round of 漯阳光建〔2020〕1号 with one county, planned without its places, and a roster of six people."""
    engine, sealer = make_engine(server.database_url), Sealer(load_pepper(server.data_dir))
    with Session(engine) as session, session.begin():
        scheme = schemes.store(session, shelf.preset("luohe-yangguang-2020-1"), by="setup", at=clock.now())
        made = Round(id=PLACED, title="阳光漯河 2026年", scheme_id=scheme.id, scheme_version=scheme.version)
        made.made_at, made.period, made.level, made.purpose = clock.now(), "once", "round", "demo"
        made.answers = {}
        unit = Unit(code="Y-1", name="虚构县", category="县区", position=820, superior_led=False, flags_source="test")
        session.add_all([made, unit])
        session.flush()
        flags = ["board_party"]
        session.add(RoundUnit(round_id=PLACED, unit_code="Y-1", category="县区", position=1, flags=flags))
        session.flush()
        rosters.make(session, "luohe-people", round_id=PLACED, kind="representatives", title="评议代表")
        header = read(rosters.template(session, "luohe-people"), "t.xlsx").header
        rows = [_person(number) for number in range(1, 7)]
        content = xlsx_bytes([Table("名册", header, rows)])
        rosters.import_sheet(
            session,
            "luohe-people",
            read(content, "r.xlsx"),
            content,
            sealer=sealer,
            opens_on=None,
            by="setup",
            at=clock.now(),
            zone="Asia/Shanghai",
        )
    engine.dispose()
    return server


def _person(number: int) -> list[str]:
    new = "是" if number < 3 else "否"
    return [f"张{number}", f"4111021980010112{number:02}", "", "市政府纠风办", new, "2026-04-20", "2026-04-21", "", ""]


def _confirm(page: Page, seed: str) -> None:
    """The second person compares the seed and confirms."""
    page.goto("/console/acts")
    asked = page.get_by_role("listitem").filter(has_text=seed)
    asked.get_by_role("button", name="确认").click()
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    expect(asked).to_have_count(0)


def test_places_of_a_draw_and_people_of_a_roster(new_page: NewPage, bright: Server) -> None:
    page = sign_in(new_page(viewport=WIDE), bright)
    page.goto(f"/console/rounds/{PLACED}/inspections")
    page.get_by_label("哪一项抽取").select_option(label="阳光党务实地考评")
    kinds = ("bodies", "县（区）直部门")
    lines = [f"虚构县,{kind},{at}{no},地点{at}{no}" for at, kind in enumerate(kinds) for no in range(3)]
    page.get_by_label("地点，每行一个").fill("\n".join([*lines, "虚构县,bodies"]))
    page.get_by_role("button", name="定下 7 个地点").click()
    faults = page.get_by_role("table", name="每行的错误").locator("tbody tr")
    expect(faults).to_have_count(1)
    expect(faults).to_contain_text("缺少前四栏中的一栏")
    without_faults(page)
    page.get_by_label("地点，每行一个").fill("\n".join(["", *lines, lines[0]]))
    page.get_by_role("button", name="定下 7 个地点").click()
    expect(faults).to_contain_text(re.compile("8.*编号 00 重复"))
    page.get_by_label("地点，每行一个").fill("\n".join(lines))
    page.get_by_role("button", name="定下 6 个地点").click()
    expect(page.get_by_role("table", name="本轮的检查计划")).to_contain_text("再抽 4")
    expect(page.get_by_label("哪一项抽取").get_by_role("option", name="阳光党务实地考评")).to_have_count(0)
    without_faults(page)

    page.get_by_role("link", name="名册", exact=True).click()
    expect(page.get_by_role("table", name="本轮的名册")).to_contain_text("评议代表")
    page.get_by_label("抽几个人").fill("3")
    page.get_by_role("button", name="定下抽取").click()
    expect(page.get_by_role("cell", name="等待公开种子")).to_be_visible()
    page.get_by_role("textbox", name="公开种子").fill("60415238")
    page.get_by_role("button", name="提出抽取").click()
    expect(page.get_by_text("已提出：")).to_be_visible()
    without_faults(page)
    _confirm(sign_in(new_page(viewport=WIDE), bright, "release"), "60415238")
    page.reload()
    page.get_by_role("button", name="看抽中的人").click()
    drawn = page.get_by_role("table", name="抽中的人").locator("tbody tr")
    expect(drawn).to_have_count(3)
    expect(drawn.filter(has_text="张")).to_have_count(0)
    page.get_by_role("button", name="显示姓名和电话").click()
    expect(drawn.filter(has_text="张")).to_have_count(3)
    without_faults(page)
