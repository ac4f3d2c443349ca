"""漯河民主评议政风行风 walked whole: what this document asks for besides a plain round.

The opinion wave comes first, its nominations name the key units, their rectification is tested; representatives
stand on a roster with its rules; a unit that canvassed loses its result; counts go to the province in a signed file.
Then a second round like the first, after which a unit is 差 twice running.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

from survey_models.core import clock
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Outcome
from survey_models.publications import counts_checks
from survey_models.spreadsheets.read import read
from survey_models.spreadsheets.write import Table, xlsx_bytes
from tests.browser.round_walk import XLSX, Walk, Wish

WAVE, FOLLOWING = ("opinions",), ("questionnaire", "representatives", "rectification")
MARKED = ("hotline", "departments", "stations", "theme")
# A unit that does badly in every round, one that canvassed, and three that are reckoned by hand.
POOR, CANVASSED, BY_HAND = "LH-005", "LH-007", ("LH-001", "LH-005", "LH-060")
KEY_UNITS = 5
VALUES = {"1": 100, "2": 60, "3": 0}


@dataclass
class LuoheWalk(Walk):
    """Two rounds of 漯河, with everything that its articles ask for; ``people``: representatives on the roster."""

    people: int = 300

    def whole(self, wish: Wish) -> dict[str, bytes]:
        """From the plan to the published ranking; a round like another one is the second of two."""
        begun = self.meter()
        papers = self.second_round(wish) if wish.like else self.first(wish)
        self.spent[wish.round_id] = self.meter() - begun
        return papers

    def first(self, wish: Wish) -> dict[str, bytes]:
        """The first round, with all that can happen in it; the province's counts among its documents."""
        self.plan(replace(wish, answers={"重点评议单位": "无", **wish.answers}))
        self.roster(wish, since=1, before=0)
        self.issue()
        self.open(wish, WAVE)
        self.answer(wish, WAVE)
        self.count(wish, WAVE)
        self.key_units(wish)
        self.issue()
        self.open(wish)
        self.answer(wish, FOLLOWING)
        self.count(wish, FOLLOWING)
        self.rectified(wish)
        self.marks(wish)
        self.score(wish)
        self.by_hand(wish)
        self.cancel(wish)
        self.score(wish)
        self.settle(wish)
        self.cancelled(wish)
        self.twice(wish, running=False)
        return {**self.publish(wish), "counts.json": self.province(wish)}

    def second_round(self, wish: Wish) -> dict[str, bytes]:
        """The round after, set up like the first; who is 差 again is twice running."""
        self.plan(wish)
        self.roster(wish, since=1_001, before=self.people)
        self.issue()
        self.open(wish)
        self.answer(wish)
        self.count(wish)
        self.marks(wish)
        self.score(wish)
        self.settle(wish)
        self.twice(wish, running=True)
        return self.publish(wish)

    def roster(self, wish: Wish, *, since: int, before: int) -> None:
        """A roster that breaks the rules is refused with every line; then the right one; then one person leaves.

        ``since``: the first new person's number; ``before``: how many stood on the roster of the round before.
        """
        page, opens = self.office, clock.now().date() + timedelta(days=40)
        page.goto(f"/console/rounds/{wish.round_id}/rosters")
        with page.expect_download() as saved:
            page.get_by_role("link", name="下载模板（xlsx）").click()
        header = list(read(saved.value.path().read_bytes(), "t.xlsx").header)
        page.get_by_label("测评点开放日").fill(opens.isoformat())
        third = -(-self.people // 3)
        new = list(range(since, since + third))
        stay = list(range(third + 1, self.people + 1))
        day = (opens - timedelta(days=9)).isoformat()

        def send(fresh: set[int], button: str, *, untrained: int = 0) -> None:
            rows = [[*person(no, new=no in fresh), "" if no == untrained else day, day, "", ""] for no in [*new, *stay]]
            body = xlsx_bytes([Table("名册", header, rows)])
            sheet: FilePayload = {"name": "r.xlsx", "mimeType": XLSX, "buffer": body}
            page.locator("[aria-labelledby=roster-file] input[type=file]").set_input_files(sheet)
            page.get_by_role("button", name=button).click()

        faults = page.locator("table.faults tbody tr")
        send(set(new[1:]), "只检查", untrained=new[5])
        expect(faults.filter(has_text=f"至少要新聘 {third} 人")).to_have_count(1)
        expect(faults.filter(has_text="培训")).to_have_count(1)
        self.look(page, "roster-refused")
        if before:
            send({*new, stay[0]}, "只检查")
            expect(faults.filter(has_text="不是新聘")).to_have_count(1)
        send(set(new), "送交")
        row = page.get_by_role("table", name="本轮的名册").locator("tbody tr").first
        expect(row.locator("td.number").nth(1)).to_have_text(str(third))
        page.get_by_role("button", name="查看全部在册人员").click()
        page.get_by_role("button", name=f"代表{new[0]} 退出名册").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("原因").fill("收受礼品")
        dialog.get_by_role("button", name="调整退出").click()
        expect(row.locator("td.number").nth(2)).to_have_text("1")
        self.look(page, "roster")
        page.goto(f"/console/rounds/{wish.round_id}")

    def key_units(self, wish: Wish) -> None:
        """The units that people named most often stand first; they become the key ones."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}")
        page.get_by_role("button", name="指定重点单位").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text(re.compile("推荐 .* 次")).first).to_be_visible()
        for box in dialog.get_by_role("checkbox").all()[:KEY_UNITS]:
            box.check()
        self.look(page, "key-units")
        dialog.get_by_role("button", name=f"指定 {KEY_UNITS} 个单位").click()
        expect(page.locator("table tbody").get_by_text("整改落实情况满意率测评")).to_be_visible()

    def rectified(self, wish: Wish) -> None:
        """The test of the rectification has scores of its own, of the key units alone."""
        page = self.office
        page.goto(f"/console/campaigns/{wish.round_id}-rectification/results")
        page.get_by_role("button", name="计算结果").click()
        expect(page.locator("table.results tbody tr")).to_have_count(KEY_UNITS)
        self.look(page, "rectified")

    def by_form(self, page: Page, part: str) -> None:
        """One unit's mark is corrected on the page: its reason is asked for."""
        row = page.locator(".entry-table tbody tr").filter(has=page.locator(f"th[id$='-{POOR}']"))
        row.get_by_role("textbox").fill("0")
        page.get_by_label("更正的理由").fill("复核后更正")
        page.get_by_role("button", name=re.compile("^报送 1 个")).click()
        expect(row.locator("td.number")).to_contain_text(re.compile("^0第 2 版：原为 .*复核后更正"))
        self.look(page, f"marks-{part}")

    def by_hand(self, wish: Wish) -> None:
        """Three units' lines reckoned from what the pages show: tallies by stratum, people, marks."""
        design = self._ask(f"/api/campaigns/{wish.round_id}-questionnaire")["strata"]
        people = {f"{one['area']}·{one['kind']}": one["population"] for one in design}
        cut = self._ask(f"/api/campaigns/{wish.round_id}-questionnaire/tallies?by=unit,stratum")["cells"]
        deputies = self._ask(f"/api/campaigns/{wish.round_id}-representatives/tallies?by=unit")["cells"]
        for unit in BY_HAND:
            card = self._ask(f"/api/rounds/{wish.round_id}/scorecards/{unit}")
            lines = {one["id"]: one for one in card["root"]["children"]}
            wanted = {
                "questionnaire": 40 * domain(cut, unit, people) / 100,
                "representatives": 15 * domain(deputies, unit, None) / 100,
            }
            for part in MARKED:
                wanted[part] = Fraction(10 * self.mark(wish, part, unit)) / 100
            late = Fraction(5 - 2, 5) * 100
            wanted["organisation"] = 5 * (self.mark(wish, "leadership", unit) + late) / 2 / 100
            found = {name: Fraction(lines[name]["exact"]) for name in wanted}
            assert found == wanted, (unit, found, wanted)
            total = sum(wanted.values())
            assert card["printed"] == f"{int(total * 100 + Fraction(1, 2)) / 100:.2f}", (unit, card["printed"], total)

    def mark(self, wish: Wish, part: str, unit: str) -> Fraction:
        """The mark of a unit that counts."""
        rows = self.second.request.get(f"/api/marks?round={wish.round_id}&part={part}").json()["marks"]
        return Fraction(max((one for one in rows if one["unit"] == unit), key=lambda one: one["version"])["value"])

    def cancel(self, wish: Wish) -> None:
        """One asks to cancel the result of a unit that canvassed, another confirms."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}/units/{CANVASSED}")
        page.get_by_role("button", name="改变状态").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("成绩取消").check()
        dialog.get_by_label("理由").fill("拉票，经查属实")
        dialog.get_by_role("button", name="提出").click()
        expect(dialog).to_have_count(0)
        self.look(page, "cancel")
        self.confirm(wish, "改变单位成绩的状态")

    def cancelled(self, wish: Wish) -> None:
        """No score, no place; the places of its category run on without it."""
        rows = self._ask(f"/api/rounds/{wish.round_id}/scorecards")["rows"]
        (gone,) = [one for one in rows if one["unit"] == CANVASSED]
        beside = [one["rank"] for one in rows if one["category"] == gone["category"] and one["unit"] != CANVASSED]
        assert (gone["rank"], gone["printed"], gone["standing"]) == (None, None, "cancelled"), gone
        assert min(beside) == 1, beside
        assert max(beside) <= len(beside), beside
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}/ranking")
        row = page.locator("table.ranking tbody tr").filter(has=page.locator(f'a[href$="/{CANVASSED}"]'))
        expect(row).to_contain_text("成绩取消")

    def twice(self, wish: Wish, *, running: bool) -> None:
        """差 is criticised; twice running, a change of the team is proposed."""
        page = self.office
        page.goto(f"/console/rounds/{wish.round_id}/units/{POOR}")
        marks = page.locator(".consequences")
        expect(marks).to_contain_text("通报批评、诫勉谈话")
        expect(marks.get_by_text("建议调整领导班子")).to_have_count(int(running))
        self.look(page, "twice" if running else "once")

    def province(self, wish: Wish) -> bytes:
        """The signed counts for the province, checked as the province does: without this house."""
        page = self.office
        # No line of the scheme reads the wave: its own result is computed on its page.
        page.goto(f"/console/campaigns/{wish.round_id}-opinions/results")
        compute = page.get_by_role("button", name="计算结果")
        compute.click()
        expect(compute).to_have_count(0)
        page.goto(f"/console/rounds/{wish.round_id}/ranking")
        with page.expect_download() as saved:
            page.get_by_role("link", name="报省份数（已签名）").click()
        raw = saved.value.path().read_bytes()
        found = counts_checks.verify(raw, Trust(vkey=json.loads(raw)["vkey"]))
        assert {one.outcome for one in found} == {Outcome.OK}, found
        return raw


def person(number: int, *, new: bool) -> list[str]:
    """The first cells of a representative's row: name, identity, phone, hirer, whether new."""
    return [f"代表{number}", f"41110219800101{number:04}", "", "市政府纠风办", "是" if new else "否"]


def domain(cells: list[dict[str, Any]], unit: str, people: dict[str, int] | None) -> Fraction:
    """The score of a unit over those who judge it, each sheet weighted by the people that it stands for."""
    above = below = Fraction(0)
    for cell in (one for one in cells if one["unit"] == unit):
        weight = Fraction(people[cell["stratum"]], cell["n"]) if people else Fraction(1)
        judged = {code: cell["counts"].get(code, 0) for code in VALUES}
        above += weight * sum(VALUES[code] * number for code, number in judged.items())
        below += weight * sum(judged.values())
    return above / below
