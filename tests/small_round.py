"""A small round to test in: six units in two categories, a poll of people, papers of peers, marks of one office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.marks import service as marks
from survey_models.marks.rules import Entry
from survey_models.rounds import plans
from survey_models.tickets import service as tickets
from survey_models.tickets.service import IssuedCode
from tests.sealed import seal_on_server

OFFICE = "市评议办公室"
SCHEME = """
scheme: six-units
version: 1
title: { zh: 六单位评议, en: Six units }
text: nanyang-2014-27.txt
settings:
  peer_points:
    title: { zh: 互评分值, en: Points of peers }
    value: 20
    low: 0
    high: 40
    assumed: &us { zh: 测试自定, en: Set for the test }
units: { stated: { 甲类: 3, 乙类: 3 }, assumed: *us }
cadence: { each: half_year, year: mean, assumed: *us }
maps:
  three: { options: { 满意: 100, 基本满意: 60, 不满意: 0 }, assumed: *us }
total:
  id: total
  title: { zh: 总分, en: Total }
  points: 100
  assumed: *us
  parts:
    - id: people
      title: { zh: 群众评议, en: People }
      points: 60
      assumed: *us
      source: { kind: survey, map: three, campaigns: [{ campaign: people, share: 100 }] }
    - id: peers
      title: { zh: 单位互评, en: Peers }
      points: { setting: peer_points }
      assumed: *us
      source: { kind: survey, map: three, least: 1, campaigns: [{ campaign: peers, share: 100 }] }
    - id: office
      title: { zh: 办公室评分, en: The office }
      points: 20
      assumed: *us
      source: { kind: marks, office: 市评议办公室, scale: 100 }
ranking: { within: category, ties: competition, assumed: *us }
consequences:
  - { id: praised, title: { zh: 表彰, en: Praised }, kind: award, first: 1, assumed: *us }
  - { id: warned, title: { zh: 黄牌警告, en: Yellow card }, kind: sanction, last: 1, months: 12, assumed: *us }
  - id: warned_twice
    title: { zh: 连续两次末位, en: Last twice }
    kind: sanction
    consecutive: { of: warned, rounds: 2 }
    assumed: *us
campaigns:
  - id: people
    title: { zh: 群众评议, en: People }
    raters: [citizens]
    map: three
    frame: counts
    needs: [population, sizes]
    assumed: *us
  - id: peers
    title: { zh: 单位互评, en: Peers }
    raters: [units]
    map: three
    variant: all_but_own
    frame: units
    per_unit: 1
    small_group: true
    assumed: *us
"""
UNITS = [
    {"code": f"U-{number}", "name": f"单位{number}", "category": "甲类" if number < 4 else "乙类"}
    for number in range(1, 7)
]
ANSWERS: dict[str, Any] = {
    "purpose": "demo",
    "units": UNITS,
    "campaigns": {
        "people": {
            "strata": [{"area": "A", "area_name": "甲区", "kind": "town", "kind_name": "城镇", "people": 900}],
            "tickets": 12,
        }
    },
}
# U-1 and U-2 are judged alike by everybody, U-4 to U-6 each in their own way.
PEOPLE = ["112113", "112123", "112123", "223132"] * 3
PEERS = {"U-1": "-12123", "U-2": "1-2123", "U-3": "11-123", "U-4": "112-23", "U-5": "1121-3", "U-6": "11212-"}
MARKS = {"U-1": "90", "U-2": "90", "U-3": "80", "U-4": "95", "U-5": "85", "U-6": "70"}


def open_all(
    session: Session, round_id: str, *, pepper: bytes, folder: Path, at: datetime
) -> dict[str, list[IssuedCode]]:
    """Issue the tickets of every campaign of a planned round and open them; the codes by campaign."""
    found = {}
    for campaign_id, orders in plans.orders(session, round_id).items():
        found[campaign_id] = tickets.issue(session, campaign_id, orders, pepper=pepper, by="setup", at=at)
        seal_on_server(session, campaign_id, folder, at=at)
        campaigns.prepare(session, campaign_id, by="setup", at=at)
        campaigns.open_campaign(session, campaign_id, by="setup", at=at)
    return found


def send_marks(session: Session, round_id: str, values: Mapping[str, str], *, at: datetime) -> None:
    """The office's marks, entered by one person and approved by another."""
    entries = [Entry(unit, value) for unit, value in values.items()]
    marks.enter(session, round_id, "office", entries, office=OFFICE, by="assessor", at=at)
    marks.approve(session, round_id, "office", office=OFFICE, by="assessor-2", at=at)
