"""Each state of the phone page once: axe, the Tab key, its width; and the tree that a screen reader gets, as committed.

After a wanted change: ``python -m pytest tests/browser/test_phone_audit.py`` shows the difference, and
``PINGYI_TREES=write`` before it writes the trees anew, to be read before they are committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.audit_pages import faults_of, polls_to_look_at, query_of
from tests.browser.conftest import NewPage
from tests.browser.phone_states import LANGUAGES, STATES, VIEWS
from tests.browser.server import Server

TREES = Path(__file__).with_name("trees")


@pytest.fixture(scope="module", autouse=True)
def _polls(server: Server) -> None:
    """Once for all tests of this module."""
    polls_to_look_at(server)


def test_every_state_once_in_one_of_the_views(new_page: NewPage, server: Server) -> None:
    found = {}
    for number, state in enumerate(STATES):
        view, language = VIEWS[number % len(VIEWS)], list(LANGUAGES)[number % len(LANGUAGES)]
        size = {"width": view.width, "height": 740}
        page = new_page(viewport=size, color_scheme="dark" if view.dark else "light")
        state.go(page, server, query_of(view, language))
        found[f"{state.name} {language} {view.name}"] = faults_of(page, tabs=25)
        page.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def tree_of(page: Page) -> str:
    """Roles, names and states in the order of reading; what differs from time to time is left open."""
    text = page.locator("body").aria_snapshot()
    return re.sub(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2,3}", "XXXX", text) + "\n"


def compare(page: Page, name: str) -> None:
    """With the committed tree of this name."""
    file, found = TREES / f"{name}.txt", tree_of(page)
    if os.environ.get("PINGYI_TREES") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), name


def test_screen_readers_get_the_committed_trees(page: Page, server: Server) -> None:
    page.goto("/b/kinds")
    expect(page.locator("#next")).to_be_visible()
    rows = page.locator("fieldset")
    rows.nth(0).locator("label").nth(1).click()
    page.locator("input[name=m_why]").nth(0).check(force=True)
    page.locator("textarea").fill("多开一个窗口。")
    compare(page, "form")
    page.locator("[data-aid=find]").click()
    page.locator("#find-name").fill("gaj")
    expect(page.locator("#find li")).to_have_count(1)
    compare(page, "find")
    page.get_by_role("button", name="返回").click()
    page.locator("#open-review").click()
    compare(page, "review")
    page.goto("/point")
    compare(page, "point")


def test_keyboard_alone_goes_from_the_code_to_the_receipt(page: Page, server: Server) -> None:
    poll = server.poll("bykeys")
    page.goto("/b/bykeys")
    expect(page.locator("#next")).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "code":
            break
    page.keyboard.type(poll.codes[0])
    page.keyboard.press("Tab")
    for _ in range(5):  # one stop for each unit: arrows choose inside it
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    expect(page.locator("#count")).to_contain_text("5/5")
    for _ in range(12):
        if page.evaluate("document.activeElement.id") == "open-review":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#review h1")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "send":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#receipt h1")).to_be_focused()
