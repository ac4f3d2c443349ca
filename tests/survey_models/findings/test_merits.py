"""Awards and major incidents (重大奖惩): told to the office, confirmed against a rule, no inspection of anybody."""

from collections.abc import Iterator

import pytest

from survey_models.findings import lists, service
from survey_models.findings.machines import Kind
from tests.survey_models.findings.city import OFFICE, ROUND, UNIT, ZONE, City, city, price


@pytest.fixture
def xc(sqlite_url: str) -> Iterator[City]:
    with city(sqlite_url) as found:
        yield found


def test_an_award_counts_once_it_is_confirmed_and_inspects_nobody(xc: City) -> None:
    award = xc.open(Kind.MERIT, text="获省委、省政府表彰")
    assert service.listed(xc.session, who=UNIT) == [], "nobody has confirmed it"
    assert xc.refused(award, "confirm", OFFICE, "2019-09-21") == "finding_needs"
    xc.take(award, "confirm", OFFICE, "2019-09-21", price=price("item_06"))
    assert service.get(xc.session, award.id, who=UNIT) is award
    assert xc.refused(award, "notify", OFFICE, "2019-09-22") == "finding_move_unknown", "nothing is to be rectified"
    assert [one.kind for one in service.deductions_of(xc.session, ROUND)] == ["merit"]
    assert lists.not_inspected(xc.session, ["U-1"], year=2019, zone=ZONE) == ["U-1"]
    xc.take(award, "withdraw", OFFICE, "2019-09-23")
    assert service.deductions_of(xc.session, ROUND) == []
