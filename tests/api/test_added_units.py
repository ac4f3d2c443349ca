"""A round of 漯河 with units that the city and two counties added (增加的评议对象), from its plan to its bundles."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import httpx
import pytest

from survey_models.campaigns import service as campaigns
from survey_models.core import clock
from survey_models.core.archives import unpacked
from survey_models.duties import service as duties
from survey_models.evidence.cases import Trust
from survey_models.evidence.findings import Outcome
from survey_models.evidence.kinds import Kind
from survey_models.evidence.verifier import verify_files
from survey_models.ledger.notes import vkey_of
from survey_models.ledger.sequencer import integrate
from survey_models.marks import service as marks
from survey_models.marks import standing
from survey_models.marks.rules import Entry
from survey_models.publications import counts_checks, recomputing, round_bundles
from survey_models.publications.sheets import documents_of
from survey_models.rounds import made_up, outcomes, plans, service, waves
from survey_models.rounds.plans import Wish
from survey_models.rounds.waves import Wave
from survey_models.schemes import loading
from survey_models.tickets import service as tickets
from tests.api.office import Browser, Office, open_office
from tests.poll import settings_for
from tests.sealed import seal_on_server

ROUND = "luohe-hangfeng-2025-2026"
WISH = {"preset": "luohe-hangfeng", "period": "2025-2026"}
AREAS = [("411121", "舞阳县", 4_000), ("411122", "临颍县", 2_000)]
STRATA = [
    {"area": code, "area_name": name, "kind": "all", "kind_name": "居民", "people": people}
    for code, name, people in AREAS
]
ADDED = """地区,代码,名称,类别
,LH-C01,城市管理,政府部门及其它机构
411121,WY-01,舞阳盐矿,公共服务行业
临颍县，LY-01，临颍食品园区，公共服务行业
"""
CITY, WUYANG, LINYING = "LH-C01", "WY-01", "LY-01"
# Behind the 80 units of the document: the city's, that of 舞阳, that of 临颍; then age and sex, left blank.
SHEETS = {
    "411121": ["11-"] * 6 + ["12-"] * 4 + ["13-"] * 2,
    "411122": ["3-1"] * 9 + ["3-3"] * 3,
}
# Nobody answers the opinion wave here.
KINDS = ("opinions", "questionnaire", "representatives")
MARKED = ("hotline", "departments", "stations", "theme", "leadership")
OFFICE = "市政府纠风办"


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    with open_office(settings_for(sqlite_url, tmp_path, inline_worker=False)) as found:
        for name in ("setup", "release", "auditor"):
            found.add(name, name)
        yield found


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def confirmed(asked: httpx.Response, release: Browser) -> Any:
    return ok(await release.post(f"/api/acts/{ok(asked, 202)['number']}/confirm"))


def answers(office: Office) -> dict[str, Any]:
    sizes = {"strata": STRATA, "tickets": 150}
    given = {
        "purpose": "demo",
        "flags": {"key_unit": [], "superior_led": []},
        "campaigns": {
            "opinions": {"strata": STRATA, "tickets": 60},
            "questionnaire": sizes,
            "representatives": {"people": {"representatives": 12}, "tickets": 12},
        },
    }
    with office.work() as session:
        return made_up.complete(session, Wish(**WISH), given)


async def test_a_round_to_which_units_are_added(office: Office) -> None:
    async with office.browser() as setup, office.browser() as release:
        await setup.sign_in("setup")
        await release.sign_in("release")
        await planned(office, setup)
        codes = opened(office)
        await asked(office, setup, codes)
        marked(office)
        for kind in KINDS:
            ok(await setup.post(f"/api/campaigns/{ROUND}-{kind}/close"))
            await confirmed(await setup.post(f"/api/campaigns/{ROUND}-{kind}/count"), release)
        ok(await setup.post(f"/api/campaigns/{ROUND}-opinions/results"), 201)
        scored(office, ok(await setup.post(f"/api/rounds/{ROUND}/results"), 201))
        ok(await release.post(f"/api/rounds/{ROUND}/borders"))
        await confirmed(await setup.post(f"/api/rounds/{ROUND}/publish", json={"no": 1}), release)
        printed(office)
        await bundled(office, setup)


async def planned(office: Office, setup: Browser) -> None:
    """What does not fit is refused at once; the rest makes the sheets of each county."""
    questions = ok(await setup.get(f"/api/rounds/plan?preset={WISH['preset']}&period={WISH['period']}"))
    shown = {one["key"]: one for one in questions}
    assert (shown["added_units"]["required"], shown["added_lacking"]["default"]) == (False, "reweight")
    whole = answers(office)
    wrong = "411199,X-1,甲,公共服务行业\n,LH-001,乙,公共服务行业\n,X 2,丙,公共服务行业\n,X-3,丁,窗口"
    refused = ok(await setup.post("/api/rounds", json={**WISH, "answers": {**whole, "added_units": wrong}}), 422)
    assert [one["key"] for one in refused["faults"]] == [f"added_units.{number}" for number in (1, 3, 4, 2)]
    refused = ok(await setup.post("/api/rounds", json={**WISH, "answers": {**whole, "added_units": "甲,乙"}}), 422)
    assert refused["code"] == "plan_answers_faulty"

    body = {**WISH, "answers": {**whole, "added_units": ADDED}}
    made = ok(await setup.post("/api/rounds", json=body), 201)
    assert ok(await setup.post("/api/rounds", json=body), 201) == made
    with office.work() as session:
        there = service.campaigns_of(session, ROUND)
        forms = {kind: campaigns.form_of(session, one) for kind, one in there.items()}
        rated = {link.unit_code: link.category for link, _ in service.units_of(session, ROUND)}
        orders = plans.orders(session, ROUND)
        owing = {one.debtor.id for one in duties.owed_of(session, ROUND)}
    assert len(rated) == 83
    assert [rated[code] for code in (CITY, WUYANG, LINYING)] == [
        "政府部门及其它机构",
        "舞阳县增加的公共服务行业",
        "临颍县增加的公共服务行业",
    ]
    sheets = forms["questionnaire"]
    assert list(sheets.variants) == ["all", "area-411121", "area-411122"]
    carried = {name: {item.key for item in sheets.items if sheets.carries(name, item)} for name in sheets.variants}
    own = {name: keys & {CITY, WUYANG, LINYING} for name, keys in carried.items()}
    assert own == {"all": {CITY}, "area-411121": {CITY, WUYANG}, "area-411122": {CITY, LINYING}}
    assert [(one.count, one.variant) for one in orders[f"{ROUND}-questionnaire"]] == [
        (100, "area-411121"),
        (50, "area-411122"),
    ]
    # The representatives are the city's, and so are the key units that people may name.
    assert len(forms["representatives"].units) == 81
    assert {one.code for one in forms["opinions"].scales["units"]} == set(rated) - {WUYANG, LINYING}
    assert owing & {CITY, WUYANG, LINYING} == {CITY}
    with office.work() as session:
        # A wave beside what is scored keeps to the same sheets.
        kept = session.begin_nested()
        wave = Wave("aspects", ROUND, f"{ROUND}-questionnaire", template="luohe-aspects", sheets=150)
        waves.draft(session, wave, by="setup", at=clock.now())
        issued = [order.variant for order in waves.orders(session, "aspects")]
        kept.rollback()
    assert issued == ["area-411121", "area-411122"]


def opened(office: Office) -> dict[str, list[str]]:
    """The codes of the sheets that are asked for, by campaign and, for the questionnaire, by area."""
    at, found = clock.now(), {}
    with office.work() as session:
        for kind in KINDS:
            name = f"{ROUND}-{kind}"
            orders = plans.orders(session, ROUND)[name]
            issued = tickets.issue(session, name, orders, pepper=office.app.state.pepper, by="setup", at=at)
            seal_on_server(session, name, office.settings.data_dir, at=at)
            campaigns.prepare(session, name, by="setup", at=at)
            campaigns.open_campaign(session, name, by="setup", at=at)
            found[kind] = [one.code for one in issued]
    return {
        "411121": found["questionnaire"][:100],
        "411122": found["questionnaire"][100:],
        "representatives": found["representatives"],
    }


async def asked(office: Office, browser: Browser, codes: dict[str, list[str]]) -> None:
    """Sheets by phone: a code opens the sheet of its county, and another county's unit is on none of them."""
    path = f"/api/campaigns/{ROUND}-questionnaire/ballots"

    def sheet(added: str, code: str) -> dict[str, str]:
        return {"id": str(uuid.uuid4()), "code": code, "answers": f"{'1' * 80}{added}--"}

    first = codes["411121"][0]
    page = await browser.http.post(f"/b/{ROUND}-questionnaire", data={"code": first, "id": str(uuid.uuid4())})
    assert "舞阳盐矿" in page.text, page.text[:2000]
    assert "城市管理" in page.text
    assert "临颍食品园区" not in page.text
    refused = ok(await browser.post(path, json=sheet("111", first)), 422)
    assert refused["code"] == "unit_not_in_variant"
    for area, sheets in SHEETS.items():
        for added, code in zip(sheets, codes[area], strict=False):
            ok(await browser.post(path, json=sheet(added, code)), 201)
    path = f"/api/campaigns/{ROUND}-representatives/ballots"
    for number, code in enumerate(codes["representatives"]):
        # Everybody differs a little, so that no two units are equal at the border of the commended.
        body = {"id": str(uuid.uuid4()), "code": code, "answers": f"{'1' * 80}{1 + number % 2}--"}
        ok(await browser.post(path, json=body), 201)
    template = await browser.get(f"/api/uploads/templates/{ROUND}-questionnaire.csv")
    assert f"{LINYING} 临颍食品园区" in template.text


