"""From an empty database to an opened campaign, as a new user would: by role and name, every click and field counted.

``make audit-wizard`` walks it with 118 units, 60 strata and 10,000 cards, prints them and keeps a picture of each step
in var/audit/wizard; ``make test`` walks a small one.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Download, Locator, Page, Request, ViewportSize, expect, sync_playwright

from api.handover import open_sealed
from api.key_files import read_key_file
from benchmarks.verdicts import below, heading, inform, none_of
from survey_models.schemes import shelf
from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.browser.audit_console import SIZES, Colour, faults_of
from tests.browser.conftest import FLAGS
from tests.browser.empty_house import House, running_house
from tests.browser.server import ROOT
from tests.browser.watch import Watch

DESK = SIZES["desk"]
VIEWS: tuple[tuple[str, ViewportSize, Colour], ...] = (("desk", DESK, "light"), ("phone", SIZES["phone"], "dark"))
Cell = str | int
PICTURES = ROOT / "var" / "audit" / "wizard"
SECRET = "a passphrase of the printers"
KEPT = "a passphrase of the counting office"
OWN = "a password that nobody else knows"
MOST_ACTS, MOST_SECONDS = 60, 60
# A page that hangs is a fault; one on a busy machine is not: milliseconds.
PATIENCE = 600_000
NEXT = "保存并继续"


@dataclass(frozen=True)
class Size:
    """How large the campaign is; ``printed``: its cards are set as pages, too."""

    units: int
    areas: int
    kinds: int
    sheets: int
    printed: bool = True


FULL = Size(units=118, areas=15, kinds=4, sheets=10_000)
SMALL = Size(units=6, areas=2, kinds=2, sheets=220, printed=False)


@dataclass
class Hand:
    """One person at one page: what they click and fill in is counted, and how long the server let them wait."""

    page: Page
    pictures: Path | None = None
    acts: int = 0
    faults: list[str] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        begun: dict[Request, float] = {}

        def ended(request: Request) -> None:
            if request in begun:
                self.spans.append((begun.pop(request), time.monotonic()))

        self.page.on("request", lambda request: begun.update({request: time.monotonic()}))
        self.page.on("requestfinished", ended)
        self.page.on("requestfailed", ended)

    @property
    def main(self) -> Locator:
        """The page's own part, without the menu and what is read aloud."""
        return self.page.get_by_role("main")

    @property
    def waited(self) -> float:
        """Seconds in which at least one answer of the server was outstanding."""
        whole, last = 0.0, 0.0
        for begin, end in sorted(self.spans):
            whole += max(0.0, end - max(begin, last))
            last = max(last, end)
        return whole

    def click(self, role: str, name: str) -> None:
        """Click what has this role and name in the page's own part."""
        self.acts += 1
        self.main.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]

    def fill(self, label: str, text: str) -> None:
        """Fill a field in."""
        self.acts += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, *options: str) -> None:
        """Choose in a list."""
        self.acts += len(options)
        self.page.get_by_label(label, exact=True).select_option(label=list(options))

    def file(self, label: str, path: Path) -> None:
        """Give a file."""
        self.acts += 1
        self.page.get_by_label(label).set_input_files(path)

    def saved(self, name: str) -> Download:
        """Click a button that saves a file."""
        with self.page.expect_download() as download:
            self.click("button", name)
        return download.value

    def sign_in(self, name: str, password: str) -> None:
        """Through the form."""
        self.page.goto("/console/")
        self.fill("账号", name)
        self.fill("密码", password)
        self.click("button", "登录")

    def see(self, heading: str) -> None:
        """Wait for a step; with ``pictures`` it is looked at with axe, too, on a desk and in the hand."""
        expect(self.page.get_by_role("heading", name=heading, exact=True).first).to_be_visible(timeout=PATIENCE)
        if self.pictures:
            self.page.wait_for_timeout(300)
            for name, size, colours in VIEWS:
                self.page.set_viewport_size(size)
                self.page.emulate_media(color_scheme=colours)
                self.page.screenshot(path=self.pictures / f"{self.acts:02}-{heading}-{name}.png")
                self.faults += [f"{heading}, {name}: {fault}" for fault in faults_of(self.page)]
            self.page.set_viewport_size(DESK)
            self.page.emulate_media(color_scheme="light")


