"""Another scheme for the round of the small city: with what it has, under other ids, and with what it has not."""

from __future__ import annotations

from tests.browser.round_city import INSPECTION, OFFICE

BIG = f"""
scheme: big-city
version: 1
title: {{ zh: 大城部门评议办法, en: Rating of departments in a big city }}
text: nanyang-2014-27.txt
units: {{ stated: {{ 综合部门: 3, 服务部门: 3 }}, assumed: &us {{ zh: 测试自定, en: Set for the test }} }}
cadence: {{ each: half_year, assumed: *us }}
maps:
  satisfaction: {{ options: {{ 满意: 100, 基本满意: 80, 不满意: 0 }}, assumed: *us }}
total:
  id: total
  title: {{ zh: 总分, en: Total }}
  points: 100
  assumed: *us
  parts:
    - id: public
      title: {{ zh: 群众, en: People }}
      points: 50
      assumed: *us
      source: {{ kind: survey, map: satisfaction, campaigns: [{{ campaign: people, share: 100 }}] }}
    - id: tasks
      title: {{ zh: 重点工作, en: Main tasks }}
      points: 20
      assumed: *us
      source: {{ kind: marks, office: {INSPECTION}, scale: 20 }}
    - id: conduct
      title: {{ zh: 作风纪律, en: Discipline }}
      points: 10
      assumed: *us
      source:
        kind: cases
        office: {OFFICE}
        rules:
          - {{ id: overdue, title: {{ zh: 逾期未整改, en: Not put right in time }}, points: 3, assumed: *us }}
          - {{ id: rude, title: {{ zh: 态度粗暴, en: Rude }}, points: 1, assumed: *us }}
    - id: known
      title: {{ zh: 公众知晓, en: Known to the public }}
      points: 10
      missing: reweight
      assumed: *us
      source: {{ kind: survey, map: satisfaction, campaigns: [{{ campaign: callers, share: 100 }}] }}
    - id: visits
      title: {{ zh: 日常检查, en: Visits }}
      points: 10
      missing: zero
      assumed: *us
      source:
        kind: cases
        rules:
          - {{ id: absent, title: {{ zh: 无故离岗, en: Absent }}, points: 1, assumed: *us }}
adjustments:
  - id: bonus
    title: {{ zh: 创新加分, en: Bonus for something new }}
    low: 0
    high: 5
    office: {OFFICE}
    assumed: *us
    bonuses:
      - {{ id: new, title: {{ zh: 创新, en: Something new }}, points: 1, assumed: *us }}
ranking: {{ within: category, chain: [], assumed: *us }}
grades:
  - {{ id: a, title: {{ zh: 好, en: Good }}, least: 79.2, assumed: *us }}
  - {{ id: b, title: {{ zh: 一般, en: Fair }}, least: 0, assumed: *us }}
consequences:
  - {{ id: first, title: {{ zh: 通报表彰, en: Praised in a circular }}, kind: award, first: 1, assumed: *us }}
  - {{ id: talk, title: {{ zh: 约谈, en: Called in for a talk }}, kind: sanction, last: 1, assumed: *us }}
campaigns:
  - id: people
    title: {{ zh: 群众问卷, en: Questionnaire }}
    raters: [citizens]
    map: satisfaction
    frame: open
    assumed: *us
  - id: callers
    title: {{ zh: 电话访问, en: By telephone }}
    raters: [citizens]
    map: satisfaction
    frame: open
    assumed: *us
"""
