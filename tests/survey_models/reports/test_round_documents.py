"""Documents of a round are read back: every unit's name, score, place and the articles are in them (评议文书)."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pypdf
import pytest
from docx.shared import Mm
from docx.styles.style import ParagraphStyle
from python_calamine import CalamineWorkbook

from survey_models.core.errors import Problem
from survey_models.reports.breaking import lines
from survey_models.reports.paper import Grid, Para
from survey_models.reports.round_documents import Documents
from survey_models.reports.round_feedback import feedback
from survey_models.reports.round_notice import notice, receivers, report
from survey_models.reports.round_ranking import places, ranking
from survey_models.reports.round_sheet import Asked, RoundSheet, small_units, two, values
from survey_models.reports.round_tables import scores
from survey_models.rounds.averages import mean_of, means
from survey_models.schemes.evaluating import evaluate
from survey_models.schemes.inputs import Inputs, Standing
from survey_models.schemes.loading import preset as loaded_preset
from survey_models.schemes.loading import read
from survey_models.schemes.outcome import Scorecard
from survey_models.spreadsheets.write import csv_bytes
from tests.simulated_rounds import Simulated, simulated

FEW, ALIKE, CANCELLED = "NY-002", "NY-003", "NY-030"


def sheet_of(made: Simulated, inputs: Inputs) -> RoundSheet:
    scheme = made.loaded.scheme
    return RoundSheet(
        title="2015年上半年市直单位“三亮三评”评议",
        period="2015年上半年",
        office="市“三亮三评”工作领导小组办公室",
        scheme=scheme,
        outcome=evaluate(scheme, made.loaded.digest, inputs),
        result="ab" * 32,
        published=date(2015, 7, 10),
        asked=(Asked("random-users", "随机社会服务对象评议", 9860, 10000),),
        small=small_units(inputs),
    )


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    """A whole round of Nanyang: few deputies judged one unit, all alike another one, and one is cancelled."""
    made = simulated("nanyang-2014-27").inputs
    answers = dict(made.answers)
    answers["deputies", FEW] = replace(answers["deputies", FEW], n=9, judging=9, counts={"满意": 5, "不满意": 4})
    answers["deputies", ALIKE] = replace(answers["deputies", ALIKE], n=29, judging=29, counts={"满意": 29})
    units = [
        replace(one, standing=Standing.CANCELLED, reason="拉票") if one.code == CANCELLED else one for one in made.units
    ]
    decided = {("C2", "category_mean"): (FEW,)}
    return replace(made, answers=answers, units=tuple(units), decided=decided)


@pytest.fixture(scope="module")
def documents(inputs: Inputs) -> Documents:
    return Documents(sheet_of(simulated("nanyang-2014-27"), inputs), inputs)


@pytest.fixture(scope="module")
def ranking_pdf(documents: Documents) -> bytes:
    return documents.file("ranking.pdf")


def test_every_unit_stands_in_the_word_file_with_place_and_score(documents: Documents) -> None:
    document = docx.Document(io.BytesIO(documents.file("ranking.docx")))
    rows = {row.cells[2].text: [cell.text for cell in row.cells] for table in document.tables for row in table.rows}
    for card in documents.sheet.outcome.cards:
        rank = "—" if card.rank is None else str(card.rank)
        assert rows[card.unit.code][:5] == [rank, places(card), card.unit.code, card.unit.name, two(card.printed)]
    assert {cell.text for cell in document.tables[0].rows[0].cells} >= {"名次", "单位", "总得分", "单位互评"}
    assert round((document.sections[0].page_width or Mm(0)).mm) == 297
    heads = [row._tr.trPr is not None and "tblHeader" in row._tr.trPr.xml for row in document.tables[0].rows]
    assert heads == [True] + [False] * (len(heads) - 1)


def test_every_unit_stands_in_the_pdf_with_place_and_score(documents: Documents, ranking_pdf: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(ranking_pdf))
    pages = [bare(page.extract_text()) for page in reader.pages]
    whole = "".join(pages)
    for card in documents.sheet.outcome.cards:
        rank = "—" if card.rank is None else str(card.rank)
        assert bare(f"{rank}{places(card)}{card.unit.code}{card.unit.name}{two(card.printed)}") in whole
    # The heads of the table stand on every page that it reaches.
    reached = [page for page in pages if re.search(r"NY-\d{3}\D{2,20}\d\d\.\d\d", page)]
    assert len(reached) > 4
    assert all("名次可能名次代码单位总得分" in page for page in reached)
    (width, height) = reader.pages[0].mediabox[2:]
    assert (round(float(width)), round(float(height))) == (842, 595)


def test_the_font_stands_in_the_file_with_the_letters_used_alone(ranking_pdf: bytes) -> None:
    fonts = pypdf.PdfReader(io.BytesIO(ranking_pdf)).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    for font in fonts:
        described = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in described
        assert re.match(r"/[A-Z]{6}\+", described["/FontName"])
    assert len(ranking_pdf) < 400_000


def test_articles_and_every_default_that_nobody_wrote_down_are_printed(
    documents: Documents, ranking_pdf: bytes
) -> None:
    scheme, sheet = documents.sheet.scheme, documents.sheet
    told = [text for _, text in sheet.silences]
    assert len(told) > 20
    cited = [words for part in scheme.total.parts for words in part.cite]
    cited += [part.at for part in scheme.total.parts]
    cited += [words for one in scheme.consequences for words in one.cite]
    files = {
        "pdf": bare("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(ranking_pdf)).pages)),
        "ranking": text_of(documents.file("ranking.docx")),
        "notice": text_of(documents.file("notice.docx")),
    }
    for name, text in files.items():
        for words in (*told, *cited, scheme.title.zh, sheet.outcome.digest):
            # The foot of a page may stand between two letters of the PDF.
            assert bare(words) in text or (name == "pdf" and bare(words)[:12] in text), (name, words)
    # Whatever the run itself says is among them.
    assert {zh for zh, _ in sheet.outcome.assumed} <= set(told)


def test_of_a_unit_with_a_small_cell_only_the_total_is_printed(documents: Documents) -> None:
    sheet = documents.sheet
    assert sheet.small == {FEW, ALIKE}
    for code in (FEW, ALIKE):
        card = card_of(sheet, code)
        (row,) = [row for row in grid_rows(ranking(sheet).blocks) if row[2] == code]
        assert row[4] == two(card.printed)
        assert set(row[5:-1]) == {"—"}
        letter = "".join(str(block) for block in feedback(sheet, card).blocks)
        assert not any(f"（{two(line.value)}分" in letter for line in values(card).values())
        assert "各项得分不单独反馈" in letter
    (table,) = sheets_of(documents.file("scores.xlsx")).values()
    for cells in table[1:]:
        assert ("*" in cells) == (cells[1] in {FEW, ALIKE, CANCELLED})
        assert (cells[6] == "*") == (cells[1] in {FEW, ALIKE})
    book = sheets_of(documents.file("inputs.xlsx"))
    of_few = [row for row in book["问卷份数"] if row[1] == FEW]
    assert of_few
    assert all(set(row[4:]) == {"*"} for row in of_few)
    assert {row[4] for row in book["问卷份数"] if row[1] == "NY-004"} != {"*"}


def test_feedback_names_what_is_above_and_below_the_mean(documents: Documents) -> None:
    sheet = documents.sheet
    card = card_of(sheet, "NY-004")
    alike = [one for one in sheet.outcome.cards if one.unit.category == card.unit.category]
    found = means(one for one in alike if sheet.shown(one))
    text = text_of(documents.file("feedback-NY-004.docx"))
    better, worse = text.split("二、需要改进的方面")[0], text.split("二、需要改进的方面")[1].split("三、各项得分")[0]
    for line in values(card).values():
        if line.children or line.value is None:
            continue
        if line.id in {one.id for one in card.adjustments}:
            continue
        apart = line.value - mean_of(line, found)
        said = bare(f"{line.title[0]}（{two(line.value)}分，{'高于' if apart > 0 else '低于'}同类平均")
        assert (said in better) == (apart > 0)
        assert (said in worse) == (apart < 0)
    assert not any(one.unit.name in text for one in alike if one.unit.code != "NY-004" and len(one.unit.name) > 4)


def test_feedback_of_a_superior_led_unit_goes_to_its_superior(documents: Documents) -> None:
    for card in documents.sheet.outcome.cards[:60]:
        first = text_of_paper(documents.sheet, card)
        addressed = bare(f"{card.unit.name}上级主管部门党组（党委）") in first
        assert addressed == ("superior_led" in card.unit.flags)


def test_the_notice_has_a_red_head_a_blank_number_and_who_issues_it(documents: Documents) -> None:
    document = docx.Document(io.BytesIO(documents.file("notice.docx")))
    head, number, title = document.paragraphs[:3]
    assert head.text == documents.sheet.office
    assert isinstance(head.style, ParagraphStyle)
    assert str(head.style.font.color.rgb) == "C80000"
    # Faces stand in the named styles alone, where a clerk changes them in one place.
    assert "w:rFonts" not in document.element.xml
    assert 'w:eastAsia="仿宋"' in document.styles["公文段落"].element.xml
    assert number.text == "〔　　　　〕　　号"
    assert title.text == "关于2015年上半年市直单位“三亮三评”评议结果的通报"
    text = text_of(documents.file("notice.docx"))
    assert "2015年7月10日" in text
    assert "拉票" in text
    found = receivers(documents.sheet)
    assert len(found) == 4, "who receives other papers gets no report"
    addressed = "".join(str(report(documents.sheet, no, one).blocks) for no, one in enumerate(found, start=1))
    for receiver in ("市“三亮三评”工作领导小组办公室", "市委组织部", "市纪委", "市政府办"):
        assert f"Address(text='{receiver}')" in addressed
    assert "每季度第一个月10日前" in str(report(documents.sheet, 2, "市委组织部").blocks)
    assert "report-4.docx" in documents.names()


@pytest.mark.parametrize(
    ("preset", "named"),
    [
        ("wenzhou-2013-36", ["市考绩办"]),
        ("luohe-hangfeng", ["市委", "市政府", "省政府纠风办"]),
        ("luohe-yangguang-2020-1", ["市“阳光漯河”建设工作领导小组"]),
        ("xuancheng-2019-48", []),
        ("nanyang-2014-27-windows", ["市“三亮三评”工作领导小组办公室", "各派驻主管单位"]),
    ],
)
def test_reports_go_to_whom_the_document_has_results_reported(
    documents: Documents, preset: str, named: list[str]
) -> None:
    sheet = replace(documents.sheet, scheme=read(loaded_preset(preset)).scheme)
    assert receivers(sheet) == named


def test_awards_and_grades_are_listed_with_their_words() -> None:
    made = simulated("luohe-hangfeng")
    text = "".join(str(block) for block in ranking(sheet_of(made, made.inputs)).blocks)
    for card in made.outcome.cards:
        if "advanced" in card.consequences:
            assert card.unit.name in text.split("政风行风建设先进单位")[1].split("通报批评")[0]


def test_tables_are_read_back(documents: Documents) -> None:
    (rows,) = sheets_of(documents.file("scores.xlsx")).values()
    found = {row[1]: row for row in rows[1:]}
    for card in documents.sheet.outcome.cards:
        row = found[card.unit.code]
        assert (row[2], row[3], row[4]) == (card.unit.name, str(card.rank or ""), places(card))
        assert row[5] == ("" if card.printed is None else f"{card.printed:f}".rstrip("0").rstrip("."))
    assert b"NY-118" in documents.file("scores.csv")


def test_a_name_that_looks_like_a_formula_stays_text(documents: Documents) -> None:
    card = documents.sheet.outcome.cards[0]
    odd = replace(card, unit=replace(card.unit, name="=HYPERLINK(1)"))
    table = scores(replace(documents.sheet, outcome=replace(documents.sheet.outcome, cards=(odd,))))
    assert b"'=HYPERLINK(1)" in csv_bytes(table.rows)


def test_without_a_chinese_font_there_is_a_remedy(documents: Documents, tmp_path: Path) -> None:
    empty = tmp_path / "empty.ttf"
    empty.write_bytes(b"")
    latin = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    for font in (tmp_path / "none.otf", empty, latin):
        with pytest.raises(Problem) as refused:
            next(replace(documents, font=font).files())
        assert refused.value.code == "font_missing"
        assert "PINGYI_FONT" in str(refused.value)


def test_the_same_result_gives_the_same_bytes(documents: Documents, ranking_pdf: bytes) -> None:
    again = replace(documents)
    assert again.file("ranking.pdf") == ranking_pdf
    assert again.file("feedback-NY-004.docx") == documents.file("feedback-NY-004.docx")
    with pytest.raises(Problem) as refused:
        documents.file("feedback-NY-999.pdf")
    assert refused.value.code == "document_unknown"


def test_lines_break_where_chinese_lines_may() -> None:
    def wide(text: str) -> float:
        return sum(0.5 if letter.isascii() else 1 for letter in text)

    text = "平均81.24分。第1名市委党校，91.53分；（最后一名）“市科协”，69.68分。"
    broken = list(lines(text, 6, wide))
    assert "".join(broken) == text
    assert all(wide(line) <= 6 for line in broken)
    assert not any(line[0] in "，。；）”" or line[-1] in "（“" for line in broken)
    assert any("91.53" in line for line in broken)
    assert list(lines("a" * 30, 6, wide)) == ["a" * 12, "a" * 12, "a" * 6]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def text_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return bare("".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))


def text_of_paper(sheet: RoundSheet, card: Scorecard) -> str:
    return bare("".join(str(block) for block in feedback(sheet, card).blocks))


def grid_rows(blocks: object) -> Iterator[tuple[str, ...]]:
    for block in blocks:  # type: ignore[attr-defined]
        if isinstance(block, Grid) and block.header[0] == "名次":
            yield from block.rows


def card_of(sheet: RoundSheet, code: str) -> Scorecard:
    (card,) = [one for one in sheet.outcome.cards if one.unit.code == code]
    return card


def sheets_of(content: bytes) -> dict[str, list[list[str]]]:
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        return {
            name: [[_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
            for name in book.sheet_names
        }


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def test_a_line_that_reaches_less_in_a_unit_is_compared_by_shares(documents: Documents) -> None:
    # With windows the survey reaches 10 points, without 30: the mean is told in the unit's own points.
    cards = [card for card in documents.sheet.outcome.cards if documents.sheet.shown(card)]
    (ten, thirty) = (next(card for card in cards if values(card)["C1s"].most == most) for most in (10, 30))
    for card in (ten, thirty):
        found = documents.sheet.means[card.unit.category]
        assert mean_of(values(card)["C1s"], found) <= values(card)["C1s"].most
        rows = next(block for block in feedback(documents.sheet, card).blocks if isinstance(block, Grid)).rows
        (told,) = [row for row in rows if row[0] == "服务对象问卷评议"]
        assert told[3] == two(mean_of(values(card)["C1s"], found))
    assert "评分人" not in "".join(str(block) for block in feedback(documents.sheet, ten).blocks)


def test_units_that_have_to_pass_are_told_so_and_keep_their_total() -> None:
    made = simulated("wenzhou-2013-36")
    sheet = sheet_of(made, made.inputs)
    cards = [card for card in sheet.outcome.cards if card.unit.category == "国有企业（A类）"]
    failed = [card.unit.name for card in cards if not card.passed]
    # Some passed, some did not: both sentences are there to be read.
    assert 0 < len(failed) < len(cards)
    told = [block.text for block in notice(sheet).blocks if isinstance(block, Para)]
    assert f"达标{len(cards) - len(failed)}个；未达标{len(failed)}个：{'、'.join(failed)}。" in "".join(told)
    for card in cards:
        first = next(block for block in feedback(sheet, card).blocks if isinstance(block, Para))
        end = "达标" if card.passed else "未达标"
        assert first.text.endswith(f"总得分{two(card.printed)}分，不参加排名；{end}。")
