"""The demo is what its description says: people, tickets, cells, reserve, campaigns, and what is marked made up."""

from __future__ import annotations

from collections import defaultdict

import pytest

from api.auth.passwords import matches
from api.demo.load import load_demo
from api.keys import load_pepper
from survey_models.core.ids import as_typed
from survey_models.tickets import codes
from tests.demo.installation import Demo

AREAS = {"源汇区": 1361, "郾城区": 2134, "召陵区": 1686, "舞阳县": 1889, "临颍县": 2508, "经济技术开发区": 422}
PEOPLE = {
    "411102": 322_334,
    "411103": 505_302,
    "411104": 399_051,
    "411121": 447_130,
    "411122": 593_673,
    "LH-JKQ": 100_000,
}
CENSUS = 2_367_490


def test_people_are_those_of_the_census_and_made_up_ones_are_marked(demo: Demo) -> None:
    cells = demo.rows(
        "SELECT area_code, kind_name, population, made_up, source FROM frame_cells"
        " WHERE frame_id = 'luohe-counts' ORDER BY no"
    )
    by_area: defaultdict[str, int] = defaultdict(int)
    for area, _, people, made_up, source in cells:
        by_area[area] += people
        assert made_up
        assert "made up" in source
    assert dict(by_area) == PEOPLE
    assert sum(PEOPLE.values()) == CENSUS
    halves = {(area, kind): people for area, kind, people, _, _ in cells}
    assert all(0 <= halves[area, "城镇"] - halves[area, "农村"] <= 1 for area in PEOPLE)
    assert all("taken from 411104" in source for area, _, _, _, source in cells if area == "LH-JKQ")


def test_tickets_are_allocated_to_areas_first_then_kinds_then_points(demo: Demo) -> None:
    tickets = demo.rows(
        "SELECT s.area_name, s.kind_name, b.point_no, b.count, b.reserve FROM ticket_batches b"
        " JOIN strata s ON s.campaign_id = b.campaign_id AND s.no = b.stratum_no"
        " WHERE b.campaign_id = 'luohe' ORDER BY b.no"
    )
    by_area: defaultdict[str, int] = defaultdict(int)
    by_stratum: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for area, kind, _, count, _ in tickets:
        by_area[area] += count
        by_stratum[area, kind].append(count)
    assert dict(by_area) == AREAS
    assert len(tickets) == 24
    assert min(count for *_, count, _ in tickets) == 105
    for area, total in AREAS.items():
        town, rural = sum(by_stratum[area, "城镇"]), sum(by_stratum[area, "农村"])
        assert town + rural == total
        assert 0 <= town - rural <= 1
    assert all(0 <= first - second <= 1 for first, second in by_stratum.values())


def test_five_percent_lie_sealed_besides(demo: Demo) -> None:
    cells = demo.rows("SELECT count, reserve FROM ticket_batches WHERE campaign_id = 'luohe'")
    assert sum(count for count, _ in cells) == 10_000
    assert sum(reserve for _, reserve in cells) == 500
    assert all(abs(reserve - count / 20) < 1 for count, reserve in cells)
    states = dict(demo.rows("SELECT state, count(*) FROM tickets WHERE campaign_id = 'luohe' GROUP BY state"))
    assert states == {"live": 10_000, "reserve": 500}


def test_strata_say_what_they_were_allocated(demo: Demo) -> None:
    query = (
        "SELECT s.sample_size, sum(b.count) FROM strata s JOIN ticket_batches b ON b.campaign_id = s.campaign_id"
        " AND b.stratum_no = s.no WHERE s.campaign_id = :campaign GROUP BY s.no, s.sample_size"
    )
    for campaign in ("luohe", "luohe-closed"):
        rows = demo.rows(query, campaign=campaign)
        assert len(rows) == 12
        assert all(planned == issued for planned, issued in rows)
    targets = demo.number("SELECT sum(target) FROM fieldwork_targets WHERE campaign_id = 'luohe'")
    assert targets == 10_000


def test_the_campaigns_stand_where_the_tour_expects_them(demo: Demo) -> None:
    assert demo.rows("SELECT id, purpose, state FROM campaigns WHERE round_id = 'luohe-demo' ORDER BY id") == [
        ("luohe", "demo", "open"),
        ("luohe-closed", "demo", "counted"),
        ("luohe-list", "demo", "draft"),
        ("luohe-opinions", "demo", "open"),
    ]
    items = "SELECT n_items FROM questionnaires WHERE id = 'luohe' AND version = 1"
    assert demo.number(items) == 82
    of_luohe = "SELECT category, count(*) FROM units WHERE code LIKE 'LH-%' GROUP BY category ORDER BY 2"
    assert demo.rows(of_luohe) == [
        ("公共服务行业", 27),
        ("政府部门及其它机构", 53),
    ]


def test_the_wave_of_opinions_has_its_2500_cards(demo: Demo) -> None:
    mine = "campaign_id = 'luohe-opinions'"
    assert demo.number(f"SELECT count(*) FROM tickets WHERE {mine}") == 2_500
    assert demo.number(f"SELECT min(count) FROM ticket_batches WHERE {mine}") >= 50
    assert demo.number("SELECT n_items FROM questionnaires WHERE id = 'luohe-opinions'") == 5


