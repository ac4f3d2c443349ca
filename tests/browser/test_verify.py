"""The verify page checks in the browser: a true proof is believed, an altered one not, with and without WebCrypto."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect
from typer.testing import CliRunner

from api.cli import app
from api.db import make_engine
from survey_models.ledger.service import entry_digest, receipt_of
from tests.browser.conftest import NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.survey_models.ledger.logs import ballot_bodies, put

LOG = "verify-poll"
ENTRIES = 70


def filled(server: Server) -> str:
    """A campaign whose log has a tree; the receipt of one of its sheets."""
    server.poll(LOG)
    engine = make_engine(server.database_url)
    try:
        bodies = ballot_bodies(ENTRIES, log=LOG)
        put(engine, bodies, log=LOG)
        return receipt_of(entry_digest(bodies[8]))
    finally:
        engine.dispose()


def outcome(page: Page, receipt: str) -> tuple[str, str]:
    """State and signature that the page tells for a receipt in its address."""
    page.goto("/b/start")  # a change of the fragment alone loads nothing
    page.goto(f"/b/{LOG}/verify#{receipt}")
    box = page.locator("#outcome[data-state]")
    expect(box).to_be_visible()
    return str(box.get_attribute("data-state")), str(box.get_attribute("data-signed"))


def altering(change: Callable[[dict[str, Any]], None]) -> Callable[[Route], None]:
    """Serves a receipt's proof that somebody has changed on the way."""

    def handle(route: Route) -> None:
        body = route.fetch().json()
        change(body)
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    return handle


def other_hash(body: dict[str, Any]) -> None:
    body["proof"][1] = body["proof"][0]


def other_place(body: dict[str, Any]) -> None:
    body["seq"] += 1


def other_entry(body: dict[str, Any]) -> None:
    body["entry"] = body["entry"].replace('"sheet":"0', '"sheet":"1')


def other_root(body: dict[str, Any]) -> None:
    lines = body["checkpoint"].split("\n")
    lines[2] = "A" * 43 + "="
    body["checkpoint"] = "\n".join(lines)


def shorter(body: dict[str, Any]) -> None:
    del body["proof"][-1]


def other_signature(body: dict[str, Any]) -> None:
    note = body["checkpoint"]
    body["checkpoint"] = note[:-20] + ("A" if note[-20] != "A" else "B") + note[-19:]


def no_signature(body: dict[str, Any]) -> None:
    body["checkpoint"] = body["checkpoint"].rpartition(" ")[0] + " ?\n"


def test_a_receipt_is_checked_in_the_browser(new_page: NewPage, server: Server) -> None:
    receipt = filled(server)
    page = new_page()
    for _ in range(240):  # a log without a tree is caught up within a second or two
        state, signed = outcome(page, receipt)
        if state != "promised":
            break
        page.wait_for_timeout(250)
    assert state == "included"
    assert signed in {"true", "null"}, "null: this Chromium knows no Ed25519"
    told = page.locator("#outcome").inner_text()
    assert re.search(r"第 \d+ 条，台账共 \d+ 条", told)
    assert re.search(r"[0-9a-f]{64}", told)
    assert Axe().run(page, options=RULES).response["violations"] == []
    page.goto(f"/ledger/{LOG}/root")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page, options=RULES).response["violations"] == []
    assert outcome(page, receipt.lower().replace("-", ""))[0] == "included"
    assert outcome(page, "0000-0000-0000")[0] == "unknown"
    for change in (other_hash, other_place, other_entry, other_root, shorter, other_signature, no_signature):
        page.route("**/api/ledger/*/receipts/*", altering(change))
        seen = outcome(page, receipt)
        unsaid = change in {other_signature, no_signature} and signed == "null"
        assert seen[0] == ("included" if unsaid else "refused"), change.__name__
        page.unroute("**/api/ledger/*/receipts/*")

    plain = new_page()
    plain.add_init_script("Object.defineProperty(window.crypto, 'subtle', { value: undefined })")
    assert outcome(plain, receipt) == ("included", "null")
    expect(plain.locator("#outcome")).to_contain_text("没有核对")

    rekeyed(page, server, receipt, signed)

    state_file = server.data_dir / "witness.json"
    words = ["witness", "--url", server.base_url, "--state", str(state_file), "--name", "jiwei.example.cn"]
    runs = [CliRunner().invoke(app, words) for _ in range(2)]
    assert [run.exit_code for run in runs] == [0, 0]
    assert set(json.loads(state_file.read_text())["logs"]) >= {LOG, "system"}
    witnessed(page, server, receipt, [*words, "--hand-in"], vkey=runs[0].stdout.split()[-1])


