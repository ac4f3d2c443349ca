"""A round under another scheme over HTTP: what comes back, what is refused, and to whom."""

from __future__ import annotations

from pathlib import Path

from survey_models.schemes import loading
from tests.api.office import open_office
from tests.browser.round_city import NEW, make_rounds
from tests.other_scheme import BIG
from tests.poll import settings_for

PATH = f"/api/rounds/{NEW}/compare"


async def test_another_scheme_is_known_and_proved(sqlite_url: str, tmp_path: Path) -> None:
    with open_office(settings_for(sqlite_url, tmp_path, inline_worker=False)) as office:
        office.add("setup", "setup")
        office.add("marker", "inspector")
        with office.work() as session:
            make_rounds(session)
        async with office.browser() as setup, office.browser() as stranger:
            assert (await stranger.post(PATH, json={"scheme": "big-city"})).status_code == 401
            await stranger.sign_in("marker")
            assert (await stranger.post(PATH, json={"scheme": "big-city"})).status_code == 403
            await setup.sign_in("setup")
            unknown = await setup.post(PATH, json={"scheme": "big-city"})
            assert (unknown.status_code, unknown.json()["code"]) == (404, "scheme_unknown")
            assert (await setup.post("/api/schemes", json={"text": BIG})).status_code == 201
            seen = (await setup.post(PATH, json={"scheme": "big-city"})).json()
            assert (seen["scheme"]["title"], seen["flips"]) == ("大城部门评议办法", [["R-4", "R-5"]])
            assert {one["part"] for one in seen["unfed"]} == {"known", "visits", "conduct", "bonus"}
            names = {one["id"]: one["title"] for one in seen["names"]}
            (last,) = [one for one in seen["shifts"] if one["unit"] == "R-6"]
            assert ([names[one] for one in last["gained"]], [names[one] for one in last["gone"]]) == (
                ["约谈"],
                ["限期整改"],
            )
            # A preset's points no longer add up with a setting out of place: it fails its proof, with every fault.
            wrong = {"scheme": "nanyang-2014-27", "settings": {"window_points": 90}}
            faulty = await setup.post(PATH, json=wrong)
            assert (faulty.status_code, faulty.json()["code"]) == (422, "scheme_faulty")
            assert faulty.json()["faults"]
            for body in ({"scheme": "Big City"}, {"scheme": "big-city", "text": BIG}, {"maps": {"four": {"满意": 1}}}):
                assert (await setup.post(PATH, json=body)).status_code == 422
            preset = loading.preset("xuancheng-2019-48")
            taken = await setup.post("/api/schemes", json={"text": f"{preset}# 改动"})
            assert (taken.status_code, taken.json()["code"]) == (409, "scheme_name_taken")
