"""Prints read back: every code once, typed and scanned alike; counts that add up; nothing where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, QRData, lost_point

from survey_models.core.errors import Problem
from survey_models.printing import covers, making, parts, pieces, posters, qr
from survey_models.printing.formats import FORMATS, Kind, format_of
from survey_models.printing.making import How, Printed
from survey_models.printing.orders import Card, PrintOrder, check
from survey_models.reports import fonts
from tests.survey_models.printing.reading import Read, made_up, read

SEALED, ORDER = "5e" * 32, "0d" * 32


@pytest.fixture(autouse=True, scope="module")
def one_font() -> Iterator[None]:
    """One cut of the font for all prints here: half a second each otherwise."""
    order, cards = made_up(1, purpose="rehearsal")
    places = "".join(f"{card.area}{card.kind}{card.point}" for card in cards)
    letters = frozenset(covers.STATIC + places + pieces.Words(order.title, order.form, "演练示").letters())
    real, whole = fonts.cut, fonts.cut(letters)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            fonts, "cut", lambda wanted, named=None: whole if letters.issuperset(wanted) else real(wanted, named)
        )
        yield


def printed(
    order: PrintOrder, cards: list[Card], paper: str = "cards", *, area: str | None = None, processes: int = 1
) -> tuple[Printed, bytes]:
    out = BytesIO()
    made = making.write(out, order, cards, How(format_of(paper), SEALED, ORDER, area, processes=processes))
    return made, out.getvalue()


def codes_of(pages: list[Read]) -> list[tuple[str, str]]:
    """What is typed on each page beside what is scanned, in no order."""
    return [(one, other) for page in pages for one, other in zip(sorted(page.typed), sorted(page.scanned), strict=True)]


def refusal(order: PrintOrder, cards: list[Card]) -> str:
    with pytest.raises(Problem) as caught:
        check(order, cards)
    return caught.value.code


@pytest.mark.parametrize("paper", ["a3", "cards", "dl", "labels-3x8"])
def test_every_code_is_read_back_typed_and_scanned_beside_its_serial_number(paper: str) -> None:
    order, cards = made_up(12 if FORMATS[paper].each > 1 else 2)
    made, content = printed(order, cards, paper)
    pages = read(content)
    assert (made.cards, made.reserve, made.groups, made.pages) == (len(cards), 4, 8, len(pages))
    found = codes_of(pages)
    assert sorted(typed for typed, _ in found) == sorted(card.code for card in cards)
    assert all(said == f"https://pingyi.example.cn/b/poll-2026#{typed.replace('-', '')}" for typed, said in found)
    wide, high = FORMATS[paper].page
    for page in pages:
        for card in cards:
            if card.code in page.typed:
                assert re.search(rf"No\. {card.serial}\b", page.text)
                assert card.area in page.text
                assert page.size == pytest.approx((wide * 72 / 25.4, high * 72 / 25.4), abs=0.01)
    if FORMATS[paper].kind is Kind.ENVELOPE:
        # Behind each outside, which tells nothing, comes the sheet that goes into it.
        for outside, inside in pairwise(pages):
            if "密封件" in outside.text:
                (serial,) = re.findall(r"No\. (\d+)", outside.text)
                assert (outside.typed, outside.scanned) == ([], [])
                assert re.findall(r"No\. (\d+)", inside.text) == [serial]


def test_the_cover_adds_up_to_the_batches_and_the_list_is_to_be_signed() -> None:
    order, cards = made_up(23, 2)
    _, content = printed(order, cards)
    cover, listed = read(content)[:2]
    for page in (cover, listed):
        assert page.text.count("签名：") == 3
        assert (page.typed, page.scanned) == ([], [])
        assert "2026年问卷测评（poll-2026）" in page.text
    assert "4 批，正式 92 张，备用 8 张，共 100 张" in cover.text
    assert all(f"{no:064x}" in cover.text for no in range(1, 5))
    assert SEALED in cover.text
    assert ORDER in cover.text
    rows = re.findall(r"^\d+ (\S+ · .+) (\d+) (\d+–\d+) (\d+)$", cover.text, re.MULTILINE)
    assert [(int(row[1]), int(row[3])) for row in rows] == [(23, 3), (2, 1)] * 4
    assert rows[1][:3] == ("源汇区 · 城镇居民 · 源汇区测评点 · 备用（封存）", "2", "24–25")
    assert re.search(r"^ ?合计 100 16$", cover.text, re.MULTILINE)
    assert "领取人签名" in listed.text


def test_one_area_alone_says_so() -> None:
    order, cards = made_up(3)
    made, content = printed(order, cards, area="郾城区")
    assert (made.cards, made.groups) == (8, 4)
    pages = read(content)
    assert "只含 郾城区 8 张；各批次共 16 张" in pages[0].text
    assert "源汇区" not in "".join(page.text for page in pages)
    with pytest.raises(Problem, match="print_area_unknown"):
        printed(order, cards, area="nowhere")


@pytest.mark.parametrize(("purpose", "mark"), [("real", None), ("rehearsal", "演练")])
def test_a_rehearsal_is_marked_on_every_page(purpose: str, mark: str | None) -> None:
    order, cards = made_up(2, purpose=purpose)
    for paper in ("cards", "dl"):
        for page in read(printed(order, cards, paper)[1]):
            assert ("演练" in page.text or "演示" in page.text) == (mark is not None)
            assert mark is None or mark in page.text


def test_parts_of_other_processes_are_joined_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 20)
    monkeypatch.setattr(parts, "_ALONE", 10)
    # Packs of 45 and 2: one goes over three parts, one shares a part with the next.
    order, cards = made_up(45, 2)
    chosen, order = cards[:47], replace(order, batches=order.batches[:1])
    alone, together = printed(order, chosen, processes=1)[1], printed(order, chosen, processes=2)[1]
    assert alone == together
    assert len(codes_of(read(together))) == 47


def test_what_does_not_match_the_batches_is_refused() -> None:
    order, cards = made_up(3)
    assert [batch.no for batch in check(order, cards)] == [1, 2, 3, 4]
    assert [batch.no for batch in check(order, cards[4:8])] == [2]
    void = replace(order, batches=(replace(order.batches[0], void=True), *order.batches[1:]))
    swapped = [replace(cards[0], reserve=True), *cards[1:]]
    for other, wrong in (
        (order, cards[1:]),
        (order, [*cards, cards[0]]),
        (order, [replace(cards[0], serial=99), *cards[1:]]),
        (order, swapped),
        (order, []),
        (void, cards),
    ):
        assert refusal(other, wrong) == "print_counts_differ"


def test_an_order_survives_its_file_and_anything_else_is_refused() -> None:
    order, _ = made_up(3)
    assert PrintOrder.from_json(order.to_json()) == order
    for wrong in (b"", b"[]", b"{}", b"\xff", order.to_json().replace(b'"first": 1', b'"first": "1"'), b'{"form": 1}'):
        with pytest.raises(Problem, match="print_order_unreadable"):
            PrintOrder.from_json(wrong)


def test_labels_of_ones_own_have_to_fit() -> None:
    made = format_of("labels-3x7:63.5x38.1+7.2+15.1/2.5x0")
    assert (made.each, made.left, made.top, made.gap_x) == (21, 7.2, 15.1, 2.5)
    first, last = (list(made.boxes())[place] for place in (0, -1))
    assert (first.x, first.y) == (7.2, 15.1)
    assert last.x + last.w <= 210
    for wrong, code in (
        ("labels-4x8:63.5x33.9", "print_format_unfit"),
        ("labels-3x8:40x33.9", "print_format_unfit"),
        ("labels-0x8:63.5x33.9", "print_format_unfit"),
        ("labels-3x8:63.5x33.9+90+0", "print_format_unfit"),
        ("postcard", "print_format_unknown"),
    ):
        with pytest.raises(Problem, match=code):
            format_of(wrong)


@settings(max_examples=8, deadline=None)
@given(st.binary(min_size=1, max_size=120))
def test_a_code_is_what_the_library_draws_with_the_fewest_penalty_points(data: bytes) -> None:
    def parts() -> list[QRData]:
        return [QRData(data, mode=MODE_8BIT_BYTE)]

    points = []
    for mask in range(8):
        by_library = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask)
        by_library.data_list = parts()
        by_library.make()
        assert np.array_equal(np.array(by_library.modules, dtype=bool), qr.drawn(parts(), mask))
        points.append(lost_point(by_library.modules))
    assert lost_point(qr.drawn(parts()).tolist()) == min(points)


def test_posters_lead_to_a_page_and_carry_no_code() -> None:
    call, how = posters.WINDOW
    found = [
        posters.Poster(
            f"综合窗口{no}", f"政务大厅 · {no} 号窗口", call, how, f"https://pingyi.example.cn/w/w{no}", f"w{no}"
        )
        for no in (1, 2)
    ]
    out = BytesIO()
    assert posters.write(out, found, size="a4") == 2
    pages = read(out.getvalue())
    assert [page.scanned for page in pages] == [["https://pingyi.example.cn/w/w1"], ["https://pingyi.example.cn/w/w2"]]
    assert all(page.typed == [] and "综合窗口" in page.text for page in pages)