@dataclass(frozen=True)
class Walked:
    """What a walk took and what came of it."""

    acts: int
    waited: float
    cards: int
    reserve: int
    pdf: int
    state: str
    faults: list[str]


def unit_list(folder: Path, size: Size) -> Path:
    """A list of units as an office has it."""
    listed = shelf.unit_list("nanyang_units.csv")[: size.units]
    rows: list[list[Cell]] = [[no, row["name"], row["category"]] for no, row in enumerate(listed, start=1)]
    path = folder / "单位名单.xlsx"
    path.write_bytes(xlsx_bytes([Table("单位", ["序号", "单位名称", "类别"], rows)]))
    return path


def populations(folder: Path, size: Size) -> Path:
    """People of each kind in each area."""
    rows: list[list[Cell]] = [
        [f"第{area}区", f"人群{kind}", 40_000 + 3_000 * area + 700 * kind]
        for area in range(1, size.areas + 1)
        for kind in range(1, size.kinds + 1)
    ]
    path = folder / "人数.xlsx"
    path.write_bytes(xlsx_bytes([Table("人数", ["区域", "人群", "人数"], rows)]))
    return path


def state_the_campaign(hand: Hand, folder: Path, size: Size) -> None:
    """The first seven steps: from the title to the campaign in draft."""
    hand.see("评议活动")
    hand.click("link", "新建测评")
    hand.see("名称和日期")
    hand.fill("评议名称", "2026 年下半年民主评议")
    hand.click("button", NEXT)
    hand.see("评议单位")
    hand.file("或上传文件（xlsx、xls、csv）", unit_list(folder, size))
    hand.see(f"共 {size.units} 个单位")
    hand.click("button", NEXT)
    hand.see("区域和人群")
    hand.file("或上传文件（xlsx、xls、csv）", populations(folder, size))
    expect(hand.page.get_by_text(f"共 {size.areas * size.kinds} 层、{size.areas} 个区域")).to_be_visible()
    hand.fill("人数出自", "2025 年统计公报")
    hand.see("区域和人群")
    hand.click("button", NEXT)
    hand.see("问卷")
    expect(hand.page.get_by_role("region", name="手机上的样子")).to_be_visible()
    hand.see("问卷")
    hand.click("button", NEXT)
    hand.see("样本量")
    hand.fill("问卷份数", str(size.sheets))
    expect(hand.page.get_by_role("row").filter(has_text="第1区 人群1")).to_be_visible()
    hand.see("样本量")
    hand.click("button", NEXT)
    hand.see("联系人和告知")
    hand.fill("联系单位和电话", "市评议办 0395-1234567")
    hand.click("button", NEXT)
    hand.see("建立评议")
    hand.click("button", "建立评议")


def bring_people(hand: Hand) -> str:
    """Two contractors, one for an area alone, and the second person; gives the second person's first password."""
    hand.see("承办单位和确认人")
    for name, areas in (("调查一公司", ()), ("调查二公司", ("第1区",))):
        hand.fill("承办单位账号", name)
        if areas:
            hand.choose("负责的区域", *areas)
        hand.click("button", "分配")
        expect(hand.page.get_by_role("term").filter(has_text=name)).to_be_visible()
    hand.fill("第二人账号", "王主任")
    hand.click("button", "建立账号")
    told = hand.page.locator("dl div").filter(has=hand.page.get_by_role("term").filter(has_text="王主任"))
    password = told.get_by_role("definition").inner_text()
    hand.see("承办单位和确认人")
    hand.click("button", "下一步")
    return password


