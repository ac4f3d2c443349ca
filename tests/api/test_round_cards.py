"""Cards of a round over HTTP: every campaign's in one act, sealed; with the server's key or the counting office's."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from api import handover
from survey_models.ballots.sealing import new_keypair
from survey_models.core.archives import unpacked
from tests.api.office import Browser, Office, open_office
from tests.poll import settings_for
from tests.small_round import ANSWERS, SCHEME

ROUND = "six-units-2015h1"
CARDS = f"/api/rounds/{ROUND}/cards"
PASSPHRASE = "eight cranes over the river"
PEOPLE, PEERS = f"{ROUND}-people", f"{ROUND}-peers"


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def planned(setup: Browser) -> None:
    ok(await setup.post("/api/schemes", json={"text": SCHEME}), 201)
    wish = {"preset": "six-units", "period": "2015H1", "answers": ANSWERS}
    ok(await setup.post("/api/rounds", json=wish), 201)


def lines(made: dict[str, Any], folder: Path) -> dict[str, list[handover.Line]]:
    packed = base64.b64decode(made["file"])
    assert sha256(packed).hexdigest() == made["sha256"]
    files, found = unpacked(packed), {}
    for one in made["campaigns"]:
        assert sha256(files[one["name"]]).hexdigest() == one["sha256"]
        (folder / one["name"]).write_bytes(files[one["name"]])
        found[one["id"]] = handover.open_sealed(folder / one["name"], passphrase=PASSPHRASE)
    return found


async def states(setup: Browser) -> dict[str, str]:
    return {one["id"]: one["state"] for one in ok(await setup.get(f"/api/rounds/{ROUND}"))["campaigns"]}


def staffed(office: Office) -> None:
    for name in ("setup", "release"):
        office.add(name, name)


async def test_the_cards_of_a_round_are_issued_once_and_sealed(sqlite_url: str, tmp_path: Path) -> None:
    settings = settings_for(sqlite_url, tmp_path, inline_worker=False, sealing_key_on_server=True)
    with open_office(settings) as office:
        staffed(office)
        async with office.browser() as setup, office.browser() as release:
            await setup.sign_in("setup")
            await release.sign_in("release")
            await planned(setup)
            asked = ok(await release.get(CARDS))
            assert asked["keys_here"] is True
            assert {one["id"]: one["cards"] for one in asked["campaigns"]} == {PEOPLE: 12, PEERS: 6}
            assert ok(await release.post(CARDS, json={"passphrase": PASSPHRASE}), 403)["code"] == "forbidden"
            assert ok(await setup.post(CARDS, json={}), 422)["code"] == "password_weak"
            both = {"passphrase": PASSPHRASE, "public": "0" * 64}
            assert ok(await setup.post(CARDS, json=both), 422)["code"] == "request_malformed"
            made = ok(await setup.post(CARDS, json={"passphrase": PASSPHRASE}), 201)
            cards = lines(made, tmp_path)
            assert {name: len(one) for name, one in cards.items()} == {PEOPLE: 12, PEERS: 6}
            assert {line.point for line in cards[PEERS]} == {f"单位{no}" for no in range(1, 7)}
            assert await states(setup) == {PEOPLE: "ready", PEERS: "ready"}
            # Progress of cells for which nobody set a target; none of a small group, where it would tell who answered.
            people = ok(await setup.get(f"/api/campaigns/{PEOPLE}/progress"))
            assert [(row["issued"], row["target"], row["done"]) for row in people["rows"]] == [(12, 12, 0)]
            assert ok(await setup.get(f"/api/campaigns/{PEERS}/progress"))["rows"] == []
            # Again: nothing is in draft, and nothing is issued.
            assert ok(await setup.post(CARDS, json={"passphrase": PASSPHRASE}), 201)["campaigns"] == []
            assert ok(await setup.get(CARDS))["campaigns"] == []


async def test_without_keys_on_the_server_the_counting_office_states_its_own(sqlite_url: str, tmp_path: Path) -> None:
    _, public = new_keypair()
    with open_office(settings_for(sqlite_url, tmp_path, inline_worker=False)) as office:
        staffed(office)
        async with office.browser() as setup:
            await setup.sign_in("setup")
            await planned(setup)
            made = ok(await setup.post(CARDS, json={"passphrase": PASSPHRASE}), 201)
            assert [one["ready"] for one in made["campaigns"]] == [False, False]
            assert [one["issued"] for one in ok(await setup.get(CARDS))["campaigns"]] == [True, True]
            sealed = ok(await setup.post(CARDS, json={"office_key": public.hex()}), 201)
            assert (sealed["file"], [one["ready"] for one in sealed["campaigns"]]) == ("", [True, True])
            assert await states(setup) == {PEOPLE: "ready", PEERS: "ready"}
            assert ok(await setup.get(f"/api/campaigns/{PEOPLE}"))["level"] == "sealed_office"
