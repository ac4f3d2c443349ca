"""``pingyi schemes`` and ``pingyi rounds``: a scheme stored, a round planned from its file of answers, cards issued."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from api.auth import passwords
from api.db import make_engine, reading, unit_of_work
from api.handover import open_sealed
from survey_models.accounts import service as accounts
from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.rounds.tables import RoundStanding
from tests.browser.round_city import NEW, make_rounds
from tests.cli.shell import PASSWORD, Shell
from tests.other_scheme import BIG
from tests.sealed import PUBLIC
from tests.small_round import ANSWERS, SCHEME

PHRASE = "eleven geese cross the river"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """One setup account, signed in, in a folder of its own."""
    for name, value in (("DATABASE_URL", sqlite_url), ("DATA_DIR", str(tmp_path / "data"))):
        monkeypatch.setenv(f"PINGYI_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    engine = make_engine(sqlite_url)
    with unit_of_work(engine) as db:
        hashed = passwords.new_hash(PASSWORD, name="setup")
        accounts.create(db, "setup", password_hash=hashed, roles=["setup"], at=clock.now() - timedelta(days=30))
    shell = Shell(engine, tmp_path / "data")
    shell.ok("accounts login setup --password-stdin", typed=f"{PASSWORD}\n")
    return shell


def test_a_round_is_planned_from_its_file_of_answers(office: Shell, tmp_path: Path) -> None:
    file = tmp_path / "six.yaml"
    file.write_text(SCHEME.replace("points: 60", "points: 50"), encoding="utf-8")
    assert office(f"schemes prove {file}").code == 1
    file.write_text(SCHEME, encoding="utf-8")
    office.ok(f"schemes prove {file}")
    assert "第 1 版" in office.ok(f"schemes store {file}")
    assert "six-units" in office.ok("schemes stored")

    told = office.ok("rounds plan six-units 2015H1")
    assert "campaigns.people.strata" in told
    asked = tmp_path / "six-units-2015h1.yaml"
    questions = yaml.safe_load(asked.read_text(encoding="utf-8"))
    assert questions["title"] == "六单位评议2015年上半年"
    assert questions["campaigns"]["people"] == {"strata": None, "tickets": None, "reserve": 0}
    refused = office(f"rounds plan six-units 2015H1 --answers {asked}")
    assert (refused.code, "[plan_answers_faulty]" in refused.err) == (1, True)
    # Everything that is missing at once, not the first of it alone.
    assert all(f"campaigns.people.{name}" in refused.out for name in ("strata", "tickets"))

    answers = {**questions, **ANSWERS}
    asked.write_text(yaml.safe_dump(answers, allow_unicode=True), encoding="utf-8")
    assert "已建立,2 项评议" in office.ok(f"rounds plan six-units 2015H1 --answers {asked}")
    assert "没有改动" in office.ok(f"rounds plan six-units 2015H1 --answers {asked}")
    assert "six-units-2015h1" in office.ok("rounds list")

    phrase = tmp_path / "phrase"
    phrase.write_text(f"{PHRASE}\n", encoding="utf-8")
    office.ok(f"rounds issue six-units-2015h1 --out {tmp_path / 'cards'} --passphrase-file {phrase}")
    lines = open_sealed(tmp_path / "cards" / "six-units-2015h1-peers.cards", passphrase=PHRASE)
    # A peer's card names the unit that it is handed to.
    assert [line.point for line in lines] == [f"单位{number}" for number in range(1, 7)]
    # The key of the sheets is the counting office's; once it is stated, the campaigns are made ready.
    assert state_of(office, "people") == "draft"
    for kind in ("people", "peers"):
        office.ok(f"campaigns seal six-units-2015h1-{kind} --public {PUBLIC.hex()}")
    office.ok(f"rounds issue six-units-2015h1 --out {tmp_path / 'cards'} --passphrase-file {phrase}")
    assert state_of(office, "people") == "ready"
    waiting = office("rounds run six-units-2015h1")
    assert (waiting.code, "[round_not_counted]" in waiting.err) == (1, True)
    assert "ready" in office.ok("rounds show six-units-2015h1")


def state_of(office: Shell, kind: str) -> str:
    with reading(office.engine) as db:
        return campaigns.get(db, f"six-units-2015h1-{kind}").state


def test_a_round_is_compared_under_another_scheme(office: Shell, tmp_path: Path) -> None:
    with unit_of_work(office.engine) as db:
        make_rounds(db)
    file = tmp_path / "big.yaml"
    file.write_text(BIG, encoding="utf-8")
    told = office.ok(f"rounds compare {NEW} --file {file}")
    (five,) = [line for line in told.splitlines() if "R-5" in line]
    for words in ("86.74", "79.44", "↑1", "好 Good", "通报表彰 Praised in a circular"):
        assert words in five
    for words in ("大城部门评议办法", "问卷“callers”", "不计,分给其他 left out", "4 个单位会变,1 对名次互换"):
        assert words in told
    asked = "--set maps.satisfaction.基本满意=60"
    seen = json.loads(office.ok(f"rounds compare {NEW} --file {file} {asked} --json"))
    # Under 100/60/0 people say 84 and 84.4 of: 42 + 17.6 + 10 and 42.2 + 17.4 + 10 are the same.
    assert {one["printed_other"] for one in seen["shifts"] if one["unit"] in {"R-4", "R-5"}} == {"77.33"}
    assert [one["policy"] for one in seen["unfed"] if one["part"] == "visits"] == ["zero"]
    office.ok(f"schemes store {file}")
    assert json.loads(office.ok(f"rounds compare {NEW} --scheme big-city {asked} --json")) == seen
    for wrong, code in (
        ("", "request_malformed"),
        (f"--file {file} --scheme big-city", "request_malformed"),
        ("--scheme atlantis", "scheme_unknown"),
    ):
        refused = office(f"rounds compare {NEW} {wrong}")
        assert (refused.code, f"[{code}]" in refused.err) == (1, True)
    file.write_text(BIG.replace("points: 50", "points: 49"), encoding="utf-8")
    assert "[scheme_faulty]" in office(f"rounds compare {NEW} --file {file}").err


def test_the_list_says_which_result_is_out_of_date(office: Shell) -> None:
    with unit_of_work(office.engine) as db:
        make_rounds(db)
    assert "过时" not in office.ok("rounds list")
    with unit_of_work(office.engine) as db:
        standing = RoundStanding(round_id=NEW, unit_code="R-1", no=1, standing="withheld", reason="答卷太少")
        standing.act_number, standing.made_at = 1, clock.now()
        db.add(standing)
    (line,) = [line for line in office.ok("rounds list").splitlines() if "过时 stale" in line]
    assert NEW in line


def test_units_are_added_from_the_file_of_answers_or_one_of_their_own(office: Shell, tmp_path: Path) -> None:
    found = "luohe-hangfeng-2015-2016"
    assert "added_units" in office.ok("rounds plan luohe-hangfeng 2015-2016")
    asked = yaml.safe_load((tmp_path / f"{found}.yaml").read_text(encoding="utf-8"))
    assert (asked["added_units"], asked["added_lacking"]) == (None, "reweight")
    rows = [{"area": "演示二区", "code": "X-2", "name": "盐矿", "category": "公共服务行业"}]
    answers, file = tmp_path / "answers.yaml", tmp_path / "added.csv"
    stated = {"flags": {"key_unit": []}, "added_lacking": "withhold"}
    answers.write_text(yaml.safe_dump({**stated, "added_units": rows}, allow_unicode=True), encoding="utf-8")
    file.write_bytes("地区,代码,名称,类别\n一区,X-2,盐矿,公共服务行业\n".encode("gb18030"))
    refused = office(f"rounds plan luohe-hangfeng 2015-2016 --demo --added {file} --answers {answers}")
    assert (refused.code, "added_units.1" in refused.out + refused.err) == (1, True)
    file.write_bytes("地区,代码,名称,类别\n演示二区,X-2,盐矿,公共服务行业\n".encode("gb18030"))
    assert "已建立" in office.ok(f"rounds plan luohe-hangfeng 2015-2016 --demo --added {file} --answers {answers}")
    assert "没有改动" in office.ok(f"rounds plan luohe-hangfeng 2015-2016 --demo --answers {answers}")
    with reading(office.engine) as db:
        form = campaigns.form_of(db, campaigns.get(db, f"{found}-questionnaire"))
    assert list(form.variants) == ["all", "area-A2"]


def test_key_units_are_named_after_the_opinion_wave(office: Shell, tmp_path: Path) -> None:
    answers, found = tmp_path / "answers.yaml", "luohe-hangfeng-2015-2016"
    answers.write_text("flags: { key_unit: [] }\n", encoding="utf-8")
    assert "3 项评议" in office.ok(f"rounds plan luohe-hangfeng 2015-2016 --demo --answers {answers}")
    assert "key_unit" in office.ok(f"rounds key-units {found}")
    told = office.ok(f"rounds key-units {found} LH-003 LH-060 --tickets 40")
    assert "LH-003、LH-060" in told
    assert f"{found}-rectification" in told
    assert "draft" in office.ok(f"rounds show {found}")
    assert "[round_planned_otherwise]" in office(f"rounds key-units {found} LH-001").err
