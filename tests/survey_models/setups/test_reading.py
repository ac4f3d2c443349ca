"""Lists of units and populations as offices have them: pasted and in files, with every fault at its row."""

from __future__ import annotations

import pytest

from api.demo import sources
from survey_models.core.errors import Problem
from survey_models.setups import lists, rules
from survey_models.setups.reading import cells_in, units_in
from survey_models.setups.rules import SetupDoc
from survey_models.spreadsheets.write import Table, xlsx_bytes


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("市公安局\n市教育局", [("U-001", "市公安局", "被评议单位"), ("U-002", "市教育局", "被评议单位")]),
        (
            "市公安局，政府部门\n供电公司，公共服务",
            [("U-001", "市公安局", "政府部门"), ("U-002", "供电公司", "公共服务")],
        ),
        ("NY-1\t市公安局\t政府部门", [("NY-1", "市公安局", "政府部门")]),
        ("序号,单位名称,类别\n1,市公安局,政府部门", [("U-001", "市公安局", "政府部门")]),
        ("code,name,category,order\nA1,公安,甲,1", [("A1", "公安", "甲")]),
    ],
)
def test_units_are_read_with_and_without_a_heading(pasted: str, expected: list[tuple[str, str, str]]) -> None:
    found = units_in(pasted.encode())
    assert [(one.code, one.name, one.category) for one in found.units] == expected
    assert found.faults == []


def test_every_fault_of_units_stands_at_its_row() -> None:
    found = units_in("代码,单位,类别\nA1,公安,甲\nA1,教育,甲\nA 2,卫健,甲\nA4,,甲\nA5,公安,乙\n".encode())
    assert [one.row for one in found.faults] == [3, 4, 5, 6]
    assert [one.name for one in found.units] == ["公安"]
    assert [one.row for one in units_in("单位,电话\n公安,1".encode()).faults] == [1]
    assert [one.row for one in units_in(b"a,b,c,d\n1,2,3,4").faults] == [None]


def test_populations_are_brought_together_by_area() -> None:
    found = cells_in("源汇区 城镇,x\n".encode())
    assert [one.row for one in found.faults] == [1]
    pasted = "甲区,城镇,1,200\n".encode()
    assert cells_in(pasted).faults, "a number that its own comma cuts in two is not guessed"
    book = xlsx_bytes(
        [Table("人数", ["区域", "人群", "人数"], [["甲区", "城镇", 1200], ["乙区", "城镇", 7], ["甲区", "农村", 30]])]
    )
    read = cells_in(book, "people.xlsx")
    assert read.faults == []
    assert [(one.area, one.area_name, one.kind, one.people) for one in read.cells] == [
        ("A01", "甲区", "K1", 1200),
        ("A01", "甲区", "K2", 30),
        ("A02", "乙区", "K1", 7),
    ]


def test_sheets_are_shared_by_areas_first() -> None:
    cells = cells_in("甲,城镇,600\n甲,农村,200\n乙,城镇,200".encode()).cells
    doc = SetupDoc.model_validate(
        {
            "areas": {"cells": [one.model_dump() for one in cells]},
            "sample": {"sheets": 100, "minimum": 10, "reserve": 5},
        }
    )
    assert rules.shares(doc) == [60, 20, 20]
    assert rules.reserve_of(doc) == [3, 1, 1]
    doc.sample.minimum = 50
    with pytest.raises(Problem) as refused:
        rules.shares(doc)
    assert refused.value.code == "setup_sample_unfit"
    assert rules.whole(doc)["sample"] is False


def test_the_lists_that_come_with_the_program_can_be_used_as_they_are() -> None:
    assert {one.id: len(one.units) for one in lists.unit_lists()} == {"luohe": 80, "nanyang": 118}
    population = lists.populations()[0]
    known = {(one.area[0], one.kind[0]): one.population for one in sources.count_cells()}
    assert {(one.area, one.kind): one.people for one in population.cells} == known
    whole = {"units": lists.unit_lists()[1].units, "areas": {"cells": population.cells}}
    rules.refuse_twice(SetupDoc.model_validate(whole))
