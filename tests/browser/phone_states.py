"""Every state of the phone page in every view, for the audit: how to get there, and what to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.server import Server
from tests.browser.test_phone import SUBMIT, rate, scan, send
from tests.browser.test_point import begin, pairing_code


@dataclass(frozen=True)
class View:
    """How it is looked at. ``zoom`` 2: the width of 360 halved, as at 200 %."""

    name: str
    query: str = ""
    width: int = 360
    dark: bool = False
    script: bool = True


LANGUAGES = {"zh": "", "hant": "lang=hant", "en": "lang=en"}
VIEWS = (
    View("plain"),
    View("elder", "elder=1"),
    View("narrow", width=320),
    View("zoomed", width=180),
    View("dark", dark=True),
)
Go = Callable[[Page, Server, str], None]


@dataclass(frozen=True)
class State:
    """``go`` brings a page there; it is given the query of view and language."""

    name: str
    go: Go


def _with(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _form(page: Page, server: Server, query: str) -> None:
    scan(page, server.card(), f"?{query}" if query else "")
    rate(page, units=4)


def _find(page: Page, server: Server, query: str) -> None:
    _form(page, server, query)
    page.locator("[data-aid=find]").click()
    page.locator("#find-name").fill("rsbx")


def _review(page: Page, server: Server, query: str) -> None:
    _form(page, server, query)
    page.locator("#open-review").click()


def _offline(page: Page, server: Server, query: str) -> None:
    _review(page, server, query)
    page.route(SUBMIT, lambda route: route.abort())
    page.locator("#send").click()
    expect(page.locator("#again")).to_be_visible()


def _receipt(page: Page, server: Server, query: str) -> None:
    _form(page, server, query)
    send(page)


def _used(page: Page, server: Server, query: str) -> None:
    code = server.card()
    scan(page, code, f"?{query}" if query else "")
    rate(page, units=1)
    send(page)
    scan(page, code, f"?{query}" if query else "")
    expect(page.locator("#refused")).to_be_visible()


def _mistyped(page: Page, server: Server, query: str) -> None:
    code = server.card()
    page.goto(_with("/b/luohe", query))
    page.locator("#code").fill(("1" if code[0] == "0" else "0") + code[1:])
    expect(page.locator("#code-error")).to_be_visible()


def _kinds(page: Page, server: Server, query: str) -> None:
    page.goto(_with("/b/kinds", query))
    page.locator("input[type=checkbox]").first.check(force=True)


def _open(page: Page, _server: Server, query: str) -> None:
    page.goto(_with("/o/opened", query))
    page.locator("main button.go").click()
    expect(page.locator("#open fieldset").first).to_be_visible()


def _tablet(page: Page, server: Server, query: str) -> None:
    """A tablet of a test point with a sheet that waits for the network."""
    page.goto(_with("/point", query))
    page.locator("#pairing").fill(pairing_code(server, "luohe"))
    page.locator("#pair .go").click()
    begin(page, server.card())
    if "elder" in query:
        page.locator("#elder").click()
    rate(page, units=4)
    page.locator("#open-review").click()
    page.route(SUBMIT, lambda route: route.abort())
    page.locator("#send").click()
    expect(page.locator("#leave button")).to_be_visible()


def _page(path: str) -> Go:
    def go(page: Page, _server: Server, query: str) -> None:
        page.goto(_with(path, query))

    return go


STATES = (
    State("form", _form),
    State("find", _find),
    State("review", _review),
    State("offline", _offline),
    State("receipt", _receipt),
    State("used", _used),
    State("mistyped", _mistyped),
    State("kinds", _kinds),
    State("open", _open),
    State("home", _page("/")),
    State("verify", _page("/b/luohe/verify")),
    State("report", _page("/report")),
    State("point", _page("/point")),
    State("tablet", _tablet),
    State("unknown", _page("/b/nowhere")),
)
