"""An inspector without a network, the unit that reads of it, and a citizen who complains: in a real browser."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from api.auth.passwords import new_hash
from api.db import make_engine, unit_of_work
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.findings import service
from survey_models.findings.machines import Kind
from survey_models.findings.rules import NewFinding, Terms
from survey_models.findings.service import Who
from survey_models.findings.tables import Finding, FindingFile
from survey_models.units.tables import Unit
from tests.browser.conftest import NewPage
from tests.browser.server import Server

PASSWORD = "a long walk in autumn"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


def people(server: Server) -> str:
    """An inspector, a unit's account, and a notice to that unit; its name."""
    engine, at = make_engine(server.database_url), clock.now()
    with unit_of_work(engine) as session:
        unit = session.scalars(select(Unit).order_by(Unit.position).limit(1)).one()
        hashed = new_hash(PASSWORD, name="zhao.min")
        for name, role, code in (("zhao.min", "inspector", None), ("a.unit", "unit", unit.code)):
            accounts.create(session, name, password_hash=hashed, roles=[role], at=at, unit_code=code, demo=True)
        new = NewFinding(Kind.SUPERVISION, unit.code, "台账不全", limit=(at + timedelta(days=20)).date())
        service.open_(session, new, who=Who("setup", ("setup",)), at=at, terms=Terms("Asia/Shanghai"))
        found = unit.name
    engine.dispose()
    return found


def sign_in(page: Page, path: str, name: str) -> None:
    page.goto(f"{path}?lang=zh")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def clean(page: Page) -> None:
    """Axe finds nothing on the page as it stands."""
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []


def record(page: Page, unit: str, text: str) -> None:
    page.get_by_label("单位").select_option(label=unit)
    page.get_by_label("发现的问题").fill(text)
    page.get_by_label("现场照片或视频").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_role("button", name="记录").click()


def test_records_wait_for_the_network_and_a_unit_works_on_its_own(new_page: NewPage, server: Server) -> None:
    unit, page = people(server), new_page()
    sign_in(page, "/inspect", "zhao.min")
    expect(page.get_by_label("发现的问题")).to_be_visible()
    clean(page)
    page.context.set_offline(True)
    for no, text in enumerate(("窗口无人", "未设提示牌"), start=1):
        record(page, unit, text)
        expect(page.locator("#queue")).to_contain_text(f"有 {no} 条记录存在本机")
    page.context.set_offline(False)
    expect(page.locator("#queue")).to_have_text("")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("窗口无人")
    record(page, unit, "无离岗告示")
    expect(page.get_by_text("已记录", exact=True)).to_be_visible()
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        kept = session.scalars(select(Finding).where(Finding.made_by == "zhao.min")).all()
        digests = {one.sha256 for one in session.scalars(select(FindingFile))}
    engine.dispose()
    assert sorted(one.body["text"] for one in kept) == ["无离岗告示", "未设提示牌", "窗口无人"]
    assert digests == {hashlib.sha256(PNG).hexdigest()}

    page = new_page(java_script_enabled=False)
    sign_in(page, "/unit", "a.unit")
    page.get_by_role("link", name="督办").click()
    page.get_by_label("报送整改情况: 说明").fill("台账已补齐")
    page.get_by_role("button", name="报送整改情况").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("督办 · 已报整改")

    page = new_page()
    page.goto("/complaint?lang=zh")
    clean(page)
    page.get_by_label("被投诉单位", exact=True).select_option(label=unit)
    page.get_by_label("投诉事项", exact=True).fill("办证超期")
    page.get_by_label("经过和理由", exact=True).fill("材料齐全，三个月没有办")
    page.get_by_label("您的姓名", exact=True).fill("王某")
    page.get_by_label("电话或邮箱", exact=True).fill("13900000000")
    page.get_by_role("button", name="提交投诉").click()
    code = page.locator(".receipt strong").inner_text()
    page.get_by_role("link", name="查询办理进度").click()
    page.get_by_label("受理码", exact=True).fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".receipt strong")).to_have_text("已登记")
    clean(page)
