"""阳光漯河 walked whole: what 漯阳光建〔2020〕1号 asks for besides a plain round.

The office brings units, boards and places; sites are drawn in two stages before cards are issued; a summary is
limited in characters; a 督办通知 goes out and is answered; an innovation earns points, a public criticism costs some.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from playwright.sync_api import expect

from api.db import make_engine, reading
from survey_models.ballots.tables import Ballot
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from tests.browser.round_walk import PASSWORD, Walk, Wish

COUNTIES = ("源汇区", "郾城区", "召陵区", "舞阳县", "临颍县")
ZONES = ("经济技术开发区", "城乡一体化示范区", "西城区")
PUBLIC = {"party": ("known", "satisfied"), "government": ("satisfied", "gain"), "justice": ("known", "satisfied")}
PUBLIC["village"] = PUBLIC["party"]
# Per area: what is drawn of each kind, in a county and in a zone.
DRAWN = {"party": (4, 2), "government": (4, 2), "village": (6, 3)}
SEEDS = {"party": "20200622", "government": "60415238", "village": "71830462"}
REWARDED, BLAMED, NOTICED = "YG-001", "YG-002", "YG-011"
VALUES = {"known": {"1": 100, "2": 0}, "other": {"1": 100, "2": 60, "3": 0}}


@dataclass
class SunshineWalk(Walk):
    """One round of 阳光漯河; ``city``: how many departments of the city are rated beside the eight areas."""

    city: int = 40

    def whole(self, wish: Wish) -> dict[str, bytes]:
        """From the plan to the published ranking; the documents by name, the notice among them."""
        begun = self.meter()
        self.written_plan(wish)
        self.places(wish)
        self.issue()
        self.open(wish)
        self.summary(wish)
        notice = self.notice(wish)
        self.answer(wish)
        self.count(wish)
        self.marks(wish)
        self.merit(wish, REWARDED, "阳光政务", "4")
        self.merit(wish, BLAMED, "市级通报批评", "")
        self.score(wish)
        self.by_hand(wish)
        self.settle(wish)
        papers = {**self.publish(wish), "notice": notice}
        self.spent[wish.round_id] = self.meter() - begun
        return papers

    @property
    def areas(self) -> list[tuple[str, str, str]]:
        """Counties and zones: code, name, category."""
        named = [(name, "县区") for name in COUNTIES] + [(name, "功能区") for name in ZONES]
        return [(f"YG-{no:03}", name, category) for no, (name, category) in enumerate(named, start=1)]

    @property
    def departments(self) -> list[tuple[str, str, str]]:
        """Made-up departments of the city."""
        return [(f"YG-{no:03}", f"编造部门{no}", "市直部门（单位）") for no in range(11, 11 + self.city)]

    def boards(self) -> dict[str, list[str]]:
        """Which units have which board: areas all of them; departments two or three."""
        areas, city = [code for code, *_ in self.areas], [code for code, *_ in self.departments]
        return {
            "party": [*areas, *city],
            "government": [*areas, *city[2:]],
            "justice": [*areas, *city[:2]],
            "village": areas,
            "livelihood": [*areas, *city[2::2]],
        }

    def written_plan(self, wish: Wish) -> None:
        """Every question answered by hand, as the office does whose document brings no list."""
        page = self.office
        page.goto("/console/rounds/new")
        page.get_by_label("评分办法").select_option(wish.preset)
        page.get_by_label("周期", exact=True).fill(wish.period)
        page.get_by_role("button", name="看要填什么").click()
        units = [*self.areas, *self.departments]
        answers = {"units": "\n".join("，".join(unit) for unit in units)}
        answers |= {f"flags.board_{board}": "\n".join(codes) for board, codes in self.boards().items()}
        people = "\n".join(
            f"{code}，{name}，town，城镇，{40_000 * no}" for no, (code, name, _) in enumerate(self.areas, 1)
        )
        for board in PUBLIC:
            answers |= {f"campaigns.{board}-public.strata": people, f"campaigns.{board}-public.tickets": "800"}
            answers |= {f"settings.{board}_office": "80", f"settings.{board}_public": "20"}
        answers |= {f"draws.{name}": "\n".join(self.sites(name)) for name in ("party", "government")}
        for key, text in answers.items():
            page.locator(f'[id$="-{key}"]').fill(text)
        page.get_by_label("性质").select_option("rehearsal")
        self.look(page, "plan")
        page.get_by_role("button", name="建立", exact=True).click()
        page.wait_for_url(re.compile(rf"/rounds/{wish.round_id}$"))
        expect(page.locator(".way")).to_be_visible()
        # People are met at drawn places alone: there are no cards before.
        expect(page.get_by_text("这次抽样还没有进行。")).to_be_visible()
        self.look(page, "round")

    def sites(self, draw: str) -> Iterator[str]:
        """Lines of places to draw from: five of each kind, or five towns with six villages; by words, not by codes."""
        kinds = {
            "party": ("县区党委组成部门", "县（区）直部门"),
            "government": ("具有行政审批职能的县（区）直部门", "乡镇（办）便民服务中心"),
        }
        for code, name, _ in self.areas:
            if draw == "village":
                towns = [(town, place) for town in range(1, 6) for place in range(1, 7)]
                yield from (f"{name}，村（居），{code}-{t}-{v}，{name}{t}镇{v}村，{name}{t}镇" for t, v in towns)
            else:
                for at, kind in enumerate(kinds[draw]):
                    yield from (f"{name}，{kind}，{code}-{at}{no}，{name}{kind}{no}" for no in range(1, 6))

    def places(self, wish: Wish) -> None:
        """The places of the third draw are given; each draw gets its seed from one person, its yes from another."""
        page = self.office
        page.get_by_role("link", name="去检查计划，抽取地点").click()
        page.get_by_label("地点，每行一个").fill("\n".join(self.sites("village")))
        self.look(page, "places")
        page.get_by_role("button", name="定下 240 个地点").click()
        expect(page.get_by_text("地点已定，等待公开种子。").first).to_be_visible()
        for draw, seed in SEEDS.items():
            page.goto(f"/console/rounds/{wish.round_id}/inspections?plan={wish.round_id}-{draw}")
            page.get_by_label("公开种子").fill(seed)
            page.get_by_role("button", name="提出抽取").click()
            expect(page.get_by_text("已提出：")).to_be_visible()
            self.second.goto("/console/acts")
            asked = self.second.get_by_role("listitem").filter(has_text=seed)
            asked.get_by_role("button", name="确认").click()
            self.second.get_by_role("dialog").get_by_role("button", name="确认").click()
            expect(asked).to_have_count(0)
            page.reload()
            expect(page.get_by_role("table", name="名单")).to_be_visible()
            self.look(page, f"drawn-{draw}")
            self.drawn(wish, draw)
        page.goto(f"/console/rounds/{wish.round_id}")

    def drawn(self, wish: Wish, draw: str) -> None:
        """As many as the document says, in counties and in zones; the chance of a village is that of both stages."""
        lines = self._ask(f"/api/inspections/{wish.round_id}-{draw}")["lines"]
        county, zone = DRAWN[draw]
        counts = Counter(one["unit"] for one in lines)
        wanted = {name: county if category == "县区" else zone for _, name, category in self.areas}
        assert counts == wanted, (draw, counts)
        if draw == "village":
            chances = {one["probability"] for one in lines if one["unit"] in COUNTIES}
            assert chances == {str(Fraction(2, 5) * Fraction(3, 6))}, chances

    def summary(self, wish: Wish) -> None:
        """A county's summary of more than 3,000 characters is refused, a shorter one gets its receipt."""
        page = self.office
        page.goto(f"/console/duties?round={wish.round_id}")
        page.get_by_label("查找").fill(COUNTIES[0])
        row = page.get_by_role("row").filter(has_text="工作总结").filter(has_text=COUNTIES[0])
        row.get_by_role("button").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("3000")
        box = dialog.get_by_label("正文")
        box.evaluate("box => box.removeAttribute('maxlength')")
        box.fill("总" * 3_001)
        for part in dialog.locator("input[type=file]").all():
            part.set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"})
        dialog.locator("button.primary").click()
        expect(dialog.locator(".problem, [role=alert]").first).to_be_visible()
        self.look(page, "summary-refused")
        box.fill("总" * 2_990)
        dialog.locator("button.primary").click()
        expect(dialog).to_have_count(0)
        expect(row.locator("code")).to_be_visible()

    def notice(self, wish: Wish) -> bytes:
        """A 督办通知 with its limit goes out on paper; the unit reports, the office checks and files."""
        page, limit = self.office, clock.now().date() + timedelta(days=20)
        self._recorded("督办", NOTICED, "政务公开栏三个月没有更新", limit.isoformat())
        with page.expect_download() as saved:
            page.get_by_role("link", name="通知书（DOCX）").click()
        paper = saved.value.path().read_bytes()
        case = page.url.rsplit("/", 1)[1]
        self.look(page, "notice")
        unit = self.unit_desk(NOTICED)
        unit.goto(f"/console/cases/{case}")
        unit.get_by_role("button", name="报送整改情况").click()
        unit.get_by_role("dialog").get_by_label("说明").fill("已更新，并定了专人")
        unit.get_by_role("dialog").locator("button.primary").click()
        expect(unit.get_by_text("已报整改").first).to_be_visible()
        unit.context.close()
        page.reload()
        page.get_by_role("button", name="核查备案").click()
        page.get_by_role("dialog").get_by_label("说明").fill("现场核查属实")
        page.get_by_role("dialog").locator("button.primary").click()
        expect(page.get_by_text("已核查备案").first).to_be_visible()
        return paper

    def unit_desk(self, code: str) -> Any:
        """The desk of a rated unit."""
        name = f"u{code[-3:]}"
        self._post("/api/accounts", {"name": name, "password": PASSWORD, "roles": ["unit"], "unit_code": code})
        self.server.credentials[name] = PASSWORD
        return self.sign_in(name)

    def _recorded(self, kind: str, unit: str, text: str, limit: str = "") -> None:
        page = self.office
        page.goto("/console/cases")
        page.get_by_role("button", name="登记问题或奖惩").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("类别").select_option(label=kind)
        dialog.get_by_label("单位").select_option(unit)
        if limit:
            dialog.get_by_label("限期").fill(limit)
        dialog.get_by_label("内容").fill(text)
        dialog.locator("button.primary").click()
        page.wait_for_url(re.compile("/cases/[0-9a-f-]+$"))

    def merit(self, wish: Wish, unit: str, rule: str, points: str) -> None:
        """An innovation or a criticism is recorded and confirmed by its rule."""
        page = self.office
        self._recorded("奖惩事项", unit, f"{rule}：文件第 12 号")
        page.get_by_role("button", name="认定", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("周期").select_option(wish.round_id)
        choice = dialog.get_by_label("按哪一条扣分或加分").locator("option").filter(has_text=rule).first
        dialog.get_by_label("按哪一条扣分或加分").select_option(label=choice.inner_text())
        if points:
            dialog.get_by_label("分值").fill(points)
        self.look(page, "merit")
        dialog.locator("button.primary").click()
        expect(page.get_by_text("已认定").first).to_be_visible()
        self.look(page, "confirmed")

    def by_hand(self, wish: Wish) -> None:
        """Three units: lead offices' marks, the public's figures from the stored sheets, mean of boards, bonus, cap."""
        city = self.departments[0][0]
        for unit, beside in ((REWARDED, 0), (BLAMED, -3), (city, 0)):
            card = self._ask(f"/api/rounds/{wish.round_id}/scorecards/{unit}")
            boards = []
            for board in (name for name, codes in self.boards().items() if unit in codes):
                lead = self.mark(wish, "livelihood" if board == "livelihood" else f"{board}_lead", unit)
                points = lead
                if board in PUBLIC:
                    figures = [self.public(wish, board, unit, line) for line in PUBLIC[board]]
                    points = lead * 80 / 100 + sum(figures, Fraction(0)) / len(figures) * 20 / 100
                boards.append(min(points + (4 if (unit, board) == (REWARDED, "government") else 0), Fraction(100)))
            total = min(sum(boards, Fraction(0)) / len(boards) + beside, Fraction(100))
            assert card["printed"] == f"{int(total * 100 + Fraction(1, 2)) / 100:.2f}", (unit, card["printed"], total)

    def mark(self, wish: Wish, part: str, unit: str) -> Fraction:
        """The mark of a unit that counts."""
        rows = self.second.request.get(f"/api/marks?round={wish.round_id}&part={part}").json()["marks"]
        return Fraction(max((one for one in rows if one["unit"] == unit), key=lambda one: one["version"])["value"])

    def public(self, wish: Wish, board: str, unit: str, line: str) -> Fraction:
        """知晓率, 满意度 or 获得感 of a unit from stored sheets: each weighs its stratum's people over its sheets."""
        aspects = {"gain": ("gain",), "known": ("known",)}.get(line, ("openness", "service", "convenience"))
        if line == "satisfied" and board != "government":
            aspects = ("satisfied",)
        values = VALUES["known" if line == "known" else "other"]
        engine = make_engine(self.server.database_url)
        with reading(engine) as session:
            campaign = campaigns.get(session, f"{wish.round_id}-{board}-public")
            form = campaigns.form_of(session, campaign)
            # Areas with few cards are counted together with another one.
            into = campaigns.joined_strata_of(session, campaign.id)
            people = Counter[int]()
            for one in campaigns.strata_of(session, campaign.id):
                people[into.get(one.no, one.no)] += one.population
            places = [at for at, item in enumerate(form.items) if item.unit == unit and item.aspect in aspects]
            sheets = [
                (into.get(row.stratum_no, row.stratum_no), [row.answers[at] for at in places])
                for row in session.query(Ballot).filter_by(campaign_id=campaign.id)
            ]
        engine.dispose()
        number = Counter(stratum for stratum, _ in sheets)
        scores: list[Fraction] = []
        for at in range(len(places)):
            weighed = [(Fraction(people[stratum], number[stratum]), said[at]) for stratum, said in sheets]
            judged = [(weight, values[code]) for weight, code in weighed if code in values]
            above = sum((weight * value for weight, value in judged), Fraction(0))
            scores.append(above / sum((weight for weight, _ in judged), Fraction(0)))
        return sum(scores, Fraction(0)) / len(scores)
