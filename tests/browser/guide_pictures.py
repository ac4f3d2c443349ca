"""The pictures of the guides of each role (操作手册配图): what those who use them have before them.

The demo has no contractor and no auditor: the office makes their accounts, as it does on the first day.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.browser.server import Server
from tests.browser.test_phone import rate, scan, send

Show = Callable[[Page, Server], None]
CONSOLE = {"width": 1180, "height": 720}
HAND = {"width": 390, "height": 780}
# Of the forty kinds of faults four that people make every day, in the lines 3, 6, 9 and 12.
WRONG = ("非常好", "85分", "√", "满意、不满意")


def sign_in(page: Page, server: Server, name: str, to: str) -> None:
    """A person at a page of the console."""
    page.goto(f"/console/sign-in?to={to}")
    page.locator("#name").fill(name)
    page.locator("#password").fill(server.credentials[name])
    page.locator("button.primary").click()
    page.wait_for_url(f"**/console{to}")


@contextmanager
def office(server: Server, name: str) -> Iterator[httpx.Client]:
    """Somebody of the office, or whom the office let in, who speaks to the server without a page."""
    account = {"name": name, "password": server.credentials[name]}
    with httpx.Client(base_url=server.base_url, timeout=60) as client:
        client.headers["X-CSRF-Token"] = client.post("/api/session", json=account).raise_for_status().json()["csrf"]
        yield client


def let_in(server: Server, name: str, role: str) -> None:
    """An account of one role, unless it is there; its person has chosen a password of their own."""
    if name in server.credentials:
        return
    server.credentials[name] = first = secrets.token_urlsafe(18)
    with office(server, "setup") as setup:
        setup.post("/api/accounts", json={"name": name, "password": first, "roles": [role]}).raise_for_status()
    own = secrets.token_urlsafe(18)
    with office(server, name) as person:
        person.post("/api/account/password", json={"old": first, "new": own}).raise_for_status()
    server.credentials[name] = own


def accounts(page: Page, server: Server) -> None:
    """Who may sign in, and for what."""
    sign_in(page, server, "setup", "/accounts")
    page.locator("tbody tr").first.wait_for()


def evidence(page: Page, server: Server) -> None:
    """What is kept, and until when."""
    sign_in(page, server, "setup", "/evidence")
    page.locator("tbody tr").first.wait_for()


def upload(page: Page, server: Server) -> None:
    """A contractor's file with four faults."""
    let_in(server, "survey", "contractor")
    with office(server, "setup") as setup:
        setup.put("/api/accounts/survey/assignments/luohe", json={"strata": None}).raise_for_status()
    with office(server, "survey") as contractor:
        sent = contractor.post(
            "/api/uploads?campaign=luohe&kind=ballots&filename=第一批.csv", content=faulty_sheets(contractor).encode()
        )
        number = sent.raise_for_status().json()["id"]
    sign_in(page, server, "survey", f"/uploads/{number}")
    page.locator(".faults tbody tr").nth(3).wait_for()


def faulty_sheets(contractor: httpx.Client) -> str:
    """Twelve sheets as the contractor types them, of which four have a wrong cell."""
    heads = contractor.get("/api/uploads/templates/luohe.csv").content.decode("utf-8-sig").splitlines()[0].split(",")
    campaign: dict[str, Any] = contractor.get("/api/campaigns/luohe").raise_for_status().json()
    stratum = campaign["strata"][0]
    point = next(one["name"] for one in campaign["points"] if one["area_code"] == stratum["area_code"])
    place = {"地区": stratum["area"], "类别": stratum["kind"], "测评点": point}
    lines = [heads]
    for number in range(1, 13):
        cells = [place.get(head, "满意" if head.startswith("LH-") else "") for head in heads]
        cells[0] = f"W{number:03}"
        if number % 3 == 0:
            cells[4 + number] = WRONG[number // 3 - 1]
        lines.append(cells)
    return "\n".join(",".join(cells) for cells in lines)


def ledger(page: Page, server: Server) -> None:
    """Who did what when."""
    let_in(server, "jijian", "auditor")
    sign_in(page, server, "jijian", "/ledger?log=luohe-closed")
    page.locator("tbody tr").nth(5).wait_for()


def proof(page: Page, server: Server) -> None:
    """That one act is in the tree, worked out in the browser."""
    ledger(page, server)
    page.locator('tr[data-event="acts:confirmed"] button').click()
    expect(page.locator("dialog [data-holds]")).to_have_attribute("data-holds", "yes")


def separation(page: Page, server: Server) -> None:
    """Who asked and who confirmed."""
    let_in(server, "jijian", "auditor")
    sign_in(page, server, "jijian", "/ledger/separation")
    page.locator("tbody tr").nth(2).wait_for()


def receipt(page: Page, server: Server) -> None:
    """What somebody has in hand who has just rated."""
    scan(page, server.card())
    rate(page, option=0)
    send(page)


def verified(page: Page, server: Server) -> None:
    """A receipt that is found in the ledger."""
    scan(page, server.card())
    rate(page, option=0)
    number = send(page)
    page.goto(f"/b/luohe/verify#{number}")
    page.locator("#outcome h2").wait_for()


def report(page: Page, _server: Server) -> None:
    """Where vote-buying is reported."""
    page.goto("/report")
    page.locator("textarea").wait_for()


PICTURES: dict[str, tuple[Show, dict[str, int]]] = {
    "operator-accounts": (accounts, CONSOLE),
    "operator-evidence": (evidence, CONSOLE),
    "contractor-faults": (upload, CONSOLE),
    "auditor-ledger": (ledger, CONSOLE),
    "auditor-proof": (proof, CONSOLE),
    "auditor-separation": (separation, CONSOLE),
    "citizen-receipt": (receipt, HAND),
    "citizen-verify": (verified, HAND),
    "citizen-report": (report, HAND),
}
