"""A round walked through the console by two people, from the plan to the published ranking; people's answers made up.

Everything but the answers of people is done on pages.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

from api.db import make_engine, reading, unit_of_work
from api.demo import field_work
from api.demo.field_work import Hands
from benchmarks import simulated_round
from survey_models.core import clock
from survey_models.rounds import service as rounds
from survey_models.schemes import loading
from survey_models.schemes.fitting import leaves
from survey_models.schemes.sources import Decay, Marks
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.browser.server import Server

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSPHRASE = "eight cranes over the river"
PASSWORD = "a marker of many things"
HANDS = Hands("setup", "release", "Asia/Shanghai")
Look = Callable[[Page, str], None]
# Kinds of campaigns of a scheme; None: all that the round has.
Kinds = tuple[str, ...] | None


@dataclass(frozen=True)
class Wish:
    """Which round is walked. ``each``: made-up units of a category where the document brings no list.

    ``windows``: how many, and the month of their ratings. ``fed_by``: a round of windows, of the units that have any,
    which is walked once this one is planned: its scores feed a line of this one. ``year``: the year, walked after it.
    """

    preset: str
    period: str
    each: int = 3
    answers: Mapping[str, str] = field(default_factory=dict)
    windows: tuple[int, date] | None = None
    returned: float = 0.9
    like: str = ""
    fed_by: Wish | None = None
    year: str = ""

    @property
    def round_id(self) -> str:
        """As the plan names it."""
        return f"{self.preset}-{self.period.lower()}"


@dataclass
class Walk:
    """Two people at their desks, the pages of assessors, and what is looked at on the way.

    ``meter``: what has been used so far; ``spent``: of it each round's own, by its name, without those walked inside.
    """

    server: Server
    office: Page
    second: Page
    sign_in: Callable[[str], Page]
    look: Look = lambda _page, _name: None
    meter: Callable[[], float] = lambda: 0.0
    spent: dict[str, float] = field(default_factory=dict)

    def whole(self, wish: Wish) -> dict[str, bytes]:
        """From the plan to the published ranking; the documents by name."""
        begun, before = self.meter(), sum(self.spent.values())
        self.plan(wish)
        if wish.fed_by:
            rated(self.server, wish.fed_by, with_windows(self.server, wish.round_id))
            self.whole(wish.fed_by)
            self.office.goto(f"/console/rounds/{wish.round_id}")
            expect(self.office.locator(".way")).to_be_visible()
        # How many cards there will be is asked once the page stands; whether there are campaigns is on it at once.
        if self.office.locator("main table tbody a").count():
            self.issue()
            self.open(wish)
            self.answer(wish)
            self.count(wish)
        self.marks(wish)
        self.score(wish)
        self.settle(wish)
        papers = self.publish(wish)
        self.spent[wish.round_id] = self.meter() - begun - (sum(self.spent.values()) - before)
        if wish.year:
            papers |= {f"{wish.year}/{name}": body for name, body in self.whole(Wish(wish.preset, wish.year)).items()}
        return papers

    def plan(self, wish: Wish) -> None:
        """Choose scheme and period, answer what has no default, make the round."""
        page = self.office
        page.goto("/console/rounds/new")
        page.get_by_label("评分办法").select_option(wish.preset)
        page.get_by_label("周期", exact=True).fill(wish.period)
        page.get_by_label("照搬哪个周期的填法").select_option(wish.like)
        page.get_by_role("button", name="看要填什么").click()
        page.get_by_label("没有填的用编造的数据（演示）").check()
        units = page.get_by_label("被评议单位名单")
        if units.count() and not units.input_value():
            units.fill("\n".join(own_units(wish)))
        for label, text in wish.answers.items():
            page.get_by_label(label).fill(text)
        self.look(page, "plan")
        page.get_by_role("button", name="建立", exact=True).click()
        page.wait_for_url(re.compile(rf"/rounds/{wish.round_id}$"))
        expect(page.locator(".way")).to_be_visible()
        expect(page.get_by_role("heading", name="这个周期")).to_be_visible()
        self.look(page, "round")

    def issue(self) -> None:
        """Issue the cards of every campaign and keep the hand-over file."""
        page = self.office
        page.get_by_role("button", name="生成评议卡").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("口令").fill(PASSPHRASE)
        dialog.get_by_label("再输一次").fill(PASSPHRASE)
        self.look(page, "issue")
        dialog.get_by_role("button", name="生成", exact=True).click()
        with page.expect_download() as saved:
            page.get_by_role("link", name="保存交接文件").click()
        with zipfile.ZipFile(saved.value.path()) as folder:
            assert all(name.endswith(".cards") for name in folder.namelist())
        self.look(page, "issued")

    def open(self, wish: Wish, kinds: Kinds = None) -> None:
        """Ask to open all that is ready, or those of some kinds; the second person confirms each."""
        page = self.office
        page.get_by_role("button", name=re.compile("^开放 .* 项评议")).click()
        dialog = page.get_by_role("dialog")
        for box in dialog.get_by_role("checkbox").all():
            box.set_checked(is_of(str(box.get_attribute("value")), wish, kinds))
        self.look(page, "open")
        dialog.get_by_role("button", name="开放").click()
        expect(dialog).to_have_count(0)
        self.confirm(wish, "开放评议")
        page.goto(f"/console/rounds/{wish.round_id}")
        expect(page.get_by_role("button", name=re.compile("^开放 .* 项评议"))).to_have_count(0 if kinds is None else 1)

    def answer(self, wish: Wish, kinds: Kinds = None) -> None:
        """Sheets of made-up people, stored as the door's writer stores them."""
        engine = make_engine(self.server.database_url)
        for name in self.campaigns(wish, kinds):
            with unit_of_work(engine) as session:
                field_work.answered(session, name, returned=wish.returned, hands=HANDS, at=clock.now())
        engine.dispose()

    def campaigns(self, wish: Wish, kinds: Kinds = None) -> list[str]:
        """The campaigns of the round, as its page lists them."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}")
        rows = page.locator("table tbody th a")
        expect(rows.first).to_be_visible()
        names = [str(row.get_attribute("href")).split("/")[3] for row in rows.all()]
        return [name for name in names if is_of(name, wish, kinds)]

    def count(self, wish: Wish, kinds: Kinds = None) -> None:
        """Close each campaign, ask to count it; the second person confirms."""
        page = self.office
        for name in self.campaigns(wish, kinds):
            page.goto(f"/console/campaigns/{name}")
            for act in ("结束评议", "计票"):
                page.get_by_role("button", name=act, exact=True).click()
                self.look(page, "field")
                page.get_by_role("dialog").locator("button.primary").click()
                expect(page.get_by_role("dialog")).to_have_count(0)
        self.confirm(wish, "计票")
        page.goto(f"/console/rounds/{wish.round_id}")
        if kinds is None:
            expect(page.locator(".way li").filter(has_text="问卷评议")).to_contain_text("全部计票")

    def confirm(self, wish: Wish, act: str) -> None:
        """The second person confirms every waiting act of a kind that is about the round."""
        page = self.second
        page.goto("/console/acts")
        expect(page.get_by_role("heading", name="待确认").first).to_be_visible()
        about = page.locator(f'a[href*="{wish.round_id}"]')
        cards = page.locator(".cards li").filter(has=page.locator("h2", has_text=act)).filter(has=about)
        expect(cards.first).to_be_visible()
        self.look(page, "acts")
        while left := cards.count():
            cards.first.get_by_role("button", name="确认办理").click()
            page.get_by_role("dialog").get_by_role("button", name="确认办理").click()
            expect(page.get_by_role("dialog")).to_have_count(0)
            expect(cards).to_have_count(left - 1)

    def marks(self, wish: Wish) -> None:
        """Each office sends its filled workbook; the second person approves."""
        scheme = loading.read(loading.preset(wish.preset)).scheme
        sources = {part.id: part.source for part in leaves(scheme)}
        parts = {one["part"]: one for one in self._ask(f"/api/marks/standing?round={wish.round_id}")}
        for office in dict.fromkeys(one["office"] for one in parts.values()):
            page = self._assessor(office)
            for part in (name for name, one in parts.items() if one["office"] == office):
                page.goto(f"/console/marks?round={wish.round_id}&part={part}")
                with page.expect_download() as saved:
                    page.get_by_role("link", name="下载模板（xlsx）").click()
                sheet: FilePayload = {
                    "name": f"{part}.xlsx",
                    "mimeType": XLSX,
                    "buffer": filled(saved.value.path().read_bytes(), sources[part]),
                }
                page.get_by_label("上传填好的模板").set_input_files(sheet)
                # In a row: the heading of the list of parts has the same word.
                expect(page.locator(".entry-table").get_by_text("待核准").first).to_be_visible()
                self.look(page, "marks")
                self.by_form(page, part)
                self._approve(wish, part)
            page.context.close()
        if parts:
            self.office.goto(f"/console/rounds/{wish.round_id}")
            expect(self.office.locator(".way li").filter(has_text="部门评分")).to_contain_text("到齐")

    def by_form(self, page: Page, part: str) -> None:
        """What the office still corrects on the page before its marks are approved: nothing."""

    def _approve(self, wish: Wish, part: str) -> None:
        page = self.second
        page.goto(f"/console/marks?round={wish.round_id}&part={part}")
        page.get_by_role("button", name=re.compile("^核准 .* 个评分")).click()
        page.get_by_role("dialog").get_by_role("button", name="核准", exact=True).click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_text("已计入").first).to_be_visible()

    def _assessor(self, office: str) -> Page:
        name = f"a{sum(map(ord, office))}"
        if name not in self.server.credentials:
            body = {"name": name, "password": PASSWORD, "roles": ["assessor"], "office": office}
            self._post("/api/accounts", body)
            self.server.credentials[name] = PASSWORD
        return self.sign_in(name)

    def score(self, wish: Wish) -> None:
        """Compute the scores."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}")
        page.get_by_role("button", name=re.compile("^(计算得分|重新计算)$")).click()
        page.get_by_role("dialog").locator("button.primary").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator(".way li").filter(has_text="计算得分")).to_contain_text("次结果")
        self.look(page, "scored")

    def settle(self, wish: Wish) -> None:
        """Ties in the office's order, each confirmed; scored again; then the uncertain borders are confirmed."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}/ranking")
        expect(page.locator("main table").first).to_be_visible()
        self.look(page, "ranking")
        if page.get_by_role("button", name="由办公室定次序").count():
            self._ties(wish)
        self.second.goto(f"/console/rounds/{wish.round_id}/ranking")
        expect(self.second.locator("main table").first).to_be_visible()
        confirm = self.second.get_by_role("button", name="确认知悉")
        if confirm.count():
            confirm.click()
            self.second.get_by_role("dialog").get_by_role("button", name="确认知悉").click()
            expect(self.second.get_by_text("已由 release 确认。")).to_be_visible()

    def _ties(self, wish: Wish) -> None:
        page = self.office
        for at in range(page.get_by_role("button", name="由办公室定次序").count()):
            page.get_by_role("button", name="由办公室定次序").nth(at).click()
            dialog = page.get_by_role("dialog")
            dialog.get_by_label("理由").fill("同分，按办公室集体研究的次序")
            self.look(page, "tie")
            dialog.get_by_role("button", name="提出").click()
            expect(dialog).to_have_count(0)
        self.confirm(wish, "定夺同分次序")
        self.score(wish)
        page.goto(f"/console/rounds/{wish.round_id}/ranking")
        expect(page.locator("main table").first).to_be_visible()

    def publish(self, wish: Wish) -> dict[str, bytes]:
        """Ask to publish, confirmed by the second person; then the documents, the public page and the bundle."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}/ranking")
        page.get_by_role("button", name="提出公布").click()
        page.get_by_role("dialog").get_by_role("button", name="提出").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        self.confirm(wish, "公布周期结果")
        page.reload()
        expect(page.get_by_text(re.compile("第 .* 次结果已于"))).to_be_visible()
        page.get_by_role("button", name="生成文件").click()
        expect(page.locator(".papers a").first).to_be_visible()
        expect(page.get_by_text("正在生成，完成后在这里下载。")).to_have_count(0)
        self.look(page, "published")
        links = [str(one.get_attribute("href")) for one in page.locator(".papers").first.locator("a").all()]
        links += [f"/api/rounds/{wish.round_id}/bundle?kind=public", f"/results/{wish.round_id}"]
        return {link.split("/")[-1]: self._body(link) for link in links}

    def _body(self, link: str) -> bytes:
        answer = self.office.request.get(link)
        assert answer.ok, (link, answer.text())
        return answer.body()

    def _ask(self, path: str) -> Any:
        answer = self.office.request.get(path)
        assert answer.ok, answer.text()
        return answer.json()

    def _post(self, path: str, body: dict[str, Any]) -> None:
        csrf = self._ask("/api/session")["csrf"]
        answer = self.office.request.post(path, data=body, headers={"X-CSRF-Token": csrf})
        assert answer.ok, answer.text()


