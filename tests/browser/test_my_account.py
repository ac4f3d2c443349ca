"""The own account in a real browser: an app is set up, asked for and put away; tokens, sessions, password; and axe."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from pathlib import Path

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from survey_models.accounts import one_time
from survey_models.core import clock
from tests.browser.conftest import NewPage
from tests.browser.rules import RULES
from tests.browser.server import Server
from tests.browser.test_console import DESK, sign_in

PASSWORD = "a long walk in autumn"
STEP = timedelta(seconds=30)


def code_of(secret: str, *, later: timedelta = timedelta(0)) -> str:
    raw = base64.b32decode(secret.replace(" ", ""))
    return one_time.code_of(raw, one_time.step_at(clock.now() + later))


def clean(page: Page, shot: Path) -> None:
    """No fault that axe sees, nothing wider than the screen, and a picture for people."""
    assert Axe().run(page, options=RULES).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=shot, full_page=True)


def make_account(page: Page, name: str) -> None:
    csrf = page.request.get("/api/session").json()["csrf"]
    new = {"name": name, "password": PASSWORD, "roles": ["setup"]}
    assert page.request.post("/api/accounts", data=new, headers={"X-CSRF-Token": csrf}).status == 201


def set_up(page: Page, shots: Path) -> tuple[str, list[str]]:
    """Set up an app on the open page: its secret, and the recovery codes."""
    app = page.get_by_role("region", name="动态验证码", exact=True)
    app.get_by_label("现在的密码").fill("not the password")
    app.get_by_role("button", name="启用动态验证码").click()
    expect(app.get_by_role("alert")).to_contain_text("密码不对")
    app.get_by_label("现在的密码").fill(PASSWORD)
    app.get_by_role("button", name="启用动态验证码").click()
    expect(app.get_by_role("img", name="动态验证码的二维码")).to_be_visible()
    secret = app.locator("code.secret").inner_text()
    clean(page, shots / "set-up.png")
    app.get_by_label("应用显示的六位验证码").fill(code_of(secret))
    app.get_by_role("button", name="确认启用").click()
    expect(app.locator(".codes li")).to_have_count(10)
    codes = app.locator(".codes code").all_inner_texts()
    expect(app.get_by_text("备用码还剩 10 个")).to_be_visible()
    expect(page.get_by_text("没有其他登录")).to_be_visible()
    clean(page, shots / "codes.png")
    app.get_by_role("button", name="已经收好").click()
    return secret, codes


def make_and_revoke_a_token(page: Page, base_url: str, shots: Path) -> None:
    tokens = page.get_by_role("region", name="访问令牌", exact=True).first
    tokens.get_by_label("用途").fill("进度大屏")
    tokens.get_by_label("看评议和回收进度").check()
    tokens.get_by_label("现在的密码").fill(PASSWORD)
    tokens.get_by_role("button", name="新建访问令牌").click()
    bearer = {"Authorization": f"Bearer {tokens.locator('code.secret').inner_text()}"}
    assert httpx.get(f"{base_url}/api/campaigns", headers=bearer).status_code == 200
    clean(page, shots / "tokens.png")
    tokens.get_by_role("button", name="撤销 进度大屏").click()
    expect(tokens.get_by_role("cell", name="已撤销")).to_be_visible()
    assert httpx.get(f"{base_url}/api/campaigns", headers=bearer).status_code == 401


def sign_in_in_two_steps(page: Page, secret: str, shots: Path) -> None:
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_label("账号").fill("he.ling")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("动态验证码")).to_be_focused()
    clean(page, shots / "second-step.png")
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("动态验证码不对")
    page.get_by_label("动态验证码").fill(code_of(secret, later=STEP))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="我的账号")).to_be_visible()


def change_the_password(page: Page, new: str) -> None:
    own = page.get_by_role("region", name="密码", exact=True)
    own.get_by_label("现在的密码").fill(PASSWORD)
    own.get_by_label("新密码", exact=True).fill(new)
    own.get_by_label("再输一次新密码").fill("quite another wall")
    expect(own.get_by_text("两次输入的新密码不一样")).to_be_visible()
    own.get_by_label("再输一次新密码").fill(new)
    own.get_by_role("button", name="改密码").click()
    expect(own.get_by_text(re.compile("密码已改"))).to_be_visible()


def test_the_own_account_from_password_to_second_step(new_page: NewPage, server: Server, shots: Path) -> None:
    make_account(sign_in(new_page(viewport=DESK), server), "he.ling")
    server.credentials["he.ling"] = PASSWORD
    sign_in(new_page(viewport=DESK), server, "he.ling")
    page = sign_in(new_page(viewport=DESK), server, "he.ling")
    page.goto("/console/")
    page.get_by_role("link", name="我的账号").click()
    expect(page.get_by_role("heading", name="我的账号")).to_be_visible()
    secret, codes = set_up(page, shots)
    make_and_revoke_a_token(page, server.base_url, shots)
    sign_in_in_two_steps(page, secret, shots)

    page.set_viewport_size({"width": 390, "height": 844})
    clean(page, shots / "phone.png")
    page.get_by_role("button", name="停用（换手机）").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("动态验证码或备用码").fill(codes[0])
    dialog.get_by_role("button", name="停用（换手机）").click()
    expect(page.get_by_role("button", name="启用动态验证码")).to_be_visible()
    server.credentials["he.ling"] = "quite another walk"
    change_the_password(page, server.credentials["he.ling"])
    sign_in(new_page(viewport=DESK), server, "he.ling")


def test_the_way_back_from_a_provider(new_page: NewPage, shots: Path) -> None:
    page = new_page(viewport=DESK)
    page.route("**/api/session/provider", lambda route: route.fulfill(json={"label": "市统一身份认证"}))
    page.goto("/console/sign-in?refused=oidc_no_account")
    expect(page.get_by_role("alert")).to_contain_text("没有对应的账号")
    link = page.get_by_role("link", name="用市统一身份认证登录")
    expect(link).to_have_attribute("href", "/api/session/provider/start")
    clean(page, shots / "provider.png")
    page.goto("about:blank")
    page.goto("/console/sign-in#a-ticket")
    expect(page.get_by_label("动态验证码")).to_be_focused()
    assert "#" not in page.url, "the ticket stands in no address that is copied"
    page.get_by_role("button", name="换一个账号").click()
    expect(page.get_by_label("账号")).to_be_focused()


def test_a_powerful_role_is_told_and_then_held(new_page: NewPage, server: Server, shots: Path) -> None:
    page = sign_in(new_page(viewport=DESK), server)
    session = page.request.get("/api/session").json()

    def due(at: str) -> None:
        page.unroute_all()
        page.route("**/api/session", lambda route: route.fulfill(json={**session, "totp_due": at}))

    due("2099-01-01T00:00:00Z")
    page.goto("/console/rounds")
    expect(page.get_by_text("您的角色要在 2099-01-01 08:00 之前启用动态验证码")).to_be_visible()
    clean(page, shots / "due.png")
    page.get_by_role("link", name="现在启用").click()
    expect(page).to_have_url(re.compile("/console/me$"))
    due("2020-01-01T00:00:00Z")
    page.goto("/console/rounds")
    expect(page).to_have_url(re.compile("/console/me$"))
    expect(page.get_by_role("alert")).to_contain_text("您的角色要先启用动态验证码")
    expect(page.get_by_role("region", name="访问令牌", exact=True)).to_have_count(0)
