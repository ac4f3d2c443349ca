"""The watch over browser tests sees what it is there to see."""

from __future__ import annotations

import time
from contextlib import suppress

from playwright.sync_api import Browser, Error

from tests.browser.conftest import PATIENCE
from tests.browser.server import Server
from tests.browser.watch import Watch


def test_a_broken_policy_a_script_error_and_a_foreign_address_are_seen(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    watch = Watch(context, own_origin=server.base_url)
    page = context.new_page()
    page.goto(server.base_url + "/")
    assert watch.faults == []
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("setTimeout(() => { throw new Error('planted'); })")
    deadline = time.monotonic() + PATIENCE
    while not any("planted" in fault for fault in watch.faults) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    with suppress(Error):  # nobody listens there; that it was asked for is enough
        page.goto("http://elsewhere.invalid/")
    watch.close()
    assert any(fault.startswith("policy: style-src-attr") for fault in watch.faults)
    assert any("planted" in fault for fault in watch.faults)
    assert "foreign: http://elsewhere.invalid/" in watch.faults
