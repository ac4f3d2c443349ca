"""Readings of names: places and polyphones by word, everything else by the order of GB 2312."""

from __future__ import annotations

import pytest

from survey_models.units.pinyin import initials, syllables


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("漯河商业银行", "luo he shang ye yin hang"),
        ("行政服务中心", "xing zheng fu wu zhong xin"),
        ("郾城区", "yan cheng qu"),
        ("召陵区", "shao ling qu"),
        ("源汇区", "yuan hui qu"),
        ("临颍县", "lin ying xian"),
        ("舞阳县", "wu yang xian"),
        ("沙澧河建管委", "sha li he jian guan wei"),
        ("南阳温州宣城", "nan yang wen zhou xuan cheng"),
        ("瓯海鄞州衢州", "ou hai yin zhou qu zhou"),
        ("长葛市长热线", "chang ge shi zhang re xian"),
        ("重庆厦门成都", "chong qing xia men cheng du"),
        ("重点大厦都市", "zhong dian da sha du shi"),
        ("会计调解办", "kuai ji tiao jie ban"),
        ("粮食和物资储备(粮食)", "liang shi he wu zi chu bei liang shi"),
        ("绿化女工会", "lv hua nv gong hui"),
        ("12345热线ETC", "1 2 3 4 5 re xian e t c"),
    ],
)
def test_names_are_read_as_people_read_them(name: str, read: str) -> None:
    assert " ".join(syllables(name)) == read


def test_initials_are_the_first_letters() -> None:
    assert initials("漯河商业银行") == "lhsyyh"


def test_what_has_no_reading_is_left_out() -> None:
    assert syllables("㍿、·") == ()


def test_every_character_of_the_common_set_is_read() -> None:
    rows = [bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    common = [char for char in rows if char]
    assert len(common) == 3755
    assert [char for char in common if len(syllables(char)) != 1] == []
