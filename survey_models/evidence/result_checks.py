"""Checks of what was stated, counted, scored and printed (声明、计票、得分、公布的核对): pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from sampling.ranks import competition_ranks, round_half_up
from survey_models.campaigns.estimation import STRATIFIED_MEAN
from survey_models.campaigns.service import blind_digest
from survey_models.core.canonical import blinded, digest
from survey_models.evidence import documents
from survey_models.evidence.cases import Case
from survey_models.evidence.findings import Check, Missing, Told, demand
from survey_models.evidence.recounts import cells_of, digest_of
from survey_models.evidence.releases import ALL, NOTHING, ROWS, Line, read_tallies, release, tallies_csv
from survey_models.results.design import designed
from survey_models.results.places import places
from survey_models.results.rules import UnitScore, scale_of
from survey_models.results.sheets import Sheets
from survey_models.results.traces import Sums, sums_of
from survey_models.results.weights import weights_of

_NEAR = Decimal("2e-9")
_FIGURES = ("score", "se", "ci_low", "ci_high", "n_eff", "satisfied_rate", "dont_know_rate", "unweighted")
# A unit that is asked about and not in the round has no place among the others.
_OUTSIDE = ""


def stated(case: Case) -> Told:
    """Questionnaire, strata, joins and estimation are those that were frozen before anybody answered."""
    ready, opening, about = case.only("campaigns:ready"), case.only("campaigns:opened"), case.ground.campaign
    same = digest(about["questionnaire"]["doc"]) == ready["questionnaire"]["digest"]
    demand(same, "问卷与就绪时不同", "the questionnaire is not the one that was frozen")
    names = ("area_code", "kind_code", "population", "sample_size")
    strata = [[row[name] for name in names] for row in about["strata"]]
    demand(strata == ready["strata"], "层或人口与就绪时不同", "strata or populations are not those that were frozen")
    demand(about["joins"]["opening"] == opening["joins"], "开放时的合并不同", "other joins than at opening")
    mixes = case.events("ballots:mixed")
    joins = mixes[-1]["joins"] if mixes else []
    demand(about["joins"]["counting"] == joins, "计票时的合并不同", "other joins than at counting")
    method = case.ground.stated.digest
    demand(method == opening["estimation"], "评估方法不是开放前声明的", "another estimation than was stated")
    demand(method == _logged(case)["estimation"], "得分用的方法不同", "the result used another estimation")
    return f"方法摘要 {method}", f"estimation {method}"


def result(case: Case) -> Told:
    """The result is the one that was logged, and rests on the tally that was fixed at counting."""
    body, counted = _logged(case), case.only("campaigns:counted")
    for name in ("result", "no", "ballots", "inputs", "digest"):
        demand(body[name] == case.result[name], f"{name} 与台账不同", f"{name} is not as it was logged")
    corrected = bool(case.later_voids)
    rests = body["inputs"] == counted["tally"] and body["ballots"] == counted["ballots"]
    demand(rests or corrected, "得分所据的票不是计票时的", "the result rests on another tally than was counted")
    rows = _whole_scores(case)
    if rows is not None:
        made = blinded([[row["unit"], row["score"], row["se"]] for row in rows[0]], rows[1])
        demand(made == body["digest"], "得分与记入的摘要不符", "the scores do not give the digest that was logged")
    return f"第 {body['no']} 份结果，{body['ballots']} 份票", f"result {body['no']} from {body['ballots']} ballots"


def _whole_scores(case: Case) -> tuple[list[dict[str, Any]], str | None] | None:
    """The scores that were logged and their blinding value; None where some are not printed."""
    if case.is_auditors:
        return case.scores, case.blinds["result"]
    if case.result["blind"] is None or any(row["masked"] != NOTHING for row in case.result["units"]):
        return None
    return case.result["units"], case.result["blind"]


def _logged(case: Case) -> dict[str, Any]:
    """The entry of the printed result; it must be the newest."""
    return max(case.events("results:computed"), key=lambda body: int(body["no"]))


def tally(case: Case) -> Told:
    """The box, counted again, gives the tally that was logged."""
    _needs_auditor(case)
    body, ground = case.only("campaigns:counted"), case.ground
    blind, cells = case.blinds["tally"], cells_of(ground, case.box)
    fixed = case.only("campaigns:opened").get("blind")
    same = fixed is None if blind is None else blind_digest(blind) == fixed
    demand(same, "盲值不是开放时记下的", "the blinding value is not the one that was fixed at opening")
    demand(sum(cell.sheets for cell in cells) == body["ballots"], "票数不符", "another number of ballots")
    channels = Counter(row.cell.channel for row, _, _ in case.box if not row.set_aside)
    demand(dict(channels) == body["channels"], "各渠道的票数不符", "other numbers by channel")
    found = digest_of(ground, cells, blind)
    demand(found == body["tally"], "重新计票的摘要不符", "the box gives another tally than was logged")
    now = digest_of(ground, case.cells, blind)
    demand(now == case.result["inputs"], "得分所据的票不符", "the result does not rest on these ballots")
    return f"摘要 {found}", f"digest {found}"


def scores(case: Case) -> Told:
    """All scores, errors and places, computed again from the box."""
    _needs_auditor(case)
    ground, cells = case.ground, case.cells
    rows = {row["unit"]: row for row in case.scores}
    asked = [unit for unit in ground.categories if unit in ground.form.place]
    demand(list(rows) == asked, "单位不符", "other units")
    if not asked:
        return "问卷不评单位", "the questionnaire rates no unit"
    if not cells:
        demand(all(row["score"] is None for row in case.scores), "没有票却有得分", "scores without a ballot")
        return "没有票", "no ballot"
    seed, found = case.result["inputs"], case.unit_scores
    keys = [one.unit for one in found.units]
    ranked = places(found, [ground.categories.get(key, _OUTSIDE) for key in keys], seed=seed)
    for unit, place in zip(found.units, ranked, strict=True):
        row = rows.get(unit.unit)
        if row is not None:
            demand(_same(unit, row), f"{unit.unit} 的得分不符", f"{unit.unit}: another score")
            stands = (row["rank"], row["rank_low"], row["rank_high"]) == (place.rank, place.low, place.high)
            demand(stands, f"{unit.unit} 的名次不符", f"{unit.unit}: another place")
    return f"{len(rows)} 个单位，相差不超过 2e-9", f"{len(rows)} units, none differs by more than 2e-9"


def _same(unit: UnitScore, row: Mapping[str, Any]) -> bool:
    if (unit.n, unit.n_judging) != (row["n"], row["n_judging"]):
        return False
    return all(_near(getattr(unit, name), row[name]) for name in _FIGURES)


def _near(found: Decimal | None, written: str | None) -> bool:
    if found is None or written is None:
        return found is None and written is None
    return abs(found - Decimal(written)) <= _NEAR


def printed(case: Case) -> Told:
    """Printed tallies and scores are those of the box, with the same cells left out."""
    _needs_auditor(case)
    made = release(case.ground, case.cells, case.scores)
    same = tallies_csv(made) == case.files[documents.TALLIES]
    demand(same, "公布的汇总与票箱不符", "the printed tallies are not those of the box")
    same = (made.units, made.returned, made.lines) == tuple(case.result[n] for n in ("units", "returned", "lines"))
    demand(same, "公布的得分与票箱不符", "the printed scores are not those of the box")
    return f"{len(made.tallies)} 行", f"{len(made.tallies)} lines"


def numbers(case: Case) -> Told:
    """Printed numbers of sheets agree with the mix and with the files."""
    result_, ground = case.result, case.ground
    returned, lines = _by_stratum(result_["returned"]), _by_stratum(result_["lines"])
    whole = sum(returned.values())
    demand(whole == result_["ballots"], "各层份数之和不符", "sheets by stratum do not add up")
    mixes = case.events("ballots:mixed")
    aside = mixes[-1]["set_aside"] if mixes else 0
    if case.later_voids or aside:
        return f"{whole} 份；有剔除，各层份数由审计包核对", f"{whole} sheets; some set aside: by stratum for auditors"
    mixed: Counter[int] = Counter()
    for stratum, _, channel, number in mixes[-1]["cells"] if mixes else ():
        mixed[stratum] += number if channel != "open" else 0
    ticketed = {no: number - lines.get(no, 0) for no, number in returned.items() if number != lines.get(no, 0)}
    demand(ticketed == dict(+mixed), "各层份数与混洗记录不符", "sheets by stratum are not those of the mix")
    withdrawn = {body["upload"] for body in case.events("uploads:withdrawn")}
    rows = sum(one["rows"] for one in case.events("uploads:accepted") if one["upload"] not in withdrawn)
    demand(sum(lines.values()) == rows, "文件行数不符", "other numbers of lines of files")
    _demand_sums(case, returned)
    return f"{whole} 份，{len(ground.layers)} 层", f"{whole} sheets in {len(ground.layers)} strata"


def _demand_sums(case: Case, returned: Mapping[int, int]) -> None:
    """Lines of a unit add up to its total; where some are hidden the printed ones stay below it."""
    by_unit = defaultdict(list)
    for line in _tallies(case):
        by_unit[line.unit].append(line)
    for unit, lines in by_unit.items():
        *strata, whole = lines
        shown = [line.counts for line in strata if line.counts is not None]
        fits = whole.stratum == ALL and whole.n == sum(line.n for line in strata)
        fits = fits and all(line.n <= returned.get(int(line.stratum), 0) for line in strata)
        fits = fits and all(line.counts is None or sum(line.counts) == line.n for line in lines)
        if whole.counts is not None:
            sums = [sum(column) for column in zip(*shown, strict=True)] or [0] * len(whole.counts)
            complete = len(shown) == len(strata)
            pairs = zip(sums, whole.counts, strict=True)
            fits = fits and all(part == all_ if complete else part <= all_ for part, all_ in pairs)
        demand(fits, f"{unit} 的份数不符", f"{unit}: its lines do not add up")


def recomputed(case: Case) -> Told:
    """Every printed score, from the printed tallies alone."""
    rows, calibrated = case.result["units"], bool(case.ground.stated.margins)
    sums = _sums(case)
    open_rows = [row for row in rows if row["masked"] == NOTHING]
    for row in open_rows:
        own = sums[row["unit"]]
        demand(own.n == row["n"], f"{row['unit']} 的份数不符", f"{row['unit']}: another number of sheets")
        if row["score"] is None:
            continue
        if calibrated:
            score = Decimal(row["points"]) / Decimal(row["weight"])
        else:
            demand(own.score is not None, f"{row['unit']} 无人评议", f"nobody judges {row['unit']}")
            score = round_half_up(own.score or Fraction(0), 9)
        demand(_near(score, row["score"]), f"{row['unit']} 的得分不符", f"{row['unit']}: another score")
    _demand_ranks(rows)
    rest = len(rows) - len(open_rows)
    return (
        f"{len(open_rows)} 个单位算得同分，{rest} 个有不公布的行",
        f"{len(open_rows)} units give their score, {rest} have hidden lines",
    )


def _demand_ranks(rows: list[dict[str, Any]]) -> None:
    by_category = defaultdict(list)
    for row in rows:
        if row["masked"] in {NOTHING, ROWS} and row["score"] is not None:
            by_category[row["category"]].append(row)
    # A unit whose total is hidden has no place in the release; the others may stand behind it.
    hidden = {row["category"] for row in rows if row["masked"] not in {NOTHING, ROWS}}
    for category, members in by_category.items():
        ranks = competition_ranks([round_half_up(Decimal(row["score"])) for row in members])
        same = ranks == [row["rank"] for row in members]
        demand(same or category in hidden, f"{category} 的名次不符", f"{category}: other places")


def _sums(case: Case) -> dict[str, Sums]:
    """Sums of every unit whose lines are all printed, by the rules of scores, from sheets made to fit the tallies."""
    ground = case.ground
    returned, lines = _by_stratum(case.result["returned"]), _by_stratum(case.result["lines"])
    design = designed(ground.layers, lines, joined=ground.joined, stated=ground.stated)
    weights = weights_of(design.layers, returned, design.stated.nonresponse)
    units = [row["unit"] for row in case.result["units"] if row["masked"] == NOTHING]
    if not units:
        return {}
    by_unit = defaultdict(list)
    for line in _tallies(case):
        by_unit[line.unit].append(line)
    scale = scale_of(ground.form)
    made = _fitting(units, by_unit, returned, (*scale.codes, scale.blank, scale.invalid))
    mean = design.stated.estimator == STRATIFIED_MEAN
    return dict(zip(units, sums_of(made, weights, scale, calibration=None, by_stratum=mean), strict=True))


def _fitting(units: list[str], tallies: Mapping[str, list[Line]], returned: Mapping[int, int], codes: Any) -> Sheets:
    """Sheets that give the printed counts; which answers stand on one sheet is made up and enters no sum."""
    strata = np.repeat(list(returned), list(returned.values())).astype(np.int64)
    answers = np.zeros((len(strata), len(units)), dtype=np.uint8)
    carries = np.zeros(answers.shape, dtype=np.bool_)
    first = {no: int(np.flatnonzero(strata == no)[0]) for no in returned}
    for column, unit in enumerate(units):
        for line in tallies[unit]:
            if line.stratum != ALL:
                column_of = np.repeat([ord(code) for code in codes], line.counts or ())
                rows = slice(first[int(line.stratum)], first[int(line.stratum)] + len(column_of))
                answers[rows, column], carries[rows, column] = column_of, True
    return Sheets(answers, strata, np.zeros_like(strata), {}, carries)


def _tallies(case: Case) -> list[Line]:
    if not case.ground.form.units:
        return []
    scale = scale_of(case.ground.form)
    return read_tallies(case.files[documents.TALLIES], (*scale.codes, scale.blank, scale.invalid))


def _by_stratum(numbers_: Mapping[str, int]) -> dict[int, int]:
    return {int(no): number for no, number in numbers_.items()}


def _needs_auditor(case: Case) -> None:
    if not case.is_auditors:
        raise Missing("公布包里没有票箱", "only in an auditor's bundle")


CHECKS = (
    Check("stated", "声明与开放前一致", "questionnaire, strata and estimation are those stated before", stated),
    Check("tally", "重新计票", "the box, counted again, is the tally that was logged", tally),
    Check("result", "得分与台账一致", "the result is the one that was logged", result),
    Check("scores", "由票箱重算得分", "scores, errors and places computed again from the box", scores),
    Check("printed", "公布的汇总与票箱一致", "printed tallies are those of the box", printed),
    Check("numbers", "公布的份数与混洗、文件一致", "printed numbers agree with mix and files", numbers),
    Check("recomputed", "由公布的汇总重算得分", "scores computed again from the printed tallies", recomputed),
)
