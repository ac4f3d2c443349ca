"""A small city whose scheme has one part of every kind that an office may mark, and duties; everything is assumed."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from survey_models.rounds.tables import Round, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.units import service as units

START = datetime(2015, 3, 2, 1, 0, tzinfo=UTC)
ROUND = "city-2015h1"
INSPECTION, ORGANISATION, LEADERS = "市委督查室", "市委组织部", "市纪委"
OFFICE = "市考绩办"
NAMES = ["市教育局", "市公安局", "市民政局", "市水利局"]

SCHEME = """
scheme: test-city
version: 1
title: { zh: 小城考评, en: A small city }
text: ""
policy: 本办法由市考绩办解释，未尽事宜由市考绩办另行规定。
units: { stated: { 部门: 4 }, assumed: &open { zh: 测试, en: For a test } }
cadence: { each: half_year, assumed: *open }
maps:
  three: { options: { 满意: 100, 基本满意: 60, 不满意: 0 }, assumed: *open }
total:
  id: total
  title: { zh: 总分, en: Total }
  points: 100
  assumed: *open
  parts:
    - id: S
      title: { zh: 问卷, en: Survey }
      points: 40
      assumed: *open
      source: { kind: survey, map: three, campaigns: [{ campaign: people, share: 100 }] }
    - id: M
      title: { zh: 督查, en: Inspection }
      points: 20
      assumed: *open
      source: { kind: marks, office: 市委督查室, scale: 100, due: 06-20 }
    - id: P
      title: { zh: 创新案例, en: Innovation }
      points: 10
      assumed: *open
      source: { kind: marks, office: 市委组织部, scale: 20, panel: 3 }
    - id: D
      title: { zh: 廉洁, en: Integrity }
      points: 10
      assumed: *open
      source: { kind: decay, office: 市纪委, enter: places, step: 3 }
    - id: Q
      title: { zh: 党建, en: Party building }
      points: 10
      assumed: *open
      source:
        kind: tiers
        office: 市委组织部
        tiers:
          - { title: { zh: 优秀, en: Excellent }, share: 50, points: 10 }
          - { title: { zh: 合格, en: Passed }, share: 50, points: 5 }
    - id: X
      title: { zh: 自查与窗口, en: Self-checks and windows }
      points: 10
      assumed: *open
      choose:
        - when: { flags: [has_window] }
          parts:
            - id: W
              title: { zh: 窗口, en: Windows }
              points: 5
              assumed: *open
              source: { kind: marks, office: 市委督查室, scale: 5 }
            - &checks
              id: C
              title: { zh: 自查, en: Self-checks }
              points: 5
              assumed: *open
              source:
                kind: cases
                per: quarter
                rules:
                  - { id: late, title: { zh: 逾期, en: Late }, points: 3, assumed: *open }
        - parts:
            - { <<: *checks, points: 10 }
campaigns:
  - { id: people, title: { zh: 群众, en: People }, raters: [citizens], map: three, frame: open, assumed: *open }
  - id: reps
    title: { zh: 评议代表, en: Representatives }
    raters: [representatives]
    map: three
    frame: roster
    roster: { new_one_in: 3, one_hirer: true, shared: [学校, 医院], trained: true, undertaking: true }
    assumed: *open
duties:
  - id: check
    title: { zh: 季度自查报告, en: Quarterly self-check }
    who: units
    receivers: [市考绩办, 市委督查室]
    per: quarter
    due: day 10
    characters: 20
    feeds: [C, late]
    assumed: *open
  - id: deeds
    title: { zh: 公开承诺实事, en: Deeds promised in public }
    who: units
    due: 04-30
    least: 2
    most: 5
    assumed: *open
  - id: bound
    title: { zh: 装订材料, en: Bound materials }
    who: units
    when: { flags: [has_window] }
    due: +1 01-15
    checklist: [方案, 机构, 总结]
    assumed: *open
  - id: plan
    title: { zh: 实施方案, en: Plan }
    who: 县区
    names: [东县, 西县]
    due: end
    assumed: *open
"""


def make_round(session: Session) -> None:
    """Four units, the first two with windows, and the round of the first half of 2015 under the scheme."""
    rows = [
        {
            "code": f"C-{no}",
            "name": name,
            "category": "部门",
            "order": str(no),
            "superior_led": "0",
            "flags_source": "test",
        }
        for no, name in enumerate(NAMES, start=1)
    ]
    made = units.import_units(session, rows, stated=4, by="test", at=START)
    stored = schemes.store(session, SCHEME, by="test", at=START)
    session.add(
        Round(
            id=ROUND,
            title="2015年上半年",
            scheme_id=stored.id,
            scheme_version=stored.version,
            period_from=date(2015, 1, 1),
            period_to=date(2015, 6, 30),
            made_at=START,
            period="2015H1",
            level="round",
            purpose="rehearsal",
            answers={},
        )
    )
    session.flush()
    for unit in made:
        flags = ["has_window"] if unit.position <= 2 else []
        session.add(
            RoundUnit(round_id=ROUND, unit_code=unit.code, category="部门", position=unit.position, flags=flags)
        )
    session.flush()
