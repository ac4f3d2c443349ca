"""Notices about findings (整改通知书, 督办通知): read back out of both files, they name unit, article and deadlines."""

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import docx
import pypdf
import pytest

from survey_models.core.errors import Problem
from survey_models.findings.machines import Kind
from survey_models.findings.tables import Finding
from survey_models.publications import notices
from survey_models.reports.typesetting import ENDINGS, typeset
from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes import shelf
from tests.survey_models.findings.city import INSPECTOR, OFFICE, OTHER, UNIT, ZONE, City, city, day, price


@pytest.fixture
def xc(sqlite_url: str) -> Iterator[City]:
    with city(sqlite_url) as made:
        yield made


def files_of(xc: City, finding: Finding, who: Any = OFFICE) -> list[str]:
    """What stands in the Word file and in the PDF of the newest notice, without blanks."""
    paper = notices.paper_of(xc.session, finding.id, who=who, zone=ZONE)
    made = {ending: typeset(paper, ending) for ending in ENDINGS}
    assert typeset(paper, "docx") == made["docx"], "the same notice gives the same bytes"
    reader = pypdf.PdfReader(io.BytesIO(made["pdf"]))
    fonts = reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    assert all("/FontFile2" in one.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for one in fonts)
    document = docx.Document(io.BytesIO(made["docx"]))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    word = "".join([*(one.text for one in document.paragraphs), *cells])
    return [bare(word), bare("".join(page.extract_text() for page in reader.pages))]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def refused(xc: City, finding: Finding, who: Any = OFFICE) -> str:
    with pytest.raises(Problem) as problem:
        notices.paper_of(xc.session, finding.id, who=who, zone=ZONE)
    return problem.value.code


def test_a_notice_to_rectify_names_unit_article_and_both_deadlines(xc: City) -> None:
    finding = xc.noticed()
    policy = bare(shelf.policy_text("xuancheng-2019-48"))
    for text in files_of(xc, finding, who=UNIT):
        for words in (
            "整改通知书",
            "单位1：",
            "门厅未设提示牌",
            "《宣城市直单位效能考评明查暗访暂行办法》（宣直〔2019〕48号）",
            "明查暗访办法附件第6项“未在门厅等显眼位置设置效能提示牌”",
            "扣1分",
            # 27 September to 20 October: 29 September and 12 October are worked, 1 to 7 October are not.
            "请于2019年10月20日前（含当日）完成整改，举一反三",
            "共12个工作日；2019年10月20日为非工作日，此前最后一个工作日为2019年10月18日",
            "可以在2个工作日内，即2019年9月30日前（含当日）向市直效能办提出，并附证据",
            "异议成立的，收回本通知书",
            "明查暗访办法第九条",
            "2019年9月27日",
            "送达回执",
        ):
            assert words in text, words
        for quotation in re.findall(r"“([^”]{8,})”", text):
            assert quotation in policy, quotation


def test_a_second_notice_has_its_own_deadline_and_opens_no_objection(xc: City) -> None:
    finding = xc.noticed()
    xc.take(finding, "refuse", INSPECTOR, "2019-09-29")
    xc.take(finding, "rectify", UNIT, "2019-10-18")
    xc.take(finding, "again", OFFICE, "2019-10-21", limit=date(2019, 11, 1), note="提示牌仍未设在门厅")
    for text in files_of(xc, finding):
        assert "经核查不到位" in text
        assert "提示牌仍未设在门厅" in text
        assert "请于2019年11月1日前（含当日）完成整改" in text
        assert "共9个工作日。" in text
        assert "不另设提出异议的期限" in text
        assert "拒绝签字，不影响结果确认" in text
        assert "2019年10月20日" not in text


def test_who_gets_a_notice_and_when_there_is_none(xc: City) -> None:
    finding = xc.open()
    xc.take(finding, "confirm", OFFICE, "2019-09-27", price=price("item_06"))
    assert refused(xc, finding) == "finding_without_notice"
    xc.take(finding, "notify", OFFICE, "2019-09-27", limit=date(2019, 10, 20))
    assert refused(xc, finding, OTHER) == "not_own_unit"
    xc.take(finding, "object", UNIT, "2019-09-30", files=[xc.file(finding, UNIT, "2019-09-30")])
    assert notices.paper_of(xc.session, finding.id, who=UNIT, zone=ZONE).blocks
    xc.take(finding, "uphold", OFFICE, "2019-10-08")
    assert refused(xc, finding) == "finding_without_notice", "it was taken back"
    far = xc.noticed(limit="2030-01-05")
    assert refused(xc, far) == "calendar_ends", "past its end no working day is guessed"


def test_a_supervision_notice_of_sunshine_luohe(xc: City) -> None:
    plain = xc.open(Kind.SUPERVISION, limit=date(2019, 9, 30), text="台账不全")
    scheme = schemes.store(xc.session, shelf.preset("luohe-yangguang-2020-1"), by="test", at=day("2020-06-01"))
    made = Round(id="yg", title="2020", scheme_id=scheme.id, scheme_version=scheme.version)
    made.made_at = day("2020-06-01")
    xc.session.add(made)
    xc.session.flush()
    xc.session.add(RoundUnit(round_id="yg", unit_code="U-2", category="市直部门（单位）", position=1))
    xc.session.flush()
    notice = xc.open(Kind.SUPERVISION, at="2020-06-22", unit="U-2", limit=date(2020, 7, 1), text="工作台账没有更新")
    for text in files_of(xc, notice):
        for words in (
            "督办通知",
            "单位2：",
            "工作台账没有更新",
            "漯阳光建〔2020〕1号",
            "四(一)、四(二)“对存在突出问题的市直部门(单位)下达《督办通知》,督促整改”",
            "请于2020年7月1日前（含当日）完成整改",
            # 25 and 26 June are off, Sunday 28 June is worked.
            "共6个工作日",
            "向市“阳光办”书面提出，并附相关证据",
            "文件没有规定对《督办通知》提出异议的办法",
        ):
            assert words in text, words
    for text in files_of(xc, plain):
        assert "单位1：" in text
        assert "发出本通知的依据：文件未规定" in text, "no round of this unit has a scheme with such a notice"
