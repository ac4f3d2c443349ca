"""A small survey and files of its collected paper questionnaires, for the tests of uploads."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns.service import CampaignPlan, StratumPlan
from survey_models.campaigns.tables import Purpose
from survey_models.questionnaires import service as questionnaires
from survey_models.questionnaires.rules import read_form, unit_questionnaire
from survey_models.rounds import service as rounds
from survey_models.spreadsheets.read import Sheet
from survey_models.spreadsheets.write import csv_bytes
from survey_models.tickets import service as tickets
from survey_models.tickets.service import CellOrder
from survey_models.uploads.kinds.ballots import Cell, Layout, TestPoint
from tests.sealed import seal_in_office

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PEPPER = b"pepper of the tests, 32 bytes ok"
CAMPAIGN = "luohe"
NAMES = ["发展改革委(含物价)", "教育", *(f"单位{number}" for number in range(3, 25))]
UNITS = [
    {"code": f"LH-{no:03}", "name": name, "category": "政府部门" if no < 13 else "公共服务行业"}
    for no, name in enumerate(NAMES, start=1)
]
DOC = unit_questionnaire(title={"zh": "漯河市测评", "en": "Luohe survey"}, units=UNITS)
AREAS = [("411102", "源汇区"), ("411103", "郾城区")]
KINDS = [("urban", "城镇"), ("rural", "农村")]
POINTS = [("411102", "文化宫"), ("411102", "火车站"), ("411103", "龙城广场"), ("411103", "孟庙")]

FORM = read_form(CAMPAIGN, 1, DOC)
CELLS = [
    Cell(no, *area, *kind)
    for no, (area, kind) in enumerate([(area, kind) for area in AREAS for kind in KINDS], start=1)
]
LAYOUT = Layout(FORM, CELLS, [TestPoint(no, area, name) for no, (area, name) in enumerate(POINTS, start=1)])
LABELS = ("满意", "基本满意", "不满意", "不了解")

Row = list[str]


def rows(number: int, *, seed: int = 1, first: int = 1) -> list[Row]:
    """Rows as a contractor fills them in: every kind of spelling, blanks and invalid cells among them."""
    chance = random.Random(seed)
    words = [*LABELS, *LABELS, "1", "2", "3", "0", "Satisfied", "don't know", "", "无效", "满意 ", "1"]
    found = []
    for line in range(first, first + number):
        area, kind = chance.choice(AREAS), chance.choice(KINDS)
        point = chance.choice([name for code, name in POINTS if code == area[0]])
        answers = ["满意", *chance.choices(words, k=len(UNITS) - 1)]
        people = [chance.choice(["", "18–29 岁", "2", "60 and over"]), chance.choice(["男", "女", "Male", ""])]
        found.append([f"{line:04}", chance.choice(area), chance.choice(kind), point, *answers, *people])
    return found


def many_sheets(number: int) -> tuple[Sheet, Layout]:
    """A sheet of that many right rows with 80 units, as read from a file, and the layout it follows."""
    units = [{"code": f"LH-{no:03}", "name": f"单位{no}", "category": "c"} for no in range(80)]
    form = read_form("q", 1, unit_questionnaire(title={"zh": "题", "en": "t"}, units=units))
    layout = Layout(form, CELLS, LAYOUT.points)
    body = [[*row[:4], *(row[4:28] * 4)[:80], "", ""] for row in rows(number)]
    return Sheet(list(layout.printed), [(no, row) for no, row in enumerate(body, start=2)], None), layout


def file_of(cells: Iterable[Sequence[str]], *, header: Sequence[str] = LAYOUT.printed) -> bytes:
    """A CSV with the template's headings."""
    return csv_bytes([header, *cells])


def make_campaign(session: Session, campaign_id: str = CAMPAIGN, *, opened: bool = True, count: int = 0) -> list[str]:
    """The survey in the database, open; gives the plain codes, one for each of ``count`` tickets per cell and point."""
    questionnaires.store(session, campaign_id, version=1, doc=DOC, at=START)
    rounds.create(session, campaign_id, title="漯河市测评", units=[], at=START)
    plan = CampaignPlan(
        id=campaign_id,
        round_id=campaign_id,
        title="漯河市测评",
        title_en="Luohe survey",
        purpose=Purpose.REHEARSAL,
        questionnaire=(campaign_id, 1),
        strata=[StratumPlan(area, kind, 1000, 100) for area in AREAS for kind in KINDS],
        points=POINTS,
        min_cell=5,
    )
    campaigns.create(session, plan, by="test", at=START)
    orders = [
        CellOrder(cell.no, point.no, max(count, 50), 0)
        for cell in CELLS
        for point in LAYOUT.points
        if point.area_code == cell.area_code
    ]
    issued = tickets.issue(session, campaign_id, orders, pepper=PEPPER, by="test", at=START)
    seal_in_office(session, campaign_id, at=START)
    if opened:
        campaigns.prepare(session, campaign_id, by="test", at=START)
        campaigns.open_campaign(session, campaign_id, by="test", at=START)
    return [item.code for item in issued]