def test_the_counted_campaign_came_through_the_door(demo: Demo) -> None:
    mine = "campaign_id = 'luohe-closed'"
    assert demo.number(f"SELECT count(*) FROM tickets WHERE {mine}") == 1_200
    cells = demo.rows(f"SELECT count FROM ticket_batches WHERE {mine}")
    assert [count for (count,) in cells] == [50] * 24
    assert demo.number(f"SELECT count(*) FROM ballots WHERE {mine}") == 1_140
    assert demo.number(f"SELECT count(DISTINCT id) FROM ballots WHERE {mine}") == 1_140
    assert demo.number(f"SELECT count(*) FROM tickets WHERE {mine} AND state = 'spent'") == 1_140
    assert demo.number(f"SELECT sum(done) FROM ticket_counters WHERE {mine}") == 1_140
    entries = "SELECT count(*) FROM ledger_entries WHERE log = 'luohe-closed' AND event = 'ballots:cast'"
    assert demo.number(entries) == 1_140
    used = demo.rows(f"SELECT batch_no, count(*) FROM tickets WHERE {mine} AND state = 'spent' GROUP BY batch_no")
    assert len(used) == 24
    assert min(number for _, number in used) < 50


def test_two_people_had_it_counted_and_a_result_is_there(demo: Demo) -> None:
    acts = demo.rows("SELECT kind, target, state, asked_by, confirmed_by FROM acts")
    assert acts == [("campaigns:count", "luohe-closed", "confirmed", "setup", "release")]
    accept, closed = demo.rows("SELECT accept_until, closed_at FROM campaigns WHERE id = 'luohe-closed'")[0]
    assert accept == closed
    found = demo.rows("SELECT id, ballots FROM results WHERE campaign_id = 'luohe-closed'")
    assert [ballots for _, ballots in found] == [1_140]
    scored = "SELECT count(*) FROM result_rows WHERE result_id = :id AND score IS NOT NULL AND se IS NOT NULL"
    assert demo.number(scored, id=found[0][0]) == 80


def test_the_list_is_a_draw_without_tickets(demo: Demo) -> None:
    assert demo.number("SELECT count(*) FROM frame_rows WHERE frame_id = 'luohe-list'") == 240_000
    assert demo.number("SELECT count(*) FROM draw_rows WHERE draw_id = 'luohe-list'") == 10_000
    assert demo.number("SELECT count(*) FROM ticket_batches WHERE campaign_id = 'luohe-list'") == 0
    people = demo.number("SELECT sum(population) FROM strata WHERE campaign_id = 'luohe-list'")
    assert people == 240_000
    assert demo.rows("SELECT made_up FROM frames WHERE id = 'luohe-list'") in ([(1,)], [(True,)])


def test_windows_are_marked_made_up(demo: Demo) -> None:
    windows = demo.rows("SELECT hall, made_up FROM windows")
    assert [(hall, bool(made_up)) for hall, made_up in windows] == [("漯河市政务服务大厅", True)] * 3


def test_every_code_is_a_ticket_of_its_stratum_and_point(demo: Demo) -> None:
    pepper = load_pepper(demo.settings.data_dir)
    query = (
        "SELECT t.digest, t.serial, t.state, b.stratum_no, p.name FROM tickets t"
        " JOIN ticket_batches b ON b.campaign_id = t.campaign_id AND b.no = t.batch_no"
        " JOIN points p ON p.campaign_id = t.campaign_id AND p.no = b.point_no WHERE t.campaign_id = 'luohe'"
    )
    tickets = {bytes(digest): rest for digest, *rest in demo.rows(query)}
    lines = [line.split(",") for line in demo.folder.codes("luohe").read_text(encoding="utf-8").splitlines()]
    assert lines[0] == ["serial", "code", "stratum", "area", "kind", "point", "reserve"]
    assert len(tickets) == len(lines) - 1 == 10_500
    for serial, code, stratum, _, _, point, reserve in lines[1:]:
        digest = codes.digest(as_typed(code), campaign_id="luohe", pepper=pepper)
        state = "reserve" if reserve == "1" else "live"
        assert tickets[digest] == [int(serial), state, int(stratum), point]


def test_the_first_passwords_open_their_accounts(demo: Demo) -> None:
    passwords = dict(line.split() for line in demo.folder.passwords.read_text(encoding="utf-8").splitlines())
    accounts = {
        name: (hashed, bool(made)) for name, hashed, made in demo.rows("SELECT name, password_hash, demo FROM accounts")
    }
    assert set(passwords) == set(accounts) == {"setup", "release", "desk", "assessor", "inspector", "unit"}
    for name, (hashed, made) in accounts.items():
        assert matches(hashed, passwords[name])
        assert made


@pytest.mark.parametrize(
    "table", ["campaigns", "tickets", "ballots", "ledger_entries", "accounts", "frame_rows", "round_results"]
)
def test_loading_again_does_nothing(demo: Demo, table: str) -> None:
    before = demo.number(f"SELECT count(*) FROM {table}")
    files = {path: path.stat().st_mtime_ns for path in demo.folder.path.iterdir()}
    load_demo(demo.engine, demo.settings)
    assert demo.number(f"SELECT count(*) FROM {table}") == before
    assert {path: path.stat().st_mtime_ns for path in demo.folder.path.iterdir()} == files
