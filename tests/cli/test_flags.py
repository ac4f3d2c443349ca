"""Flags, and what two people decide about what they point at, on the command line."""

import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from api.db import unit_of_work
from survey_models.core import clock
from survey_models.ratings.tables import Rating
from survey_models.units import service as units
from survey_models.units.tables import Window
from tests.api.poll import make_poll
from tests.cli.shell import Shell


def test_the_rules_are_run_and_what_they_found_is_listed(staffed: Shell) -> None:
    make_poll(staffed.engine, "luohe", stop_at="open")
    assert staffed.refused("flags run luohe --as release") == "forbidden"
    assert "0 new flags" in staffed.ok("flags run luohe")
    assert "0 new flags" in staffed.ok("flags run")
    assert "规则 rule" in staffed.ok("flags list --as release")
    assert "规则 rule" in staffed.ok("flags list --campaign luohe --state open")
    assert staffed.refused("flags list --window none") == "window_unknown"
    # Once as the event, once in the body of each of the two.
    assert staffed.ok("ledger list --log luohe").count("flags:looked") == 4


def test_window_ratings_are_set_aside_by_two(staffed: Shell) -> None:
    noon = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
    with unit_of_work(staffed.engine) as session:
        row = Window(id="w1", unit_code=None, number="1", name="窗口", hall="大厅", business="综合", made_up=True)
        units.add_window(session, row, by=None, at=clock.now())
        keys = {"window_id": "w1", "device_id": uuid.uuid4(), "code": "5", "reasons": [], "day": noon.date()}
        times = [noon + timedelta(seconds=second) for second in range(12)]
        rows = [{**keys, "id": uuid.uuid4(), "device_time": at, "received_at": at} for at in times]
        session.execute(insert(Rating), rows)
    # Local time: the city's clock shows noon.
    span = "--begins 2026-11-10T12:00:00 --ends 2026-11-10T12:05:00 --reason tapped"
    assert staffed.refused(f"voids ratings w1 {span} --as release") == "forbidden"
    assert staffed.refused(f"voids ratings w9 {span}") == "window_unknown"
    assert staffed.refused(f"voids ratings w1 {span.replace('12:00', '12:01')}") == "ratings_too_few"
    assert "pingyi acts confirm 1" in staffed.ok(f"voids ratings w1 {span}")
    assert staffed.refused("acts confirm 1") == "act_same_person"
    staffed.ok("acts confirm 1 --as release")
    listed = staffed.ok("voids list-ratings w1")
    assert "2026-11-10 12:00" in listed
    assert " 12 " in listed
    assert "ratings:voided" in staffed.ok("ledger list")


def test_what_is_kept_is_listed(staffed: Shell) -> None:
    make_poll(staffed.engine, "luohe", stop_at="open")
    assert "luohe" in staffed.ok("evidence list --as release")
    assert staffed.refused("evidence purge luohe") == "campaign_open"
