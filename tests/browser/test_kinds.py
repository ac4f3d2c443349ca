"""Items of every kind on a phone with script, on paper, and on the office's desk once they are counted."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, expect

from survey_models.ballots.tables import Ballot
from tests.browser.test_results import check
from tests.browser.watch import Watch
from tests.kinds import answer_and_count, kinds_questionnaire
from tests.poll import PASSWORD, Poll, Shape, open_poll


@contextmanager
def served(sqlite_url: str, folder: Path) -> Iterator[tuple[Poll, str]]:
    """A small poll with every kind of item, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        base = f"http://127.0.0.1:{door.getsockname()[1]}"
        shape = Shape(per_cell=20, doc=kinds_questionnaire(), key_on_server=False)
        with open_poll(sqlite_url, folder, shape, public_url=base) as poll:
            server = uvicorn.Server(uvicorn.Config(poll.app, lifespan="off", log_level="warning"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
            thread.start()
            try:
                yield poll, base
            finally:
                server.should_exit = True
                server.force_exit = True
                thread.join(10)


def test_every_kind_from_the_phone_to_the_desk(browser: Browser, sqlite_url: str, tmp_path: Path) -> None:
    with served(sqlite_url, tmp_path) as (poll, base):
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", base_url=base)
        watch = Watch(context, own_origin=base)
        page = context.new_page()
        _a_phone_keeps_and_sends_everything(page, poll)
        page.goto("/b/poll/print")
        check(page)
        answer_and_count(poll, rated=True, done=1)
        (sent,) = [ballot for ballot in poll.box() if ballot.answers == "2c-----"]
        _is_what_was_said(sent)
        assert page.request.post("/api/session", data={"name": "release", "password": PASSWORD}).ok
        _the_desk_shows_what_was_counted(page)
        watch.close()
    assert watch.faults == []


def _a_phone_keeps_and_sends_everything(page: Page, poll: Poll) -> None:
    page.goto(f"/b/poll#{poll.live[0].code}")
    page.locator("#q_U-001").get_by_label("基本满意", exact=True).click()
    page.locator("#q_U-002").get_by_label("一般", exact=True).click()
    page.locator("#q_why").get_by_label("选项b").click()
    for unit in ("U-001", "U-002", "U-003"):
        page.locator("#q_nominate").get_by_label(f"选项{unit}").click()
    # At most two: the third is not taken.
    expect(page.locator("#q_nominate :checked")).to_have_count(2)
    page.locator("#q_words textarea").fill("路灯不亮\n<b>")
    page.evaluate("scrollTo(0, 0)")  # the audit takes what lies half under a bar for a small target
    check(page)
    page.reload()
    expect(page.locator("#q_words textarea")).to_have_value("路灯不亮\n<b>")
    expect(page.locator("#q_nominate :checked")).to_have_count(2)
    page.locator("#open-review").click()
    expect(page.locator("#review")).to_contain_text("路灯不亮")
    check(page)
    page.locator("#send").click()
    expect(page.locator("#receipt-number")).not_to_be_empty()
    assert poll.stored() == 1


def _is_what_was_said(sent: Ballot) -> None:
    assert sent.more == {"why": ["b"], "nominate": ["U-001", "U-002"]}


def _the_desk_shows_what_was_counted(page: Page) -> None:
    page.goto("/console/campaigns/poll/tallies")
    items = page.locator("section[aria-labelledby=items]")
    expect(items.get_by_role("heading", name="推荐重点评议对象")).to_be_visible()
    expect(items.locator("section[aria-labelledby=i-nominate] tbody tr").first).to_contain_text("选项U-001")
    expect(items.locator("section[aria-labelledby=i-aware]")).to_contain_text("知晓率")
    items.get_by_role("button", name="看意见原文").click()
    expect(items.locator(".said li")).to_have_count(30)
    expect(items).to_contain_text("请删去姓名")
    check(page)