def is_of(campaign: str, wish: Wish, kinds: Kinds) -> bool:
    """Whether a campaign of the round is of one of the kinds."""
    return kinds is None or campaign.removeprefix(f"{wish.round_id}-") in kinds


def own_units(wish: Wish) -> Iterator[str]:
    """Lines of made-up units: as many of a category as the document says, ``each`` where it says no number."""
    stated = loading.read(loading.preset(wish.preset)).scheme.units.stated
    names = [category for category, number in stated.items() for _ in range(number or wish.each)]
    return (f"X-{no:03}，编造单位{no}，{category}" for no, category in enumerate(names, start=1))


def filled(template: bytes, source: object) -> bytes:
    """The template with a mark, or a place, for every row: all different, none out of its limits."""
    sheet = read(template, "template.xlsx")
    column, most = sheet.header.index("评分"), float(source.scale) if isinstance(source, Marks) else 100.0
    rows: list[list[str]] = []
    for place, (_, cells) in enumerate(sheet.rows, start=1):
        places = isinstance(source, Decay) and source.enter == "places"
        value = str(place) if places else f"{most * (0.7 + 0.29 * place / len(sheet.rows)):.2f}"
        rows.append([*cells[:column], value, *cells[column + 1 :]])
    return xlsx_bytes([Table("评分", list(sheet.header), rows)])


def rated(server: Server, wish: Wish, owners: Sequence[str] = ()) -> None:
    """Windows with a month of ratings each, of ``owners`` in turn; nothing where the round is not of windows."""
    if wish.windows:
        engine = make_engine(server.database_url)
        with unit_of_work(engine) as session:
            simulated_round.rated(session, *wish.windows, owners)
        engine.dispose()


def with_windows(server: Server, round_id: str) -> list[str]:
    """The units of a round that have windows in the hall."""
    engine = make_engine(server.database_url)
    with reading(engine) as session:
        units = [one.unit_code for one, _ in rounds.units_of(session, round_id) if "has_window" in (one.flags or ())]
    engine.dispose()
    return units