def witnessed(page: Page, server: Server, receipt: str, words: list[str], *, vkey: str) -> None:
    """A witness that the office registered hands its signature in: both pages show it, and the browser checks it."""
    assert CliRunner().invoke(app, words).exit_code == 1, "not registered yet"
    environment = {"PINGYI_DATA_DIR": str(server.data_dir), "PINGYI_PUBLIC_URL": server.base_url}
    added = CliRunner().invoke(app, ["ledger", "witnesses", "add", vkey], env=environment)
    assert added.exit_code == 0, added.output
    assert outcome(page, receipt)[0] == "included"
    expect(page.locator("#outcome")).to_contain_text("还没有见证人会签")
    handed = CliRunner().invoke(app, words)
    assert handed.exit_code == 0, handed.output
    assert outcome(page, receipt)[0] == "included"
    expect(page.locator("#outcome")).to_contain_text("见证人 jiwei.example.cn 会签过")
    page.route("**/api/ledger/*/cosignatures", shifted)
    assert outcome(page, receipt)[0] == "included"
    expect(page.locator("#outcome")).to_contain_text("还没有见证人会签")
    page.unroute("**/api/ledger/*/cosignatures")
    page.goto(f"/ledger/{LOG}/root")
    expect(page.locator("main li, .page li")).to_contain_text("jiwei.example.cn")
    assert Axe().run(page, options=RULES).response["violations"] == []


def shifted(route: Route) -> None:
    """Serves a witness's signature under another root."""
    rows = route.fetch().json()
    for row in rows:
        lines = row["checkpoint"].split("\n")
        lines[2] = "A" * 43 + "="
        row["checkpoint"] = "\n".join(lines)
    route.fulfill(status=200, content_type="application/json", body=json.dumps(rows))


def unannounced(body: dict[str, Any]) -> None:
    body["announced"]["changes"] = []


def other_signer(body: dict[str, Any]) -> None:
    change = body["announced"]["changes"][0]
    told = json.loads(change["entry"])
    change["entry"] = change["entry"].replace(told["signed_old"], told["signed_new"])


def more_for_the_old_key(body: dict[str, Any]) -> None:
    """The head below is the old key's, and the announcement would let it speak for a shorter log only."""
    for change in body["announced"]["changes"]:
        change["entry"] = re.sub(rf'(/ledger/{LOG}",)\d+', r"\g<1>1", change["entry"])


def rekeyed(page: Page, server: Server, receipt: str, signed: str) -> None:
    """The ledger's key is changed beside the running server; this browser knows the old one."""
    folder = server.data_dir
    environment = {"PINGYI_DATA_DIR": str(folder), "PINGYI_PUBLIC_URL": server.base_url}
    password = server.credentials["setup"] + "\n"
    for words, typed in ((["accounts", "login", "setup", "--password-stdin"], password), (["ledger", "rotate"], "")):
        done = CliRunner().invoke(app, words, input=typed, env=environment)
        assert done.exit_code == 0, done.output
    assert outcome(page, receipt) == ("included", signed)
    expect(page.locator("#outcome")).to_contain_text("台账换过密钥")
    for change in (unannounced, other_signer, more_for_the_old_key):
        page.route("**/api/ledger/keys", altering(change))
        seen = outcome(page, receipt)
        # Without Ed25519 the page can compare entries and tree alone.
        unsaid = change is other_signer and signed == "null"
        assert seen[0] == ("included" if unsaid else "refused"), change.__name__
        page.unroute("**/api/ledger/keys")
    page.evaluate("localStorage.setItem('pingyi-ledger-key', '0'.repeat(64))")
    assert outcome(page, receipt)[0] == "refused", "this browser knows a key that nobody announced"
    expect(page.locator("#outcome")).to_contain_text("没有新旧两把密钥都签名的公告")
    page.evaluate("localStorage.clear()")
