"""Computing results (计算结果): from counted ballots to an immutable result with the digests it rests on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from survey_models.campaigns import service as campaigns
from survey_models.campaigns import tallies
from survey_models.campaigns.tables import Campaign
from survey_models.core.canonical import digest
from survey_models.core.errors import Problem
from survey_models.core.ids import new_id
from survey_models.ledger.events import Event
from survey_models.ledger.service import record
from survey_models.results import queries
from survey_models.results.rules import Design, Layer, UnitScore, Weights, rank_within, score_units
from survey_models.results.tables import Result, ResultRow
from survey_models.rounds.service import units_of


def run(session: Session, campaign_id: str, *, by: str, at: datetime) -> Result:
    """Compute the scores of a counted campaign. A second run is a second result; nothing is overwritten."""
    campaign = campaigns.get(session, campaign_id, lock=True)
    campaigns.refuse_before_counted(session, campaign)
    form = campaigns.form_of(session, campaign)
    counted = tallies.tally(session, form, campaign_id)
    design = design_of(session, campaign)
    scores, weights = score_units(counted, form, design)
    units = {link.unit_code: link for link, _ in units_of(session, campaign.round_id)}
    scores = [score for score in scores if score.unit in units]
    ranks = rank_within([units[score.unit].category for score in scores], [score.score for score in scores])
    result = Result(
        id=new_id(),
        round_id=campaign.round_id,
        campaign_id=campaign_id,
        no=queries.count_of(session, campaign_id) + 1,
        estimator=campaign.estimator,
        ballots=int(counted.sheets.sum()),
        inputs_digest=campaigns.tally_digest(counted),
        result_digest=digest([[score.unit, _text(score.score), _text(score.se)] for score in scores]),
        method=method_of(design, weights),
        made_by=by,
        made_at=at,
    )
    session.add(result)
    session.flush()
    for score, rank in zip(scores, ranks, strict=True):
        session.add(_row(result, units[score.unit].category, units[score.unit].position, score, rank))
    session.flush()
    body = {
        "result": str(result.id),
        "no": result.no,
        "ballots": result.ballots,
        "inputs": result.inputs_digest,
        "digest": result.result_digest,
    }
    record(session, campaign_id, Event.RESULT_COMPUTED, body, at=at, by=by)
    return result


def design_of(session: Session, campaign: Campaign) -> Design:
    """How a campaign is estimated."""
    return Design(
        estimator=campaign.estimator,
        points_as_psu=campaign.points_as_psu,
        min_cell=campaign.min_cell,
        layers=tuple(Layer(row.no, row.area_code, row.population) for row in campaigns.strata_of(session, campaign.id)),
    )


def latest(session: Session, campaign_id: str) -> Result:
    """The newest result. Raises 409 before counting and ``result_missing`` before the first run."""
    campaign = campaigns.get(session, campaign_id)
    campaigns.refuse_before_counted(session, campaign)
    found = queries.latest(session, campaign_id)
    if found is None:
        raise Problem("result_missing")
    return found


def rows(session: Session, result: Result) -> list[tuple[ResultRow, str]]:
    """Rows of a result with the units' names."""
    return queries.rows_of(session, result.id)


def method_of(design: Design, weights: Weights) -> dict[str, Any]:
    """What is printed beside every result: method, map, places, and what the error leaves out."""
    zh = [
        "满意 100、基本满意 60、不满意 0;不了解不计分,另列不了解率;空白和无效不计。",
        "得分保留两位小数(四舍五入),名次按类别、按印出的得分排,同分同名次。",
        f"少于 {design.min_cell} 人评议的单位不列得分。",
    ]
    en = [
        "Satisfied 100, mostly satisfied 60, dissatisfied 0; “don't know” is not scored, its rate is shown apart.",
        "Scores are printed with two decimals, rounded half up; places are by category and printed score, ties shared.",
        f"Units judged by fewer than {design.min_cell} people get no score.",
    ]
    if design.estimator == "domain":
        zh.insert(0, "得分是加权域均值:每份问卷的权数 = 所在层人口 ÷ 该层收回份数。")
        en.insert(
            0, "Weighted domain mean: a sheet weighs its stratum's population over the sheets returned there."
        )
    else:
        zh.insert(0, "得分是各层平均分按人口加权的均值。")
        en.insert(0, "Mean of the stratum scores, weighted by population.")
    if design.points_as_psu:
        zh.append("误差按测评点计算(测评点为初级抽样单元,地区为层):含点与点之间的差异;点内按配额选人。")
        en.append("Errors are computed between test points (PSU) within areas; people at a point were chosen by quota.")
    else:
        zh.append("误差按个人计算(分层,不作有限总体修正)。")
        en.append("Errors are computed between persons within strata, without finite population correction.")
    if weights.joined:
        zh.append(f"第 {'、'.join(map(str, weights.joined))} 层没有收回问卷,其人口并入同地区其他层。")
        en.append(f"Strata {', '.join(map(str, weights.joined))} returned no sheet; others of the area stand for them.")
    return {"zh": zh, "en": en, "joined": list(weights.joined)}


def _row(result: Result, category: str, position: int, score: UnitScore, rank: int | None) -> ResultRow:
    return ResultRow(
        result_id=result.id,
        unit_code=score.unit,
        category=category,
        position=position,
        n=score.n,
        n_judging=score.n_judging,
        score=_text(score.score),
        se=_text(score.se),
        ci_low=_text(score.ci_low),
        ci_high=_text(score.ci_high),
        n_eff=_text(score.n_eff),
        satisfied_rate=_text(score.satisfied_rate),
        dont_know_rate=_text(score.dont_know_rate),
        unweighted=_text(score.unweighted),
        rank=rank,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
