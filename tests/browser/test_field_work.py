"""Field work in a browser: an interviewer takes the last place by phone, the office sees it, and reminds everybody."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from api.auth import passwords
from api.db import make_engine, unit_of_work
from survey_models.accounts import assignments
from survey_models.accounts import service as accounts
from survey_models.core import clock
from survey_models.gate import quotas
from survey_models.gate.quotas import QuotaWish
from tests.browser.conftest import NewPage
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in
from tests.browser.test_gate import accessible

NAME, WORD = "承办丁", "a long walk in autumn"
HAND = {"width": 390, "height": 844}
BAD = "地区代码,地区,类别代码,类别,人数\n411102,源汇区,town,城镇,一千\n"


def prepare(server: Server) -> None:
    """A contractor at work and two quotas, of which one has a single place."""
    server.poll("quotas")
    engine = make_engine(server.database_url)
    with unit_of_work(engine) as session:
        hashed = passwords.new_hash(WORD, name=NAME)
        accounts.create(session, NAME, password_hash=hashed, roles=["contractor"], at=clock.now(), demo=True)
        assignments.assign(session, NAME, "quotas", by="setup", at=clock.now())
        for target, answers in ((1, {}), (40, {"age": "1"})):
            quotas.put(session, "quotas", QuotaWish(1, target, answers=answers), by="setup", at=clock.now())
    engine.dispose()
    server.credentials[NAME] = WORD


def test_the_last_place_is_taken_by_phone_and_everybody_is_reminded(
    new_page: NewPage, server: Server, tmp_path: Path
) -> None:
    prepare(server)
    phone = sign_in(new_page(viewport=HAND), server, NAME)
    phone.goto("/console/quotas?campaign=quotas")
    last = phone.locator('[data-quota="1"]')
    last.get_by_role("button", name="占一个名额").click()
    expect(last).to_contain_text("我占着 1 个")
    expect(last.get_by_role("button", name="占一个名额")).to_be_disabled()
    accessible(phone)

    office = sign_in(new_page(viewport=DESK), server)
    office.goto("/console/campaigns/quotas")
    expect(office.get_by_text("1 个配额已满，0 个快满了")).to_be_visible()
    office.get_by_role("button", name="催办").click()
    dialog = office.get_by_role("dialog")
    dialog.get_by_label("发给哪一层").select_option(index=1)
    expect(dialog).to_contain_text("将写 1 条")
    accessible(office)
    dialog.get_by_role("button", name="催办").click()
    expect(office.get_by_role("button", name="存名单（csv）")).to_be_visible()
    assert len(list((server.data_dir / "outbox").glob("quotas-*.jsonl"))) == 1

    office.goto("/console/frames")
    file = tmp_path / "人数.csv"
    file.write_text(BAD, encoding="utf-8")
    office.get_by_label("编号").fill("made-here")
    office.get_by_label("名称").fill("人数")
    office.get_by_label("填好的文件（xlsx、xls、csv）").set_input_files(file)
    office.get_by_role("button", name="只检查，不存").click()
    expect(office.get_by_role("cell", name="E2")).to_be_visible()
    with office.expect_download() as marked:
        office.get_by_role("button", name="取回标出错误的文件（xlsx）").click()
    assert marked.value.suggested_filename == "人数-marked.xlsx"
    accessible(office)