def marked(office: Office) -> None:
    """Marks of the 81 units of the city; of one unit of 临颍 the hotline alone sent one."""
    with office.work() as session:
        city = [link.unit_code for link, _ in service.units_of(session, ROUND)][:81]
        for part in MARKED:
            entries = [Entry(code, f"{60 + number / 4:.2f}") for number, code in enumerate(city)]
            entries += [Entry(LINYING, "90")] if part == "hotline" else []
            marks.enter(session, ROUND, part, entries, office=OFFICE, by="assessor", at=clock.now())
            marks.approve(session, ROUND, part, office=OFFICE, by="assessor-2", at=clock.now())
        assert standing.missing(session, ROUND) == []


def scored(office: Office, result: dict[str, Any]) -> None:
    """By hand: what the people of each county said, and the rule for all that nobody has about its units."""
    assert result["questions"] == []
    rows = {row["unit"]: row for row in result["rows"]}
    # 舞阳: 6 × 100 + 4 × 60 + 2 × 0 of 12 are 70, and no other line: 28 of 40 points are 70 of 100.
    assert (rows[WUYANG]["exact"], rows[WUYANG]["grade"], rows[WUYANG]["rank"]) == ("70", "fair", 1)
    # 临颍: 75 of 100 and the hotline's 90: (30 + 9) of 50 points.
    assert (rows[LINYING]["exact"], rows[LINYING]["grade"], rows[LINYING]["rank"]) == ("78", "good", 1)
    assert rows[LINYING]["consequences"] == rows[WUYANG]["consequences"] == []
    with office.work() as session:
        row = outcomes.latest(session, ROUND)
        cards = {one.unit.code: one for one in outcomes.outcome_of(row).cards}
        told = [zh for zh, _ in outcomes.outcome_of(row).assumed]
    # The city's unit: 4,000 people satisfied, 2,000 not.
    lines = {line.id: line for line in cards[CITY].root.children}
    assert lines["questionnaire"].value == Fraction(2, 3) * 40
    assert lines["representatives"].value == Fraction(80 * 15, 100)
    # It takes its place among the 54 offices, and they have twenty places as before.
    offices = [one for one in rows.values() if one["category"] == "政府部门及其它机构"]
    assert sorted(one["rank"] for one in offices) == list(range(1, 55))
    assert sum(one["grade"] == "excellent" for one in offices) == 20
    # Nothing of it is decided in silence.
    assert any("没有人汇集数据的项目" in zh and "按比例分给其他各项" in zh for zh in told)
    assert sum("县区增加的单位" in zh for zh in told) >= 2
    organisation = next(line for line in cards[WUYANG].root.children if line.id == "organisation")
    assert [line.value for line in organisation.children] == [None, None]