def issue_cards(hand: Hand, folder: Path, size: Size) -> tuple[int, int, int]:
    """Key, lock, codes, the sealed file and its print; gives cards, reserve among them, and bytes of the PDF."""
    hand.see("评议卡")
    hand.fill("私钥文件的口令（至少 12 个字符，由计票处保管）", KEPT)
    hand.fill("再输一次私钥口令", KEPT)
    with hand.page.expect_download(timeout=PATIENCE) as key:
        hand.click("button", "在本机生成并保存私钥")
    saved = folder / "office.key"
    key.value.save_as(saved)
    assert len(read_key_file(saved, passphrase=lambda: KEPT)) == 32, "the office's programs open what the browser wrote"
    hand.fill("口令（至少 12 个字符，另行交给印制单位）", SECRET)
    hand.fill("再输一次", SECRET)
    hand.see("评议卡")
    spare = -(-size.sheets * 5 // 100)
    issue = hand.main.get_by_role("button", name=f"生成 {size.sheets + spare:,} 张评议卡", exact=True)
    expect(issue).to_be_disabled()
    hand.file("从保存的地方选回私钥文件，选对才能生成评议卡", saved)
    expect(issue).to_be_enabled()
    hand.click("button", f"生成 {size.sheets + spare:,} 张评议卡")
    expect(hand.main.get_by_text("张评议卡已生成")).to_be_visible(timeout=PATIENCE)
    sealed = folder / "sealed.cards"
    hand.saved(f"保存密封文件 {hand.page.url.split('/')[-1].split('?')[0]}.cards").save_as(sealed)
    lines = open_sealed(sealed, passphrase=SECRET)
    printed = print_cards(hand) if size.printed else 0
    hand.see("评议卡")
    hand.click("button", "下一步")
    return len(lines), sum(line.reserve for line in lines), printed


def print_cards(hand: Hand) -> int:
    """The cards as pages; gives the bytes of the PDF."""
    with hand.page.expect_download(timeout=PATIENCE) as pdf:
        hand.click("button", "印成卡片（PDF）")
    printed = pdf.value.path().read_bytes()
    assert printed.startswith(b"%PDF")
    return len(printed)


def walk(browser: Browser, house: House, folder: Path, size: Size, *, pictures: Path | None = None) -> Walked:
    """The whole way, by two people at two desks."""
    hands, watches = [], []
    for _ in range(2):
        context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=house.base_url, accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        watches.append(Watch(context, own_origin=house.base_url))
        hands.append(Hand(context.new_page(), pictures))
    first, second = hands
    first.sign_in("setup", house.password)
    state_the_campaign(first, folder, size)
    password = bring_people(first)
    cards, reserve, pdf = issue_cards(first, folder, size)
    first.see("核对和开放")
    first.click("button", "提出开放")
    expect(first.main.get_by_text("已提出开放")).to_be_visible()
    first.see("核对和开放")
    second.acts = first.acts
    second.sign_in("王主任", password)
    second.see("我的账号")
    for label, typed in (("现在的密码", password), ("新密码", OWN), ("再输一次新密码", OWN)):
        second.fill(label, typed)
    second.click("button", "改密码")
    expect(second.main.get_by_text("密码已改")).to_be_visible()
    house.a_day_passes("王主任")
    second.acts += 1
    second.page.get_by_role("navigation", name="主导航").get_by_role("link", name="待确认").click()
    second.see("待确认")
    second.click("button", "确认办理")
    second.acts += 1
    second.page.get_by_role("dialog").get_by_role("button").last.click()
    expect(second.page.get_by_role("dialog")).to_have_count(0)
    first.page.reload()
    first.see("核对和开放")
    campaign = first.page.url.split("/")[-1].split("?")[0]
    state = first.page.request.get(f"/api/campaigns/{campaign}").json()["state"]
    for watch in watches:
        watch.close()
    assert [fault for watch in watches for fault in watch.faults] == []
    waited = first.waited + second.waited
    return Walked(second.acts, waited, cards, reserve, pdf, state, first.faults + second.faults)


def told(size: Size, walked: Walked) -> str:
    """Values, limits and ratios, as they are printed."""
    lines = [
        heading(f"{size.units} units, {size.areas * size.kinds} strata, {walked.cards:,} cards: {walked.state}"),
        below("clicks and fields", walked.acts, MOST_ACTS, form="d"),
        below("waiting for the server (s)", walked.waited, MOST_SECONDS, form=".1f"),
        inform("PDF of the cards", f"{walked.pdf / 2**20:.1f} MiB"),
    ]
    return "\n".join([*map(str, lines), ""])


def main(_arguments: Sequence[str]) -> int:
    """Walk at full size; 1 when a limit is passed."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    executable = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "data").mkdir()
        with running_house(folder / "data") as house:
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
            walked = walk(browser, house, folder, FULL, pictures=PICTURES)
            browser.close()
    sys.stdout.write(told(FULL, walked))
    sys.stdout.write("\n".join([*walked.faults, f"{none_of('faults of its steps', len(walked.faults))}", ""]))
    sys.stdout.write(f"pictures in {PICTURES}\n")
    kept = walked.acts <= MOST_ACTS and walked.waited <= MOST_SECONDS and walked.state == "open" and not walked.faults
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
