"""A unit's organiser (单位组织员) rates its departments, from the plan to the published places, and sees its own."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import handover
from api.auth import passwords
from survey_models.accounts import service as accounts
from survey_models.campaigns import service as campaigns
from survey_models.core.archives import unpacked
from survey_models.questionnaires import service as questionnaires
from survey_models.units.tables import Unit
from tests.api.office import PASSWORD, START, Browser, Office, open_office
from tests.poll import settings_for

OWN = "/api/departments"
PASSPHRASE = "eight cranes over the river"
RATERS = {"leaders": "leaders", "staff": "staff", "subordinates": "subordinate_units", "service-users": "service_users"}
ANSWERS = {
    "purpose": "demo",
    "units": [
        {"code": "D-1", "name": "办公室", "category": "科室"},
        {"code": "D-2", "name": "法规科", "category": "科室"},
        {"code": "D-3", "name": "财务科", "category": "科室"},
    ],
    "campaigns": {name: {"people": {kind: 12}, "tickets": 12} for name, kind in RATERS.items()},
}


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office of two, and the organisers of two units."""
    settings = settings_for(sqlite_url, tmp_path, inline_worker=False, sealing_key_on_server=True)
    with open_office(settings) as made:
        for name in ("setup", "release"):
            made.add(name, name)
        with made.work() as session:
            for place, code in enumerate(("U-1", "U-2")):
                session.add(
                    Unit(
                        code=code,
                        name=f"单位{code}",
                        category="甲",
                        position=place,
                        superior_led=False,
                        flags_source="test",
                    )
                )
            session.flush()
            for code in ("U-1", "U-2"):
                hashed = passwords.new_hash(PASSWORD, name=code)
                accounts.create(
                    session, code.lower(), password_hash=hashed, roles=["organiser"], unit_code=code, at=START
                )
        yield made


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def confirmed(asked: httpx.Response, release: Browser) -> None:
    ok(await release.post(f"/api/acts/{ok(asked, 202)['number']}/confirm"))


async def test_from_the_template_to_the_places_of_its_departments(office: Office, tmp_path: Path) -> None:
    async with (
        office.browser() as own,
        office.browser() as other,
        office.browser() as setup,
        office.browser() as release,
    ):
        for browser, name in ((own, "u-1"), (other, "u-2"), (setup, "setup"), (release, "release")):
            await browser.sign_in(name)
        round_id = await planned(own, other)
        cards = await issued(own, other, round_id, tmp_path)
        await opened(own, other, release, round_id, list(cards))
        await rated(office, setup, cards)
        for campaign in cards:
            assert ok(await own.post(f"/api/campaigns/{campaign}/close"), 403)["code"] == "forbidden"
            ok(await setup.post(f"/api/campaigns/{campaign}/close"))
            await confirmed(await setup.post(f"/api/campaigns/{campaign}/count"), release)
        await published(own, other, setup, release, round_id)


async def planned(own: Browser, other: Browser) -> str:
    asked = ok(await own.get(f"{OWN}/plan?period=2016Q1"))
    assert {one["key"].split(".")[0] for one in asked if one["default"] is None} == {"units", "campaigns"}
    body = {"period": "2016Q1", "answers": {**ANSWERS, "purpose": "demo"}}
    made = ok(await own.post(OWN, json=body), 201)
    assert ok(await own.post(OWN, json=body), 201) == made
    assert [one["state"] for one in made["campaigns"]] == ["draft"] * 4
    assert [one["id"] for one in ok(await own.get(OWN))] == [made["id"]]
    assert ok(await other.get(OWN)) == []
    round_id: str = made["id"]
    return round_id


async def issued(own: Browser, other: Browser, round_id: str, folder: Path) -> dict[str, list[handover.Line]]:
    path = f"{OWN}/{round_id}/cards"
    assert ok(await other.post(path, json={"passphrase": PASSPHRASE}), 403)["code"] == "not_own_unit"
    made = ok(await own.post(path, json={"passphrase": PASSPHRASE}), 201)
    found = {}
    for name, content in unpacked(base64.b64decode(made["file"])).items():
        (folder / name).write_bytes(content)
        campaign = next(one["id"] for one in made["campaigns"] if one["name"] == name)
        found[campaign] = handover.open_sealed(folder / name, passphrase=PASSPHRASE)
    assert [len(lines) for lines in found.values()] == [12] * 4
    return found


async def opened(own: Browser, other: Browser, release: Browser, round_id: str, ids: list[str]) -> None:
    for campaign in ids:
        path = f"{OWN}/{round_id}/campaigns/{campaign}/open"
        assert ok(await other.post(path), 403)["code"] == "not_own_unit"
        asked = await own.post(path)
        assert ok(await own.post(f"/api/acts/{ok(asked, 202)['number']}/confirm"), 403)["code"] == "forbidden"
        await confirmed(asked, release)
    assert {one["state"] for one in ok(await own.get(OWN))[0]["campaigns"]} == {"open"}


async def rated(office: Office, browser: Browser, cards: dict[str, list[handover.Line]]) -> None:
    """Everybody finds the first department good, the second one fair and the third one bad."""
    for campaign, lines in cards.items():
        with office.work() as session:
            found = campaigns.get(session, campaign)
            form, _ = questionnaires.load(session, found.questionnaire_id, found.questionnaire_version)
        options = [option.code for option in form.scales[form.items[form.units[0]].scale or ""]]
        chosen = dict(zip(form.units, options, strict=False))
        answers = "".join(chosen.get(place, "-") for place in range(len(form.items)))
        for line in lines:
            body = {"id": str(uuid.uuid4()), "code": line.code, "answers": answers}
            ok(await browser.post(f"/api/campaigns/{campaign}/ballots", json=body), 201)


async def published(own: Browser, other: Browser, setup: Browser, release: Browser, round_id: str) -> None:
    rounds = f"/api/rounds/{round_id}"
    assert ok(await own.get(f"{rounds}/scorecards"), 403)["code"] == "forbidden", "not before it is published"
    result = ok(await setup.post(f"{rounds}/results"), 201)
    assert [row["unit"] for row in sorted(result["rows"], key=lambda row: row["rank"])] == ["D-1", "D-2", "D-3"]
    if result["borders"]:
        ok(await release.post(f"{rounds}/borders"))
    assert ok(await own.get(OWN))[0]["published"] is False
    await confirmed(await setup.post(f"{rounds}/publish", json={"no": result["no"]}), release)
    mine = ok(await own.get(OWN))[0]
    assert mine["published"] is True
    assert {(one["issued"], one["done"]) for one in mine["campaigns"]} == {(12, 12)}
    page = await own.get(f"/results/{round_id}")
    assert page.status_code == 200
    assert page.text.index("办公室") < page.text.index("财务科")
    assert ok(await other.get(OWN)) == []
