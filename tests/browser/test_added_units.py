"""Units are added to a round on the plan page: a list to edit, filled by hand and by pasting; and axe."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from api.db import make_engine
from survey_models.campaigns import service as campaigns
from survey_models.rounds import service
from tests.browser.conftest import NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import sign_in
from tests.browser.test_rounds import NARROW, WIDE

ROUND = "luohe-hangfeng-2019-2020"


def test_the_city_and_a_county_add_units(new_page: NewPage, server: Server, shots: Path) -> None:
    page = sign_in(new_page(viewport=WIDE), server)
    page.goto("/console/rounds/new")
    page.get_by_label("评分办法").select_option("luohe-hangfeng")
    page.get_by_label("周期", exact=True).fill("2019-2020")
    page.get_by_role("button", name="看要填什么").click()
    page.get_by_role("button", name="加一个单位").click()
    added = page.get_by_role("region", name="增加的被评议单位")
    # Who adds it is left empty: the city.
    added.get_by_label("单位代码").fill("LH-C01")
    added.get_by_label("名称").fill("城市管理")
    page.get_by_text("从表格粘贴或选文件").click()
    page.get_by_label("每行一个单位").fill("A1，YS-1，盐矿，公共服务行业\nA9\tYS-2\t园区\t公共服务行业\n")
    page.get_by_role("button", name="加入名单").click()
    expect(added.get_by_role("row")).to_have_count(4)
    expect(added.get_by_label("类别").nth(1)).to_have_value("公共服务行业")
    page.get_by_label("县区增加的单位没有数据的项目怎么计").select_option(label="不出总分、不排名")
    assert Axe().run(page, options=RULES).violations_count == 0
    page.set_viewport_size(NARROW)
    box = added.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= NARROW["width"], "the list scrolls inside itself"
    page.screenshot(path=shots / "added-units.png", full_page=True)
    page.set_viewport_size(WIDE)
    page.get_by_label("没有填的用编造的数据（演示）").check()
    page.get_by_role("button", name="建立", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("没有地区“A9”")
    added.get_by_role("button", name="去掉：园区").click()
    page.get_by_role("button", name="建立", exact=True).click()
    expect(page.get_by_role("heading", name="漯河市民主评议政风行风2019—2020年")).to_be_visible()
    engine = make_engine(server.database_url)
    with Session(engine) as session:
        names = [(link.unit_code, link.category) for link, _ in service.units_of(session, ROUND)][80:]
        form = campaigns.form_of(session, service.campaigns_of(session, ROUND)["questionnaire"])
    engine.dispose()
    assert names == [("LH-C01", "政府部门及其它机构"), ("YS-1", "演示一区增加的公共服务行业")]
    assert list(form.variants) == ["all", "area-A1"]
