"""Two half-years of a small city, made through the services: a scheme, six units, results with a tie and borders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from survey_models.core.canonical import blinded, digest, new_blind
from survey_models.core.ids import new_id
from survey_models.rounds.records import to_json
from survey_models.rounds.scoring import code_digest, score
from survey_models.rounds.tables import Round, RoundResult, RoundUnit
from survey_models.schemes import service as schemes
from survey_models.schemes.inputs import Answers, Booked, Inputs, Mark, RatedUnit
from survey_models.schemes.tables import Scheme
from survey_models.units.tables import Unit

AT = datetime(2015, 7, 10, 2, tzinfo=UTC)
OLD, NEW = "small-city-2014h2", "small-city-2015h1"
OFFICE, INSPECTION = "市考评办", "市委督查室"

SCHEME = f"""
scheme: small-city
version: 1
title: {{ zh: 小城部门评议办法, en: Rating of departments in a small city }}
text: ""
policy: |
  第三条 群众满意度占六十分，由群众问卷得出。第四条 重点工作占三十分，由市委督查室评定。
  第五条 作风纪律占十分，逾期未整改的每次扣二分。第八条 每类第一名予以通报表彰，最后一名限期整改。
settings:
  people_points:
    title: {{ zh: 群众满意度分值, en: Points of the people's answers }}
    value: 60
    low: 40
    high: 60
    cite: [群众满意度占六十分，由群众问卷得出]
    at: 第三条
units:
  stated: {{ 综合部门: 3, 服务部门: 3 }}
  assumed: {{ zh: 单位名单由办公室定, en: The office names the units }}
cadence: {{ each: half_year, assumed: {{ zh: 每半年评议一次, en: Every half-year }} }}
maps:
  three:
    options: {{ 满意: 100, 基本满意: 60, 不满意: 0 }}
    assumed: {{ zh: 选项分值100/60/0, en: "Options count 100/60/0" }}
total:
  id: total
  title: {{ zh: 总得分, en: Total }}
  points: 100
  cite: [群众满意度占六十分，由群众问卷得出]
  at: 第三条
  parts:
    - id: A
      title: {{ zh: 群众满意度, en: People's answers }}
      points: {{ setting: people_points }}
      cite: [群众满意度占六十分，由群众问卷得出]
      at: 第三条
      source: {{ kind: survey, map: three, campaigns: [{{ campaign: people, share: 100 }}] }}
    - id: B
      title: {{ zh: 重点工作, en: Main tasks }}
      points: 30
      cite: [重点工作占三十分，由市委督查室评定]
      at: 第四条
      source: {{ kind: marks, office: {INSPECTION}, scale: 100 }}
    - id: C
      title: {{ zh: 作风纪律, en: Discipline }}
      points: 10
      cite: [作风纪律占十分，逾期未整改的每次扣二分]
      at: 第五条
      assumed: {{ zh: 扣完为止, en: Never below nought }}
      source:
        kind: cases
        office: {OFFICE}
        rules:
          - id: late
            title: {{ zh: 逾期未整改, en: Not put right in time }}
            points: 2
            cite: [逾期未整改的每次扣二分]
ranking:
  within: category
  chain: []
  assumed: {{ zh: 得分保留两位小数，同分同名次, en: "Two decimals, equal scores share a place" }}
grades:
  - id: good
    title: {{ zh: 好, en: Good }}
    least: 85
    assumed: &grades {{ zh: 等次界线由办公室定, en: The office sets the grades }}
  - {{ id: fair, title: {{ zh: 一般, en: Fair }}, least: 0, assumed: *grades }}
consequences:
  - id: praised
    title: {{ zh: 通报表彰, en: Praised in a circular }}
    kind: award
    first: 1
    cite: [每类第一名予以通报表彰]
    article: 第八条
  - id: warned
    title: {{ zh: 限期整改, en: Told to put it right }}
    kind: sanction
    last: 1
    cite: [最后一名限期整改]
    article: 第八条
    assumed: {{ zh: 每类最后一名, en: The last of each category }}
campaigns:
  - id: people
    title: {{ zh: 群众问卷, en: Questionnaire }}
    raters: [citizens]
    map: three
    frame: open
    assumed: {{ zh: 样本量由办公室定, en: The office sets the sample }}
duties:
  - id: report
    title: {{ zh: 半年工作报告, en: Report on the half-year }}
    who: units
    due: end
    characters: 2000
    assumed: {{ zh: 期末报送, en: Due at the end }}
"""

NAMES = {
    "R-1": ("市财政局", "综合部门"),
    "R-2": ("市审计局", "综合部门"),
    "R-3": ("市统计局", "综合部门"),
    "R-4": ("市民政局", "服务部门"),
    "R-5": ("市交通运输局", "服务部门"),
    "R-6": ("市住房和城乡建设局", "服务部门"),
}
PERIODS = {
    OLD: ("小城部门评议 2014年下半年", "2014H2", date(2014, 7, 1), date(2014, 12, 31)),
    NEW: ("小城部门评议 2015年上半年", "2015H1", date(2015, 1, 1), date(2015, 6, 30)),
}
# Of two hundred answers so many are 满意 and 基本满意; the mark; cases of lateness. end level.
SAID = {
    OLD: [(140, 40, 88, 0), (120, 60, 80, 1), (150, 30, 92, 0), (100, 60, 76, 2), (130, 50, 84, 0), (90, 70, 90, 1)],
    NEW: [(160, 30, 90, 0), (160, 30, 90, 0), (130, 40, 86, 1), (150, 30, 88, 0), (146, 38, 87, 0), (80, 60, 70, 2)],
}


def make_rounds(session: Session, *, by: str = "setup") -> None:
    """The units, the scheme, and the rounds ``OLD`` and ``NEW`` with one result each."""
    for no, (code, (name, category)) in enumerate(NAMES.items(), start=901):
        session.add(
            Unit(
                code=code,
                name=name,
                category=category,
                position=no,
                superior_led=False,
                flags_source="test",
            )
        )
    stored = schemes.store(session, SCHEME, by=by, at=AT)
    schemes.lock(session, stored.id, stored.version, by=by, at=AT)
    session.flush()
    for round_id in PERIODS:
        _round(session, stored, round_id)


def _round(session: Session, stored: Scheme, round_id: str) -> None:
    title, period, first, last = PERIODS[round_id]
    session.add(
        Round(
            id=round_id,
            title=title,
            scheme_id=stored.id,
            scheme_version=stored.version,
            period_from=first,
            period_to=last,
            made_at=AT,
            period=period,
            level="round",
            purpose="demo",
            answers={},
        )
    )
    session.flush()
    for position, (code, (_, category)) in enumerate(NAMES.items(), start=1):
        session.add(RoundUnit(round_id=round_id, unit_code=code, category=category, position=position, flags=[]))
    _result(session, stored, round_id, inputs_of(round_id))


def inputs_of(round_id: str) -> Inputs:
    """What the run of a round reads."""
    units = tuple(RatedUnit(code, name, category) for code, (name, category) in NAMES.items())
    said = dict(zip(NAMES, SAID[round_id], strict=True))
    return Inputs(
        units=units,
        answers={("people", code): _answers(good, fair) for code, (good, fair, _, _) in said.items()},
        marks={("B", code): (Mark(Decimal(mark), INSPECTION),) for code, (_, _, mark, _) in said.items()},
        booked=tuple(
            Booked(code, "C", "late", f"{code}-{no}") for code, (*_, late) in said.items() for no in range(late)
        ),
    )


def _answers(good: int, fair: int, n: int = 200) -> Answers:
    counts = {"满意": good, "基本满意": fair, "不满意": n - good - fair}
    shares = {option: Fraction(times, n) for option, times in counts.items()}
    mean = 100 * shares["满意"] + 60 * shares["基本满意"]
    return Answers(n=n, judging=n, counts=counts, score=mean, se=Decimal("1.800000000"), shares=shares)


def _result(session: Session, stored: Scheme, round_id: str, inputs: Inputs) -> None:
    outcome, read, blind = score(schemes.document_of(stored), stored.digest, inputs), to_json(inputs), new_blind()
    kept = to_json(outcome)
    session.add(
        RoundResult(
            id=new_id(),
            round_id=round_id,
            no=1,
            scheme_id=stored.id,
            scheme_version=stored.version,
            scheme_digest=stored.digest,
            inputs_digest=digest(read),
            inputs=read,
            sources={},
            code=code_digest(),
            outcome=kept,
            result_digest=blinded(kept, blind),
            blind=blind,
            made_by="setup",
            made_at=AT,
        )
    )
    session.flush()