def printed(office: Office) -> None:
    with office.work() as session:
        papers = documents_of(session, outcomes.latest(session, ROUND), zone="Asia/Shanghai")
    document = docx.Document(io.BytesIO(papers.file("ranking.docx")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for name in ("城市管理", "舞阳盐矿", "临颍食品园区"):
        assert name in cells
    text = "\n".join(one.text for one in document.paragraphs)
    for words in ("舞阳县增加的公共服务行业", "县区增加的单位只列入本县区的问卷", "先进名额不变"):
        assert words in text
    assert papers.file(f"feedback-{WUYANG}.docx")


def outcomes_of(found: Sequence[Any]) -> dict[str, Outcome]:
    return {one.check.key: one.outcome for one in found}


async def bundled(office: Office, setup: Browser) -> None:
    """Both bundles are computed again, and the counts of the province are signed."""
    at, signer = clock.now(), office.app.state.signer
    with office.work() as session:
        integrate(session, "system", signer=signer, host="pingyi.test", at=at, today=at.date(), limit=10_000)
    trust = Trust(vkey=vkey_of("pingyi.test/ledger/system", signer.public))
    with office.work() as session:
        made = {kind: round_bundles.bundle(session, ROUND, kind, public=signer.public) for kind in Kind}
    for kind, one in made.items():
        found = outcomes_of(recomputing.verify(one.content, trust))
        assert found["outcome"] is Outcome.OK, (kind, found)
        assert Outcome.FAILED not in found.values(), (kind, found)
    # The questionnaire's own bundle: counts, weights and scores by variant, computed from the sheets.
    name = f"{ROUND}-questionnaire"
    with office.work() as session:
        while integrate(session, name, signer=signer, host="pingyi.test", at=at, today=at.date()):
            pass
    async with office.browser() as auditor:
        await auditor.sign_in("auditor")
        taken = await auditor.get(f"/api/campaigns/{name}/bundle?kind=auditor")
    files = unpacked(taken.content)
    checked = verify_files(files, Trust(vkey=files["ledger/vkey"].decode().strip()))
    assert [one.lines() for one in checked if one.outcome is Outcome.FAILED] == []
    sent = await setup.get(f"/api/rounds/{ROUND}/counts")
    assert set(outcomes_of(counts_checks.verify(sent.content, trust)).values()) == {Outcome.OK}


def test_a_round_without_added_units_is_the_same_as_before(office: Office) -> None:
    text = loading.preset("luohe-hangfeng")
    head, rest = text.split("  # In force, and printed, only", 1)
    before = head + "\ncadence:" + rest.split("\ncadence:", 1)[1]
    assert "added" not in before
    # What the document says of added units is no part of a scheme to which none are added, nor of what it asks.
    assert loading.read(text).digest == loading.read(before).digest != loading.read(text, lacking="reweight").digest
    with office.work() as session:
        found = plans.plan(session, Wish(**WISH), answers_of(session), by="setup", at=clock.now()).round
        form = campaigns.form_of(session, service.campaigns_of(session, found.id)["questionnaire"])
        assert found.answers is not None
        assert not {"added_units", "added_lacking"} & set(found.answers)
    assert dict(form.variants) == {"all": None}


def answers_of(session: Any) -> dict[str, Any]:
    return made_up.complete(session, Wish(**WISH), {"added_units": [], "flags": {"key_unit": []}})
