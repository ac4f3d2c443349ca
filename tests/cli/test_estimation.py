"""An estimation on the command line: shown as a file, changed in it, stated from it; the steps of a result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from api.db import unit_of_work
from survey_models.campaigns import service as campaigns
from survey_models.campaigns.tables import State
from tests.api.poll import make_poll
from tests.cli.shell import Shell

SAID = """
points_as_psu: false
confidence: 0.90
margins:
  - item: sex
    totals: {1: 480, 2: 520}
trim: {cap_ratio: 5}
"""


@pytest.fixture
def poll(staffed: Shell, tmp_path: Path) -> Shell:
    units = tmp_path / "units.csv"
    units.write_text(
        "code,name,category,order,superior_led,flags_source\nLH-001,公安,政府部门,1,0,test\n", encoding="utf-8"
    )
    staffed.ok(f"units import {units} --stated 1")
    make_poll(staffed.engine, "luohe", stop_at="ready")
    return staffed


def test_an_estimation_is_read_changed_and_stated(poll: Shell, tmp_path: Path) -> None:
    shown = poll.ok("campaigns estimation show luohe --as release")
    assert shown.startswith("# digest ")
    file = tmp_path / "estimation.yaml"
    file.write_text(shown, encoding="utf-8")
    assert shown.splitlines()[0].split()[-1] in poll.ok(f"campaigns estimation set luohe {file}")
    assert poll.refused(f"campaigns estimation set luohe {file} --as release") == "forbidden"
    file.write_text(SAID, encoding="utf-8")
    poll.ok(f"campaigns estimation set luohe {file}")
    stated = yaml.safe_load(poll.ok("campaigns estimation show luohe"))
    assert (stated["confidence"], stated["trim"]) == ("0.9", {"cap_ratio": "5"})
    assert stated["margins"] == [{"item": "sex", "totals": {"1": 480, "2": 520}}]
    as_json = tmp_path / "estimation.json"
    as_json.write_text(json.dumps(stated), encoding="utf-8")
    assert poll.ok("campaigns estimation show luohe").split()[2] in poll.ok(f"campaigns estimation set luohe {as_json}")
    for fault, code in (("errors: jackknife\n", "estimation_jackknife_persons"), ("- x: [", "request_malformed")):
        file.write_text(fault, encoding="utf-8")
        assert poll.refused(f"campaigns estimation set luohe {file}") == code
    poll.ok("campaigns open luohe")
    poll.ok("acts confirm 1 --as release")
    assert poll.refused(f"campaigns estimation set luohe {as_json}") == "act_not_allowed"


def test_the_steps_of_a_result_are_told(poll: Shell) -> None:
    assert poll.refused("results steps luohe") == "campaign_open"
    with unit_of_work(poll.engine) as session:
        campaigns.get(session, "luohe").state = State.COUNTED.value
    assert poll.refused("results steps luohe LH-001") == "result_missing"
    poll.ok("results run luohe")
    assert "Returned: sheets counted 0, response rate 0.00%." in poll.ok("results steps luohe")
    assert "Judged by too few people" in poll.ok("results steps luohe LH-001")
    assert poll.refused("results steps luohe LH-999") == "result_unit_unknown"
