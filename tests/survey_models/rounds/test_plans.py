"""Each preset is planned whole: what is asked, what is made, and that twice makes nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.db import make_engine, unit_of_work
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.queries import strata
from survey_models.core import clock
from survey_models.core.errors import Problem
from survey_models.rounds import history, made_up, plans, service
from survey_models.rounds.asking import Question
from survey_models.rounds.periods import months_later, read_period
from survey_models.rounds.plans import Planned, Wish
from survey_models.schemes import loading
from survey_models.schemes import service as schemes
from survey_models.units import service as units
from survey_models.units.tables import Unit, Window
from tests.simulated_rounds import simulated

PERIODS = {
    "month": "2015-03",
    "quarter": "2015Q1",
    "half_year": "2015H1",
    "year": "2015",
    "two_years": "2015-2016",
    "once": "once",
}


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    engine = make_engine(sqlite_url, allow_unsafe=True)
    with unit_of_work(engine) as found:
        yield found
    engine.dispose()


def own_units(preset: str) -> list[dict[str, str]]:
    """Made-up units where the document brings no list: the stated number of each category, else four."""
    stated = loading.read(loading.preset(preset)).scheme.units.stated
    names = [category for category, number in stated.items() for _ in range(number or 4)]
    return [{"code": f"X-{no:03}", "name": f"编造单位{no}", "category": name} for no, name in enumerate(names, start=1)]


def made(session: Session, preset: str, **given: Any) -> tuple[Wish, dict[str, Any], plans.Planned]:
    wish = Wish(preset, PERIODS[loading.read(loading.preset(preset)).scheme.cadence.each])
    if any(one.key == "units" and one.default is None for one in plans.ask(session, wish)):
        given = {"units": own_units(preset), **given}
    answers = made_up.complete(session, wish, given)
    return wish, answers, plans.plan(session, wish, answers, by="setup", at=clock.now())


def test_every_preset_is_planned_in_one_act(session: Session) -> None:
    window = Window(id="w1", unit_code=None, number="1", name="综合", hall="大厅", business="综合", made_up=True)
    units.add_window(session, window, by="setup", at=clock.now())
    for preset in loading.presets():
        wish, answers, planned = made(session, preset)
        scheme = loading.read(loading.preset(preset)).scheme
        there = service.campaigns_of(session, planned.round.id)
        assert planned.made
        assert set(there) == {kind.id for kind in scheme.campaigns}, preset
        assert {one.state for one in there.values()} <= {"draft"}
        assert not plans.plan(session, wish, answers, by="setup", at=clock.now()).made
        assert schemes.get(session, preset).locked_at is not None
        for campaign_id, orders in plans.orders(session, planned.round.id).items():
            variants = campaigns.form_of(session, campaigns.get(session, campaign_id)).variants
            assert {order.variant for order in orders} <= set(variants)
            asked = sum(row.sample_size for row in strata(session, campaign_id))
            assert sum(order.count for order in orders) == asked
            assert all(row.made_up for row in strata(session, campaign_id))


def test_nanyang_asks_only_what_its_document_leaves_open(session: Session) -> None:
    asked = plans.ask(session, Wish("nanyang-2014-27", "2015H1"))
    assert [one.key for one in asked if one.required and one.default is None] == [
        "flags.has_window",
        "flags.serves_enterprises",
        "campaigns.fixed-users.people",
        "campaigns.fixed-users.tickets",
        "campaigns.random-users.strata",
        "campaigns.random-users.tickets",
        "campaigns.deputies.people",
        "campaigns.deputies.tickets",
    ]
    with pytest.raises(Problem) as refused:
        plans.plan(session, Wish("nanyang-2014-27", "2015H1"), {"colour": "red"}, by="setup", at=clock.now())
    keys = [fault["key"] for fault in refused.value.params["faults"]]  # type: ignore[attr-defined]
    assert keys[0] == "colour"
    assert len(keys) == 9


def test_peers_do_not_rate_themselves_and_clients_rate_their_unit_alone(session: Session) -> None:
    _, _, planned = made(session, "nanyang-2014-27")
    there = service.campaigns_of(session, planned.round.id)
    peers = campaigns.form_of(session, there["peers"])
    place = peers.place["NY-001"]
    assert peers.carried("peer-NY-001")[place] is False
    assert sum(peers.carried("peer-NY-001")) == 117
    clients = campaigns.form_of(session, there["fixed-users"])
    assert [item.key for item, on in zip(clients.items, clients.carried("unit-NY-005"), strict=True) if on] == [
        "NY-005"
    ]


def test_a_setting_makes_another_version_and_other_answers_are_refused(session: Session) -> None:
    wish, answers, _ = made(session, "nanyang-2014-27")
    with pytest.raises(Problem) as refused:
        plans.plan(session, wish, {**answers, "settings": {"fixed_share": "60"}}, by="setup", at=clock.now())
    assert refused.value.code in {"round_planned_otherwise", "scheme_faulty"}
    other = {**answers, "settings": {"fixed_share": "60", "random_share": "40"}}
    with pytest.raises(Problem) as refused:
        plans.plan(session, wish, other, by="setup", at=clock.now())
    assert refused.value.code == "round_planned_otherwise"
    second = plans.plan(session, Wish("nanyang-2014-27", "2015H2"), other, by="setup", at=clock.now())
    assert second.round.scheme_version == 2


def test_sealed_reserve_cards_are_a_share_of_each_stratum(session: Session) -> None:
    wish = Wish("nanyang-2014-27", "2015H1")
    asked = {"deputies": {"reserve": 5, "tickets": 90}, "fixed-users": {"reserve": 10}}
    answers = made_up.complete(session, wish, {"campaigns": asked})
    planned = plans.plan(session, wish, answers, by="setup", at=clock.now())
    ordered = plans.orders(session, planned.round.id)
    of_kind = {name.removeprefix(f"{planned.round.id}-"): orders for name, orders in ordered.items()}
    # 5 % of 30 rounded up, for each of three kinds of deputies; 10 % of 30 clients.
    assert [(order.count, order.reserve) for order in of_kind["deputies"]] == [(30, 2)] * 3
    assert {order.reserve for order in of_kind["fixed-users"] if order.count == 30} == {3}
    assert {order.reserve for order in of_kind["peers"]} == {0}


ROW = {"area": "A", "area_name": "甲区", "kind": "town", "kind_name": "城镇", "people": 900}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        # A float has no one value.
        ({"settings": {"window_points": 20.5}}, "settings.window_points"),
        ({"settings": {"window_points": ["20"]}}, "settings.window_points"),
        ({"title": "名" * 101}, "title"),
        ({"flags": {"has_window": "NY-001"}}, "flags.has_window"),
        ({"flags": {"has_window": ["NY-999"]}}, "flags"),
        ({"purpose": "fun"}, "purpose"),
        ({"campaigns": {"deputies": {"reserve": 51}}}, "campaigns.deputies.reserve"),
        ({"campaigns": {"random-users": {"strata": [ROW, ROW]}}}, "campaigns.random-users.strata"),
        ({"campaigns": {"random-users": {"strata": [{**ROW, "people": -1}]}}}, "campaigns.random-users.strata"),
        ({"campaigns": {"random-users": {"tickets": 10**12}}}, "campaigns.random-users.tickets"),
        ({"campaigns": {"deputies": {"people": {"party_delegates": 10}}}}, "campaigns.deputies.people"),
        ({"campaigns": {"fixed-users": {"people": {"NY-001": 10}}}}, "campaigns.fixed-users.people"),
    ],
)
def test_unfit_answers_are_refused_by_name(session: Session, given: dict[str, Any], key: str) -> None:
    wish = Wish("nanyang-2014-27", "2015H1")
    with pytest.raises(Problem) as refused:
        plans.plan(session, wish, made_up.complete(session, wish, given), by="setup", at=clock.now())
    assert refused.value.code == "plan_answers_faulty"
    assert [fault["key"] for fault in refused.value.params["faults"]] == [key]  # type: ignore[attr-defined]


def test_codes_stand_in_file_names_and_names_in_documents(session: Session) -> None:
    for change in ({"code": "../1"}, {"code": "单位1"}, {"code": 'a"b'}, {"name": "甲\x0b"}, {"name": " "}):
        first, *others = own_units("xuancheng-2019-48")
        with pytest.raises(Problem, match="plan_answers_faulty") as refused:
            made(session, "xuancheng-2019-48", units=[{**first, **change}, *others])
        assert [fault["key"] for fault in refused.value.params["faults"]] == ["units.1"]  # type: ignore[attr-defined]


def test_a_unit_does_not_rate_the_departments_of_another_one(session: Session) -> None:
    def listed(of: str, code: str, name: str) -> Planned:
        wish = Wish("nanyang-2014-27-departments", "2015Q1", of=of)
        given = {"units": [{"code": code, "name": name, "category": "科室"}]}
        return plans.plan(session, wish, made_up.complete(session, wish, given), by="setup", at=clock.now())

    listed("NY-040", "D-01", "城管科")
    with pytest.raises(Problem, match="plan_answers_faulty") as refused:
        listed("NY-041", "D-01", "规划科")
    assert "units.1" in str(refused.value.params["faults"])
    assert "城管科" in str(refused.value.params["faults"])
    assert listed("NY-041", "D-41-01", "规划科").made


def test_a_unit_lists_no_other_unit_of_the_city_as_a_department(session: Session) -> None:
    def listed(of: str, *units: tuple[str, str], period: str = "2015Q1") -> Planned:
        wish = Wish("nanyang-2014-27-departments", period, of=of)
        given = {"units": [{"code": code, "name": name, "category": "科室"} for code, name in units]}
        return plans.plan(session, wish, made_up.complete(session, wish, given), by="setup", at=clock.now())

    real = Unit(
        code="NY-001", name="市财政局", category="市直单位", position=1, superior_led=False, flags_source="made up"
    )
    session.add(real)
    session.flush()
    assert listed("NY-040", ("D-01", "城管科")).made
    assert listed("NY-040", ("D-01", "城管科"), ("D-02", "规划科"), period="2015Q2").made, "its own, once more"
    # By its code, by its name alone, and a department of another unit under the very name that it has there.
    for row in (("NY-001", "市财政局"), ("D-77", "市财政局"), ("D-01", "城管科")):
        with pytest.raises(Problem, match="plan_answers_faulty") as refused:
            listed("NY-041", ("D-70", "规划科"), row)
        assert "units.2" in str(refused.value.params["faults"])


def test_ids_must_find_room(session: Session) -> None:
    with pytest.raises(Problem) as refused:
        plans.plan(session, Wish("nanyang-2014-27", "2015H1", of="X" * 20), {}, by="setup", at=clock.now())
    assert refused.value.code == "plan_answers_faulty"


@pytest.mark.parametrize(
    ("name", "first", "last", "months"),
    [
        ("2015H1", date(2015, 1, 1), date(2015, 6, 30), 6),
        ("2015h2", date(2015, 7, 1), date(2015, 12, 31), 6),
        ("2016Q1", date(2016, 1, 1), date(2016, 3, 31), 3),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), 1),
        ("2015", date(2015, 1, 1), date(2015, 12, 31), 12),
        ("2015-2016", date(2015, 1, 1), date(2016, 12, 31), 24),
    ],
)
def test_a_period_by_its_name(name: str, first: date, last: date, months: int) -> None:
    period = read_period(name)
    assert (period.first, period.last, len(period.months)) == (first, last, months)


@pytest.mark.parametrize(
    "name", ["2015H3", "2015Q5", "2015-13", "2015-2017", "15H1", "", "ever", "9999H2", "２０１５H1"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(Problem) as refused:
        read_period(name)
    assert refused.value.code == "period_unknown"


def test_a_period_must_be_one_of_the_scheme(session: Session) -> None:
    for preset, period in (("nanyang-2014-27", "2015Q1"), ("luohe-hangfeng", "2015"), ("wenzhou-2013-36", "once")):
        with pytest.raises(Problem) as refused:
            plans.ask(session, Wish(preset, period))
        assert refused.value.code == "period_unfit"


def test_a_card_ends_on_the_same_day_or_the_last_of_the_month() -> None:
    assert months_later(date(2016, 2, 29), 12) == date(2017, 2, 28)
    assert months_later(date(2016, 1, 31), 1) == date(2016, 2, 29)
    assert months_later(date(2016, 12, 1), 12) == date(2017, 12, 1)


def test_nothing_of_a_real_round_is_made_up(session: Session) -> None:
    wish = Wish("nanyang-2014-27", "2015H1")
    with pytest.raises(Problem, match="plan_answers_faulty") as refused:
        made_up.complete(session, wish, {"purpose": "real"})
    assert "编造的数据" in str(refused.value.params["faults"])
    assert made_up.complete(session, wish, {})["purpose"] == "demo"


def test_an_own_list_is_asked_for_with_the_categories_that_it_may_have(session: Session) -> None:
    (units_asked,) = (one for one in plans.ask(session, Wish("luohe-yangguang-2020-1", "once")) if one.key == "units")
    stated = loading.read(loading.preset("luohe-yangguang-2020-1")).scheme.units.stated
    assert len(stated) > 1
    assert units_asked.form.endswith("类别 " + "、".join(stated))


def test_units_graded_fair_are_proposed_for_the_next_round(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, planned = made(session, "luohe-hangfeng")
    like = Wish("luohe-hangfeng", "2017-2018", like=planned.round.id)
    assert "建议" not in _key_units(session, like).zh, "nothing before there is a result"
    outcome = simulated("luohe-hangfeng").outcome
    monkeypatch.setattr(history, "standing_result", lambda *_: outcome)
    fair = sorted(card.unit.code for card in outcome.cards if card.grade == "fair")
    asked = _key_units(session, like)
    assert fair
    assert asked.zh.endswith("、".join(fair))
    assert asked.default is None, "the opinion wave may name others"
    assert "建议" not in _key_units(session, Wish("luohe-hangfeng", "2017-2018")).zh


def _key_units(session: Session, wish: Wish) -> Question:
    return next(one for one in plans.ask(session, wish) if one.key == "flags.key_unit")
